//! One host, worked in order by whoever holds its lease.

use std::{future::Future, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::cadence;
use crate::model::{Target, TargetKind, Visit};
use crate::store::{Store, StoreError};
use crate::telemetry::{Metrics, Pulse};
use crate::visit::{Delivery, Kit, visit};

use super::revisits::Revisits;

/// How long a host is held without being renewed: a daemon that dies is followed by another after this.
pub(super) const LEASE: Duration = Duration::from_secs(30);
/// How often a lease is renewed; the rest of it bridges a database that hesitates.
const RENEW_EVERY: Duration = Duration::from_secs(10);
/// Targets taken from the queue at once.
const AT_ONCE: i64 = 16;
/// A lane ends after so many visits, so that the host can go to another daemon.
const VISITS_MAX: usize = 256;

/// Bytes of text for which a visit takes one unit of room.
pub(super) const ROOM_UNIT: usize = 64 * 1024;
/// Most units that one visit takes, however large: it must fit in the whole room.
const ROOM_UNITS_MAX: u32 = 512;

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) host: String,
    /// Only targets not visited since then.
    pub(super) before: DateTime<Utc>,
    pub(super) store: Store,
    pub(super) kit: watch::Receiver<Arc<Kit>>,
    pub(super) deliveries: mpsc::Sender<Delivery>,
    pub(super) metrics: Metrics,
    pub(super) pulse: Pulse,
    pub(super) holder: Arc<str>,
    pub(super) room: Arc<Semaphore>,
    pub(super) revisits: Arc<Revisits>,
    pub(super) shutdown: CancellationToken,
}

impl Lane {
    /// Visits what is due of the host, then gives it back.
    pub(super) async fn run(&self) {
        self.metrics.lanes.inc();
        if let Err(error) = self.work().await {
            tracing::warn!(%error, host = self.host, "a lane ended early; its targets stay due");
        }
        self.metrics.lanes.dec();
        if let Err(error) = self.store.release(&self.host, &self.holder).await {
            tracing::warn!(%error, host = self.host, "a lease could not be given back; it runs out by itself");
        }
    }

    async fn work(&self) -> Result<(), StoreError> {
        let (mut visits, mut lost) = (0, false);
        let mut renewed = Instant::now();
        while visits < VISITS_MAX && !lost && !self.shutdown.is_cancelled() {
            let due = self.store.due_targets(&self.host, Utc::now(), self.before, AT_ONCE).await?;
            if due.is_empty() {
                break;
            }
            visits += due.len();
            let due = self.affordable(due).await?;
            let mut recorded = Vec::with_capacity(due.len());
            for target in due {
                let (still_ours, receipt) = self.holding(&mut renewed, self.one(target)).await;
                recorded.extend(receipt);
                lost |= !still_ours;
                if lost || self.shutdown.is_cancelled() {
                    break;
                }
            }
            // Nothing could be visited: to ask again at once would give the same.
            if recorded.is_empty() {
                break;
            }
            // The queue is the table: to ask it again before all is written would visit the same targets twice.
            let (still_ours, all) = self.holding(&mut renewed, futures::future::join_all(recorded)).await;
            lost |= !still_ours;
            if all.iter().any(Result::is_err) {
                break;
            }
        }
        Ok(())
    }

    /// `due` without the pages whose revisit would be beyond the budget of the host for this hour: those are put off, so that
    /// they neither crowd out what is new nor keep the lane busy.
    async fn affordable(&self, mut due: Vec<Target>) -> Result<Vec<Target>, StoreError> {
        let is_revisit = |t: &Target| t.kind == TargetKind::Article && t.last_success_at.is_some();
        let wanted = due.iter().filter(|t| is_revisit(t)).count();
        if wanted == 0 {
            return Ok(due);
        }
        let (per_hour, cadence) = {
            let kit = self.kit.borrow();
            (kit.revisits_per_hour, kit.cadence)
        };
        let (mut granted, anew) = self.revisits.take(&self.host, wanted, per_hour, Instant::now());
        if granted < wanted {
            let now = Utc::now();
            let until = now + TimeDelta::from_std(anew).unwrap_or(TimeDelta::hours(1));
            self.store.put_off_revisits(&self.host, now, until, cadence::too_old(&cadence, now)).await?;
            due.retain(|t| {
                let keep = !is_revisit(t) || granted > 0;
                granted -= usize::from(keep && is_revisit(t));
                keep
            });
        }
        Ok(due)
    }

