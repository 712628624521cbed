//! What is kept of a visit itself: how it ended, how its listing is doing.

use std::{borrow::Cow, collections::HashMap};

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::types::Json;

use crate::model::{CharsetFacts, Pace, Phases, TargetKind, Visit, address};

use super::{
    Store, StoreError, Tx, VISITS_KEPT, json, kept, on_pool, sql,
    tx::{on_tx, plain, storable},
    wide,
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

/// A visit that has ended, and what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// The visit.
    pub visit: &'a Visit,
    /// Validator of the last full answer.
    pub etag: Option<&'a str>,
    /// The other one.
    pub last_modified: Option<&'a str>,
    /// Entries that were new.
    pub entries_new: i64,
    /// Articles that were new.
    pub articles_new: usize,
}

impl<'a> Ended<'a> {
    /// `visit`, which left no validator and found nothing new.
    #[must_use]
    pub const fn of(visit: &'a Visit) -> Self {
        Self { visit, etag: None, last_modified: None, entries_new: 0, articles_new: 0 }
    }
}

/// What becomes of a target, by the columns of [`sql::TARGETS_RECORD`].
#[derive(Default)]
struct TargetNote<'a> {
    id: Option<i64>,
    at: Option<DateTime<Utc>>,
    success_at: Option<DateTime<Utc>>,
    next_visit_at: Option<DateTime<Utc>>,
    failures: i64,
    outcome: &'static str,
    note: Option<&'a str>,
    status: Option<i64>,
    etag: Option<Cow<'a, str>>,
    last_modified: Option<Cow<'a, str>>,
    pace: Option<Json<&'a Pace>>,
    missed: i64,
    /// Whoever holds the host that is asked next time makes the visit.
    host: String,
    state: Option<&'static str>,
    noted_at: Option<DateTime<Utc>>,
}

impl<'a> TargetNote<'a> {
    fn of(ended: &Ended<'a>, note: Option<&'a str>, noted_at: DateTime<Utc>) -> Self {
        let visit = ended.visit;
        let (at, good) = (Some(kept(visit.started_at)), visit.outcome.is_success());
        Self {
            id: Some(visit.target.id),
            at,
            success_at: at.filter(|_| good),
            next_visit_at: visit.next_visit_at.map(kept),
            failures: if good { 0 } else { i64::from(visit.target.failures) + 1 },
            outcome: visit.outcome.as_str(),
            note,
            status: visit.status().map(i64::from),
            etag: ended.etag.map(plain),
            last_modified: ended.last_modified.map(plain),
            pace: (visit.pace != Pace::default()).then_some(Json(&visit.pace)),
            missed: visit.pace.missed.into(),
            host: address::lane(visit.pace.address(&visit.target.url)),
            state: (visit.target.kind == TargetKind::Listing).then(|| visit.health().as_str()),
            noted_at: Some(kept(noted_at)),
        }
    }
}

/// What is remembered of a visit itself, by the columns of [`sql::VISITS_NEW`].
#[derive(Default)]
struct VisitNote<'a> {
    source: Option<&'a str>,
    kind: &'static str,
    url: &'a str,
    at: Option<DateTime<Utc>>,
    duration_ms: i64,
    outcome: &'static str,
    note: Option<&'a str>,
    status: Option<i64>,
    body_bytes: Option<i64>,
    charset: Option<&'a CharsetFacts>,
    entries_seen: Option<i64>,
    entries_new: i64,
    articles_new: i64,
    phases: Phases,
}

impl<'a> VisitNote<'a> {
    fn of(ended: &Ended<'a>, note: Option<&'a str>) -> Self {
        let visit = ended.visit;
        Self {
            source: Some(&visit.target.source),
            kind: visit.target.kind.as_str(),
            url: visit.target.url.as_str(),
            at: Some(kept(visit.started_at)),
            duration_ms: whole(visit.duration_ms),
            outcome: visit.outcome.as_str(),
            note,
            status: visit.status().map(i64::from),
            body_bytes: visit.http.as_ref().map(|h| whole(h.body_bytes)),
            charset: visit.charset.as_ref(),
            entries_seen: visit.listing.as_ref().map(|l| whole(l.entries.len() as u64)),
            entries_new: ended.entries_new,
            articles_new: whole(ended.articles_new as u64),
            phases: visit.phases,
        }
    }
}

