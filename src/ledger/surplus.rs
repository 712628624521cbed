//! Visits beyond those that are kept, forgotten where nobody waits for it.

use std::{collections::HashSet, future::Future, time::Duration};

use tokio::time::{Instant, sleep_until, timeout};

use crate::model::{Target, TargetKind};
use crate::store::Store;

/// How long nothing must have been recorded ...
const QUIET: Duration = Duration::from_secs(1);
/// ... unless so many have more visits than are kept.
const MANY: usize = 1024;
/// How long forgetting may take: who brings visits waits for it.
const FORGET_MAX: Duration = Duration::from_secs(5);

/// Of what visits were recorded, by source and kind, since the surplus was last forgotten.
#[derive(Debug, Default)]
pub(super) struct Surplus(HashSet<(String, TargetKind)>);

impl Surplus {
    /// A visit of `target` was recorded.
    pub(super) fn note(&mut self, target: &Target) {
        self.0.insert((target.source.clone(), target.kind));
    }

    /// What `next` gives; while it is waited for long, or when there is much, the surplus is forgotten.
    pub(super) async fn meanwhile<T>(&mut self, store: &Store, next: impl Future<Output = T>) -> T {
        if self.0.len() >= MANY {
            self.forget(store).await;
        }
        let quiet = Instant::now() + QUIET;
        tokio::pin!(next);
        loop {
            tokio::select! {
                biased;
                next = &mut next => return next,
                () = sleep_until(quiet), if !self.0.is_empty() => self.forget(store).await,
            }
        }
    }

    /// Forgets it. Where that fails, it is done after the next visits.
    pub(super) async fn forget(&mut self, store: &Store) {
        let of: Vec<_> = self.0.drain().collect();
        if of.is_empty() {
            return;
        }
        match timeout(FORGET_MAX, store.forget_visits(&of)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "old visits could not be forgotten; later"),
            Err(_) => tracing::debug!("old visits could not be forgotten in time; later"),
        }
    }
}
