//! Floor 5: the only write. Visits come in, in any order; batches go out, one transaction each.
//!
//! In: [`Visit`]s through the channel of [`open`]. Out: rows, and changes numbered in commit order. Whoever appends changes holds
//! one lock for that transaction, so that what is new is decided once and a reader at number n never misses one below n;
//! visits that change nothing take no lock. Deliberately absent: fetching, matching, any other way to write an article.

mod backfill;
mod familiar;
mod flood;
mod index;
mod near;
mod record;
mod restamp;
mod retain;
mod sift;
mod surplus;
mod weigh;

use std::{sync::Mutex, time::Duration};

pub use backfill::{backfill, subject};
use chrono::{DateTime, TimeDelta, Utc};
use familiar::Familiar;
pub use index::index;
pub use near::split;
pub use restamp::restamp;
pub use retain::retain;
use surplus::Surplus;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, timeout_at},
};
pub use weigh::{newest, weigh};

use crate::model::{Change, Failure, FailureKind, Outcome, Visit};
use crate::store::{Store, StoreError};
use crate::telemetry::{Metrics, Pulse};
use crate::visit::Delivery;

/// What is kept, and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Articles older than this are deleted, with their matches; identities are kept. `None`: nothing is deleted.
    pub articles_kept: Option<Duration>,
    /// What topics matched that were removed this long ago is deleted. `None`: it is kept.
    pub topics_kept: Option<Duration>,
    /// Copies of an article are looked for among those first seen this long ago.
    pub window: Duration,
    /// Share of the shorter text that must be in the longer for it to be a copy, 0.5 to 1; 1: only equal texts are one story.
    pub similarity: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            articles_kept: Some(Duration::from_secs(180 * 86_400)),
            topics_kept: Some(Duration::from_secs(30 * 86_400)),
            window: Duration::from_secs(14 * 86_400),
            similarity: 0.8,
        }
    }
}

impl Settings {
    /// Since when copies of an article are looked for at `now`.
    fn window_start(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        ago(self.window, now).unwrap_or(now)
    }
}

/// The instant `span` before `now`, if there is one.
fn ago(span: Duration, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    now.checked_sub_signed(TimeDelta::from_std(span).ok()?)
}

/// Most visits of one transaction ...
const BATCH_MAX: usize = 256;
/// ... and most of what they found, beyond which no more are taken in: who follows the log waits for its end.
const FOUND_MAX: usize = 64;
/// How long a transaction that has found nothing waits for more: each costs about as much as twenty visits.
const LINGER: Duration = Duration::from_millis(2);
/// Most visits that wait; who brings one more waits too, so that memory stays flat.
const QUEUE_MAX: usize = 1024;
/// How often the database may refuse a visit on its own before it is dropped.
const REFUSALS_MAX: usize = 2;
/// How long a page is left alone whose visit could not be recorded at all.
const POSTPONED: TimeDelta = TimeDelta::hours(6);
/// First pause after a failed transaction.
const PAUSE_FIRST: Duration = Duration::from_millis(200);
/// Longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// What recording visits came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// Changes that were appended.
    pub changes: Vec<Change>,
    /// Articles stored for the first time.
    pub articles_new: usize,
    /// Pages that are to be visited because of it.
    pub targets_new: usize,
    /// Pages that are held back: they seem new, and their titles are not.
    pub held: usize,
    /// Entries of a listing that were new.
    entries_new: i64,
    /// The lines of its articles, each with the story.
    lines: Vec<(i64, Vec<u64>)>,
}

/// What a writer wrote over its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Visits.
    pub visits: usize,
    /// Of those, how many did not succeed.
    pub failed: usize,
    /// Articles stored for the first time.
    pub articles_new: usize,
    /// Changes appended.
    pub changes: usize,
}

/// The writer: one per daemon.
#[derive(Debug)]
pub struct Writer {
    deliveries: mpsc::Receiver<Delivery>,
    store: Store,
    settings: watch::Receiver<Settings>,
    metrics: Metrics,
    pulse: Pulse,
    head: watch::Sender<i64>,
    /// Taken only to look at and to add to, never while anything is waited for.
    familiar: Mutex<Familiar>,
}

