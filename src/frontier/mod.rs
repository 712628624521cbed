//! Floor 5: who visits what, when. The table of targets is the queue, so there is nothing here to be lost.
//!
//! In: the store's due targets, a [`Kit`]. Out: visits, delivered to who records them. A host is visited only by who holds its
//! lease, one request at a time with a gap, and is given back when nothing of it is due, or when another daemon on the same
//! database has less to do (`share`). `told` is for sources whose hub tells us what is new. Deliberately absent: any write but
//! leases and the putting off of what may not be visited yet, any opinion on when to come back (that is the cadence's, through the visit).

mod clock;
mod elsewhere;
mod lane;
mod lease;
mod revisits;
mod share;
mod told;

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use clock::Clock;
use elsewhere::Ours;
use lane::{Lane, at_once};
use lease::{LEASE, Lease, Releases};
use revisits::Revisits;
use share::{Handover, share};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time::{Instant, MissedTickBehavior},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
pub use told::Told;

use crate::model::Target;
use crate::store::{Store, StoreError, Turn};
use crate::telemetry::{Metrics, Pulse};
use crate::visit::{Delivery, Kit};

/// How many lanes, and how many second looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many hosts are visited at once.
    pub concurrency: usize,
    /// Article pages that are visited again, per host and hour.
    pub revisits_per_hour: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { concurrency: 64, revisits_per_hour: 120 }
    }
}

/// How long running visits have to end at a shutdown.
const DRAIN_MAX: Duration = Duration::from_secs(30);
/// How much of what was found may wait for the ledger, in units of [`lane::ROOM_UNIT`]: 64 MiB.
const ROOM: usize = 1024;
/// How long a daemon that died is remembered.
const GONE_KEPT: TimeDelta = TimeDelta::days(1);
/// How often a daemon says that it is there, and counts the others.
const GREET_EVERY: Duration = Duration::from_secs(5);
/// How often the store is asked what is due.
const TICK: Duration = Duration::from_millis(500);

/// Claims hosts and hands out their due targets.
#[derive(Debug)]
pub struct Frontier {
    /// Where the queue is.
    pub store: Store,
    /// The newest configuration.
    pub kit: watch::Receiver<Arc<Kit>>,
    /// Where visits go.
    pub deliveries: mpsc::Sender<Delivery>,
    /// Numbers.
    pub metrics: Metrics,
    /// Signs of life.
    pub pulse: Pulse,
    /// Who we are in the table of leases; unique to this daemon.
    pub holder: Arc<str>,
}

/// The lanes that run, and what they share.
struct Lanes {
    running: TaskTracker,
    /// Ends them where they stand.
    cut: CancellationToken,
    room: Arc<Semaphore>,
    revisits: Arc<Revisits>,
    handover: Arc<Handover>,
    ours: Arc<Ours>,
    releases: Releases,
    /// How many hosts each daemon on this database visits at once, ours included, and when that was asked.
    company: Vec<usize>,
    greeted: Option<Instant>,
    clock: Clock,
}

impl Lanes {
    fn new(releases: Releases) -> Self {
        Self {
            running: TaskTracker::new(),
            cut: CancellationToken::new(),
            room: Arc::new(Semaphore::new(ROOM)),
            revisits: Arc::default(),
            handover: Arc::default(),
            ours: Arc::default(),
            releases,
            company: vec![],
            greeted: None,
            clock: Clock::default(),
        }
    }
}

