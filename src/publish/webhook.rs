//! Who is told of what, as configured.

use std::{fmt, time::Duration};

use url::Url;

use super::{chat::Format, scope::Scope, secret::Secret};
use crate::model::{ChangeKind, address};

/// A receiver of changes over HTTP.
#[derive(Clone, PartialEq)]
pub struct Webhook {
    /// Stable name; its cursor is kept under it.
    pub id: String,
    /// Where messages are posted. With many receivers whoever knows it may post there, so it is never shown beyond its host.
    pub url: Url,
    /// Only changes of these topics; empty: every change, whether a topic matched or not.
    pub topics: Vec<String>,
    /// Only changes of these kinds.
    pub kinds: Vec<ChangeKind>,
    /// What its receiver understands.
    pub format: Format,
    /// What messages are signed with; several while they rotate. Of a service's own secret there is one.
    pub secrets: Vec<Secret>,
    /// Most changes of one message. With 1 a message is an event, with more a list of events.
    pub batch: usize,
    /// How long the receiver may take to answer.
    pub timeout: Duration,
}

/// Most changes of one message that can be asked for.
pub const BATCH_MAX: usize = 100;

impl Webhook {
    /// One that is told of every new story, one by one.
    #[must_use]
    pub fn new(id: impl Into<String>, url: Url, secrets: Vec<Secret>) -> Self {
        let (topics, kinds, timeout) = (vec![], vec![ChangeKind::StoryNew], Duration::from_secs(15));
        Self { id: id.into(), url, topics, kinds, format: Format::Standard, secrets, batch: 1, timeout }
    }

    /// What it is told of.
    pub(super) fn scope(&self) -> Scope<'_> {
        Scope { topics: &self.topics, kinds: &self.kinds }
    }
}

/// Never shows a secret, nor the address beyond its host.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("id", &self.id)
            .field("host", &address::authority(&self.url))
            .field("topics", &self.topics)
            .field("kinds", &self.kinds)
            .field("format", &self.format)
            .field("secrets", &self.secrets)
            .field("batch", &self.batch)
            .field("timeout", &self.timeout)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_secret_nor_the_path_that_is_one() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let hook =
            Webhook::new("x", "https://me:pw@chat.example:8443/hooks/T0PS3CRET?k=v".parse().unwrap(), vec![secret]);
        let shown = format!("{hook:?}");
        assert!(shown.contains("chat.example:8443") && shown.contains("***"), "{shown}");
        assert!(!["T0PS3CRET", "pw", "k=v", "MfKQ"].iter().any(|s| shown.contains(s)), "{shown}");
    }
}
