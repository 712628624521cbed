//! `tidings demo`.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use chrono::Utc;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::daemon::Daemon;
use crate::demo::Portal;
use crate::publish;
use crate::telemetry;

use super::{Stop, tell};

/// Pace of the demo's sources: faster than a configuration may ask of somebody else's site.
const EVERY: Duration = Duration::from_secs(2);
/// Gap between two requests to the demo's own portal.
const GAP: Duration = Duration::from_millis(20);

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Where to listen; another port is taken when this one is not free.
    #[arg(long, default_value = "127.0.0.1:8473")]
    listen: SocketAddr,
    /// Seconds between two newly published articles.
    #[arg(long, default_value_t = 4)]
    every: u64,
    /// Stop after so many seconds; by default, at Ctrl-C.
    #[arg(long)]
    stop_after: Option<u64>,
    /// Log level of the daemon.
    #[arg(long, default_value = "warn")]
    level: String,
}

/// A portal of our own, and the ordinary daemon on a temporary database.
pub(super) async fn demo(arguments: &Arguments) -> Result<(), Stop> {
    telemetry::log(&telemetry::Settings { level: arguments.level.clone(), json: false }).map_err(Stop::Usage)?;
    let portal = Portal::start(Utc::now()).await.context("the demo's portal cannot listen on 127.0.0.1")?;
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let mut settings = config::parse("demo.toml", &portal.config(), &BTreeMap::new())
        .map_err(|errors| Stop::Usage(errors.to_string()))?;
    settings.database_url = format!("sqlite://{}", folder.path().join("demo.db").display());
    settings.fetch.per_host_delay = GAP;
    settings.sources.iter_mut().for_each(|s| Arc::make_mut(s).every = Some(EVERY));
    let listener = match TcpListener::bind(arguments.listen).await {
        Ok(listener) => listener,
        Err(_) => super::run::listen(SocketAddr::new(arguments.listen.ip(), 0)).await?,
    };
    let base = format!("http://{}", listener.local_addr()?);
    let topic = settings.topics.first().map(|t| t.id.clone()).unwrap_or_default();
    println!("The portal, an invented one in three editions:");
    for outlet in portal.outlets() {
        println!("  {:<6} {}  {}", outlet.id, outlet.list, outlet.name);
    }
    println!("\nWhat tidings makes of it:");
    println!("  feed   {base}/feeds/{topic}.rss   (also .atom and .json)");
    println!("  status {base}/   {base}/status");
    println!("\nEach change as it happens; `*` marks what matches the topic. Stop with Ctrl-C.\n");
    let shutdown = CancellationToken::new();
    let daemon = Daemon::open(settings).await?;
    let (store, head) = (daemon.store().clone(), daemon.head());
    let (told, quiet) = (shutdown.clone(), shutdown.clone());
    let teller = tokio::spawn(async move {
        publish::follow(&store, 0, head, told, |change| println!("{}", tell::change(change))).await;
    });
    let (every, stopped) = (Duration::from_secs(arguments.every.max(1)), shutdown.clone());
    tokio::spawn(async move {
        portal.run(every, stopped.clone()).await;
        if !stopped.is_cancelled() {
            println!("\nThe newsroom has published all it had; the daemon goes on polling.\n");
        }
    });
    let stop_after = arguments.stop_after.map_or(Duration::MAX, Duration::from_secs);
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            () = tokio::time::sleep(stop_after) => {}
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        quiet.cancel();
    });
    let (_keep, reloads) = watch::channel(None);
    Box::pin(daemon.run(listener, reloads, shutdown)).await?;
    teller.await?;
    Ok(())
}
