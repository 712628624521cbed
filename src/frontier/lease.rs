//! The lease of a host, kept while there is work, and never outlived by it.

use std::{future::Future, sync::Arc, time::Duration};

use chrono::Utc;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::store::Store;
use crate::telemetry::Metrics;

/// How long a host is held without being renewed: a daemon that dies is followed by another after this.
pub(super) const LEASE: Duration = Duration::from_secs(30);
/// How often a lease is renewed; the rest of it bridges a database that hesitates.
const RENEW_EVERY: Duration = Duration::from_secs(10);
/// How soon it is tried again after the database refused.
const RENEW_AGAIN: Duration = Duration::from_secs(1);
/// So long before a lease runs out its host is left alone: by the clock of another daemon it may be a little later.
const MARGIN: Duration = Duration::from_secs(5);
/// Hosts that are given back in one go.
const RELEASED_AT_ONCE: usize = 256;

/// The right to visit a host, for a while.
#[derive(Debug)]
pub(super) struct Lease {
    host: String,
    holder: Arc<str>,
    store: Store,
    metrics: Metrics,
    renewed: Instant,
}

impl Lease {
    /// That of a host which `holder` took for [`LEASE`] at `renewed`.
    pub(super) fn of(host: &str, holder: &Arc<str>, store: &Store, metrics: &Metrics, renewed: Instant) -> Self {
        Self { host: host.into(), holder: holder.clone(), store: store.clone(), metrics: metrics.clone(), renewed }
    }

    /// Runs `work` while keeping the lease. `None`: it was lost, or could not be renewed in time, and the work was cut off where
    /// it stood, because somebody else may be visiting the host.
    pub(super) async fn holding<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            // First: nothing is begun on a lease that ran out while the database was waited for.
            biased;
            () = self.lost() => {}
            out = work => return Some(out),
        }
        self.metrics.leases_lost.inc();
        tracing::warn!(host = self.host, "the lease of a host was lost; its visit is cut off");
        None
    }

    /// Renews it again and again; returns when it is lost.
    async fn lost(&mut self) {
        let mut next = self.renewed + RENEW_EVERY;
        loop {
            let end = self.renewed + LEASE - MARGIN;
            tokio::time::sleep_until(next.min(end)).await;
            // Before it is asked: what it says holds from then on.
            let asked = Instant::now();
            let renewal = self.store.renew(&self.host, &self.holder, Utc::now() + LEASE);
            match tokio::time::timeout_at(end, renewal).await {
                Ok(Ok(true)) => {
                    self.renewed = asked;
                    next = asked + RENEW_EVERY;
                }
                Ok(Err(error)) if asked + RENEW_AGAIN < end => {
                    tracing::debug!(%error, host = self.host, "a lease could not be renewed; soon again");
                    next = asked + RENEW_AGAIN;
                }
                Ok(_) | Err(_) => return,
            }
        }
    }

    /// Gives the host back.
    pub(super) async fn release(self, releases: &Releases) {
        let (done, told) = oneshot::channel();
        if releases.0.send((self.host, done)).is_ok() {
            let _ = told.await;
        }
    }
}

/// Hosts on their way back, and who waits until they are free.
type Release = (String, oneshot::Sender<()>);

/// Gives hosts back, those of a moment together: each by itself would wait for who writes, and be waited for by it.
#[derive(Clone, Debug)]
pub(super) struct Releases(mpsc::UnboundedSender<Release>);

impl Releases {
    /// Does so until nobody is left that has a host.
    pub(super) fn open(store: Store, holder: Arc<str>) -> Self {
        let (send, mut given) = mpsc::unbounded_channel::<Release>();
        tokio::spawn(async move {
            let mut all = vec![];
            while given.recv_many(&mut all, RELEASED_AT_ONCE).await > 0 {
                let (hosts, told): (Vec<String>, Vec<_>) = all.drain(..).unzip();
                if let Err(error) = store.release(&hosts, &holder).await {
                    let hosts = hosts.join(",");
                    tracing::warn!(%error, hosts, "leases could not be given back; they run out by themselves");
                }
                for told in told {
                    let _ = told.send(());
                }
            }
        });
        Self(send)
    }
}
