//! A feed reader that people use subscribes to the feeds: newsboat, Debian's package.

use std::collections::BTreeSet;

use chrono::Utc;
use tidings::demo::Portal;

use crate::newsboat::reload;
use crate::process::{Daemon, Folder};
use crate::support::TestDb;

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
