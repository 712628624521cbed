//! A store with two sources and two topics, and a server on it.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, IF_NONE_MATCH};
use serde_json::Value;
use tidings::{
    model::{Change, ChangeKind, Digest, Draft, Evidence, Field, Match, Source},
    serve::{self, App, Feed, Settings},
    store::{NewArticle, Store},
    telemetry::{Metrics, Pulse},
    topic::Vocabulary,
};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

use crate::support::TestDb;

pub(crate) fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

pub(crate) fn source(id: &str, name: &str) -> Source {
    Source { name: name.into(), ..Source::at(id, format!("https://{id}.example/list").parse().unwrap()) }
}

/// An article as it is to be stored: number `n` of `source`, with the text that makes it one story with others.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) source: &'static str,
    pub(crate) n: i64,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) topics: Vec<&'static str>,
    pub(crate) author: &'static str,
}

pub(crate) fn told(source: &'static str, n: i64, text: &str, topics: &[&'static str]) -> Told {
    let title = format!("标题{n} of {source}");
    Told { source, n, title, text: text.into(), topics: topics.to_vec(), author: "林知远" }
}

impl Told {
    fn draft(&self) -> Draft {
        Draft {
            url: format!("https://{}.example/{}", self.source, self.n).parse().unwrap(),
            title: self.title.clone(),
            text: self.text.clone(),
            html: format!("<p>{}</p>", tidings::render::escape(&self.text)),
            published: Some(at(self.n - 1)),
            modified: None,
            author: Some(self.author.into()),
            origin: Some("晨报 &amp; <b>社</b>".into()),
            language: Some("zh-Hans".into()),
            image: Some("https://img.example/1.jpg?a=1&b=2".parse().unwrap()),
            canonical: None,
            section: None,
            tags: vec![],
            comments: None,
            next: None,
        }
    }

    fn digest(&self) -> Digest {
        let mut digest = [1; 33];
        digest[1..].copy_from_slice(blake3::hash(self.text.as_bytes()).as_bytes());
        Digest(digest)
    }

    fn matches(&self) -> Vec<Match> {
        let evidence = Evidence {
            term: "港口".into(),
            found: "港口".into(),
            field: Field::Body,
            excerpt: "…新的港口…".into(),
            count: 1,
        };
        let one = |t: &&str| Match { topic: (*t).into(), score: 1.0, evidence: vec![evidence.clone()] };
        self.topics.iter().map(one).collect()
    }
}

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) base: String,
    pub(crate) topics: watch::Sender<Vec<Feed>>,
    head: watch::Sender<i64>,
    http: reqwest::Client,
    stop: CancellationToken,
    items: i64,
    server: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) fn topics() -> Vec<Feed> {
    [("chip", "Chips"), ("rice", "Rice")].map(|(id, title)| Feed { id: id.into(), title: title.into() }).into()
}

/// Does `test` on a world of each database, whose feeds show `items` stories.
pub(crate) async fn on_both<F: Future<Output = ()>>(items: i64, test: impl Fn(World) -> F) {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let store = Store::open(&db.url).await.unwrap();
        store.sync_sources(&[source("a", "Alpha 港"), source("b", "Beta")], at(0)).await.unwrap();
        let of = |id: &str, n| (id.to_owned(), id.to_uppercase(), vec![n; 32]);
        store.sync_topics(&[of("chip", 1), of("rice", 2)], at(0)).await.unwrap();
        for behind in store.backlog().await.unwrap() {
            assert!(store.record_backfill(&behind, &[], None, at(0)).await.unwrap());
        }
        let world = World::with(store.clone(), items).await;
        test(world).await;
        store.close().await;
    }
}

impl World {
    /// A server on `store`.
    pub(crate) async fn with(store: Store, items: i64) -> Self {
        Self::at(store, items, "127.0.0.1:0").await
    }

    /// The same after a restart, where it was.
    pub(crate) async fn restarted(mut self) -> Self {
        self.stop.cancel();
        if let Some(server) = self.server.take() {
            server.await.unwrap().unwrap();
        }
        Self::at(self.store.clone(), self.items, self.base.trim_start_matches("http://")).await
    }

    async fn at(store: Store, items: i64, address: &str) -> Self {
        // A second call is refused, which is fine: one provider serves all tests.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind(address).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (topics, topics_now) = watch::channel(topics());
        let (head, head_now) = watch::channel(store.head().await.unwrap());
        let stop = CancellationToken::new();
        let app = App {
            store: store.clone(),
            metrics: Metrics::new().unwrap(),
            pulse: Pulse::new(Utc::now()),
            settings: Settings { items, ..Settings::default() },
            topics: topics_now,
            vocabulary: watch::channel(Vocabulary::default()).1,
            authority: "news.example.org,2026".into(),
            started_at: Utc::now(),
            head: head_now,
            base: "https://news.example.org/".parse().unwrap(),
            pushes: None,
        };
        let server = Some(tokio::spawn(serve::run(listener, app, stop.clone())));
        let http = reqwest::Client::builder().no_gzip().no_brotli().no_zstd().build().unwrap();
        Self { store, base, items, topics, head, http, stop, server }
    }

