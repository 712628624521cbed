//! One polite fetch of a target and all that came of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Announcement, Digest, Draft, Entry, FailedBody, Health, Listing, ListingKind, Match, Pace, Phases, Sketch, Target,
};

/// Something that could not be read; the rest was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where it happened: `charset`, `feed`, `list`, `entry`, `article`, `date`, `recipe`, `page`.
    pub stage: String,
    /// What happened, in a sentence.
    pub message: String,
}

impl Problem {
    /// A problem of `stage`.
    pub fn new(stage: &str, message: impl Into<String>) -> Self {
        Self { stage: stage.into(), message: message.into() }
    }
}

/// Why a fetch gave no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The name did not resolve.
    Dns,
    /// The resolver itself could not say, for the moment.
    DnsTemporary,
    /// The connection was refused or broke.
    Connect,
    /// The certificate or handshake failed.
    Tls,
    /// Nothing came in time.
    Timeout,
    /// The body outgrew its cap.
    TooLarge,
    /// Too many redirects, or one that leads nowhere.
    Redirect,
    /// The address is private and not in `allow_networks`.
    Refused,
    /// robots.txt disallows it.
    Robots,
    /// 404 or 410.
    NotFound,
    /// 401, 403, 407, 451 or a challenge page.
    Blocked,
    /// 429, or 503 with Retry-After.
    Throttled,
    /// Any other status that is no success.
    Status,
    /// The body could not be read as what it should be.
    Unreadable,
    /// The body is no text in the encoding that it is said to be in.
    Garbled,
}

/// A fetch that gave no document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Its class.
    pub kind: FailureKind,
    /// HTTP status, if one came.
    pub status: Option<u16>,
    /// A sentence for the operator, without secrets.
    pub reason: String,
    /// Seconds that the server asks to be left alone (Retry-After).
    pub retry_after_s: Option<u64>,
}

/// How a visit ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// Read as what it should be.
    Ok,
    /// The server says nothing changed.
    NotModified,
    /// Fetched, but the page is no article.
    NotArticle {
        /// Why not.
        reason: String,
    },
    /// No document, or nothing in it.
    Failed(Failure),
}

impl Outcome {
    /// The word stored, logged and counted.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotModified => "not_modified",
            Self::NotArticle { .. } => "not_article",
            Self::Failed(f) => f.kind.as_str(),
        }
    }

    /// Whether the source answered as hoped.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Ok | Self::NotModified)
    }

    /// Why not, for a person.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Ok | Self::NotModified => None,
            Self::NotArticle { reason } => Some(reason),
            Self::Failed(f) => Some(&f.reason),
        }
    }
}

impl FailureKind {
    /// The word stored, logged and counted.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::DnsTemporary => "dns_temporary",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::TooLarge => "too_large",
            Self::Redirect => "redirect",
            Self::Refused => "refused",
            Self::Robots => "robots",
            Self::NotFound => "not_found",
            Self::Blocked => "blocked",
            Self::Throttled => "throttled",
            Self::Status => "status",
            Self::Unreadable => "unreadable",
            Self::Garbled => "garbled",
        }
    }
}

/// What HTTP said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HttpFacts {
    /// Status of the last answer.
    pub status: u16,
    /// Address after redirects.
    pub final_url: Option<Url>,
    /// Value of Content-Type.
    pub content_type: Option<String>,
    /// Bytes of the body after decompression.
    pub body_bytes: u64,
    /// Validator.
    pub etag: Option<String>,
    /// Validator.
    pub last_modified: Option<String>,
    /// Seconds for which the answer is fresh (Cache-Control max-age, else Expires less Date).
    pub fresh_s: Option<u64>,
    /// Where permanent redirects (301, 308) led, as far as nothing but those came.
    pub moved_to: Option<Url>,
    /// What its `Link` headers announce.
    #[serde(skip_serializing_if = "Announcement::is_empty")]
    pub links: Announcement,
}

/// What decided the encoding of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decided {
    /// The source's `charset` setting.
    Setting,
    /// A byte order mark.
    Bom,
    /// The HTTP header.
    Header,
    /// The XML declaration or a `<meta>`.
    Document,
    /// The bytes are valid UTF-8, whatever was declared.
    Utf8,
    /// The detector.
    Detector,
}

impl Decided {
    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Setting => "setting",
            Self::Bom => "bom",
            Self::Header => "header",
            Self::Document => "document",
            Self::Utf8 => "utf8",
            Self::Detector => "detector",
        }
    }
}

