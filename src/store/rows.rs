//! What reads give back.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::Digest;

/// A source and what its last visits gave.
#[derive(Clone, Debug, PartialEq, Serialize, sqlx::FromRow, ToSchema)]
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
    /// Seconds between two arrivals of something new, the last ones counting most.
    pub news_every_s: Option<i64>,
    /// How often a listing had nothing in common with the one before, so that entries may have been missed.
    pub missed: i64,
    /// How its listing is doing, a word of [`crate::model::Health::as_str`].
    pub health: Option<String>,
    /// Since when.
    pub health_since: Option<DateTime<Utc>>,
    /// Since when it is not visited, by its operator's word.
    pub paused_at: Option<DateTime<Utc>>,
    /// How often something new is expected of it, in seconds, by its settings.
    pub expect_every_s: Option<i64>,
    /// Pages held back: their addresses are new, their titles are not.
    pub held: i64,
    /// Since when.
    pub held_since: Option<DateTime<Utc>>,
    /// Articles stored; 0 where nobody counted.
    #[sqlx(default)]
    pub articles: i64,
    /// Article pages waiting for their first good visit; 0 where nobody counted.
    #[sqlx(default)]
    pub pending: i64,
}

/// A visit as it is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, sqlx::FromRow, ToSchema)]
pub struct VisitRow {
    /// `listing` or `article`.
    pub kind: String,
    /// What was fetched.
    pub url: String,
    /// When it began.
    pub at: DateTime<Utc>,
    /// How long it took.
    pub duration_ms: i64,
    /// How it ended, a word of [`crate::model::Outcome::as_str`].
    pub outcome: String,
    /// Why not well, or what could not be read.
    pub note: Option<String>,
    /// HTTP status.
    pub status: Option<i64>,
    /// Bytes of the body after decompression.
    pub body_bytes: Option<i64>,
    /// Label in the HTTP header.
    pub charset_header: Option<String>,
    /// Label in the document.
    pub charset_document: Option<String>,
    /// Name of the encoding used.
    pub charset_used: Option<String>,
    /// What decided it, a word of [`crate::model::Decided`].
    pub charset_decided: Option<String>,
    /// Share of unreadable characters, 0 to 1.
    pub garbled: Option<f64>,
    /// Entries of the listing.
    pub entries_seen: Option<i64>,
    /// Of those, how many were new.
    pub entries_new: i64,
    /// Articles stored for the first time.
    pub articles_new: i64,
    /// Milliseconds spent waiting for its turn at the host, robots.txt included; absent: not told apart then, like the others.
    pub turn_ms: Option<i64>,
    /// Making connections: name, TCP, TLS; 0 where one was there already.
    pub connect_ms: Option<i64>,
    /// From then until the first byte of an answer.
    pub first_byte_ms: Option<i64>,
    /// Reading bodies.
    pub body_ms: Option<i64>,
    /// All the rest: decoding, reading, matching.
    pub read_ms: Option<i64>,
}

/// Counts over everything stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
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

/// Which keys are known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Keys of targets.
    pub targets: HashSet<String>,
    /// Keys of articles, with source, whether it was read from its page, title and digest.
    pub articles: HashMap<String, (String, bool, String, Digest)>,
}

/// A topic that is still to be matched with what is stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Backlog {
    /// Identifier of the topic.
    pub id: String,
    /// Number of the last article that was matched.
    pub backfilled_to: i64,
    /// Digest of its query.
    pub query_digest: Vec<u8>,
}

/// The stored text of an article, as far as matching needs it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredText {
    /// Number of the article.
    pub id: i64,
    /// Number of its story.
    pub story_id: i64,
    /// Identifier of its source.
    pub source_id: String,
    /// Its address.
    pub url: String,
    /// Headline.
    pub title: String,
    /// Plain text.
    pub text: String,
    /// Author.
    pub author: Option<String>,
    /// The paper a syndicated story is from.
    pub origin: Option<String>,
    /// Language tag.
    pub language: Option<String>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
}
