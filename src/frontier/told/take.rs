//! What a hub sent, read and handed on like a visit.

use std::sync::Arc;

use chrono::Utc;
use tokio::sync::{mpsc, oneshot};

use crate::store::{Order, Store};
use crate::telemetry::{Metrics, Pulse};
use crate::visit::{Delivery, Kit, Push, pushed};

/// Reads single pushes.
pub(super) struct Taker {
    pub(super) store: Store,
    pub(super) kit: Arc<Kit>,
    pub(super) deliveries: mpsc::Sender<Delivery>,
    pub(super) metrics: Metrics,
    pub(super) pulse: Pulse,
}

impl Taker {
    /// Reads `push`, has it recorded, and says so to who brought it; what fails is not acknowledged, so that the hub sends it again.
    pub(super) async fn take(&self, push: Push) {
        let (id, now) = (push.source.clone(), Utc::now());
        let Some(source) = self.kit.sources.get(&id) else {
            let _ = push.done.send(());
            return;
        };
        let target = match self.store.listing(&id).await {
            Ok(Some(target)) => target,
            // Paused: what is new will be found when it is resumed.
            Ok(None) => {
                let _ = push.done.send(());
                return;
            }
            Err(error) => {
                tracing::warn!(%error, hint = error.hint(), source.id = id, "a push has to wait for the database");
                return;
            }
        };
        if push.sent.body.trim_ascii().is_empty() {
            return self.look(&id, push.done, None).await;
        }
        let visit = match pushed(target, push.sent, source, &self.kit, now).await {
            Ok(visit) => visit,
            Err(failure) => return self.look(&id, push.done, Some(failure.reason)).await,
        };
        self.pulse.visited(Utc::now(), true);
        self.metrics.visits.with_label_values(&[id.as_str(), "pushed"]).inc();
        let entries = visit.listing.as_ref().map_or(0, |l| l.entries.len());
        tracing::debug!(source.id = id, entries, articles = visit.findings.len(), "the hub sent what is new");
        let (done, recorded) = oneshot::channel();
        let queries = self.kit.topics.now().queries().clone();
        if self.deliveries.send(Delivery { visit, queries, room: None, done }).await.is_err() || recorded.await.is_err()
        {
            return;
        }
        if let Err(error) = self.store.pushed(&id, now).await {
            tracing::warn!(%error, hint = error.hint(), source.id = id, "a push was recorded, and is not counted");
        }
        let _ = push.done.send(());
    }

    /// What came holds nothing that can be read, but tells that there is something: the source is visited.
    async fn look(&self, id: &str, acknowledge: oneshot::Sender<()>, why: Option<String>) {
        let asked = self.store.order(id, Order::Poll, Utc::now()).await;
        if let Some(why) = why {
            tracing::warn!(source.id = id, "what the hub sent cannot be read: {why}");
            if let Err(error) = self.store.refused_push(id, &format!("what came cannot be read: {why}")).await {
                tracing::warn!(%error, hint = error.hint(), source.id = id, "why is not noted");
            }
        }
        if asked.is_ok() {
            let _ = acknowledge.send(());
        }
    }
}
