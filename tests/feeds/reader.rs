//! newsboat sees each story once, over restarts, edits and other outlets.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    newsboat,
    world::{on_both, told},
};

/// The titles in newsboat's cache after it looked at the feed.
async fn reload(folder: PathBuf, format: &'static str, url: String) -> Vec<String> {
    // It waits for a process that asks this one.
    tokio::task::spawn_blocking(move || newsboat::reload(&folder, format, &url)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newsboat_sees_each_story_once_whatever_becomes_of_it() {
    on_both(50, |mut w| async move {
        let folder = tempfile::tempdir().unwrap();
        let mut stories = BTreeSet::new();
        for round in 1..=4 {
            for n in [round * 10, round * 10 + 1] {
                stories.insert(w.tell(&told("a", n, &format!("港口新闻{n}"), &["chip"])).await);
            }
            // The story before is run by another outlet, the first one is edited.
            w.tell(&told("b", round * 10 + 5, &format!("港口新闻{}", round * 10 + 1), &["chip"])).await;
            w.edit(&told("a", 10, &format!("港口新闻，第{round}次更正"), &["chip"]), true).await;
            for feed in ["chip", "all", "source/a"] {
                for format in ["rss", "atom"] {
                    let url = format!("{}/feeds/{feed}.{format}", w.base);
                    let cache: &'static str =
                        Box::leak(format!("{}-{format}", feed.replace('/', "-")).into_boxed_str());
                    let titles = reload(folder.path().to_owned(), cache, url).await;
                    assert_eq!(titles.len(), stories.len(), "{feed}.{format}, round {round}: {titles:?}");
                }
            }
            w = w.restarted().await;
        }
    })
    .await;
}
