//! Both ends of WebSub, put together from what others offer.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::Daemon;
use crate::frontier::Told;
use crate::publish;
use crate::serve;
use crate::visit::Delivery;
use crate::websub::PLACE;

/// What hubs sent and nobody has read yet; more is sent again later.
const PUSHES_MAX: usize = 4;

impl Daemon {
    /// Who asks the hubs of sources and takes what they send to `app`; `None`: without a public address no hub can reach us.
    pub(super) fn told(&self, app: &mut serve::App, deliveries: &mpsc::Sender<Delivery>) -> Option<Told> {
        let mut callbacks = self.settings.serve.public_url.clone()?;
        if let Ok(mut segments) = callbacks.path_segments_mut() {
            segments.pop_if_empty().push(PLACE);
        }
        let (send, pushes) = mpsc::channel(PUSHES_MAX);
        app.pushes = Some(send);
        Some(Told {
            store: self.store.clone(),
            kit: self.kit.subscribe(),
            pushes,
            deliveries: deliveries.clone(),
            metrics: self.metrics.clone(),
            pulse: self.pulse.clone(),
            callbacks,
        })
    }

    /// Our hub, for what `app` serves.
    pub(super) fn hub(&self, app: &serve::App) -> publish::Hub {
        let (inside, topics) = (serve::Inside::new(Arc::new(app.clone())), app.topics.clone());
        publish::Hub {
            store: self.store.clone(),
            metrics: self.metrics.clone(),
            head: self.head.subscribe(),
            round: self.round.subscribe(),
            holder: self.holder.clone(),
            pace: publish::Pace::default(),
            base: app.base.clone(),
            on: app.is_hub(),
            ping: self.settings.serve.websub.ping.clone(),
            topics: Arc::new(move || topics.borrow().iter().map(|t| t.id.clone()).collect()),
            copies: Arc::new(move |path| {
                let inside = inside.clone();
                Box::pin(async move { inside.get(&path).await })
            }),
            items: app.settings.items,
        }
    }
}
