//! A store, a writer on it, and visits to bring to it.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tidings::{
    ledger::{self, Written},
    model::{ChangeKind, Draft, Entry, Evidence, Field, Finding, Match, Source, Target, TargetKind, Visit},
    store::Store,
    telemetry::{Metrics, Pulse},
    topic::Queries,
    visit::Delivery,
};
use tokio::sync::{mpsc, oneshot, watch};

use crate::support::TestDb;

/// Digest of the query of topic `chip`.
pub(crate) const CHIP: [u8; 32] = [1; 32];

pub(crate) fn source(id: &str) -> Source {
    Source { name: id.to_uppercase(), ..Source::at(id, format!("https://{id}.example/list").parse().unwrap()) }
}

pub(crate) fn found(url: &str, title: &str, text: &str, from_page: bool, topics: &[&str]) -> Finding {
    let draft = Draft {
        url: url.parse().unwrap(),
        title: title.into(),
        text: text.into(),
        html: format!("<p>{text}</p>"),
        published: None,
        modified: None,
        author: None,
        origin: None,
        language: None,
        image: None,
        canonical: None,
        section: None,
        tags: vec![],
        comments: None,
        next: None,
    };
    // The digest is the fingerprint's business: here equal texts are equal.
    let mut digest = [1; 33];
    digest[1..].copy_from_slice(blake3::hash(text.as_bytes()).as_bytes());
    let evidence =
        Evidence { term: "t".into(), found: "t".into(), field: Field::Body, excerpt: "…t…".into(), count: 1 };
    let matches =
        topics.iter().map(|t| Match { topic: (*t).into(), score: 1.0, evidence: vec![evidence.clone()] }).collect();
    Finding {
        draft,
        from_page,
        part: None,
        digest: tidings::model::Digest(digest),
        sketch: tidings::fingerprint::sketch(text),
        matches,
    }
}

/// A store with sources `a` and `b` and topic `chip`, and the writer on it.
pub(crate) struct Bench {
    pub(crate) store: Store,
    deliveries: mpsc::Sender<Delivery>,
    writer: tokio::task::JoinHandle<Written>,
    pub(crate) head: watch::Receiver<i64>,
    pub(crate) pulse: Pulse,
    /// By which visits are matched: topic `chip` asks for `1`.
    pub(crate) queries: Arc<Queries>,
    _give_up: watch::Sender<bool>,
}

impl Bench {
    pub(crate) async fn on(db: &TestDb) -> Self {
        let store = Store::open(&db.url).await.unwrap();
        store.sync_sources(&[source("a"), source("b")], Utc::now()).await.unwrap();
        store.sync_topics(&[("chip".into(), "Chips".into(), CHIP.to_vec())], Utc::now()).await.unwrap();
        Self::with(store)
    }

    pub(crate) fn with(store: Store) -> Self {
        let pulse = Pulse::new(Utc::now());
        let (give_up, given_up) = watch::channel(false);
        let (head, seen) = watch::channel(0);
        let (deliveries, writer) = ledger::open(
            store.clone(),
            watch::channel(ledger::Settings::default()).1,
            Metrics::new().unwrap(),
            pulse.clone(),
            head,
        );
        let queries = Arc::new(Queries::from([("chip".into(), CHIP)]));
        Self {
            store,
            queries,
            deliveries,
            writer: tokio::spawn(writer.run(given_up)),
            head: seen,
            pulse,
            _give_up: give_up,
        }
    }

    pub(crate) async fn deliver(&self, visit: Visit) -> oneshot::Receiver<()> {
        let (done, receipt) = oneshot::channel();
        self.deliveries.send(Delivery { visit, queries: self.queries.clone(), room: None, done }).await.unwrap();
        receipt
    }

    pub(crate) async fn record(&self, visit: Visit) {
        tokio::time::timeout(Duration::from_secs(30), self.deliver(visit).await).await.unwrap().unwrap();
    }

    /// A visit of the listing of `source`.
    pub(crate) async fn listing(&self, source: &str) -> Visit {
        let far = Utc::now() + chrono::TimeDelta::days(900);
        let targets = self.store.due_targets(&format!("{source}.example"), far, far, 999).await.unwrap();
        let target = targets.into_iter().find(|t| t.kind == TargetKind::Listing).unwrap();
        blank(target)
    }

    /// A visit of an article page of `source` that gave `finding`; its target is made first.
    pub(crate) async fn page(&self, source: &str, finding: Finding) -> Visit {
        self.page_listed(source, finding, None).await
    }

    /// The same, of a page whose listing calls it `title`.
    pub(crate) async fn page_listed(&self, source: &str, finding: Finding, title: Option<String>) -> Visit {
        let link = finding.draft.url.clone();
        let mut listing = self.listing(source).await;
        listing.wanted = vec![Entry { title, ..Entry::at(link.clone()) }];
        self.record(listing).await;
        let far = Utc::now() + chrono::TimeDelta::days(900);
        let targets = self.store.due_targets(&format!("{source}.example"), far, far, 999).await.unwrap();
        let mut visit = blank(targets.into_iter().find(|t| t.url == link).unwrap());
        visit.findings = vec![finding];
        visit
    }

    pub(crate) async fn kinds(&self) -> Vec<ChangeKind> {
        let changes = self.store.changes(0, None, 500).await.unwrap();
        assert!(changes.iter().zip(1..).all(|(c, n)| c.number == n), "numbers have a gap");
        changes.iter().map(|c| c.kind).collect()
    }

    pub(crate) async fn close(self) -> Written {
        let store = self.store.clone();
        let written = self.end().await;
        store.close().await;
        written
    }

    /// Ends the writer; the store stays open.
    pub(crate) async fn end(self) -> Written {
        drop(self.deliveries);
        self.writer.await.unwrap()
    }
}

pub(crate) fn blank(target: Target) -> Visit {
    let now = Utc::now();
    Visit { duration_ms: 1, next_visit_at: Some(later(now)), ..Visit::begun(target, now) }
}

pub(crate) fn later(now: DateTime<Utc>) -> DateTime<Utc> {
    now + chrono::TimeDelta::hours(1)
}

pub(crate) async fn on_both<F: Future<Output = ()>>(test: impl Fn(Bench) -> F) {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        test(Bench::on(&db).await).await;
    }
}
