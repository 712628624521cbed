//! Leave for a lane to ask hosts other than its own: their leases, for one request at a time.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use tokio::runtime::Handle;

use crate::fetch::{Permits, Stay};
use crate::store::{Store, StoreError, kept};

use super::lease::LEASE;

/// What of this daemon is at which host.
#[derive(Debug, Default)]
pub(super) struct Ours {
    lanes: Mutex<HashSet<String>>,
    /// How many requests of other hosts' lanes hold it, or have just done so.
    visitors: Mutex<HashMap<String, usize>>,
}

impl Ours {
    /// A lane is about to take `host`.
    pub(super) fn arrive(&self, host: &str) {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned());
    }

    /// It has given it back, or could not have it.
    pub(super) fn leave(&self, host: &str) {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).remove(host);
    }

    fn has_lane(&self, host: &str) -> bool {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).contains(host)
    }

    /// Hosts that only visitors hold: to everybody else they look as if there was a lane.
    pub(super) fn only_visited(&self) -> Vec<String> {
        let visitors = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
        visitors.keys().filter(|host| !self.has_lane(host)).cloned().collect()
    }

    fn enter(&self, host: &str) {
        *self.visitors.lock().unwrap_or_else(PoisonError::into_inner).entry(host.to_owned()).or_default() += 1;
    }

    fn exit(&self, host: &str) {
        let mut visitors = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = visitors.get_mut(host).map(|n| {
            *n -= 1;
            *n
        }) && n == 0
        {
            visitors.remove(host);
        }
    }
}

/// Leases of other hosts for the lane of `host`.
#[derive(Debug)]
pub(super) struct Elsewhere {
    ours: Arc<Ours>,
    host: String,
    holder: Arc<str>,
    store: Store,
    is_refused: AtomicBool,
}

/// A lease that was taken for one request, and is given back a gap after it.
struct Visitor {
    ours: Arc<Ours>,
    store: Store,
    host: String,
    holder: Arc<str>,
    until: DateTime<Utc>,
    gap: Duration,
}

impl Drop for Visitor {
    fn drop(&mut self) {
        // Where nothing runs any more, all leases are given back at once.
        let Ok(runtime) = Handle::try_current() else { return };
        let (store, host, holder) = (self.store.clone(), std::mem::take(&mut self.host), self.holder.clone());
        let (until, gap, ours) = (self.until, self.gap, self.ours.clone());
        runtime.spawn(async move {
            tokio::time::sleep(gap).await;
            if let Err(error) = store.release_until(&host, &holder, until).await {
                tracing::debug!(%error, host, "a lease could not be given back; it runs out by itself");
            }
            ours.exit(&host);
        });
    }
}

impl Permits for Elsewhere {
    fn enter<'a>(&'a self, host: &'a str, gap: Duration) -> BoxFuture<'a, Option<Stay>> {
        Box::pin(async move {
            if host == self.host {
                return Some(Box::new(()) as Stay);
            }
            let stay = self.take(host, gap).await.unwrap_or_else(|error| {
                tracing::debug!(%error, host, "the lease of another host could not be asked for");
                None
            });
            self.is_refused.store(stay.is_none(), Ordering::Relaxed);
            stay
        })
    }
}

impl Elsewhere {
    pub(super) fn new(host: &str, holder: &Arc<str>, store: &Store, ours: &Arc<Ours>) -> Self {
        Self {
            ours: ours.clone(),
            host: host.into(),
            holder: holder.clone(),
            store: store.clone(),
            is_refused: AtomicBool::new(false),
        }
    }

    /// Whether the last host that was asked for belongs to another daemon.
    pub(super) fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }

    /// The lease of `host`, if nobody else has it. Nobody of this process asks that host meanwhile, or gives it back.
    async fn take(&self, host: &str, gap: Duration) -> Result<Option<Stay>, StoreError> {
        let now = Utc::now();
        let until = kept(now + LEASE);
        if !self.store.claim_free(host, &self.holder, now, until).await? {
            if !self.store.renew(host, &self.holder, until).await? {
                return Ok(None);
            }
            // A lane of ours has it: that keeps it, and gives it back.
            if self.ours.has_lane(host) {
                return Ok(Some(Box::new(())));
            }
        }
        self.ours.enter(host);
        let (ours, store, holder) = (self.ours.clone(), self.store.clone(), self.holder.clone());
        Ok(Some(Box::new(Visitor { ours, store, host: host.to_owned(), holder, until, gap })))
    }
}