    /// One visit, delivered, and the gap after it. The receipt arrives when the visit is durable.
    async fn one(&self, target: Target) -> Option<oneshot::Receiver<()>> {
        let kit = self.kit.borrow().clone();
        // The database is a moment ahead of us while a configuration is applied.
        let source = kit.sources.get(&target.source)?;
        let (id, url, now) = (target.id, target.url.clone(), Utc::now());
        let opens = cadence::opens_at(source, now);
        if opens > now {
            if let Err(error) = self.store.put_off(id, opens).await {
                tracing::warn!(%error, source.id = source.id, "a visit outside of its source's hours could not be put off");
            }
            return None;
        }
        let made = visit(target, source, &kit, now).await;
        let ended = Instant::now();
        self.pulse.visited(Utc::now(), made.outcome.is_success());
        self.metrics.visits.with_label_values(&[source.id.as_str(), made.outcome.as_str()]).inc();
        self.metrics.visit_seconds.observe(Duration::from_millis(made.duration_ms).as_secs_f64());
        let body_bytes = made.http.as_ref().map_or(0, |h| h.body_bytes);
        self.metrics.body_bytes.with_label_values(&[source.id.as_str()]).inc_by(body_bytes);
        let line = (made.outcome.as_str(), made.duration_ms, made.outcome.reason().unwrap_or_default());
        if made.outcome.is_success() || made.target.kind == TargetKind::Article {
            tracing::debug!(source.id = source.id, target.id = id, url = %shown(&url), visit.outcome = line.0,
                duration_ms = line.1, body_bytes, entries = made.listing.as_ref().map_or(0, |l| l.entries.len()),
                articles = made.findings.len(), reason = line.2, "visited");
        } else {
            tracing::warn!(source.id = source.id, url = %shown(&url), visit.outcome = line.0, duration_ms = line.1,
                "{}: {}", source.name, line.2);
        }
        if let Some(note) = made.note().filter(|_| made.outcome.is_success()) {
            tracing::info!(source.id = source.id, url = %shown(&url), "{}: {note}", source.name);
        }
        let room = self.room.clone().acquire_many_owned(units(&made)).await.ok();
        let (done, receipt) = oneshot::channel();
        let delivery = Delivery { visit: made, queries: kit.topics.now().queries().clone(), room, done };
        if self.deliveries.send(delivery).await.is_err() {
            return None;
        }
        tokio::select! {
            () = tokio::time::sleep_until(ended + kit.gap(&url)) => {}
            () = self.shutdown.cancelled() => {}
        }
        Some(receipt)
    }

    /// Runs `work` while keeping the lease, which was last `renewed` then; whether it was kept, and what came of the work.
    async fn holding<T>(&self, renewed: &mut Instant, work: impl Future<Output = T>) -> (bool, T) {
        let mut work = std::pin::pin!(work);
        let mut ours = true;
        loop {
            tokio::select! {
                out = &mut work => return (ours, out),
                () = tokio::time::sleep_until(*renewed + RENEW_EVERY) => {
                    *renewed = Instant::now();
                    ours &= self.store.renew(&self.host, &self.holder, Utc::now() + LEASE).await.unwrap_or(false);
                }
            }
        }
    }
}

/// The room that the texts of `visit` take while they wait to be written.
fn units(visit: &Visit) -> u32 {
    let found = visit.findings.iter().map(|f| f.draft.text.len() + f.draft.html.len());
    let content = visit.wanted.iter().filter_map(|e| e.content.as_ref()).map(String::len);
    let bytes: usize = found.chain(content).sum();
    u32::try_from(bytes / ROOM_UNIT + 1).unwrap_or(u32::MAX).min(ROOM_UNITS_MAX)
}

/// An address without user name and password, fit for a log.
fn shown(url: &url::Url) -> url::Url {
    let mut shown = url.clone();
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown
}