/// Where visits are brought, and the writer behind it; `head` is told the number of the newest change after each transaction.
#[must_use]
pub fn open(
    store: Store,
    settings: watch::Receiver<Settings>,
    metrics: Metrics,
    pulse: Pulse,
    head: watch::Sender<i64>,
) -> (mpsc::Sender<Delivery>, Writer) {
    let (send, deliveries) = mpsc::channel(QUEUE_MAX);
    (send, Writer { deliveries, store, settings, metrics, pulse, head, familiar: Mutex::default() })
}

impl Writer {
    /// Writes until every sender is dropped and all was written. A transaction that fails is tried again, for as long as it
    /// takes, unless `give_up` becomes true: then what is left is dropped, unacknowledged.
    pub async fn run(mut self, mut give_up: watch::Receiver<bool>) -> Written {
        let mut total = Written::default();
        match Familiar::of(&self.store).await {
            Ok(familiar) => self.familiar = familiar.into(),
            Err(error) => tracing::warn!(%error, "it is not known yet which lines stand everywhere"),
        }
        let mut surplus = Surplus::default();
        loop {
            let mut jobs = match surplus.meanwhile(&self.store, self.deliveries.recv()).await {
                Some(first) => self.batch(first).await,
                None => break,
            };
            self.metrics.queue.set(i64::try_from(jobs.len() + self.deliveries.len()).unwrap_or_default());
            // From here on, not from the first error: a statement that hangs gives none.
            self.pulse.waiting(Utc::now());
            let written = tokio::select! {
                biased;
                written = self.write(&mut jobs) => written,
                _ = give_up.wait_for(|g| *g) => return total,
            };
            self.metrics.queue.set(i64::try_from(self.deliveries.len()).unwrap_or_default());
            self.pulse.recorded();
            for (job, recorded) in jobs.into_iter().zip(written) {
                total.visits += 1;
                total.failed += usize::from(!job.visit.outcome.is_success());
                total.articles_new += recorded.articles_new;
                total.changes += recorded.changes.len();
                self.count(&job.visit, &recorded);
                surplus.note(&job.visit.target);
                // Nobody waiting any more is fine: the visit is durable.
                let _ = job.done.send(());
            }
        }
        surplus.forget(&self.store).await;
        total
    }

    /// `first` and what waits behind it, or comes in a moment, as much as one transaction is to write. What found something is
    /// not kept waiting.
    async fn batch(&mut self, first: Delivery) -> Vec<Delivery> {
        let found = |d: &Delivery| d.visit.findings.len() + d.visit.wanted.len() + d.visit.skipped.len();
        let (mut sum, mut jobs, end) = (found(&first), vec![first], Instant::now() + LINGER);
        while jobs.len() < BATCH_MAX && sum < FOUND_MAX {
            let next = match self.deliveries.try_recv() {
                Ok(next) => Some(next),
                Err(_) if sum > 0 => None,
                Err(_) => timeout_at(end, self.deliveries.recv()).await.ok().flatten(),
            };
            let Some(next) = next else { break };
            sum += found(&next);
            jobs.push(next);
        }
        jobs
    }

