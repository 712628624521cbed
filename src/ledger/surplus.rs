//! Visits beyond those that are kept, forgotten where nobody waits for it.

use std::{collections::HashMap, future::Future, time::Duration};

use tokio::time::{Instant, sleep_until, timeout};

use crate::model::{Target, TargetKind};
use crate::store::Store;

/// How long nothing must have been recorded ...
const QUIET: Duration = Duration::from_secs(1);
/// ... unless so many have more visits than are kept.
const MANY: usize = 1024;

/// How long forgetting may take: who brings visits waits for it.
const FORGET_MAX: Duration = Duration::from_secs(5);

/// Of what visits were recorded since the surplus was last forgotten.
#[derive(Debug, Default)]
pub(super) struct Surplus(HashMap<String, [bool; 2]>);

impl Surplus {
    /// A visit of `target` was recorded.
    pub(super) fn note(&mut self, target: &Target) {
        let is_page = usize::from(target.kind == TargetKind::Article);
        if let Some(known) = self.0.get_mut(&target.source) {
            known[is_page] = true;
        } else {
            self.0.entry(target.source.clone()).or_default()[is_page] = true;
        }
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
        let mut of = Vec::with_capacity(self.0.len());
        for (source, [listing, pages]) in self.0.drain() {
            let pages_of = pages.then(|| (source.clone(), TargetKind::Article));
            of.extend(pages_of.into_iter().chain(listing.then_some((source, TargetKind::Listing))));
        }
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
