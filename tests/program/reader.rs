//! A feed reader that people use subscribes to the feeds: newsboat, Debian's package.

use std::{collections::BTreeSet, path::Path, process::Command};

use chrono::Utc;
use tidings::demo::Portal;

use crate::process::{Daemon, Folder};
use crate::support::TestDb;

/// Lets newsboat fetch the feed at `url` into a cache of its own, and returns the titles that the cache then holds. An item is
/// known by its identifier over all feeds of a cache, so each format has its own.
fn reload(folder: &Path, format: &str, url: &str) -> Vec<String> {
    let file = |name: &str| folder.join(format!("{name}-{format}")).display().to_string();
    std::fs::write(file("urls"), format!("{url}\n")).unwrap();
    std::fs::write(file("config"), "auto-reload no\n").unwrap();
    let run = Command::new("newsboat")
        .args(["-u", &file("urls"), "-c", &file("cache"), "-C", &file("config"), "-x", "reload"])
        .env("HOME", folder)
        .output()
        .expect("this test needs newsboat: run scripts/test, or apt-get install newsboat");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", file("cache"))).await.unwrap();
        let titles = sqlx::query_scalar("select title from rss_item where deleted = 0 order by id");
        let titles = titles.fetch_all(&pool).await.unwrap();
        pool.close().await;
        titles
    })
}

#[test]
fn newsboat_sees_each_story_of_the_topic_once() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
    let [db, _] = runtime.block_on(TestDb::both());
    let folder = Folder::with(&portal.config());
    let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
    for more in [0, 12, usize::MAX] {
        portal.publish(more, Utc::now());
        let published = portal.published();
        daemon.wait_for("/status", |a| a.json()["totals"]["articles"].as_u64() >= Some(published.len() as u64));
        let chip: BTreeSet<String> = published.into_iter().filter(|a| a.topic == "chip").map(|a| a.key).collect();
        for format in ["rss", "atom"] {
            let url = format!("http://{}/feeds/chip-export-controls.{format}", daemon.address);
            let titles = reload(&folder.path(), format, &url);
            assert_eq!(titles.len(), chip.len(), "{format}: {titles:?}");
            assert_eq!(titles.iter().collect::<BTreeSet<_>>().len(), chip.len(), "{format}: {titles:?}");
        }
    }
}
