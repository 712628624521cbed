//! `tidings run`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::Context;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

use crate::config::Settings;
use crate::daemon::Daemon;
use crate::telemetry;

use super::{Stop, settings};

/// Files that may be open at once, where the system lets us: a thousand, as is usual, are too few for thousands of hosts.
const FILES: u64 = 16_384;

/// Runs the daemon until SIGTERM or SIGINT; with `once`, until nothing is due.
pub(super) async fn run(path: &Path, once: bool) -> Result<(), Stop> {
    let settings = settings(path)?;
    telemetry::log(&settings.telemetry).map_err(Stop::Usage)?;
    allow_files();
    let shutdown = CancellationToken::new();
    let (send, reloads) = watch::channel(None);
    listen_for_signals(path.to_owned(), send, shutdown.clone())?;
    if once {
        let sources = settings.sources.len();
        let written = Daemon::open(settings).await?.once(shutdown).await?;
        println!(
            "{} visits over {sources} sources, {} without success; {} new articles, {} changes",
            written.visits, written.failed, written.articles_new, written.changes
        );
        return Ok(());
    }
    // Before the database: a second daemon by mistake must not touch anything.
    let listener = listen(settings.serve.listen).await?;
    let daemon = Daemon::open(settings).await?;
    Ok(Box::pin(daemon.run(listener, reloads, shutdown)).await?)
}

/// Raises the limit on open files to [`FILES`], or as near as it may be.
fn allow_files() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(FILES, |most| most.min(FILES));
    if current.is_some_and(|now| now < wanted)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
    {
        tracing::warn!(%error, "the limit on open files stays as it is; many hosts at once may reach it");
    }
}

/// Listens on `address`.
pub(super) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address} (another program may have it: choose another `listen` under [web], or TIDINGS_WEB_LISTEN)")
    })
}

/// SIGTERM and SIGINT end it, a second one at once; SIGHUP reads the configuration again.
fn listen_for_signals(
    path: PathBuf,
    reloads: watch::Sender<Option<Settings>>,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = term.recv() => end(&shutdown),
                _ = int.recv() => end(&shutdown),
                _ = hup.recv() => match settings(&path) {
                    Ok(settings) => drop(reloads.send_replace(Some(settings))),
                    Err(Stop::Usage(why)) => tracing::error!("the changed configuration is not applied, the old one stays:\n{why}"),
                    Err(Stop::Failed(why)) => tracing::error!("the configuration cannot be read, the old one stays: {why:#}"),
                },
            }
        }
    });
    Ok(())
}

fn end(shutdown: &CancellationToken) {
    const IMPATIENT: i32 = 130;
    if shutdown.is_cancelled() {
        tracing::warn!("stopped at once; visits that were not recorded are made again");
        std::process::exit(IMPATIENT);
    }
    shutdown.cancel();
}