/// How bytes became text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CharsetFacts {
    /// Label in the HTTP header.
    pub header: Option<String>,
    /// Label in the document.
    pub document: Option<String>,
    /// Name of the encoding used (WHATWG).
    pub used: String,
    /// What decided it.
    pub decided: Decided,
    /// Share of characters that are U+FFFD or private use, 0 to 1.
    pub garbled: f64,
}

/// An article found by a visit: its draft, identity and matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The article.
    pub draft: Draft,
    /// Whether it was read from its own page; otherwise it is what a listing's entry carried.
    pub from_page: bool,
    /// Which of several entries of one listing that lead to one address this is; `None`: the address alone identifies it.
    pub part: Option<String>,
    /// Exact identity of its folded text.
    pub digest: Digest,
    /// What tells whether it is a copy; `None`: too short for that.
    #[serde(skip)]
    pub sketch: Option<Sketch>,
    /// Topics that match it.
    pub matches: Vec<Match>,
}

/// One polite fetch of a target and all that came of it. A failed visit is a visit too.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Visit {
    /// What was visited.
    pub target: Target,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took.
    pub duration_ms: u64,
    /// How that time was spent.
    pub phases: Phases,
    /// How it ended.
    pub outcome: Outcome,
    /// What HTTP said, if anything.
    pub http: Option<HttpFacts>,
    /// How bytes became text.
    pub charset: Option<CharsetFacts>,
    /// The listing, when the target is one.
    pub listing: Option<Listing>,
    /// Entries of the listing whose pages are to be visited.
    pub wanted: Vec<Entry>,
    /// Entries of a first listing beyond the source's `first_visit`: they count as seen and are never visited.
    pub skipped: Vec<Entry>,
    /// Articles: the page's, or those that a feed carried whole.
    pub findings: Vec<Finding>,
    /// What could not be read; the rest was.
    pub problems: Vec<Problem>,
    /// When to visit next; `None`: not again.
    pub next_visit_at: Option<DateTime<Utc>>,
    /// What is to be remembered of how the target is visited.
    pub pace: Pace,
    /// What could not be read, if such is kept.
    #[serde(skip)]
    pub failed_body: Option<FailedBody>,
}

impl Visit {
    /// A visit of `target` that began at `now`, and of which nothing else is known yet.
    #[must_use]
    pub fn begun(target: Target, now: DateTime<Utc>) -> Self {
        Self {
            pace: target.past.pace.clone(),
            target,
            started_at: now,
            duration_ms: 0,
            phases: Phases::default(),
            outcome: Outcome::Ok,
            http: None,
            charset: None,
            listing: None,
            wanted: vec![],
            skipped: vec![],
            findings: vec![],
            problems: vec![],
            next_visit_at: None,
            failed_body: None,
        }
    }

    /// How the listing is doing that was visited.
    #[must_use]
    pub fn health(&self) -> Health {
        match &self.outcome {
            Outcome::Failed(f) => match f.kind {
                FailureKind::Garbled => Health::Garbled,
                FailureKind::NotFound if f.status == Some(410) => Health::Gone,
                FailureKind::Blocked | FailureKind::Robots => Health::Blocked,
                _ => Health::Failing,
            },
            Outcome::NotArticle { .. } => Health::Failing,
            // The same as last time, selectors and all.
            Outcome::NotModified if self.target.past.health == Some(Health::SelectorBroken) => Health::SelectorBroken,
            Outcome::Ok if self.listing.as_ref().is_some_and(|l| l.broken.is_some()) => Health::SelectorBroken,
            Outcome::Ok | Outcome::NotModified => Health::Ok,
        }
    }

    /// Whether a document came that could not be read as what it should be, or not as its source says.
    #[must_use]
    pub fn is_misread(&self) -> bool {
        match &self.outcome {
            Outcome::Failed(f) => matches!(f.kind, FailureKind::Unreadable | FailureKind::Garbled),
            Outcome::NotArticle { .. } => true,
            Outcome::NotModified => false,
            Outcome::Ok => self.listing.as_ref().is_some_and(|l| {
                let is_page = matches!(l.kind, ListingKind::Portal | ListingKind::Recipe);
                l.broken.is_some() || (is_page && l.entries.is_empty())
            }),
        }
    }

    /// HTTP status of the last answer, if one came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let failed = match &self.outcome {
            Outcome::Failed(f) => f.status,
            _ => None,
        };
        self.http.as_ref().map(|h| h.status).or(failed)
    }

    /// Why it did not end well, or what could not be read though it did; for a person.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        if let Some(reason) = self.outcome.reason() {
            return Some(reason.into());
        }
        let first = self.problems.first()?;
        Some(match self.problems.len() {
            1 => format!("{}: {}", first.stage, first.message),
            n => format!("{}: {} (and {} more problems)", first.stage, first.message, n - 1),
        })
    }
}
