//! One host, worked in order by whoever holds its lease.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::cadence;
use crate::fetch;
use crate::model::{FailureKind, Outcome, Source, Target, TargetKind, Visit, address::without_userinfo};
use crate::store::{Store, StoreError};
use crate::telemetry::{Metrics, Pulse};
use crate::visit::{Delivery, Kit, visit};

use super::{
    elsewhere::{Elsewhere, Ours},
    lease::{Lease, Releases},
    revisits::Revisits,
    share::Handover,
};

/// Targets taken from the queue at once: few, so that a listing that falls due meanwhile is soon looked at ...
const AT_ONCE: usize = 16;
/// ... or more, where nothing is waited for between them.
const AT_ONCE_WITHOUT_GAP: usize = 64;
/// How long a visit is put off that led to a host which another daemon is visiting.
const ELSEWHERE: TimeDelta = TimeDelta::seconds(30);
/// How long a host is left alone that asks for it without saying how long ...
const REST: Duration = Duration::from_secs(60);
/// ... and at most, but for the address at which it asked: what is said there may hold for it alone.
const REST_MAX: Duration = Duration::from_secs(3600);
/// How long the end of the daemon waits for the gap after a request: longer ones are cut short.
const PARTING: Duration = Duration::from_secs(2);
/// A lane ends after so many visits, so that the host can go to another daemon.
const VISITS_MAX: usize = 256;

/// A visit that is on its way to who records it.
struct Made {
    /// Told when it is durable.
    receipt: oneshot::Receiver<()>,
    /// Whether it may have found more to visit.
    leads_on: bool,
    /// How long the host asks to be left alone.
    rest: Option<Duration>,
}

/// Why a lane ends.
enum End {
    /// Nothing is due, or it cannot go on.
    Done,
    /// Another daemon is to have the host.
    Asked,
}

/// Bytes of text for which a visit takes one unit of room.
pub(super) const ROOM_UNIT: usize = 64 * 1024;
/// What an entry of a listing is taken to be without its content, in bytes.
const ENTRY_BYTES: usize = 1024;
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
    pub(super) handover: Arc<Handover>,
    pub(super) ours: Arc<Ours>,
    pub(super) releases: Releases,
    pub(super) shutdown: CancellationToken,
}

impl Lane {
    /// Visits what is due of the host, which begins with `first` if that is known, then gives it back.
    pub(super) async fn run(&self, mut lease: Lease, first: Option<Vec<Target>>) {
        self.metrics.lanes.inc();
        let ended = Box::pin(self.work(&mut lease, first)).await;
        self.metrics.lanes.dec();
        let fetcher = self.kit.borrow().fetcher.clone();
        // A visit of another host's lane that was led here goes on by this lease, and is owed the gap as well.
        fetcher
            .undisturbed(&self.host, async |rest| {
                lease.holding(self.pause(Instant::now() + rest, PARTING)).await;
                lease.release(&self.releases).await;
                self.ours.leave(&self.host);
            })
            .await;
        match ended {
            Ok(End::Asked) => {
                self.metrics.leases_yielded.inc();
                self.handover.left();
            }
            Ok(End::Done) => {}
            Err(error) => tracing::warn!(%error, host = self.host, "a lane ended early; its targets stay due"),
        }
    }

