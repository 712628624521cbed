//! Our WebSub hub (W3C Recommendation, 23 January 2018): who asked is asked back, and is sent our feeds as they change; hubs
//! elsewhere are told that there is something new.
//!
//! In: the store, where requests and subscriptions are, each with its place in the log; word of new changes; `Copies` of feeds.
//! Out: requests to callbacks and hubs, and rows moved on. Everything that has to be known after a crash is in the rows, so
//! a subscriber is sent what is new at least once, whichever daemon sends it. `verify` asks back, `tell` sends, `ping` tells other
//! hubs. Deliberately absent: the door at which requests come in (that is `serve`), other publishers' feeds.

mod ping;
mod tell;
mod verify;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use futures::future::BoxFuture;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use super::{pace::Pace, sinks::Round};
use crate::store::{Store, StoreError};
use crate::telemetry::Metrics;
use crate::websub::{Content, PLACE};

/// How often the rows are looked at by themselves: another daemon or the clock may have changed what is to be done.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long changes are waited for that come with the first one.
const TOGETHER: Duration = Duration::from_millis(250);
/// Pause after the database failed.
const PAUSE: Duration = Duration::from_secs(2);
/// How often subscriptions are looked for whose time is over.
const EXPIRE_EVERY: Duration = Duration::from_secs(30);
/// Requests under way at once.
const SLOTS: usize = 256;
/// Requests under way at once to one host, so that a slow one leaves room for the others.
const HOST_SLOTS: usize = 4;
/// How long a callback may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A lease outlasts the longest request by so much.
const MARGIN: TimeDelta = TimeDelta::seconds(15);
/// How long requests that are under way at a shutdown may still take.
const GRACE: Duration = Duration::from_secs(3);

/// What a feed says now, by its path and query; or the HTTP status of any other answer than 200.
pub type Copies = Arc<dyn Fn(String) -> BoxFuture<'static, Result<Content, u16>> + Send + Sync>;

/// The hub, and who tells others.
#[derive(Clone)]
pub struct Hub {
    /// Where the log, the requests and the subscriptions are.
    pub store: Store,
    /// Numbers.
    pub metrics: Metrics,
    /// Number of the newest change.
    pub head: watch::Receiver<i64>,
    /// Holds the client, as configured now.
    pub round: watch::Receiver<Arc<Round>>,
    /// Who we are to other daemons on the same database.
    pub holder: Arc<str>,
    /// How patient we are.
    pub pace: Pace,
    /// Where readers reach us.
    pub base: Url,
    /// Whether we are a hub at all.
    pub on: bool,
    /// Other hubs.
    pub ping: Vec<Url>,
    /// Topics as configured now, by identifier: of their feeds it is known which changes concern them.
    pub topics: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
    /// What is sent.
    pub copies: Copies,
    /// Items of a feed if nobody asks for another number.
    pub items: i64,
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("base", &self.base.as_str()).field("on", &self.on).finish_non_exhaustive()
    }
}

/// What runs at once, and for whom.
#[derive(Clone)]
struct Slots {
    all: Arc<Semaphore>,
    by_host: Arc<Mutex<HashMap<String, usize>>>,
    running: TaskTracker,
}

/// Room for one request; given back when dropped.
struct Slot {
    host: String,
    by_host: Arc<Mutex<HashMap<String, usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Slots {
    fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(SLOTS)), by_host: Arc::default(), running: TaskTracker::new() }
    }

    /// Room for a request to `host`, if there is any.
    fn take(&self, host: &str) -> Option<Slot> {
        let permit = self.all.clone().try_acquire_owned().ok()?;
        let mut by_host = self.by_host.lock().unwrap_or_else(PoisonError::into_inner);
        let used = by_host.entry(host.to_owned()).or_default();
        if *used >= HOST_SLOTS {
            return None;
        }
        *used += 1;
        Some(Slot { host: host.to_owned(), by_host: self.by_host.clone(), _permit: permit })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut by_host = self.by_host.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(used) = by_host.get_mut(&self.host) {
            *used = used.saturating_sub(1);
            if *used == 0 {
                by_host.remove(&self.host);
            }
        }
    }
}

impl Hub {
    /// Verifies requests, sends feeds as they change and tells other hubs, until `shutdown`; then lets what is under way end, for a
    /// moment.
    pub async fn run(mut self, shutdown: CancellationToken) {
        if !self.on && self.ping.is_empty() {
            return;
        }
        let (slots, mut expired) = (Slots::new(), None::<Instant>);
        while !shutdown.is_cancelled() {
            let seen = *self.head.borrow_and_update();
            let pause = match self.look(&slots, &mut expired).await {
                Ok(()) => LOOK_EVERY,
                Err(error) => {
                    tracing::warn!(%error, hint = error.hint(), "the hub has to wait for the database");
                    PAUSE
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = news(&mut self.head, seen) => {}
                () = sleep(pause) => {}
            }
        }
        slots.running.close();
        // What is cut off here is sent again by whoever comes next: its lease runs out.
        let _ = tokio::time::timeout(GRACE, slots.running.wait()).await;
    }

    async fn look(&self, slots: &Slots, expired: &mut Option<Instant>) -> Result<(), StoreError> {
        let now = Utc::now();
        if self.on {
            if expired.is_none_or(|at| at.elapsed() >= EXPIRE_EVERY) {
                let ended = self.store.expire_hub(now).await?;
                if ended > 0 {
                    tracing::info!(subscriptions = ended, "subscriptions of the hub ended that nobody renewed");
                }
                *expired = Some(Instant::now());
            }
            self.verify(slots, now).await?;
            self.tell(slots, now).await?;
        }
        self.ping(slots, now).await
    }

    /// The address of the hub.
    fn own_address(&self) -> String {
        let mut address = self.base.clone();
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop_if_empty().push(PLACE);
        }
        address.into()
    }

    fn count(&self, outcome: &str) {
        self.metrics.hub_deliveries.with_label_values(&[outcome]).inc();
    }

    fn poster(&self) -> crate::fetch::Poster {
        self.round.borrow().poster.clone()
    }
}

/// Waits for a change after `seen`, and a moment for those that come with it: what comes together is sent together.
async fn news(head: &mut watch::Receiver<i64>, seen: i64) {
    let has_ended = head.wait_for(|h| *h > seen).await.is_err();
    if has_ended {
        std::future::pending::<()>().await;
    }
    sleep(TOGETHER).await;
}

/// Until when requests that begin at `now` and take at most `longest` may last.
fn lease(now: chrono::DateTime<Utc>, longest: Duration) -> chrono::DateTime<Utc> {
    now + TimeDelta::from_std(longest).unwrap_or(MARGIN) + MARGIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_cannot_take_all_the_room() {
        let slots = Slots::new();
        let mut slow: Vec<Slot> = (0..HOST_SLOTS).map(|_| slots.take("slow.example").unwrap()).collect();
        assert!(slots.take("slow.example").is_none());
        let other = slots.take("fast.example");
        assert!(other.is_some());
        slow.pop();
        assert!(slots.take("slow.example").is_some());
        drop((slow, other));
        assert!(slots.by_host.lock().unwrap().is_empty(), "nothing is remembered of hosts that are left alone");
        assert_eq!(slots.all.available_permits(), SLOTS);
    }
}
