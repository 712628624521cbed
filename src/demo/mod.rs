//! Floor 8: a portal to try the program on: one newsroom's articles, run by three outlets on loopback, each with a charset of
//! its own.
//!
//! In: an instant to begin at, and word to publish more. Out: addresses, a configuration for them, and what was published and
//! asked for, so that tests can compare. The pages are made the way a Discuz! portal makes them, traps included: form hashes
//! that differ each time, hidden text, a summary that repeats the opening. Deliberately absent: the daemon.

mod articles;
mod pages;
mod server;

use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub use articles::Article;
use chrono::{DateTime, TimeDelta, Utc};
use opencc_fmmseg::OpenCC;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How many articles are there from the beginning.
const PUBLISHED_FIRST: usize = 6;
/// Most requests that are remembered.
const REQUESTS_MAX: usize = 100_000;

/// Characters of an outlet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// UTF-8, Traditional as in Hong Kong; the header says so.
    Utf8,
    /// GBK, Simplified; the header says so.
    Gbk,
    /// Big5, Traditional as in Taiwan; only the page itself says so.
    Big5,
}

/// One of the portal's sites.
#[derive(Clone, Debug)]
pub struct Outlet {
    /// `utf8`, `gbk` or `big5`.
    pub id: &'static str,
    /// Its name, in its own script.
    pub name: String,
    /// Its characters.
    pub edition: Edition,
    /// Its list page.
    pub list: Url,
    /// Its RSS feed.
    pub feed: Url,
}

/// How an outlet misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Every answer is this status, without a page.
    Status(u16),
    /// List pages are there and hold nothing.
    Empty,
    /// No answer comes.
    Hang,
}

/// A request that an outlet saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Identifier of the outlet.
    pub outlet: &'static str,
    /// Path and query.
    pub path: String,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// One article as one outlet published it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// What the same story shares over outlets.
    pub key: String,
    /// `chip`, `near` or empty.
    pub topic: String,
    /// Identifier of the outlet.
    pub outlet: &'static str,
    /// Address of its page.
    pub url: Url,
    /// Headline as published.
    pub title: String,
    /// Paragraphs as published.
    pub paragraphs: Vec<String>,
    /// The paper it is syndicated from, as published; empty: none.
    pub origin: String,
    /// Author as published; empty: none.
    pub author: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// The portal; cheap to clone. Its outlets answer until the runtime ends.
#[derive(Clone, Debug)]
pub struct Portal(Arc<Inner>);

struct Inner {
    articles: Vec<Article>,
    outlets: Vec<Outlet>,
    converter: OpenCC,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When each article was published, in order.
    published: Vec<DateTime<Utc>>,
    troubles: HashMap<&'static str, Trouble>,
    requests: Vec<Request>,
    /// Pages made so far: what makes no two of them alike.
    pages: u64,
}

