//! A database with a log that grows, and daemons that tell sinks of it.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use tidings::{
    fetch::{self, Poster},
    model::{Change, ChangeKind, Digest, Draft, Evidence, Field, Match, Source},
    publish::{Pace, Round, Sink, Sinks},
    store::{NewArticle, SinkRow, Store},
    telemetry::Metrics,
};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Pauses that a test can wait for.
pub(crate) const BRISK: Pace = Pace {
    first: Duration::from_millis(10),
    longest: Duration::from_millis(60),
    dead_after: Duration::ZERO,
    dead_tries: 3,
};

/// Loopback may be told.
fn local() -> fetch::Settings {
    fetch::Settings { allow_networks: vec!["127.0.0.0/8".parse().unwrap()], ..fetch::Settings::default() }
}

/// A log, and who is told of it.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) metrics: Metrics,
    head: watch::Sender<i64>,
    told: Vec<Sink>,
    pub(crate) pace: Pace,
}

/// A daemon's telling of sinks.
pub(crate) struct Telling {
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<()>,
}

/// A daemon that can be killed: a runtime of its own, with connections of its own.
pub(crate) struct Life(tokio::runtime::Runtime);

impl Life {
    /// Ends it wherever it stands.
    pub(crate) async fn kill(self) {
        tokio::task::spawn_blocking(|| self.0.shutdown_timeout(Duration::from_secs(5))).await.unwrap();
        // A statement that SQLite's own thread has begun is still carried out.
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

impl World {
    /// An empty log with the topic `chip`, and sinks that begin at it.
    pub(crate) async fn new(store: Store, told: Vec<impl Into<Sink>>) -> Self {
        let told: Vec<Sink> = told.into_iter().map(Into::into).collect();
        let source = Source::at("harbor", "https://harbor.example/list".parse().unwrap());
        store.sync_sources(&[source], Utc::now()).await.unwrap();
        store.sync_topics(&[("chip".into(), "Chips".into(), vec![1])], Utc::now()).await.unwrap();
        let ids: Vec<&str> = told.iter().map(Sink::id).collect();
        store.sync_sinks(&ids, Utc::now()).await.unwrap();
        Self { store, metrics: Metrics::new().unwrap(), head: watch::Sender::new(0), told, pace: BRISK }
    }

    /// From now on these are told.
    pub(crate) fn instead(&mut self, told: Vec<impl Into<Sink>>) {
        self.told = told.into_iter().map(Into::into).collect();
    }

    /// Tells them as the daemon `holder`, with loopback allowed.
    pub(crate) fn tell(&self, holder: &str) -> Telling {
        let stop = CancellationToken::new();
        let task = tokio::spawn(self.sinks(holder, &local()).run(stop.clone()));
        Telling { stop, task }
    }

    /// The same, so that it can be killed.
    pub(crate) fn live(&self, holder: &str, url: &str) -> Life {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (sinks, url) = (self.sinks(holder, &local()), url.to_owned());
        runtime.spawn(async move {
            let store = Store::open(&url).await.unwrap();
            Sinks { store, ..sinks }.run(CancellationToken::new()).await;
        });
        Life(runtime)
    }

    pub(crate) fn sinks(&self, holder: &str, settings: &fetch::Settings) -> Sinks {
        let round = Round { sinks: self.told.clone(), poster: Poster::new(settings).unwrap() };
        Sinks {
            store: self.store.clone(),
            metrics: self.metrics.clone(),
            head: self.head.subscribe(),
            round: watch::channel(Arc::new(round)).1,
            holder: holder.into(),
            tag: "t3st".into(),
            pace: self.pace,
        }
    }

    /// Gives back what the killed daemon `holder` held. Several times: on a slow machine the last statement of the dead may
    /// still be carried out after the first.
    pub(crate) async fn forget(&self, holder: &str) {
        for _ in 0..10 {
            self.store.release_sinks(holder).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Adds a story with an article, which `chip` matches if it says so, and announces it; its number.
    pub(crate) async fn publish(&self, title: &str, matched: bool) -> i64 {
        let mut tx = self.store.begin().await.unwrap();
        tx.lock_log().await.unwrap();
        let (number, now) = (tx.head().await.unwrap() + 1, Utc::now());
        let url = format!("https://harbor.example/{number}");
        let draft = Draft {
            url: url.parse().unwrap(),
            title: title.into(),
            text: "港口今日公布新的出口管制清单。\n第二段。".into(),
            html: String::new(),
            published: Some(now),
            modified: None,
            author: None,
            origin: Some("晨报".into()),
            language: Some("zh-Hans".into()),
            image: None,
            canonical: None,
            section: None,
            tags: vec![],
            comments: None,
            next: None,
        };
        let digest = Digest([u8::try_from(number % 251).unwrap(); 33]);
        let story = tx.add_story(number, now).await.unwrap();
        let new = NewArticle { source: "harbor", target: None, key: &url, draft: &draft, digest };
        let article = tx.add_article(story, new, now).await.unwrap();
        let evidence = Evidence {
            term: "出口管制".into(),
            found: "出口管制".into(),
            field: Field::Body,
            excerpt: "新的出口管制清单".into(),
            count: 1,
        };
        let matches = [Match { topic: "chip".into(), score: 2.0, evidence: vec![evidence] }];
        let matches = if matched { matches.as_slice() } else { &[] };
        tx.set_matches(article, story, matches, number, now).await.unwrap();
        let topics = matches.iter().map(|m| m.topic.clone()).collect();
        let (source, title) = ("harbor".into(), title.into());
        let kind = ChangeKind::StoryNew;
        tx.append(&Change { number, kind, story, article, source, title, url, topics, at: now }).await.unwrap();
        tx.commit().await.unwrap();
        self.head.send_replace(number);
        number
    }

    /// Appends `n` changes whose articles are no longer kept, of which `chip` matched every `every`th, in one go.
    pub(crate) async fn append(&self, n: i64, every: i64) {
        let mut tx = self.store.begin().await.unwrap();
        tx.lock_log().await.unwrap();
        let head = tx.head().await.unwrap();
        for number in head + 1..=head + n {
            let change = Change {
                number,
                kind: ChangeKind::StoryNew,
                story: number,
                article: 1_000_000 + number,
                source: "harbor".into(),
                title: format!("第{number}条"),
                url: format!("https://harbor.example/{number}"),
                topics: if number % every == 0 { vec!["chip".into()] } else { vec![] },
                at: Utc::now(),
            };
            tx.append(&change).await.unwrap();
        }
        tx.commit().await.unwrap();
        self.head.send_replace(head + n);
    }

    pub(crate) async fn row(&self, id: &str) -> SinkRow {
        self.store.sink(id).await.unwrap().unwrap()
    }

    /// Waits until the sink `id` is as wanted.
    pub(crate) async fn until(&self, id: &str, good: impl Fn(&SinkRow) -> bool) -> SinkRow {
        let wait = async {
            loop {
                let row = self.row(id).await;
                if good(&row) {
                    return row;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, wait).await;
        match waited {
            Ok(row) => row,
            Err(_) => panic!("it did not come to that: {:?}", self.row(id).await),
        }
    }
}

impl Telling {
    /// Ends it as a daemon ends.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }
}
