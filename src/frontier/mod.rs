//! Floor 5: who visits what, when. The table of targets is the queue, so there is nothing here to be lost.
//!
//! In: the store's due targets, a [`Kit`]. Out: visits, delivered to who records them. A host is visited only by who holds its
//! lease, one request at a time with a gap, and is given back when nothing of it is due. `told` is for sources whose hub tells us
//! what is new. Deliberately absent: any write but
//! leases and the putting off of what may not be visited yet, any opinion on when to come back (that is the cadence's, through the visit).

mod lane;
mod revisits;
mod told;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use lane::Lane;
use revisits::Revisits;
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time::MissedTickBehavior,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
pub use told::Told;

use crate::store::{Store, StoreError};
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
/// How often the store is asked what is due.
const TICK: Duration = Duration::from_millis(500);

/// Claims hosts and hands out their due targets.
#[derive(Debug)]
pub struct Frontier {
    /// Where the queue is.
    pub store: Store,
    /// How many hosts at once.
    pub concurrency: usize,
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
    slots: Arc<Semaphore>,
    room: Arc<Semaphore>,
    revisits: Arc<Revisits>,
}

impl Lanes {
    fn new(concurrency: usize) -> Self {
        Self {
            running: TaskTracker::new(),
            cut: CancellationToken::new(),
            slots: Arc::new(Semaphore::new(concurrency)),
            room: Arc::new(Semaphore::new(ROOM)),
            revisits: Arc::default(),
        }
    }
}

impl Frontier {
    /// Hands out work until `shutdown`; then lets running visits end, for a while, and gives every host back.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let lanes = Lanes::new(self.concurrency);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = tick.tick() => {}
            }
            // Any time after now will do: what was visited a moment ago is not due.
            let before = Utc::now() + chrono::TimeDelta::days(1);
            if let Err(error) = self.round(before, &lanes, &shutdown).await {
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
        let lanes = Lanes::new(self.concurrency);
        let done = loop {
            if shutdown.is_cancelled() {
                break Ok(());
            }
            // Asked before the queue is: a lane that ends in between may have found work on another host.
            let idle = lanes.running.is_empty();
            match self.round(begun, &lanes, &shutdown).await {
                Ok(0) if idle => break Ok(()),
                Ok(_) => tokio::time::sleep(TICK / 10).await,
                Err(error) => break Err(error),
            }
        };
        self.close(&lanes).await;
        done
    }

    /// Begins a lane for every due host that can be had; returns how many.
    async fn round(
        &self,
        before: DateTime<Utc>,
        lanes: &Lanes,
        shutdown: &CancellationToken,
    ) -> Result<usize, StoreError> {
        let now = Utc::now();
        self.pulse.claimed(now);
        let free = i64::try_from(lanes.slots.available_permits()).unwrap_or(i64::MAX);
        if free == 0 {
            return Ok(0);
        }
        let mut begun = 0;
        for host in self.store.due_hosts(now, before, free).await? {
            let Ok(slot) = lanes.slots.clone().try_acquire_owned() else { break };
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
                shutdown: shutdown.clone(),
            };
            if lane.claim().await? {
                begun += 1;
                let cut = lanes.cut.clone();
                lanes.running.spawn(async move {
                    tokio::select! {
                        () = lane.run() => {}
                        () = cut.cancelled() => {}
                    }
                    drop(slot);
                });
            }
        }
        Ok(begun)
    }

    async fn close(&self, lanes: &Lanes) {
        lanes.running.close();
        if tokio::time::timeout(DRAIN_MAX, lanes.running.wait()).await.is_err() {
            tracing::warn!("some visits did not end in time; their targets stay due");
            lanes.cut.cancel();
            lanes.running.wait().await;
        }
        if let Err(error) = self.store.release_all(&self.holder).await {
            tracing::warn!(%error, "leases could not be given back; they run out by themselves");
        }
    }
}
