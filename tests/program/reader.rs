//! A feed reader that people use subscribes to the feeds: newsboat, Debian's package.

use std::{collections::BTreeSet, path::Path, process::Command};

use chrono::Utc;
use tidings::demo::Portal;

use crate::process::{Daemon, Folder};
use crate::support::TestDb;

/// Lets newsboat fetch its feeds, and returns what its cache then holds as (feed, title), each item once.
fn reload(folder: &Path) -> Vec<(String, String)> {
    let file = |name: &str| folder.join(name).display().to_string();
    let run = Command::new("newsboat")
        .args(["-u", &file("urls"), "-c", &file("cache.db"), "-C", &file("newsboat.conf"), "-x", "reload"])
        .env("HOME", folder)
        .output()
        .expect("this test needs newsboat: run scripts/test, or apt-get install newsboat");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", file("cache.db"))).await.unwrap();
        let items = sqlx::query_as("select feedurl, title from rss_item where deleted = 0 order by id");
        let items = items.fetch_all(&pool).await.unwrap();
        pool.close().await;
        items
    })
}

#[test]
fn newsboat_sees_each_story_of_the_topic_once() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
    let [db, _] = runtime.block_on(TestDb::both());
    let folder = Folder::with(&portal.config());
    let env = [("TIDINGS_DATABASE_URL", db.url.as_str())];
    let daemon = Daemon::start(&folder.path(), &env);
    let feed = |format: &str| format!("http://{}/feeds/chip-export-controls.{format}", daemon.address);
    std::fs::write(folder.path().join("urls"), format!("{}\n{}\n", feed("rss"), feed("atom"))).unwrap();
    std::fs::write(folder.path().join("newsboat.conf"), "auto-reload no\n").unwrap();
    let mut published = 0;
    for more in [0, 12, usize::MAX] {
        portal.publish(more, Utc::now());
        published = portal.published().len();
        daemon.wait_for("/status", |a| a.json()["totals"]["articles"].as_u64() >= Some(published as u64));
        reload(&folder.path());
    }
    assert!(published > 20);
    let chip: BTreeSet<String> = portal.published().into_iter().filter(|a| a.topic == "chip").map(|a| a.key).collect();
    let items = reload(&folder.path());
    for format in ["rss", "atom"] {
        let titles: Vec<&String> = items.iter().filter(|(f, _)| *f == feed(format)).map(|(_, t)| t).collect();
        assert_eq!(titles.len(), chip.len(), "{format}: {titles:?}");
        assert_eq!(titles.iter().collect::<BTreeSet<_>>().len(), chip.len(), "{format}: {titles:?}");
    }
}