impl Portal {
    /// Three outlets, each on a free port of a loopback address of its own where the machine has more than one, with some articles published before `now`.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(now: DateTime<Utc>) -> std::io::Result<Self> {
        let kinds = [
            ("utf8", "晨港新闻网", Edition::Utf8),
            ("gbk", "江城在线", Edition::Gbk),
            ("big5", "北岸日报网", Edition::Big5),
        ];
        let (mut outlets, mut listeners) = (vec![], vec![]);
        let converter = OpenCC::new();
        for (n, (id, name, edition)) in (1..).zip(kinds) {
            let listener = match TcpListener::bind((Ipv4Addr::new(127, 0, 0, n), 0)).await {
                Ok(listener) => listener,
                Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
            };
            let base = format!("http://{}/", listener.local_addr()?);
            let at = |path: &str| format!("{base}{path}").parse().map_err(std::io::Error::other);
            outlets.push(Outlet {
                id,
                name: edition.write(name, &converter),
                edition,
                list: at("portal.php?mod=list&catid=1")?,
                feed: at("portal.php?mod=rss")?,
            });
            listeners.push(listener);
        }
        let articles = articles::all().map_err(std::io::Error::other)?;
        let portal = Self(Arc::new(Inner { articles, outlets, converter, state: Mutex::default() }));
        for back in (1..=PUBLISHED_FIRST).rev() {
            portal.publish(1, now - TimeDelta::minutes(17) * i32::try_from(back).unwrap_or(1));
        }
        for (outlet, listener) in listeners.into_iter().enumerate() {
            tokio::spawn(server::serve(listener, portal.clone(), outlet));
        }
        Ok(portal)
    }

    /// Its sites.
    #[must_use]
    pub fn outlets(&self) -> &[Outlet] {
        &self.0.outlets
    }

    /// Publishes up to `count` more articles at `now`, each at all outlets that run it; returns how many it published.
    pub fn publish(&self, count: usize, now: DateTime<Utc>) -> usize {
        let mut state = self.state();
        let left = self.0.articles.len() - state.published.len();
        let count = count.min(left);
        state.published.extend(std::iter::repeat_n(now, count));
        count
    }

    /// Publishes one article after another, `every` so often, until `shutdown` or until there are no more.
    pub async fn run(self, every: Duration, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(every) => {}
            }
            if self.publish(1, Utc::now()) == 0 {
                return;
            }
        }
    }

    /// Everything that is published now, oldest first.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        let published = self.state().published.clone();
        let mut all = vec![];
        for (n, at) in published.into_iter().enumerate() {
            for outlet in &self.0.outlets {
                let write = |text: &mut String| *text = outlet.edition.write(text, &self.0.converter);
                let Some(mut article) = self.as_told(n, at, outlet) else { continue };
                [&mut article.title, &mut article.origin, &mut article.author].into_iter().for_each(write);
                article.paragraphs.iter_mut().for_each(write);
                all.push(article);
            }
        }
        all
    }

    /// Article number `n` as `outlet` publishes it, if it does, before it is put in the outlet's script.
    fn as_told(&self, n: usize, at: DateTime<Utc>, outlet: &Outlet) -> Option<Published> {
        let article = self.0.articles.get(n)?;
        if !article.outlets.iter().any(|o| o == outlet.id) {
            return None;
        }
        let mut url = outlet.list.clone();
        url.set_query(Some(&format!("mod=view&aid={}", aid(n))));
        Some(Published {
            key: article.key.clone(),
            topic: article.topic.clone(),
            outlet: outlet.id,
            url,
            title: article.retitled.get(outlet.id).unwrap_or(&article.title).clone(),
            paragraphs: article.paragraphs.clone(),
            origin: article.origin.clone(),
            author: article.author.clone(),
            at,
        })
    }

    /// What was asked of the outlets so far, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// Makes an outlet misbehave, or behave again.
    pub fn trouble(&self, outlet: &'static str, trouble: Option<Trouble>) {
        let mut state = self.state();
        match trouble {
            Some(trouble) => state.troubles.insert(outlet, trouble),
            None => state.troubles.remove(outlet),
        };
    }

    /// A configuration that polls the three lists and one of the feeds, and watches for semiconductor export controls.
    #[must_use]
    pub fn config(&self) -> String {
        let mut text = String::from(include_str!("config.toml"));
        for outlet in &self.0.outlets {
            let (id, name, list, feed) = (outlet.id, &outlet.name, &outlet.list, &outlet.feed);
            text += &format!(
                "\n[[sources]]\nid = \"{id}\"\nname = \"{name}\"\nurl = \"{list}\"\nkind = \"portal\"\npreset = \"discuz\"\n\
                 list = {{ pages = 3 }}\n\
                 time_zone = \"Asia/Hong_Kong\"\nevery = \"10s\"\nfirst_visit = 100\n"
            );
            if outlet.edition == Edition::Gbk {
                text += &format!(
                    "\n[[sources]]\nid = \"{id}-feed\"\nname = \"{name} RSS\"\nurl = \"{feed}\"\nkind = \"feed\"\n\
                     preset = \"discuz\"\ntime_zone = \"Asia/Hong_Kong\"\nevery = \"10s\"\nfirst_visit = 100\n"
                );
            }
        }
        text
    }

    /// The state, whatever a panicking holder left of it: it is only ever appended to.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Number of the page of article `n`.
const fn aid(n: usize) -> usize {
    n + 101
}

impl Edition {
    /// `text`, which is Simplified, in this edition's script.
    fn write(self, text: &str, converter: &OpenCC) -> String {
        match self {
            Self::Utf8 => converter.s2hk(text, false),
            Self::Gbk => text.to_owned(),
            Self::Big5 => converter.s2tw(text, false),
        }
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("outlets", &self.outlets).finish_non_exhaustive()
    }
}
