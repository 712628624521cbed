//! Everybody's settings in one place.

use std::{fmt, sync::Arc};

use url::Url;

use crate::cadence;
use crate::fetch;
use crate::frontier;
use crate::ledger;
use crate::model::Source;
use crate::publish::{Digest, Nats, Sink, Webhook};
use crate::serve;
use crate::telemetry;
use crate::topic::{Spec, Vocabulary, packs};

use super::report::Report;

/// Everybody's settings, each as its module defines them.
#[derive(Clone, PartialEq)]
pub struct Settings {
    /// Address of the database, maybe with a password: `sqlite://` and a path, or `postgres://`.
    pub database_url: String,
    /// How to fetch.
    pub fetch: fetch::Settings,
    /// How many hosts at once, and how gentle.
    pub frontier: frontier::Settings,
    /// Bounds of the time between visits.
    pub cadence: cadence::Settings,
    /// How to serve.
    pub serve: serve::Settings,
    /// What is kept, and for how long.
    pub ledger: ledger::Settings,
    /// How to log.
    pub telemetry: telemetry::Settings,
    /// What is polled, in the order of the file.
    pub sources: Vec<Arc<Source>>,
    /// What is watched, in the order of the file.
    pub topics: Vec<Spec>,
    /// Who is told of changes, in the order of the file.
    pub webhooks: Vec<Webhook>,
    /// Which streams are told of changes, in the order of the file.
    pub nats: Vec<Nats>,
    /// Who is told of changes by mail, in the order of the file.
    pub digests: Vec<Digest>,
    /// Names and equal words that queries may use.
    pub vocabulary: Vocabulary,
    /// What is odd about the configuration, though it can be used.
    pub warnings: Report,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: "sqlite://data/tidings.db".into(),
            fetch: fetch::Settings::default(),
            frontier: frontier::Settings::default(),
            cadence: cadence::Settings::default(),
            serve: serve::Settings::default(),
            ledger: ledger::Settings::default(),
            telemetry: telemetry::Settings::default(),
            sources: vec![],
            topics: vec![],
            webhooks: vec![],
            nats: vec![],
            digests: vec![],
            vocabulary: packs().clone().into(),
            warnings: Report::default(),
        }
    }
}

impl Settings {
    /// Everybody who is told of changes, whatever kind it is.
    #[must_use]
    pub fn sinks(&self) -> Vec<Sink> {
        let webhooks = self.webhooks.iter().cloned().map(Sink::from);
        webhooks
            .chain(self.nats.iter().cloned().map(Sink::from))
            .chain(self.digests.iter().cloned().map(Sink::from))
            .collect()
    }

    /// The address of the database without its password, fit for logs.
    #[must_use]
    pub fn redacted_database_url(&self) -> String {
        if self.database_url.starts_with("sqlite:") {
            return self.database_url.clone();
        }
        let Ok(mut url) = Url::parse(&self.database_url) else { return "(hidden)".into() };
        if url.cannot_be_a_base() {
            return "(hidden)".into();
        }
        if url.password().is_some() && url.set_password(Some("***")).is_err() {
            return "(hidden)".into();
        }
        if url.query().is_some() {
            let hide = |(key, value): (_, _)| if key == "password" { (key, "***".into()) } else { (key, value) };
            let pairs: Vec<_> = url.query_pairs().into_owned().map(hide).collect();
            url.query_pairs_mut().clear().extend_pairs(pairs);
        }
        url.into()
    }

    /// What the configuration amounts to, line by line.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let database = if self.database_url.starts_with("sqlite:") { "SQLite" } else { "PostgreSQL" };
        let own = self.vocabulary.aliases.iter().filter(|(name, of)| packs().get(*name) != Some(*of)).count();
        let kept = self.ledger.articles_kept.map_or("forever".into(), |d| format!("for {}", super::kinds::span(d)));
        let readers = self.serve.public_url.as_ref().map(|url| format!(", readers come to {url}")).unwrap_or_default();
        let kinds = [
            count(self.webhooks.len(), "webhook", "webhooks"),
            count(self.nats.len(), "stream", "streams"),
            count(self.digests.len(), "digest", "digests"),
        ];
        let told: Vec<String> = kinds.into_iter().filter(|kind| !kind.starts_with("0 ")).collect();
        let told = if told.is_empty() { String::new() } else { format!(", {} told of changes", told.join(" and ")) };
        vec![
            count(self.sources.len(), "source", "sources"),
            format!(
                "{}, {}",
                count(self.topics.len(), "topic", "topics"),
                count(own, "alias", "aliases") + " of your own"
            ),
            format!("database: {database} at {}, articles kept {kept}", self.redacted_database_url()),
            format!("listens on http://{}{readers}{told}", self.serve.listen),
        ]
    }
}

/// Never shows the database password, an address or a header of a source.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources: Vec<&str> = self.sources.iter().map(|s| s.id.as_str()).collect();
        f.debug_struct("Settings")
            .field("database_url", &self.redacted_database_url())
            .field("fetch", &self.fetch)
            .field("frontier", &self.frontier)
            .field("cadence", &self.cadence)
            .field("serve", &self.serve)
            .field("ledger", &self.ledger)
            .field("telemetry", &self.telemetry)
            .field("sources", &sources)
            .field("topics", &self.topics)
            .field("webhooks", &self.webhooks)
            .field("nats", &self.nats)
            .field("digests", &self.digests)
            .field("aliases", &self.vocabulary.aliases.keys())
            .field("same", &self.vocabulary.same)
            .field("warnings", &self.warnings)
            .finish()
    }
}
