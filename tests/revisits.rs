//! Second looks at old pages neither crowd out what is new nor weigh on a host beyond its budget.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

#[path = "support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::{Router, http::Uri, response::Html};
use chrono::{DateTime, TimeDelta, Utc};
use support::TestDb;
use tidings::{
    cadence,
    fetch::{self, Fetcher},
    frontier::Frontier,
    ledger,
    model::{Entry, Outcome, Source, Target, Visit, address},
    store::Store,
    telemetry::{Metrics, Pulse},
    topic::Topics,
    visit::Kit,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

const PER_HOUR: usize = 5;
const OLD: usize = 40;
const NEW: usize = 3;

/// A site of pages; what it was asked.
async fn site() -> (String, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&asked);
    let answer = move |uri: Uri| async move {
        log.lock().unwrap().push(uri.path().to_owned());
        let paragraph = |n| {
            let path = uri.path();
            format!(
                "<p>{path} 的全文之{n}：渡轮今天停航，旅客改乘第{n}班火车，车站在{n}号厅多开了四个窗口，明天照旧。</p>"
            )
        };
        let text: String = (1..=5).map(paragraph).collect();
        Html(format!("<html><body><article><h1>通告 {}</h1>{text}</article></body></html>", uri.path()))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    (base, asked)
}

fn kit(source: &Source, per_hour: usize) -> Arc<Kit> {
    let fetch = fetch::Settings {
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        per_host_delay: Duration::ZERO,
        ..fetch::Settings::default()
    };
    Arc::new(Kit {
        fetcher: Fetcher::new(&fetch).unwrap(),
        topics: Topics::compile(&[], &Default::default()).unwrap().into(),
        sources: HashMap::from([(source.id.clone(), Arc::new(source.clone()))]),
        cadence: cadence::Settings::default(),
        revisits_per_hour: per_hour,
        concurrency: 2,
    })
}

/// Visits everything that is due, once.
async fn once(store: &Store, kit: Arc<Kit>) {
    let (metrics, pulse) = (Metrics::new().unwrap(), Pulse::new(Utc::now()));
    let (deliveries, writer) = ledger::open(
        store.clone(),
        watch::channel(ledger::Settings::default()).1,
        metrics.clone(),
        pulse.clone(),
        watch::Sender::new(0),
    );
    let (_give_up, given_up) = watch::channel(false);
    let writing = tokio::spawn(writer.run(given_up));
    let (_kits, kit) = watch::channel(kit);
    let frontier = Frontier { store: store.clone(), kit, deliveries, metrics, pulse, holder: "tests".into() };
    frontier.once(CancellationToken::new()).await.unwrap();
    writing.await.unwrap();
}

/// Makes `path` of the site at `base` a page that was seen at `seen` and waits since then.
async fn add(store: &Store, base: &str, path: &str, seen: DateTime<Utc>) {
    let entry = Entry::at(format!("{base}{path}").parse().unwrap());
    let (key, host) = (address::canonical(&entry.link), address::lane(&entry.link));
    let mut tx = store.begin().await.unwrap();
    assert!(tx.add_target("s", &key, &host, &entry, seen, Some(seen)).await.unwrap());
    tx.commit().await.unwrap();
}

/// Notes a good visit of `target` at `at`, and when it falls due again.
async fn had(store: &Store, target: Target, at: DateTime<Utc>, again: DateTime<Utc>) {
    let mut tx = store.begin().await.unwrap();
    let visit = Visit { outcome: Outcome::Ok, next_visit_at: Some(again), ..Visit::begun(target, at) };
    tx.record_visits(&[tidings::store::Ended::of(&visit)], at).await.unwrap();
    tx.commit().await.unwrap();
}

async fn due(store: &Store, host: &str, at: DateTime<Utc>) -> Vec<Target> {
    store.due_targets(host, at, at + TimeDelta::days(1), 1000).await.unwrap()
}

#[tokio::test]
async fn revisits_wait_for_what_is_new_and_for_the_next_hour() {
    for db in TestDb::both().await {
        let (store, (base, asked)) = (Store::open(&db.url).await.unwrap(), site().await);
        let source = Source::at("s", format!("{base}/list").parse().unwrap());
        let (host, now) = (address::lane(&source.url), Utc::now());
        let ago = |hours: i64| now - TimeDelta::hours(hours);
        store.sync_sources(std::slice::from_ref(&source), ago(0)).await.unwrap();
        for n in 0..OLD {
            // The first one is older than any page that is looked at again.
            add(&store, &base, &format!("/old/{n}"), if n == 0 { ago(24 * 30) } else { ago(48) }).await;
        }
        for target in due(&store, &host, now).await.into_iter().filter(|t| t.url.path().starts_with("/old")) {
            had(&store, target, ago(40), ago(24)).await;
        }
        for n in 0..NEW {
            add(&store, &base, &format!("/new/{n}"), ago(1)).await;
        }
        once(&store, kit(&source, PER_HOUR)).await;
        let paths: Vec<String> = asked.lock().unwrap().iter().filter(|p| *p != "/robots.txt").cloned().collect();
        assert_eq!(paths.len(), 1 + NEW + PER_HOUR, "on {}: {paths:?}", db.name);
        assert!(paths[0] == "/list" && paths[1..=NEW].iter().all(|p| p.starts_with("/new/")), "{paths:?}");
        assert!(due(&store, &host, Utc::now()).await.is_empty(), "nobody comes back for them at once");
        let later = due(&store, &host, Utc::now() + TimeDelta::minutes(61)).await;
        let waiting = later.iter().filter(|t| t.url.path().starts_with("/old/")).count();
        // Those that were looked at wait for an hour or longer, and one rests for good.
        assert!((OLD - PER_HOUR - 1..OLD).contains(&waiting), "{waiting}");
        assert!(paths.contains(&"/old/0".to_owned()) || !later.iter().any(|t| t.url.path() == "/old/0"));
        store.close().await;
    }
}

#[tokio::test]
async fn of_the_pages_that_wait_for_a_second_look_the_newest_get_it() {
    for db in TestDb::both().await {
        let (store, (base, asked)) = (Store::open(&db.url).await.unwrap(), site().await);
        let source = Source::at("s", format!("{base}/list").parse().unwrap());
        let (host, now) = (address::lane(&source.url), Utc::now());
        let ago = |hours: usize| now - TimeDelta::hours(i64::try_from(hours).unwrap());
        store.sync_sources(std::slice::from_ref(&source), now).await.unwrap();
        // By age they stand in the table in neither order.
        let ages: Vec<usize> = (0..OLD).map(|n| 10 + n * 7 % OLD).collect();
        for age in &ages {
            add(&store, &base, &format!("/old/{age}"), ago(*age)).await;
        }
        for target in due(&store, &host, now).await.into_iter().filter(|t| t.url.path().starts_with("/old")) {
            // Put off, they all wait for the same moment.
            had(&store, target, ago(9), ago(1)).await;
        }
        add(&store, &base, "/new", ago(100)).await;
        let kit = kit(&source, PER_HOUR);
        let expect = |from: usize| (from..from + PER_HOUR).map(|age| format!("/old/{age}")).collect::<Vec<_>>();
        once(&store, kit.clone()).await;
        let paths: Vec<String> = asked.lock().unwrap().drain(..).filter(|p| p != "/robots.txt").collect();
        assert_eq!(paths[..2], ["/list", "/new"], "on {}", db.name);
        assert_eq!(paths[2..], expect(10), "on {}", db.name);
        let later = due(&store, &host, Utc::now() + TimeDelta::minutes(61)).await;
        let waiting = later.iter().filter(|t| t.url.path().starts_with("/old/")).map(|t| t.url.path().to_owned());
        assert_eq!(waiting.take(PER_HOUR).collect::<Vec<_>>(), expect(10 + PER_HOUR), "on {}", db.name);
        store.close().await;
    }
}
