//! Every sink of the configuration, each told by a courier of its own.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    courier::{self, Courier},
    pace::Pace,
    webhook::Webhook,
};
use crate::fetch::Poster;
use crate::store::{SinkRow, Store, StoreError};
use crate::telemetry::Metrics;

/// Most sinks of a configuration.
pub const SINKS_MAX: usize = 64;
/// Pause before a courier that broke down begins anew.
const PAUSE: Duration = Duration::from_secs(10);

/// Who is told, and by what client; a reload sends another.
#[derive(Clone, Debug)]
pub struct Round {
    /// The receivers.
    pub webhooks: Vec<Webhook>,
    /// The client, by the settings of the fetcher.
    pub poster: Poster,
}

/// What telling needs from the rest of the daemon.
#[derive(Clone, Debug)]
pub struct Sinks {
    /// Where the log and the cursors are.
    pub store: Store,
    /// Numbers.
    pub metrics: Metrics,
    /// Number of the newest change, by which couriers wake.
    pub head: watch::Receiver<i64>,
    /// Who is told, as configured now.
    pub round: watch::Receiver<Arc<Round>>,
    /// Who we are in the table of sinks; unique to this daemon.
    pub holder: Arc<str>,
    /// Part of every message's identifier, chosen once for a database: letters and digits.
    pub tag: Arc<str>,
    /// How patient we are.
    pub pace: Pace,
}

impl Sinks {
    /// Tells every sink what concerns it, until `shutdown`; then lets messages that are under way end, for a moment, and gives
    /// the sinks back.
    pub async fn run(mut self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            let round = self.round.borrow_and_update().clone();
            let (stop, couriers) = (shutdown.child_token(), TaskTracker::new());
            for webhook in &round.webhooks {
                couriers.spawn(tend(self.courier(&round, webhook, &stop)));
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                Ok(()) = self.round.changed() => {}
            }
            stop.cancel();
            couriers.close();
            couriers.wait().await;
        }
        if let Err(error) = self.store.release_sinks(&self.holder).await {
            tracing::warn!(%error, "sinks could not be given back; their leases run out by themselves");
        }
    }

    /// Tells every sink what it can be told now; what fails is left for the next time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn once(self, shutdown: &CancellationToken) -> Result<(), StoreError> {
        let round = self.round.borrow().clone();
        let settled = round.webhooks.iter().map(|webhook| self.courier(&round, webhook, shutdown).settle());
        let settled: Result<Vec<()>, StoreError> = futures::future::join_all(settled).await.into_iter().collect();
        self.store.release_sinks(&self.holder).await?;
        settled.map(|_| ())
    }

    fn courier(&self, round: &Round, webhook: &Webhook, stop: &CancellationToken) -> Courier {
        Courier {
            store: self.store.clone(),
            poster: round.poster.clone(),
            webhook: webhook.clone(),
            metrics: self.metrics.clone(),
            head: self.head.clone(),
            holder: self.holder.clone(),
            tag: self.tag.clone(),
            pace: self.pace,
            stop: stop.clone(),
        }
    }
}

/// Runs a courier; one that breaks down is a defect of ours, and no reason for its sink never to be told again.
async fn tend(courier: Courier) {
    loop {
        let stop = courier.stop.clone();
        let ended = tokio::spawn(courier.clone().run()).await;
        let Err(error) = ended else { return };
        tracing::error!(sink.id = courier.webhook.id, %error, "telling a sink broke down; it begins anew");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Gives up the change that the sink of `webhook` is to be told next: it becomes a dead letter. Its number; `None` when there
/// is nothing to be told, or the sink was moved meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn skip(store: &Store, webhook: &Webhook) -> Result<Option<i64>, StoreError> {
    let Some(row) = store.sink(&webhook.id).await? else { return Ok(None) };
    let mut from = row.cursor;
    loop {
        let (batch, to) = courier::next(store, webhook, &SinkRow { trying_to: None, ..row.clone() }, from).await?;
        if let Some(first) = batch.first() {
            let status = row.last_status.and_then(|s| u16::try_from(s).ok());
            let reason = row.last_error.as_deref().map_or("skipped".into(), |why| format!("skipped after: {why}"));
            let buried = store.bury(&row, &[first.number], &reason, status, Utc::now()).await?;
            return Ok(buried.then_some(first.number));
        }
        if to <= from {
            return Ok(None);
        }
        from = to;
    }
}