impl Frontier {
    /// Hands out work until `shutdown`; then lets running visits end, for a while, and gives every host back.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut lanes, mut turn) = (self.lanes(), Turn::in_parts());
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = tick.tick() => {}
            }
            // Any time after now will do: what was visited a moment ago is not due.
            let before = Utc::now() + TimeDelta::days(1);
            if let Err(error) = self.round(before, &mut turn, &mut lanes, &shutdown).await {
                tracing::warn!(%error, hint = error.hint(), "the frontier cannot ask what is due");
            }
        }
        self.close(&lanes).await;
    }

    /// Visits everything that is due, each target once, and what is found on the way; returns when nothing is left or at
    /// `shutdown`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn once(self, shutdown: CancellationToken) -> Result<(), StoreError> {
        let begun = Utc::now();
        let (mut lanes, mut turn) = (self.lanes(), Turn::thorough());
        let done = loop {
            if shutdown.is_cancelled() {
                break Ok(());
            }
            // Asked before the queue is: a lane that ends in between may have found work on another host.
            let idle = lanes.running.is_empty();
            match self.round(begun, &mut turn, &mut lanes, &shutdown).await {
                Ok(0) if idle => break Ok(()),
                Ok(_) => tokio::time::sleep(TICK / 10).await,
                Err(error) => break Err(error),
            }
        };
        self.close(&lanes).await;
        done
    }

    fn lanes(&self) -> Lanes {
        Lanes::new(Releases::open(self.store.clone(), self.holder.clone()))
    }

    /// Begins a lane for every due host that can be had; returns how many.
    async fn round(
        &self,
        before: DateTime<Utc>,
        turn: &mut Turn,
        lanes: &mut Lanes,
        shutdown: &CancellationToken,
    ) -> Result<usize, StoreError> {
        let now = Utc::now();
        self.pulse.claimed(now);
        if lanes.clock.is_set_back(now, std::time::Instant::now()) {
            // What cannot be done now is done in the next round: then nobody knows again whether it was.
            self.bring_forward(now).await.inspect_err(|_| lanes.clock = Clock::default())?;
        }
        self.greet(lanes, now).await?;
        let (mut due, may) = self.due(before, turn, lanes, now).await?;
        due.extend(lanes.ours.only_visited());
        let (mut begun, mut due) = (0, due.into_iter());
        while begun < may {
            let next: Vec<String> = due.by_ref().take(may - begun).collect();
            if next.is_empty() {
                break;
            }
            let taken = self.claim(&next, lanes).await?;
            let mut first = self.first(taken.iter().map(|(host, _)| host.as_str()), before).await;
            for (host, lease) in taken {
                begun += 1;
                let first = first.as_mut().map(|all| all.remove(&host).unwrap_or_default());
                self.begin((host, lease, first), before, lanes, shutdown);
            }
        }
        Ok(begun)
    }

    /// Has visited what was last visited at a time that is still to come: when it was to be visited next was reckoned from that.
    async fn bring_forward(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let visits = self.store.bring_forward(now, now + clock::AHEAD).await?;
        if visits > 0 {
            tracing::warn!(visits, "the clock was ahead and was set back: what was planned by it is due now");
        }
        Ok(())
    }

    /// Takes those of `hosts` that nobody else has.
    async fn claim(&self, hosts: &[String], lanes: &Lanes) -> Result<Vec<(String, Lease)>, StoreError> {
        hosts.iter().for_each(|host| lanes.ours.arrive(host));
        let (now, renewed) = (Utc::now(), Instant::now());
        let claimed = self.store.claim_all(hosts, &self.holder, now, now + LEASE).await;
        let taken = claimed.as_deref().unwrap_or_default();
        hosts.iter().filter(|host| !taken.contains(host)).for_each(|host| lanes.ours.leave(host));
        let lease = |host: String| {
            let lease = Lease::of(&host, &self.holder, &self.store, &self.metrics, renewed);
            (host, lease)
        };
        Ok(claimed?.into_iter().map(lease).collect())
    }

    /// What is due of `hosts` that were taken, in one go: lanes that ask one by one wait for each other. `None`: the database
    /// fails; then it is for the lanes to try again, and to give their hosts back.
    async fn first(
        &self,
        hosts: impl Iterator<Item = &str>,
        before: DateTime<Utc>,
    ) -> Option<HashMap<String, Vec<Target>>> {
        let mut by_limit: HashMap<usize, Vec<&str>> = HashMap::new();
        {
            let kit = self.kit.borrow();
            hosts.for_each(|host| by_limit.entry(at_once(host, &kit)).or_default().push(host));
        }
        let mut all = HashMap::new();
        for (limit, hosts) in by_limit {
            all.extend(self.store.due_targets_of(&hosts, Utc::now(), before, limit).await.ok()?);
        }
        Some(all)
    }

    /// Begins the lane of a host that was taken, with what is known to be due of it.
    fn begin(
        &self,
        (host, lease, first): (String, Lease, Option<Vec<Target>>),
        before: DateTime<Utc>,
        lanes: &Lanes,
        shutdown: &CancellationToken,
    ) {
        let lane = Lane {
            host,
            before,
            store: self.store.clone(),
            kit: self.kit.clone(),
            deliveries: self.deliveries.clone(),
            metrics: self.metrics.clone(),
            pulse: self.pulse.clone(),
            holder: self.holder.clone(),
            room: lanes.room.clone(),
            revisits: lanes.revisits.clone(),
            handover: lanes.handover.clone(),
            ours: lanes.ours.clone(),
            releases: lanes.releases.clone(),
            shutdown: shutdown.clone(),
        };
        let cut = lanes.cut.clone();
        lanes.running.spawn(async move {
            tokio::select! {
                () = lane.run(lease, first) => {}
                () = cut.cancelled() => {}
            }
        });
    }

    /// Says that this daemon is there, and counts those that are, now and then.
    async fn greet(&self, lanes: &mut Lanes, now: DateTime<Utc>) -> Result<(), StoreError> {
        if lanes.greeted.is_some_and(|at| at.elapsed() < GREET_EVERY) {
            return Ok(());
        }
        let ours = i64::try_from(self.concurrency()).unwrap_or(i64::MAX);
        self.store.present(&self.holder, ours, now + LEASE).await?;
        let all = self.store.daemon_lanes(now).await?;
        let company: Vec<usize> = all.into_iter().map(|lanes| usize::try_from(lanes).unwrap_or_default()).collect();
        if company.len() != lanes.company.len() {
            tracing::info!(daemons = company.len(), "the hosts are shared by this many daemons");
        }
        (lanes.company, lanes.greeted) = (company, Some(Instant::now()));
        Ok(())
    }

    /// Hosts that are due and held by nobody, and how many of them are ours to take; lanes beyond our share are asked to end.
    async fn due(
        &self,
        before: DateTime<Utc>,
        turn: &mut Turn,
        lanes: &Lanes,
        now: DateTime<Utc>,
    ) -> Result<(Vec<String>, usize), StoreError> {
        // By the newest configuration: lanes that run above a lower number end by themselves.
        let (all, ours) = (self.concurrency(), lanes.running.len());
        let free = all.saturating_sub(ours);
        let mut ask = async |limit: usize| self.store.due_hosts(turn, now, before, limit).await;
        if lanes.company.len() <= 1 {
            lanes.handover.ask(0);
            return Ok((if free == 0 { vec![] } else { ask(free).await? }, free));
        }
        let due = ask(lanes.company.iter().sum()).await?;
        let held = usize::try_from(self.store.held_count(now).await?).unwrap_or_default();
        let share = share(&lanes.company, due.len() + held).min(all);
        lanes.handover.ask(ours.saturating_sub(share));
        Ok((due, share.saturating_sub(ours).min(free)))
    }

    /// How many hosts are ours to visit at once.
    fn concurrency(&self) -> usize {
        self.kit.borrow().concurrency
    }

    async fn close(&self, lanes: &Lanes) {
        lanes.running.close();
        if tokio::time::timeout(DRAIN_MAX, lanes.running.wait()).await.is_err() {
            tracing::warn!("some visits did not end in time; their targets stay due");
            lanes.cut.cancel();
            lanes.running.wait().await;
        }
        let gone = async {
            self.store.release_all(&self.holder).await?;
            self.store.leave(&self.holder, Utc::now() - GONE_KEPT).await
        };
        if let Err(error) = gone.await {
            tracing::warn!(%error, "leases could not be given back; they run out by themselves");
        }
    }
}