    async fn work(&self, lease: &mut Lease, mut first: Option<Vec<Target>>) -> Result<End, StoreError> {
        let (mut visits, mut asked) = (0, false);
        while visits < VISITS_MAX && !asked && !self.shutdown.is_cancelled() {
            let limit = at_once(&self.host, &self.kit.borrow());
            let due = match first.take() {
                Some(due) => due,
                None => self.store.due_targets(&self.host, Utc::now(), self.before, limit).await?,
            };
            if due.is_empty() {
                break;
            }
            visits += due.len();
            // All of what is due, and nothing of it leads to more: to ask for the rest would give nothing.
            let mut is_last = due.len() < limit;
            let due = self.affordable(due).await?;
            let (mut recorded, mut rest) = (Vec::with_capacity(due.len()), None);
            for target in due {
                let Some(made) = lease.holding(Box::pin(self.one(target))).await else { return Ok(End::Done) };
                is_last &= made.as_ref().is_none_or(|made| !made.leads_on);
                rest = made.as_ref().and_then(|made| made.rest);
                recorded.extend(made.map(|made| made.receipt));
                asked = self.handover.take_up();
                if asked || rest.is_some() || self.shutdown.is_cancelled() {
                    break;
                }
            }
            // Nothing could be visited: to ask again at once would give the same.
            if recorded.is_empty() {
                break;
            }
            // The queue is the table: to ask it again before all is written would visit the same targets twice.
            let all = lease.holding(futures::future::join_all(recorded)).await;
            if let Some(rest) = rest {
                tracing::info!(
                    host = self.host,
                    rest_s = rest.as_secs(),
                    "a host asks to be left alone; all of it waits"
                );
                self.store.put_off_host(&self.host, Utc::now() + rest).await?;
                break;
            }
            if is_last || all.is_none_or(|all| all.iter().any(Result::is_err)) {
                break;
            }
        }
        Ok(if asked { End::Asked } else { End::Done })
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
    async fn one(&self, target: Target) -> Option<Made> {
        let kit = self.kit.borrow().clone();
        // The database is a moment ahead of us while a configuration is applied.
        let source = kit.sources.get(&target.source)?;
        let (id, url, now) = (target.id, target.url.clone(), Utc::now());
        let opens = cadence::opens_at(source, now);
        if opens > now {
            self.put_off(id, opens, source).await;
            return None;
        }
        let elsewhere = Arc::new(Elsewhere::new(&self.host, &self.holder, &self.store, &self.ours));
        let made = fetch::permitted(elsewhere.clone(), Box::pin(visit(target, source, &kit, now))).await;
        let ended = Instant::now();
        if elsewhere.is_refused() && !made.outcome.is_success() {
            // No fault of the source: it led to a host that another daemon is at.
            self.put_off(id, Utc::now() + ELSEWHERE, source).await;
            self.pause(ended + kit.gap(&url), Duration::ZERO).await;
            return None;
        }
        self.pulse.visited(Utc::now(), made.outcome.is_success());
        self.metrics.visits.with_label_values(&[source.id.as_str(), made.outcome.as_str()]).inc();
        self.metrics.visit_seconds.observe(Duration::from_millis(made.duration_ms).as_secs_f64());
        for (phase, ms) in made.phases.each() {
            self.metrics.phase_seconds.with_label_values(&[phase]).observe(Duration::from_millis(ms).as_secs_f64());
        }
        let body_bytes = made.http.as_ref().map_or(0, |h| h.body_bytes);
        self.metrics.body_bytes.with_label_values(&[source.id.as_str()]).inc_by(body_bytes);
        let line = (made.outcome.as_str(), made.duration_ms, made.outcome.reason().unwrap_or_default());
        if made.outcome.is_success() || made.target.kind == TargetKind::Article {
            tracing::debug!(source.id = source.id, target.id = id, url = %without_userinfo(&url), visit.outcome = line.0,
                duration_ms = line.1, body_bytes, entries = made.listing.as_ref().map_or(0, |l| l.entries.len()),
                articles = made.findings.len(), reason = line.2, "visited");
        } else {
            tracing::warn!(source.id = source.id, url = %without_userinfo(&url), visit.outcome = line.0, duration_ms = line.1,
                "{}: {}", source.name, line.2);
        }
        if let Some(note) = made.note().filter(|_| made.outcome.is_success()) {
            tracing::info!(source.id = source.id, url = %without_userinfo(&url), "{}: {note}", source.name);
        }
        let rest = rest(&made.outcome);
        let leads_on = made.outcome.is_success() && made.outcome != Outcome::NotModified;
        let room = self.room.clone().acquire_many_owned(units(&made)).await.ok();
        let (done, receipt) = oneshot::channel();
        let delivery = Delivery { visit: made, queries: kit.topics.now().queries().clone(), room, done };
        if self.deliveries.send(delivery).await.is_err() {
            return None;
        }
        self.pause(ended + kit.gap(&url), Duration::ZERO).await;
        Some(Made { receipt, leads_on, rest })
    }

    async fn put_off(&self, target: i64, until: DateTime<Utc>, source: &Source) {
        if let Err(error) = self.store.put_off(target, until).await {
            tracing::warn!(%error, source.id = source.id, "a visit that is not to be made now could not be put off");
        }
    }

    /// Waits until `end`, or for `parting` after the shutdown.
    async fn pause(&self, end: Instant, parting: Duration) {
        if end <= Instant::now() {
            return;
        }
        let parted = async {
            self.shutdown.cancelled().await;
            tokio::time::sleep(parting).await;
        };
        tokio::select! {
            () = tokio::time::sleep_until(end) => {}
            () = parted => {}
        }
    }
}

/// How long a visit that ended so says that its host is to be left alone.
fn rest(outcome: &Outcome) -> Option<Duration> {
    match outcome {
        Outcome::Failed(f) if f.kind == FailureKind::Throttled => {
            Some(f.retry_after_s.map_or(REST, Duration::from_secs).clamp(Duration::from_secs(1), REST_MAX))
        }
        _ => None,
    }
}

/// How many targets of `host` are taken from the queue.
pub(super) fn at_once(host: &str, kit: &Kit) -> usize {
    let url = url::Url::parse(&format!("http://{host}/"));
    if url.is_ok_and(|url| kit.gap(&url).is_zero()) { AT_ONCE_WITHOUT_GAP } else { AT_ONCE }
}

/// The room that the texts of `visit` take while they wait to be written.
fn units(visit: &Visit) -> u32 {
    let found = visit.findings.iter().map(|f| f.draft.text.len() + f.draft.html.len());
    let content = visit.wanted.iter().filter_map(|e| e.content.as_ref()).map(String::len);
    let kept = visit.failed_body.iter().map(|b| b.bytes.len());
    let listed = visit.listing.iter().map(|l| l.entries.len() * ENTRY_BYTES);
    let bytes: usize = found.chain(content).chain(kept).chain(listed).sum();
    u32::try_from(bytes / ROOM_UNIT + 1).unwrap_or(u32::MAX).min(ROOM_UNITS_MAX)
}
