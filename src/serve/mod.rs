//! Floor 5: feeds, change log, status and pages, over HTTP. It reads, passes the operator's orders on to the store, and keeps
//! what archive pages said when they were first read, which they then say for good.
//!
//! | path | what | file |
//! | --- | --- | --- |
//! | `/feeds/{topic}.rss` `.atom` `.json`, `/feeds.opml` | stories of a topic, or of `all` | `feeds`, `asked`, `weave` |
//! | `/feeds/source/{id}.…`, `/feeds/_/{key}.…`, `/feeds/…/archive/{page}.…` | of a source, by a key, of long ago | the same |
//! | `?q=` | of them, those that a query of the reader's matches | `narrow` |
//! | `/api/v1/changes` | the change log, with a long poll | `changes` |
//! | `/api/v1/stream` | the change log, as server-sent events | `stream`, `tail` |
//! | `/api/v1/sources`, `/api/v1/topics` | what is polled, what is watched | `status` |
//! | `/feeds/{topic}/changes.atom` | what of it was edited or taken down | `edits` |
//! | `/api/v1/search`, `/search` | everything stored, by words; as JSON and as a page | `search`, `search_page`, `seek` |
//! | `/api/v1/stories`, `/api/v1/stories/{id}` | stories by pages; one with its articles | `stories` |
//! | `/api/v1/articles/{id}` | one article: text, outlets, evidence, edits | `article` |
//! | `/api/v1/sources/{id}/visits` | its last visits: what came, how it was read | `status` |
//! | `/api/v1/sources/{id}/poll` `/pause` `/resume` `/release` `/dismiss` | orders, with the token | `control` |
//! | `/api/v1/sources/{id}/body` | the last body that could not be read, if such are kept | `failed` |
//! | `/websub`, `/websub/{key}` | our hub for readers; where the hubs of sources tell us what is new | `hub`, `callback` |
//! | `/status`, `/healthz`, `/readyz`, `/metrics` | for operators and their machines | `status`, `leases`, `health`, `gauges` |
//! | `/api/v1/openapi.json` | what all of `/api/v1` and `/status` answer, for programs | `openapi` |
//! | `/feeds/incidents.atom` | how the states of sources and sinks changed | `incidents`, `state`, `sinks` |
//! | `/` | all of it on one page | `page` |
//!
//! In: the store, metrics, the pulse, and two channels that say what the topics and the newest change are now. Out: HTTP.
//! What was put together is kept in memory (`shelf`, `bulletin`), packed (`coding`), as long as it holds (`conditional`). `access` says who
//! may read and who may order; `inside` is reading without the network. Deliberately absent: any other write, request bodies but
//! those of WebSub, cookies, sessions, scripts.

mod access;
mod article;
mod asked;
mod bulletin;
mod callback;
mod changes;
mod coding;
mod conditional;
mod control;
mod edits;
mod failed;
mod feeds;
mod gauges;
mod guard;
mod health;
mod hub;
mod incidents;
mod inside;
mod leases;
mod limit;
mod listener;
mod narrow;
mod openapi;
mod page;
mod problem;
mod query;
mod router;
mod search;
mod search_page;
mod seek;
mod sheet;
mod shelf;
mod sinks;
mod state;
mod status;
mod stories;
mod stream;
mod tail;
#[cfg(test)]
mod tests;
mod weave;

use std::{net::SocketAddr, time::Duration};

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, watch};
use url::Url;

pub use self::{
    access::Token,
    incidents::notice,
    inside::Inside,
    router::{router, run},
    seek::{Hit, Place, seek},
    state::{State, state},
};
use crate::store::Store;
use crate::telemetry::{Bounds, Metrics, Pulse};
use crate::topic::Vocabulary;
use crate::visit::Push;
use crate::websub;

/// How to serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where readers reach us; absent: `http://` and the address listened on.
    pub public_url: Option<Url>,
    /// What opens reading to those on other machines, and giving orders to anybody; absent: nothing does.
    pub token: Option<Token>,
    /// Whether everybody may read.
    pub public: bool,
    /// Who is told of what is new in our feeds.
    pub websub: websub::Settings,
    /// Whether feed items carry the full sanitised content, or the excerpt only.
    pub full_content: bool,
    /// Items in a feed, if the reader does not ask for another number.
    pub items: i64,
    /// `/readyz` fails when no visit succeeded for this long though some were due.
    pub ready_within: Duration,
    /// It fails, too, when a listing is overdue by more than this.
    pub ready_lag: Duration,
}

impl Settings {
    /// What is still called movement.
    #[must_use]
    pub const fn bounds(&self) -> Bounds {
        Bounds { success_within: self.ready_within, lag_max: self.ready_lag }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8473)),
            public_url: None,
            token: None,
            public: false,
            websub: websub::Settings::default(),
            full_content: true,
            items: 50,
            ready_within: Duration::from_secs(30 * 60),
            ready_lag: Duration::from_secs(60 * 60),
        }
    }
}

/// A topic as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Identifier, as in the address.
    pub id: String,
    /// Title as shown to people.
    pub title: String,
}

/// What serving needs from the rest of the daemon.
#[derive(Clone, Debug)]
pub struct App {
    /// Where everything is read from.
    pub store: Store,
    /// Shown at `/metrics`.
    pub metrics: Metrics,
    /// Asked at `/readyz`.
    pub pulse: Pulse,
    /// How to serve.
    pub settings: Settings,
    /// The topics as configured now; a reload sends new ones.
    pub topics: watch::Receiver<Vec<Feed>>,
    /// The words that queries use, as configured now; sent before the topics.
    pub vocabulary: watch::Receiver<Vocabulary>,
    /// Authority of the `tag:` identifiers (RFC 4151), fixed when the database was made.
    pub authority: String,
    /// When the daemon started.
    pub started_at: DateTime<Utc>,
    /// Number of the newest change, by which long polls wake.
    pub head: watch::Receiver<i64>,
    /// Where readers reach us: the public address, or `http://` and the address listened on.
    pub base: Url,
    /// Where what hubs send us is brought; `None`: none was asked to.
    pub pushes: Option<mpsc::Sender<Push>>,
}

impl App {
    /// Address of the page that `path` leads to from the base.
    fn address(&self, path: &[&str]) -> Url {
        let mut address = self.base.clone();
        address.set_query(None);
        address.set_fragment(None);
        // Only addresses that cannot be a base (`mailto:`) have no path to extend; the settings refuse those.
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        address
    }

    /// Whether we are a hub for our feeds.
    #[must_use]
    pub fn is_hub(&self) -> bool {
        self.settings.websub.hub.unwrap_or(self.settings.public_url.is_some())
    }

    /// The hubs that tell of what is new in the feed `own`, which it announces: ours, if we are one, and those that we ping,
    /// which is done for whole feeds only.
    #[must_use]
    pub fn hubs(&self, own: &Url) -> Vec<Url> {
        let ours = self.is_hub().then(|| self.address(&[websub::PLACE]));
        let pinged = self.settings.websub.ping.iter().filter(|_| own.query().is_none());
        ours.into_iter().chain(pinged.cloned()).collect()
    }

    /// Address of a feed, by the identifier of its topic (or `all`) and the format's extension.
    fn feed(&self, topic: &str, extension: &str) -> Url {
        self.address(&["feeds", &format!("{topic}.{extension}")])
    }
}