    /// Stores an article as the ledger does: of a known text it joins the story.
    pub(crate) async fn tell(&self, told: &Told) -> i64 {
        let (now, draft, matches) = (at(told.n), told.draft(), told.matches());
        let mut tx = self.store.begin().await.unwrap();
        tx.lock_log().await.unwrap();
        let number = tx.head().await.unwrap() + 1;
        let known = tx.story_of(told.digest()).await.unwrap();
        let story = match known {
            Some(story) => story,
            None => tx.add_story(number, now).await.unwrap(),
        };
        tx.add_digest(told.digest(), story).await.unwrap();
        let joined = match known {
            Some(story) => !tx.has_outlet(story, told.source).await.unwrap(),
            None => true,
        };
        let new = NewArticle {
            source: told.source,
            target: None,
            key: draft.url.as_str(),
            draft: &draft,
            digest: told.digest(),
        };
        let article = tx.add_article(story, new, now).await.unwrap();
        tx.set_matches(article, story, &matches, number, now).await.unwrap();
        let kind = if known.is_some() { ChangeKind::StoryJoined } else { ChangeKind::StoryNew };
        if joined {
            tx.append(&self.change(told, number, kind, story, article)).await.unwrap();
        }
        tx.commit().await.unwrap();
        self.announce().await;
        story
    }

    /// Gives an article that is stored another title and text; `seen`: a change says so.
    pub(crate) async fn edit(&self, told: &Told, seen: bool) {
        let (draft, matches) = (told.draft(), told.matches());
        let mut tx = self.store.begin().await.unwrap();
        tx.lock_log().await.unwrap();
        let stored = tx.article(draft.url.as_str()).await.unwrap().unwrap();
        let number = tx.head().await.unwrap() + 1;
        let new = NewArticle {
            source: told.source,
            target: None,
            key: draft.url.as_str(),
            draft: &draft,
            digest: told.digest(),
        };
        tx.revise_article(&stored, new, seen, at(1_000)).await.unwrap();
        tx.add_digest(told.digest(), stored.story_id).await.unwrap();
        tx.set_matches(stored.id, stored.story_id, &matches, number, at(1_000)).await.unwrap();
        if seen {
            let change = self.change(told, number, ChangeKind::ArticleRevised, stored.story_id, stored.id);
            tx.append(&Change { at: at(1_000), ..change }).await.unwrap();
        }
        tx.commit().await.unwrap();
        self.announce().await;
    }

    fn change(&self, told: &Told, number: i64, kind: ChangeKind, story: i64, article: i64) -> Change {
        Change {
            number,
            kind,
            story,
            article,
            source: told.source.into(),
            title: told.title.clone(),
            url: told.draft().url.into(),
            topics: told.topics.iter().map(ToString::to_string).collect(),
            at: at(told.n),
        }
    }

    async fn announce(&self) {
        self.head.send_replace(self.store.head().await.unwrap());
    }

    /// Has everything that is kept looked at anew, as time does.
    pub(crate) fn age(&self) {
        static BELOW: AtomicI64 = AtomicI64::new(-1);
        // A number that no change can have, and none twice.
        self.head.send_replace(BELOW.fetch_sub(1, Ordering::Relaxed));
    }

    /// GETs `path`: status, headers, body.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
        let mut request = self.http.get(format!("{}{path}", self.base)).timeout(Duration::from_secs(30));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
    }

    /// The body of `path`, which is there.
    pub(crate) async fn text(&self, path: &str) -> String {
        let (status, _, body) = self.get(path, &[]).await;
        let body = String::from_utf8(body).unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// A JSON feed.
    pub(crate) async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path).await).unwrap()
    }

    /// The stories of a JSON feed, in its order.
    pub(crate) async fn stories(&self, path: &str) -> Vec<i64> {
        let feed = self.json(path).await;
        feed["items"].as_array().unwrap().iter().map(|i| i["_tidings"]["story"].as_i64().unwrap()).collect()
    }

    /// The tag of `path`.
    pub(crate) async fn tag(&self, path: &str) -> String {
        let (status, headers, body) = self.get(path, &[]).await;
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        headers["etag"].to_str().unwrap().to_owned()
    }

    /// The status when `path` is asked for with a tag, in a coding.
    pub(crate) async fn again(&self, path: &str, tag: &str, coding: &str) -> u16 {
        self.get(path, &[(IF_NONE_MATCH.as_str(), tag), (ACCEPT_ENCODING.as_str(), coding)]).await.0
    }
}

/// The path of an address of ours.
pub(crate) fn path(address: &str) -> String {
    address.strip_prefix("https://news.example.org").unwrap().to_owned()
}
