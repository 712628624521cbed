//! What is kept of a visit itself: how it ended, how its listing is doing.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::model::{Pace, TargetKind, Visit, address};

use super::{
    StoreError, Tx, VISITS_KEPT, kept, sql,
    tx::{on_tx, storable},
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

    /// What becomes of its target.
    fn target(&self, now: DateTime<Utc>) -> Value {
        let (visit, at) = (self.visit, instant(self.visit.started_at));
        let good = visit.outcome.is_success();
        let is_listing = visit.target.kind == TargetKind::Listing;
        json!({
            "id": visit.target.id, "at": at, "success_at": good.then_some(&at), "outcome": visit.outcome.as_str(),
            "next_visit_at": visit.next_visit_at.map(instant), "note": visit.note(), "status": visit.status(),
            "failures": if good { 0 } else { i64::from(visit.target.failures) + 1 },
            "etag": self.etag, "last_modified": self.last_modified,
            "pace": (visit.pace != Pace::default()).then_some(&visit.pace), "missed": visit.pace.missed,
            // Whoever holds the host that is asked next time makes the visit.
            "host": address::lane(visit.pace.address(&visit.target.url)),
            "state": is_listing.then(|| visit.health().as_str()), "noted_at": instant(now),
        })
    }

    /// What is remembered of the visit itself.
    fn row(&self) -> Value {
        let (visit, target) = (self.visit, &self.visit.target);
        let (http, charset, phases) = (visit.http.as_ref(), visit.charset.as_ref(), visit.phases);
        json!({
            "source_id": target.source, "kind": target.kind.as_str(), "url": target.url.as_str(),
            "at": instant(visit.started_at), "duration_ms": visit.duration_ms, "outcome": visit.outcome.as_str(),
            "note": visit.note(), "status": visit.status(), "body_bytes": http.map(|h| h.body_bytes),
            "charset_header": charset.and_then(|c| c.header.as_ref()),
            "charset_document": charset.and_then(|c| c.document.as_ref()), "charset_used": charset.map(|c| &c.used),
            "charset_decided": charset.map(|c| c.decided.as_str()), "garbled": charset.map(|c| c.garbled),
            "entries_seen": visit.listing.as_ref().map(|l| l.entries.len()),
            "entries_new": self.entries_new, "articles_new": self.articles_new,
            "turn_ms": phases.turn_ms, "connect_ms": phases.connect_ms, "first_byte_ms": phases.first_byte_ms,
            "body_ms": phases.body_ms, "read_ms": phases.read_ms,
        })
    }
}

/// `at` as both databases read it, and as SQLite keeps it.
fn instant(at: DateTime<Utc>) -> String {
    kept(at).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

impl Tx {
    /// Notes how visits ended, and remembers them, with the bodies that could not be read, if such are kept; the oldest ones of
    /// their sources are forgotten. Three statements, however many: in a round in which nothing changed this is all that is
    /// written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_visits(&mut self, ended: &[Ended<'_>], now: DateTime<Utc>) -> Result<(), StoreError> {
        // Of a target that was visited twice, the last visit counts.
        let is_last = |n: usize| ended[n + 1..].iter().all(|later| later.visit.target.id != ended[n].visit.target.id);
        let targets: Vec<Value> = (0..ended.len()).filter(|n| is_last(*n)).map(|n| ended[n].target(now)).collect();
        let (targets, rows) = (storable(&targets), storable(&ended.iter().map(Ended::row).collect::<Vec<_>>()));
        let (record, new) = (self.pick(sql::TARGETS_RECORD), self.pick(sql::VISITS_NEW));
        let forget = self.pick(sql::VISITS_FORGET);
        on_tx!(self, c => {
            sqlx::query(record).bind(&targets).execute(&mut **c).await?;
            sqlx::query(new).bind(&rows).execute(&mut **c).await?;
            sqlx::query(forget).bind(&rows).bind(VISITS_KEPT).execute(&mut **c).await?;
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
