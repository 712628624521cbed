//! Every sink of the configuration, each told by a courier of its own.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::Utc;
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    courier::{self, Courier},
    digest::Postman,
    pace::Pace,
    sink::Sink,
    way::Way,
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
    pub sinks: Vec<Sink>,
    /// The client of webhooks, by the settings of the fetcher, which also judges whose addresses are public.
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
    /// the sinks back. When the configuration changes, a message that is under way ends first, which keeps only its sink waiting.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let (couriers, mut told) = (TaskTracker::new(), HashMap::<String, JoinHandle<()>>::new());
        while !shutdown.is_cancelled() {
            let round = self.round.borrow_and_update().clone();
            let stop = shutdown.child_token();
            told.retain(|_, courier| !courier.is_finished());
            for sink in &round.sinks {
                let (before, carrier) = (told.remove(sink.id()), self.courier(&round, sink, (&stop, &shutdown)));
                let after = async move {
                    if let Some(before) = before {
                        let _ = before.await;
                    }
                    tend(carrier).await;
                };
                told.insert(sink.id().to_owned(), couriers.spawn(after));
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                Ok(()) = self.round.changed() => {}
            }
            stop.cancel();
        }
        couriers.close();
        couriers.wait().await;
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
        let settled = round.sinks.iter().map(|sink| self.courier(&round, sink, (shutdown, shutdown)).settle());
        let settled: Result<Vec<()>, StoreError> = futures::future::join_all(settled).await.into_iter().collect();
        self.store.release_sinks(&self.holder).await?;
        settled.map(|_| ())
    }

    fn courier(
        &self,
        round: &Round,
        sink: &Sink,
        (stop, shutdown): (&CancellationToken, &CancellationToken),
    ) -> Carrier {
        let courier = Courier {
            store: self.store.clone(),
            sink: sink.clone(),
            way: Way::to(sink, &round.poster),
            metrics: self.metrics.clone(),
            head: self.head.clone(),
            holder: self.holder.clone(),
            tag: self.tag.clone(),
            pace: self.pace,
            stop: stop.clone(),
            shutdown: shutdown.clone(),
        };
        match sink {
            Sink::Digest(digest) => Carrier::Postman(Postman { digest: Arc::new(digest.clone()), courier }),
            Sink::Webhook(_) | Sink::Nats(_) => Carrier::Courier(courier),
        }
    }
}

/// Who tells one sink: at once, or when its hour has come.
#[derive(Clone)]
enum Carrier {
    Courier(Courier),
    Postman(Postman),
}

impl Carrier {
    async fn run(self) {
        match self {
            Self::Courier(courier) => courier.run().await,
            Self::Postman(postman) => postman.run().await,
        }
    }

    async fn settle(self) -> Result<(), StoreError> {
        match self {
            Self::Courier(courier) => courier.settle().await,
            Self::Postman(postman) => postman.settle().await,
        }
    }

    const fn courier(&self) -> &Courier {
        match self {
            Self::Courier(courier) | Self::Postman(Postman { courier, .. }) => courier,
        }
    }
}

/// Runs a carrier; one that breaks down is a defect of ours, and no reason for its sink never to be told again.
async fn tend(carrier: Carrier) {
    loop {
        let stop = carrier.courier().stop.clone();
        let ended = tokio::spawn(carrier.clone().run()).await;
        let Err(error) = ended else { return };
        tracing::error!(sink.id = carrier.courier().sink.id(), %error, "telling a sink broke down; it begins anew");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Gives up what `sink` is to be told next: the change, or all that a mail which is being tried tells, becomes dead letters.
/// The number of the last of them; `None` when there is nothing to be told, or the sink was moved meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn skip(store: &Store, sink: &Sink) -> Result<Option<i64>, StoreError> {
    let Some(row) = store.sink(sink.id()).await? else { return Ok(None) };
    let is_digest = matches!(sink, Sink::Digest(_));
    if is_digest && row.trying_to.is_none() {
        return Ok(None);
    }
    let trying_to = row.trying_to.filter(|_| is_digest);
    let mut from = row.cursor;
    loop {
        let (batch, to) = courier::next(store, sink, &SinkRow { trying_to, ..row.clone() }, from).await?;
        let told = if is_digest { batch.len() } else { 1 };
        let numbers: Vec<i64> = batch.iter().take(told).map(|change| change.number).collect();
        if let Some(last) = numbers.last() {
            let status = row.last_status.and_then(|s| u16::try_from(s).ok());
            let reason = row.last_error.as_deref().map_or("skipped".into(), |why| format!("skipped after: {why}"));
            let buried = store.bury(&row, &numbers, &reason, status, Utc::now()).await?;
            return Ok(buried.then_some(*last));
        }
        if to <= from {
            return Ok(None);
        }
        from = to;
    }
}
