//! Sources whose hubs are asked to tell us what is new (WebSub), instead of our looking for it.
//!
//! In: what listings announce, as the ledger stored it; what hubs send, through the server. Out: requests to hubs, and visits,
//! delivered to who records them like any other. `ask` is one step of a subscription, `take` reads what came. Deliberately
//! absent: the answers to hubs (those are the server's), any opinion on when to look meanwhile (that is the cadence's).

mod ask;
mod take;

use std::{fmt, sync::Arc, time::Duration};

use chrono::Utc;
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time::{MissedTickBehavior, interval},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use crate::store::{Store, StoreError, SubscriptionState};
use crate::telemetry::{Metrics, Pulse};
use crate::visit::{Delivery, Kit, Push};

/// How often it is looked for what is to be done.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Steps taken at one look; more wait for the next.
const STEPS_MAX: i64 = 32;
/// Hubs that are asked at once.
const ASKED_MAX: usize = 8;
/// Pushes that are read at once.
const READ_MAX: usize = 4;
/// How long what is under way at a shutdown may still take.
const GRACE: Duration = Duration::from_secs(5);

/// Asks the hubs of sources, and takes what they send.
pub struct Told {
    /// Where subscriptions are.
    pub store: Store,
    /// The newest configuration.
    pub kit: watch::Receiver<Arc<Kit>>,
    /// What hubs send.
    pub pushes: mpsc::Receiver<Push>,
    /// Where visits go.
    pub deliveries: mpsc::Sender<Delivery>,
    /// Numbers.
    pub metrics: Metrics,
    /// Signs of life.
    pub pulse: Pulse,
    /// Below which hubs reach us.
    pub callbacks: Url,
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Told").field("callbacks", &self.callbacks.as_str()).finish_non_exhaustive()
    }
}

impl Told {
    /// Asks and takes until `shutdown`; then lets what is under way end, for a moment.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut tick = interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (running, asked, read) =
            (TaskTracker::new(), Arc::new(Semaphore::new(ASKED_MAX)), Semaphore::new(READ_MAX));
        let read = Arc::new(read);
        // What was configured away while we were not there is to be left as well.
        self.kit.mark_changed();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some(push) = self.pushes.recv() => {
                    let Ok(turn) = read.clone().acquire_owned().await else { break };
                    let taker = self.taker();
                    running.spawn(async move {
                        Box::pin(taker.take(push)).await;
                        drop(turn);
                    });
                }
                _ = tick.tick() => {
                    if let Err(error) = self.look(&running, &asked).await {
                        tracing::warn!(%error, hint = error.hint(), "hubs of sources have to wait for the database");
                    }
                }
            }
        }
        running.close();
        let _ = tokio::time::timeout(GRACE, running.wait()).await;
    }

    /// Begins what is to be done.
    async fn look(&mut self, running: &TaskTracker, asked: &Arc<Semaphore>) -> Result<(), StoreError> {
        let now = Utc::now();
        if self.kit.has_changed().unwrap_or(false) {
            let kit = self.kit.borrow_and_update().clone();
            let unwanted = |source: &str| !kit.sources.get(source).is_some_and(|s| s.websub);
            for row in self.store.subscriptions().await? {
                if unwanted(&row.source_id) && row.state != SubscriptionState::Leaving {
                    self.store.leave_subscription(&row.source_id, now).await?;
                }
            }
        }
        for row in self.store.subscriptions_due(now, STEPS_MAX).await? {
            let Ok(turn) = asked.clone().try_acquire_owned() else { break };
            let asker = self.asker();
            running.spawn(async move {
                if let Err(error) = asker.step(row, now).await {
                    tracing::warn!(%error, hint = error.hint(), "a hub has to wait for the database");
                }
                drop(turn);
            });
        }
        Ok(())
    }

    fn asker(&self) -> ask::Asker {
        ask::Asker { store: self.store.clone(), kit: self.kit.borrow().clone(), callbacks: self.callbacks.clone() }
    }

    fn taker(&self) -> take::Taker {
        take::Taker {
            store: self.store.clone(),
            kit: self.kit.borrow().clone(),
            deliveries: self.deliveries.clone(),
            metrics: self.metrics.clone(),
            pulse: self.pulse.clone(),
        }
    }
}