    /// Writes `jobs` in one transaction; a job that cannot be written is separated from the others, and noted as failed.
    async fn write(&self, jobs: &mut [Delivery]) -> Vec<Recorded> {
        let mut pause = PAUSE_FIRST;
        loop {
            let timer = self.metrics.batch_seconds.start_timer();
            let settings = *self.settings.borrow();
            let error = match record::batch(&self.store, jobs, &settings, &self.familiar, Utc::now()).await {
                Ok((recorded, head)) => {
                    timer.observe_duration();
                    self.metrics.batches.inc();
                    self.metrics.batch_visits.observe(f64::from(u32::try_from(jobs.len()).unwrap_or(u32::MAX)));
                    if let Some(head) = head {
                        self.head.send_if_modified(|h| std::mem::replace(h, head.max(*h)) < head);
                    }
                    return recorded;
                }
                Err(error) => error,
            };
            timer.stop_and_discard();
            self.metrics.batches_failed.inc();
            self.pulse.waiting(Utc::now());
            if is_poison(&error) {
                tracing::warn!(%error, visits = jobs.len(), "a batch cannot be written; its visits are tried one by one");
                return self.write_apart(jobs).await;
            }
            tracing::error!(%error, hint = error.hint(), "the ledger cannot write; it tries again");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Each job in its own transaction; one that the database refuses is noted as a failed visit, so that it does not block
    /// the others for ever and is seen.
    async fn write_apart(&self, jobs: &mut [Delivery]) -> Vec<Recorded> {
        let (mut all, settings) = (Vec::with_capacity(jobs.len()), *self.settings.borrow());
        for job in jobs {
            let mut pause = PAUSE_FIRST;
            let mut refused = 0;
            let recorded = loop {
                match record::batch(&self.store, std::slice::from_ref(job), &settings, &self.familiar, Utc::now()).await
                {
                    Ok((mut recorded, head)) => {
                        if let Some(head) = head {
                            self.head.send_if_modified(|h| std::mem::replace(h, head.max(*h)) < head);
                        }
                        break recorded.pop().unwrap_or_default();
                    }
                    Err(error) if is_poison(&error) && refused < REFUSALS_MAX => {
                        refused += 1;
                        tracing::error!(%error, url = %job.visit.target.url, "a visit cannot be stored");
                        job.visit = bare(&job.visit, &error);
                    }
                    // Not even that it failed: at least it must not be tried again at once, for ever.
                    Err(error) if is_poison(&error) => {
                        self.postpone(job, &error).await;
                        break Recorded::default();
                    }
                    Err(error) => {
                        tracing::error!(%error, hint = error.hint(), "the ledger cannot write; it tries again");
                        tokio::time::sleep(pause).await;
                        pause = (pause * 2).min(PAUSE_MAX);
                    }
                }
            };
            all.push(recorded);
        }
        all
    }

    async fn postpone(&self, job: &Delivery, why: &StoreError) {
        let (target, now) = (&job.visit.target, Utc::now());
        let reason = format!("its visit could not be recorded: {why}");
        if let Err(error) = self.store.postpone(target.id, now + POSTPONED, &reason, now).await {
            tracing::error!(%error, url = %target.url, "a target could not even be put off; it stays due");
        }
    }

    fn count(&self, visit: &Visit, recorded: &Recorded) {
        let source = visit.target.source.as_str();
        self.metrics.articles.with_label_values(&[source]).inc_by(recorded.articles_new as u64);
        if recorded.held > 0 {
            tracing::warn!(
                source.id = source,
                held = recorded.held,
                "most of its list seems new, and its titles were had before: held back"
            );
        }
        for change in &recorded.changes {
            self.metrics.changes.with_label_values(&[change.kind.as_str()]).inc();
            tracing::info!(
                change.number,
                change.kind = change.kind.as_str(),
                story.id = change.story,
                source.id = change.source,
                topics = change.topics.join(","),
                "{}",
                change.title
            );
        }
    }
}

/// Whether the database understood and refused: the same again would be refused again.
fn is_poison(error: &StoreError) -> bool {
    match error {
        StoreError::Query(sqlx::Error::Database(e)) => {
            // PostgreSQL: data exceptions, constraints, limits. SQLite: too big, constraint, mismatch.
            e.code().is_some_and(|c| {
                ["22", "23", "54"].iter().any(|class| c.len() == 5 && c.starts_with(class))
                    || c.parse::<u32>().is_ok_and(|n| c.len() < 5 && matches!(n & 0xff, 18..=20))
            })
        }
        StoreError::Query(sqlx::Error::Encode(_)) | StoreError::Corrupt(_) => true,
        _ => false,
    }
}

/// What is left of a visit that cannot be stored: that it was made, and failed.
fn bare(visit: &Visit, error: &StoreError) -> Visit {
    let failure = Failure {
        kind: FailureKind::Unreadable,
        status: None,
        reason: format!("what this visit found could not be stored: {error}"),
        retry_after_s: None,
    };
    let mut bare = visit.clone();
    bare.outcome = Outcome::Failed(failure);
    (bare.listing, bare.http, bare.failed_body) = (None, None, None);
    bare.wanted.clear();
    bare.skipped.clear();
    bare.findings.clear();
    bare.problems.clear();
    bare
}
