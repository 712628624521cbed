//! Whoever is told of changes, of whatever kind.

use std::time::Duration;

use super::{digest::Digest, nats::Nats, scope::Scope, webhook::Webhook};

/// A receiver of changes, as configured.
#[derive(Clone, Debug, PartialEq)]
pub enum Sink {
    /// Told by HTTP, as things happen.
    Webhook(Webhook),
    /// Told through a stream, as things happen.
    Nats(Nats),
    /// Told by mail, at its hours.
    Digest(Digest),
}

impl Sink {
    /// Stable name; its cursor is kept under it.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Webhook(webhook) => &webhook.id,
            Self::Nats(nats) => &nats.id,
            Self::Digest(digest) => &digest.id,
        }
    }

    /// What it is told of.
    pub(super) fn scope(&self) -> Scope<'_> {
        match self {
            Self::Webhook(webhook) => webhook.scope(),
            Self::Nats(nats) => nats.scope(),
            Self::Digest(digest) => digest.scope(),
        }
    }

    /// Most changes of one message.
    pub(super) const fn batch(&self) -> usize {
        match self {
            Self::Webhook(webhook) => webhook.batch,
            // One by one: the cursor says exactly what the stream has.
            Self::Nats(_) => 1,
            Self::Digest(digest) => digest.stories_max,
        }
    }

    /// The longest that a message can take.
    pub(super) const fn timeout(&self) -> Duration {
        match self {
            Self::Webhook(webhook) => webhook.timeout,
            Self::Nats(nats) => nats.timeout,
            Self::Digest(digest) => digest.timeout,
        }
    }
}

impl From<Webhook> for Sink {
    fn from(webhook: Webhook) -> Self {
        Self::Webhook(webhook)
    }
}

impl From<Nats> for Sink {
    fn from(nats: Nats) -> Self {
        Self::Nats(nats)
    }
}

impl From<Digest> for Sink {
    fn from(digest: Digest) -> Self {
        Self::Digest(digest)
    }
}
