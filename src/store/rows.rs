//! What reads give back.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// A source and what its last visits gave.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceRow {
    /// Stable name.
    pub id: String,
    /// Name of the outlet.
    pub name: String,
    /// Address of the listing.
    pub url: String,
    /// When the listing was last visited.
    pub last_visit_at: Option<DateTime<Utc>>,
    /// When it last answered well.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When it will be visited next.
    pub next_visit_at: Option<DateTime<Utc>>,
    /// Failed visits since the last good one.
    pub failures: i64,
    /// How the last visit ended, a word of [`crate::model::Outcome::as_str`].
    pub outcome: Option<String>,
    /// Why not well.
    pub reason: Option<String>,
    /// HTTP status of the last answer.
    pub status: Option<i64>,
    /// Entries in the last listing.
    pub entries_seen: i64,
    /// Of those, how many were new.
    pub entries_new: i64,
    /// When an entry was last new.
    pub last_new_at: Option<DateTime<Utc>>,
    /// Articles stored.
    pub articles: i64,
    /// Article pages waiting for their visit.
    pub pending: i64,
}

/// Counts over everything stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Articles.
    pub articles: i64,
    /// Stories.
    pub stories: i64,
    /// Changes, which is also the number of the newest.
    pub changes: i64,
    /// Targets whose visit is due.
    pub due: i64,
    /// Seconds by which the longest-waiting of them is overdue.
    pub lag_s: i64,
    /// Hosts held by a daemon now.
    pub leases: i64,
}
