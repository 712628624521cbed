//! What is visited, and what is remembered of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Entry, Pace};

/// Whether a target is a source's listing or an article page found on one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A source's listing.
    Listing,
    /// An article page.
    Article,
}

impl TargetKind {
    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Article => "article",
        }
    }
}

/// One URL to be visited.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    /// Number in the store; 0 when it is not stored (a dry run).
    pub id: i64,
    /// Identifier of the source.
    pub source: String,
    /// Listing or article.
    pub kind: TargetKind,
    /// What is fetched.
    pub url: Url,
    /// Validator of the last full answer.
    pub etag: Option<String>,
    /// Validator of the last full answer.
    pub last_modified: Option<String>,
    /// Failed visits since the last good one.
    pub failures: u32,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When it was last visited.
    pub last_visit_at: Option<DateTime<Utc>>,
    /// When it was last visited with success.
    pub last_success_at: Option<DateTime<Utc>>,
    /// What the listing said of an article.
    pub entry: Option<Entry>,
    /// What is remembered of its visits.
    pub past: Past,
}

/// What is remembered of a target's last visits; of a page only its [`Pace`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Past {
    /// How it was doing.
    pub health: Option<Health>,
    /// What the links of its last good reading looked like, see [`super::address::shape`].
    pub shapes: Vec<String>,
    /// Other documents that were ever read for it: announced feeds, sitemaps of an index.
    pub documents: Vec<String>,
    /// When an entry was last new.
    pub last_new_at: Option<DateTime<Utc>>,
    /// Seconds between two arrivals of something new, the last ones counting most.
    pub news_every_s: Option<i64>,
    /// How it is visited.
    pub pace: Pace,
}

/// How a listing is doing, as far as one visit can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It is read as its source says.
    Ok,
    /// It cannot be had.
    Failing,
    /// Its site turns us away.
    Blocked,
    /// Its site says that it is gone for good.
    Gone,
    /// Its bytes are no text in the encoding that they are said to be in.
    Garbled,
    /// The source's selectors no longer fit it.
    SelectorBroken,
}

impl Health {
    /// Every one.
    const ALL: [Self; 6] = [Self::Ok, Self::Failing, Self::Blocked, Self::Gone, Self::Garbled, Self::SelectorBroken];

    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Blocked => "blocked",
            Self::Gone => "gone",
            Self::Garbled => "garbled",
            Self::SelectorBroken => "selector_broken",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|h| h.as_str() == word)
    }
}
