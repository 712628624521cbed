//! Floor 4: one polite fetch of a target and all that came of it.
//!
//! In: a [`Target`], a [`Kit`], an instant. Out: a [`Visit`]; a failed one is a visit too. Deliberately absent: the database (a
//! dry run is free), and any decision on what is new (that is the ledger's).

mod announced;
mod article;
mod heal;
mod instead;
mod listing;
mod look;
mod moved;
mod page;
mod pushed;

use std::{
    collections::HashMap,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
pub use look::{As, Look, look};
use page::Got;
pub use pushed::{Push, Sent, pushed};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::cadence;
use crate::fetch::{self, Fetcher};
use crate::fingerprint;
use crate::model::{Draft, Finding, Outcome, Problem, Source, Target, TargetKind, Visit};
use crate::topic::{Counts, Queries, Subject, Topics};

/// Everything that a visit needs, made from the configuration.
#[derive(Debug)]
pub struct Kit {
    /// The client.
    pub fetcher: Fetcher,
    /// What to look for.
    pub topics: Watched,
    /// Sources by id.
    pub sources: HashMap<String, Arc<Source>>,
    /// Bounds of the time between visits.
    pub cadence: cadence::Settings,
    /// Article pages that are visited again, per host and hour.
    pub revisits_per_hour: usize,
    /// How many hosts are visited at once.
    pub concurrency: usize,
}

/// The topics, which come to know by and by how rare their terms are.
#[derive(Debug)]
pub struct Watched(RwLock<Topics>);

impl From<Topics> for Watched {
    fn from(topics: Topics) -> Self {
        Self(RwLock::new(topics))
    }
}

impl Watched {
    /// The topics as they are now.
    #[must_use]
    pub fn now(&self) -> Topics {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has terms count by how rare they are among the articles of `counts`.
    pub fn weigh(&self, counts: &Counts) {
        let weighed = self.now().weighed_by(counts);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = weighed;
    }
}

impl Kit {
    /// The gap that the host of `url` is owed.
    #[must_use]
    pub fn gap(&self, url: &url::Url) -> Duration {
        self.fetcher.gap(url)
    }
}

/// A visit on its way to whoever records it; the one seam between those who visit and the one who writes.
#[derive(Debug)]
pub struct Delivery {
    /// What is to be recorded.
    pub visit: Visit,
    /// The queries by which it was matched: by now the topics may be others.
    pub queries: Arc<Queries>,
    /// Its share of what may wait at once; free again when this is dropped.
    pub room: Option<OwnedSemaphorePermit>,
    /// Told when it is durable; dropped when the writer gave up at shutdown: then the target is still due.
    pub done: oneshot::Sender<()>,
}

/// Visits `target`. Never fails: what went wrong is in the visit.
pub async fn visit(target: Target, source: &Source, kit: &Arc<Kit>, now: DateTime<Utc>) -> Visit {
    let (mut visit, phases) = fetch::timed(Box::pin(untimed(target, source, kit, now))).await;
    (visit.duration_ms, visit.phases) = (phases.total_ms(), phases);
    visit
}

async fn untimed(target: Target, source: &Source, kit: &Arc<Kit>, now: DateTime<Utc>) -> Visit {
    let mut visit = Visit::begun(target, now);
    let validators = match cadence::distrusts(&visit.target, now) {
        true => (None, None),
        false => (visit.target.etag.clone(), visit.target.last_modified.clone()),
    };
    let url = visit.target.past.pace.address(&visit.target.url).clone();
    let mut body = None;
    let validators = (validators.0.as_deref(), validators.1.as_deref());
    let got = page::load(&url, validators, source, kit, &mut body).await;
    moved::remember(&mut visit, &got);
    match (got, visit.target.kind) {
        (Ok(Got::Document(document)), TargetKind::Listing) => {
            listing::take_new(&mut visit, *document, source, kit).await;
        }
        (Ok(Got::Document(document)), TargetKind::Article) => article::take(&mut visit, *document, source, kit).await,
        (Ok(Got::NotModified(http)), _) => {
            visit.http = Some(*http);
            visit.outcome = Outcome::NotModified;
            visit.pace.unchanged = visit.pace.unchanged.saturating_add(1);
        }
        (Err(failure), _) => visit.outcome = Outcome::Failed(failure),
    }
    match visit.target.kind {
        TargetKind::Listing => listing::conclude(&mut visit, source, kit),
        TargetKind::Article => article::conclude(&mut visit, source, kit).await,
    }
    visit.failed_body = body.filter(|_| visit.is_misread());
    visit
}

/// Identity and matches of a draft.
fn finding(mut draft: Draft, from_page: bool, source: &Source, kit: &Kit) -> Finding {
    // No database of ours keeps U+0000: left in, the text would differ from what is stored at every visit.
    for text in [&mut draft.title, &mut draft.text, &mut draft.html] {
        text.retain(|c| c != '\0');
    }
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let matches = kit.topics.now().matches(&Subject {
        title: &draft.title,
        text: &draft.text,
        source: &source.id,
        source_name: &source.name,
        origin: &text(&draft.origin),
        author: &text(&draft.author),
        lang: &text(&draft.language),
    });
    let digest = fingerprint::digest(&draft.title, &draft.text);
    let sketch = fingerprint::sketch(&draft.text);
    Finding { draft, from_page, part: None, digest, sketch, matches }
}

/// Runs what only computes off the threads that wait; a panic of a parser is a problem, not the end.
async fn compute<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| broken_down())
}

/// The same, for what is done sooner than handed over.
fn compute_here<T>(work: impl FnOnce() -> T) -> Result<T, Problem> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| broken_down())
}

fn broken_down() -> Problem {
    Problem::new("page", "the reader broke down on this document; please report its address")
}
