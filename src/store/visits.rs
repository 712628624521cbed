//! What is kept of a visit itself: how it ended, how its listing is doing.

use chrono::{DateTime, Utc};

use crate::model::{Health, Pace, Visit, address};

use super::{
    StoreError, Tx, VISITS_KEPT, kept, sql,
    tx::{on_tx, plain, storable},
};

/// What a listing held. What is `None` stays as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Entries.
    pub seen: i64,
    /// Of those, how many were new.
    pub new: i64,
    /// What their links look like, if they were read as the source says.
    pub shapes: Option<Vec<String>>,
    /// Which other documents were ever read for it.
    pub documents: Option<Vec<String>>,
    /// Seconds between two arrivals of something new.
    pub news_every_s: Option<i64>,
}

impl Tx {
    /// Notes how a visit ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_target(
        &mut self,
        visit: &Visit,
        etag: Option<&str>,
        modified: Option<&str>,
    ) -> Result<(), StoreError> {
        let at = kept(visit.started_at);
        let good = visit.outcome.is_success();
        let failures = if good { 0 } else { i64::from(visit.target.failures) + 1 };
        let status = visit.status().map(i64::from);
        // Whoever holds the host that is asked next time makes the visit.
        let lane = address::lane(visit.pace.address(&visit.target.url));
        let pace = (visit.pace != Pace::default()).then(|| storable(&visit.pace));
        on_tx!(self, c => sqlx::query(sql::TARGET_RECORD)
            .bind(visit.target.id).bind(at).bind(good.then_some(at)).bind(visit.next_visit_at.map(kept)).bind(failures)
            .bind(visit.outcome.as_str()).bind(visit.note().as_deref().map(plain)).bind(status).bind(etag).bind(modified)
            .bind(pace).bind(i64::from(visit.pace.missed)).bind(&lane).execute(&mut **c).await.map(|_| ())?);
        Ok(())
    }

    /// Notes how a listing is doing; since when stays as it was while that is the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_health(&mut self, target: i64, health: Health, now: DateTime<Utc>) -> Result<(), StoreError> {
        on_tx!(self, c => sqlx::query(sql::LISTING_HEALTH).bind(target).bind(health.as_str()).bind(kept(now))
            .execute(&mut **c).await.map(|_| ())?);
        Ok(())
    }

    /// Remembers a visit that found so many new entries and new articles; the oldest ones of its source are forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remember_visit(&mut self, visit: &Visit, new: i64, articles: usize) -> Result<(), StoreError> {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let phases = visit.phases;
        let (t, note, http, charset) = (&visit.target, visit.note(), visit.http.as_ref(), visit.charset.as_ref());
        let forget = self.pick(sql::VISITS_FORGET);
        let label = |l: Option<&String>| l.map(|l| plain(l).into_owned());
        on_tx!(self, c => {
            sqlx::query(sql::VISIT_NEW).bind(&t.source).bind(t.kind.as_str()).bind(t.url.as_str()).bind(kept(visit.started_at))
                .bind(count(visit.duration_ms)).bind(visit.outcome.as_str()).bind(note.as_deref().map(plain))
                .bind(visit.status().map(i64::from)).bind(http.map(|h| count(h.body_bytes)))
                .bind(label(charset.and_then(|c| c.header.as_ref()))).bind(label(charset.and_then(|c| c.document.as_ref())))
                .bind(charset.map(|c| c.used.clone())).bind(charset.map(|c| c.decided.as_str()))
                .bind(charset.map(|c| c.garbled)).bind(visit.listing.as_ref().map(|l| count(l.entries.len() as u64)))
                .bind(new).bind(count(articles as u64)).bind(count(phases.turn_ms)).bind(count(phases.connect_ms))
                .bind(count(phases.first_byte_ms)).bind(count(phases.body_ms)).bind(count(phases.read_ms))
                .execute(&mut **c).await?;
            sqlx::query(forget).bind(&t.source).bind(t.kind.as_str()).bind(VISITS_KEPT)
                .execute(&mut **c).await?;
        });
        self.keep_body(visit).await
    }

    /// Notes what a listing held.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_listing(&mut self, target: i64, held: &Held, now: DateTime<Utc>) -> Result<(), StoreError> {
        on_tx!(self, c => sqlx::query(sql::LISTING_RECORD).bind(target).bind(held.seen).bind(held.new).bind(kept(now))
            .bind(held.shapes.as_ref().map(storable)).bind(held.documents.as_ref().map(storable)).bind(held.news_every_s)
            .execute(&mut **c).await.map(|_| ())?);
        Ok(())
    }
}
