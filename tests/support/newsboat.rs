//! A feed reader that people use: newsboat, Debian's package.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::{path::Path, process::Command};

/// Lets newsboat fetch the feed at `url` into a cache of its own, and returns the titles that the cache then holds. An item is
/// known by its identifier over all feeds of a cache, so each format has its own.
pub(crate) fn reload(folder: &Path, format: &str, url: &str) -> Vec<String> {
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
