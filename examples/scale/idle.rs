//! A daemon that has visited all its sources, and now waits.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::database::{self, Look};
use crate::process::Daemon;
use crate::web;

/// Items of each feed.
const ITEMS: usize = 3;
/// How long the first visits may take.
const PATIENCE: Duration = Duration::from_secs(900);
/// So long after the last of them it is looked at: connections and bodies are gone then.
const SETTLE: Duration = Duration::from_secs(75);
/// What it may take of memory, in MiB.
const MIB_MAX: f64 = 100.0;
/// What it may take of a core.
const SHARE_MAX: f64 = 0.01;

/// Measures and prints.
pub(crate) async fn report(sources: usize, seconds: u64) -> anyhow::Result<()> {
    let port = web::serve(ITEMS).await?;
    let folder = tempfile::tempdir()?;
    let mut over = vec![];
    for url in database::empty(folder.path()).await? {
        // Each is visited every four hours, spread over them.
        let mut config = format!(
            "[database]\nurl = \"{url}\"\n[fetch]\nper_host_delay = \"0s\"\nallow_networks = [\"127.9.0.0/16\"]\n\
             [log]\nlevel = \"error,tidings::daemon=info\"\n"
        );
        for n in 0..sources {
            let host = web::host(n);
            let _ = write!(
                config,
                "[[sources]]\nid = \"s{n}\"\nurl = \"http://{host}:{port}/feed\"\nevery = \"4h\"\nfull_text = false\nfirst_visit = 1\n"
            );
        }
        fs::write(folder.path().join("config.toml"), config)?;
        let begun = Instant::now();
        let daemon = Daemon::start(folder.path())?;
        let started = begun.elapsed();
        let look = Look::open(&url).await?;
        while look.unvisited().await? > 0 {
            ensure!(begun.elapsed() < PATIENCE, "{} sources were not visited", look.unvisited().await?);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let visited = begun.elapsed();
        look.close().await;
        tokio::time::sleep(SETTLE).await;
        let (before, since) = (daemon.worked()?, Instant::now());
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let share = (daemon.worked()? - before).as_secs_f64() / since.elapsed().as_secs_f64();
        let (rss, peak) = (daemon.mib("VmRSS")?, daemon.mib("VmHWM")?);
        let kind = url.split(':').next().unwrap_or_default();
        println!(
            "{kind}: {sources} sources, started in {:.1} s, all visited after {:.0} s; idle: {rss:.1} MiB (peak {peak:.1}), {:.2} % of a core",
            started.as_secs_f64(),
            visited.as_secs_f64(),
            share * 100.0
        );
        if rss > MIB_MAX || share >= SHARE_MAX {
            over.push(kind.to_owned());
        }
        drop(daemon);
        database::drop(&url).await?;
    }
    ensure!(over.is_empty(), "more than {MIB_MAX} MiB or {} % of a core on {}", SHARE_MAX * 100.0, over.join(", "));
    Ok(())
}
