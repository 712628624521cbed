//! `kill -9` in the middle of ingestion: nothing is lost, nothing told twice, on both databases.

use std::{collections::BTreeMap, time::Duration};

use crate::process::{Daemon, Folder};
use crate::support::TestDb;
use chrono::Utc;
use tidings::{
    demo::Portal,
    model::ChangeKind,
    store::{STORIES_MAX, Store},
};

/// When to kill, after it began to listen. Early, so that it happens while pages are being fetched.
const KILL_AFTER_MS: [u64; 8] = [40, 180, 90, 320, 140, 450, 230, 60];

#[test]
fn killed_again_and_again_it_loses_nothing_and_tells_nothing_twice() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
    portal.publish(usize::MAX, Utc::now());
    // Slow enough that every kill hits work in hand.
    let config = portal.config().replace("per_host_delay = \"20ms\"", "per_host_delay = \"50ms\"");
    for db in runtime.block_on(TestDb::both()) {
        println!("on {}", db.name);
        let folder = Folder::with(&config);
        let env = [("TIDINGS_DATABASE_URL", db.url.as_str())];
        let mut ids: BTreeMap<String, String> = BTreeMap::new();
        let mut counts = vec![];
        for pause in KILL_AFTER_MS {
            let daemon = Daemon::start(&folder.path(), &env);
            std::thread::sleep(Duration::from_millis(pause));
            note(&daemon, &mut ids);
            counts.push(daemon.get("/status").json()["totals"]["articles"].as_u64().unwrap());
            daemon.signal("KILL");
            assert_eq!(daemon.wait(), None);
        }
        let all = portal.published();
        assert!(counts.iter().any(|c| *c > 0 && *c < all.len() as u64), "no kill hit work in hand: {counts:?}");
        let daemon = Daemon::start(&folder.path(), &env);
        daemon.wait_for("/status", |a| {
            let status = a.json();
            status["totals"]["articles"].as_u64() == Some(all.len() as u64)
                && status["sources"].as_array().unwrap().iter().all(|s| s["pending"] == 0)
        });
        note(&daemon, &mut ids);
        daemon.signal("TERM");
        assert_eq!(daemon.wait(), Some(0));
        let store = runtime.block_on(Store::open(&db.url)).unwrap();
        runtime.block_on(check(&store, &portal));
        runtime.block_on(store.close());
    }
}

/// Every item seen so far keeps its identifier.
fn note(daemon: &Daemon, ids: &mut BTreeMap<String, String>) {
    for item in daemon.get("/feeds/all.json?limit=500").json()["items"].as_array().unwrap() {
        let text = |name: &str| item[name].as_str().unwrap().to_owned();
        let before = ids.insert(text("url"), text("id"));
        assert!(before.is_none_or(|id| id == text("id")), "{item}");
    }
}

pub(crate) async fn check(store: &Store, portal: &Portal) {
    let changes = store.changes(0, None, STORIES_MAX).await.unwrap();
    assert!(changes.iter().zip(1..).all(|(c, n)| c.number == n), "the log has a gap");
    let key_of: BTreeMap<String, String> = portal.published().into_iter().map(|a| (a.url.to_string(), a.key)).collect();
    let mut told: BTreeMap<&str, Vec<ChangeKind>> = BTreeMap::new();
    for change in &changes {
        told.entry(key_of[&change.url].as_str()).or_default().push(change.kind);
    }
    for (key, kinds) in &told {
        let new = kinds.iter().filter(|k| **k == ChangeKind::StoryNew).count();
        assert_eq!(new, 1, "{key} is told as {kinds:?}");
        assert!(kinds.iter().all(|k| matches!(k, ChangeKind::StoryNew | ChangeKind::StoryJoined)), "{key}: {kinds:?}");
    }
    let mut keys: Vec<&str> = key_of.values().map(String::as_str).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), keys, "a story was lost");
    let feed = store.feed(None, None, STORIES_MAX).await.unwrap();
    assert_eq!(feed.len(), keys.len());
}

#[test]
fn two_daemons_on_one_database_share_the_hosts_and_fetch_nothing_twice() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for n in 0..2 {
        let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
        portal.publish(usize::MAX, Utc::now());
        let dbs = runtime.block_on(TestDb::both());
        println!("on {}", dbs[n].name);
        let folder = Folder::with(&portal.config());
        let env = [("TIDINGS_DATABASE_URL", dbs[n].url.as_str())];
        let daemons = [Daemon::start(&folder.path(), &env), Daemon::start(&folder.path(), &env)];
        let all = portal.published();
        daemons[0].wait_for("/status", |a| a.json()["totals"]["articles"].as_u64() == Some(all.len() as u64));
        let asked = portal.requests();
        let mut pages: Vec<(&str, &str)> =
            asked.iter().filter(|r| r.path.contains("mod=view")).map(|r| (r.outlet, r.path.as_str())).collect();
        let fetched = pages.len();
        pages.sort_unstable();
        pages.dedup();
        assert_eq!(pages.len(), fetched, "a page was fetched twice");
        for daemon in daemons {
            daemon.signal("TERM");
            assert_eq!(daemon.wait(), Some(0));
        }
        let store = runtime.block_on(Store::open(&dbs[n].url)).unwrap();
        runtime.block_on(check(&store, &portal));
        runtime.block_on(store.close());
    }
}