impl Tx {
    /// Notes how visits ended, and remembers them, with the bodies that could not be read, if such are kept. Two statements for
    /// many: in a round in which nothing changed this is all that is written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_visits(&mut self, ended: &[Ended<'_>], now: DateTime<Utc>) -> Result<(), StoreError> {
        let notes: Vec<Option<String>> = ended.iter().map(|e| e.visit.note().map(|n| plain(&n).into_owned())).collect();
        let noted = || ended.iter().zip(notes.iter().map(Option::as_deref));
        // Of a target that was visited twice, the last visit counts.
        let last: HashMap<i64, usize> = ended.iter().map(|e| e.visit.target.id).zip(0..).collect();
        let is_last = |n: usize, e: &Ended<'_>| last.get(&e.visit.target.id) == Some(&n);
        let targets: Vec<TargetNote<'_>> = noted()
            .enumerate()
            .filter(|(n, (e, _))| is_last(*n, e))
            .map(|(_, (e, note))| TargetNote::of(e, note, now))
            .collect();
        let visits: Vec<VisitNote<'_>> = noted().map(|(e, note)| VisitNote::of(e, note)).collect();
        let (no_target, no_visit) = (TargetNote::default(), VisitNote::default());
        let (record, new) = (self.pick(sql::TARGETS_RECORD), self.pick(sql::VISITS_NEW));
        on_tx!(self, c => {
            for (rows, some) in wide::portions(&targets) {
                let mut query = sqlx::query(wide::statement(record, rows));
                for t in wide::padded(some, &no_target, rows) {
                    query = query.bind(t.id).bind(t.at).bind(t.success_at).bind(t.next_visit_at).bind(t.failures)
                        .bind(t.outcome).bind(t.note).bind(t.status).bind(t.etag.as_deref())
                        .bind(t.last_modified.as_deref()).bind(t.pace).bind(t.missed).bind(&t.host).bind(t.state)
                        .bind(t.noted_at);
                }
                query.execute(&mut **c).await?;
            }
            for (rows, some) in wide::portions(&visits) {
                let mut query = sqlx::query(wide::statement(new, rows));
                for v in wide::padded(some, &no_visit, rows) {
                    query = query.bind(v.source).bind(v.kind).bind(v.url).bind(v.at).bind(v.duration_ms).bind(v.outcome)
                        .bind(v.note).bind(v.status).bind(v.body_bytes)
                        .bind(v.charset.and_then(|c| c.header.as_deref()).map(plain))
                        .bind(v.charset.and_then(|c| c.document.as_deref()).map(plain))
                        .bind(v.charset.map(|c| plain(&c.used))).bind(v.charset.map(|c| c.decided.as_str()))
                        .bind(v.charset.map(|c| c.garbled)).bind(v.entries_seen).bind(v.entries_new).bind(v.articles_new);
                    for (_, ms) in v.phases.each() {
                        query = query.bind(whole(ms));
                    }
                }
                query.execute(&mut **c).await?;
            }
        });
        for ended in ended {
            self.keep_body(ended.visit).await?;
        }
        Ok(())
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

impl Store {
    /// Forgets all but the newest [`VISITS_KEPT`] visits of listings or pages of sources: of those that are named, by source and
    /// kind. They are forgotten some time after newer ones are remembered: nobody waits for that.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_visits(&self, of: &[(String, TargetKind)]) -> Result<(), StoreError> {
        let named = of.iter().map(|(source, kind)| json!({"source_id": source, "kind": kind.as_str()}));
        let of = json(&named.collect::<Vec<_>>())?;
        on_pool!(self, pool => sqlx::query(self.pick(sql::VISITS_FORGET)).bind(&of).bind(VISITS_KEPT)
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }
}

/// `n` as databases keep it.
fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
