//! Floor 7: starts everything in order, and stops it in order.
//!
//! Start: database, configuration into it, ledger, server, frontier, READY. Stop: the frontier stops claiming, running visits end
//! and are recorded, the server closes, the database closes. Each step has a bound, and what a bound cuts off is not lost:
//! its target is still due.

mod chores;
mod holder;
mod reload;
mod websub;

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::Context;
use chrono::{DateTime, Utc};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::config::Settings;
use crate::fetch::{Fetcher, Poster};
use crate::frontier::Frontier;
use crate::ledger::{self, Writer, Written};
use crate::publish;
use crate::serve;
use crate::store::Store;
use crate::telemetry::{Metrics, Pulse};
use crate::topic::{Topics, Vocabulary};
use crate::visit::{Delivery, Kit};

/// How long the ledger then has to write what it was given.
const WRITE_MAX: Duration = Duration::from_secs(15);
/// How long the server then has to finish its answers.
const CLOSE_MAX: Duration = Duration::from_secs(5);
/// Characters by which messages of this database are told from those of another.
const TAG_CHARS: usize = 10;

/// Everything that is open, before and while it runs.
#[derive(Debug)]
pub struct Daemon {
    settings: Settings,
    store: Store,
    metrics: Metrics,
    pulse: Pulse,
    kit: watch::Sender<Arc<Kit>>,
    round: watch::Sender<Arc<publish::Round>>,
    /// What is kept, and for how long.
    keeping: watch::Sender<ledger::Settings>,
    topics: watch::Sender<Vec<serve::Feed>>,
    vocabulary: watch::Sender<Vocabulary>,
    head: watch::Sender<i64>,
    authority: String,
    /// Part of the identifiers of messages to sinks.
    tag: Arc<str>,
    started_at: DateTime<Utc>,
    holder: Arc<str>,
}

impl Daemon {
    /// Opens the database and brings the configuration into it.
    ///
    /// # Errors
    /// When the database cannot be opened or migrated, or the client cannot be made.
    pub async fn open(settings: Settings) -> anyhow::Result<Self> {
        let started_at = Utc::now();
        let store = Store::open(&settings.database_url).await?;
        let (metrics, pulse) = (Metrics::new()?, Pulse::new(started_at));
        let (kit, round) = (make_kit(&settings)?, make_round(&settings)?);
        reload::sync(&store, &settings, kit.topics.now().queries(), started_at).await?;
        let host = settings.serve.public_url.as_ref().and_then(|u| u.host_str()).unwrap_or("localhost");
        // Chosen once and kept: identifiers in readers' hands must not change when the address does.
        let authority = store.fact("authority", &format!("{host},{}", started_at.format("%Y-%m-%d"))).await?;
        let holder = holder::name();
        // Nobody else was this process at this moment: two databases never give two messages one identifier.
        let ours = blake3::hash(format!("{holder}/{}", started_at.timestamp_micros()).as_bytes()).to_hex();
        let tag = store.fact("sink_tag", ours.get(..TAG_CHARS).unwrap_or_default()).await?;
        let head = store.head().await?;
        holder::release_dead(&store).await?;
        Ok(Self {
            topics: watch::Sender::new(feeds(&settings)),
            vocabulary: watch::Sender::new(settings.vocabulary.clone()),
            kit: watch::Sender::new(Arc::new(kit)),
            round: watch::Sender::new(Arc::new(round)),
            keeping: watch::Sender::new(settings.ledger),
            head: watch::Sender::new(head),
            holder: holder.into(),
            tag: tag.into(),
            settings,
            store,
            metrics,
            pulse,
            authority,
            started_at,
        })
    }

    /// The database.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The number of the newest change, as it grows.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<i64> {
        self.head.subscribe()
    }

    /// Visits everything that is due, once, with the pages found on the way; records and publishes it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn once(self, shutdown: CancellationToken) -> anyhow::Result<Written> {
        let (deliveries, writer) = self.ledger();
        let (give_up, given_up) = watch::channel(false);
        let writer = tokio::spawn(writer.run(given_up));
        let kit = self.kit.borrow().clone();
        ledger::restamp(&self.store, || shutdown.is_cancelled()).await?;
        ledger::index(&self.store, || shutdown.is_cancelled()).await?;
        ledger::weigh(&self.store, &kit.topics).await?;
        chores::backfill(&self.store, kit, &shutdown).await?;
        let visited = self.frontier(deliveries).once(shutdown.clone()).await;
        if visited.is_err() {
            let _ = give_up.send(true);
        }
        let written = writer.await?;
        visited?;
        self.sinks().once(&shutdown).await?;
        self.store.settle_words().await?;
        ledger::retain(&self.store, &self.settings.ledger, Utc::now()).await?;
        self.store.close().await;
        Ok(written)
    }

    /// Runs until `shutdown`, answering on `listener`, and applying whatever configuration is the newest of `reloads`.
    ///
    /// # Errors
    /// When the server cannot answer on the listener, or a part broke down.
    pub async fn run(
        mut self,
        listener: TcpListener,
        reloads: watch::Receiver<Option<Settings>>,
        shutdown: CancellationToken,
    ) -> anyhow::Result<()> {
        let (deliveries, writer) = self.ledger();
        let (give_up, given_up) = watch::channel(false);
        let mut writer = tokio::spawn(writer.run(given_up));
        let closing = CancellationToken::new();
        let mut app = self.app(&listener)?;
        let told = self.told(&mut app, &deliveries);
        let hub = self.hub(&app);
        tracing::info!(
            database = self.store.kind(),
            sources = self.settings.sources.len(),
            topics = self.settings.topics.len(),
            "listening on {}",
            app.base
        );
        let mut server = tokio::spawn(serve::run(listener, app, closing.clone()));
        let mut frontier = tokio::spawn(self.frontier(deliveries).run(shutdown.clone()));
        let chores = TaskTracker::new();
        chores.spawn(publish::watch_head(self.store.clone(), self.head.clone(), closing.clone()));
        chores.spawn(self.sinks().run(shutdown.clone()));
        chores.spawn(hub.run(shutdown.clone()));
        if let Some(told) = told {
            chores.spawn(told.run(shutdown.clone()));
        }
        chores.spawn(chores::housekeeping(
            self.store.clone(),
            self.keeping.subscribe(),
            self.kit.subscribe(),
            shutdown.clone(),
        ));
        chores.spawn(chores::restamp(self.store.clone(), shutdown.clone()));
        chores.spawn(chores::index(self.store.clone(), shutdown.clone()));
        chores.spawn(chores::states(self.store.clone(), shutdown.clone()));
        chores.spawn(chores::queue(self.store.clone(), self.pulse.clone(), shutdown.clone()));
        chores.spawn(chores::watchdog(self.pulse.clone(), self.settings.serve.bounds(), shutdown.clone()));
        chores::notify(&[sd_notify::NotifyState::Ready]);
        let broke = self.attend(reloads, &shutdown, &mut server, &mut frontier, &mut writer).await;
        tracing::info!("stopping: running visits end and are recorded");
        chores::notify(&[sd_notify::NotifyState::Stopping]);
        shutdown.cancel();
        if !frontier.is_finished() {
            // It has a bound of its own.
            let _ = (&mut frontier).await;
        }
        if !writer.is_finished() && tokio::time::timeout(WRITE_MAX, &mut writer).await.is_err() {
            tracing::warn!("the ledger could not write everything; those targets stay due");
            let _ = give_up.send(true);
        }
        closing.cancel();
        chores.close();
        let _ = tokio::time::timeout(CLOSE_MAX, async {
            chores.wait().await;
            if !server.is_finished() {
                let _ = (&mut server).await;
            }
            self.store.close().await;
        })
        .await;
        tracing::info!("stopped");
        broke
    }

    /// Applies reloads until `shutdown`, or until a part that should run for ever has ended.
    async fn attend(
        &mut self,
        mut reloads: watch::Receiver<Option<Settings>>,
        shutdown: &CancellationToken,
        server: &mut tokio::task::JoinHandle<std::io::Result<()>>,
        frontier: &mut tokio::task::JoinHandle<()>,
        writer: &mut tokio::task::JoinHandle<Written>,
    ) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return Ok(()),
                Ok(()) = reloads.changed() => {
                    let newest = reloads.borrow_and_update().clone();
                    tokio::select! {
                        () = shutdown.cancelled() => return Ok(()),
                        () = async { if let Some(settings) = newest { self.reload(settings).await } } => {}
                    }
                }
                ended = &mut *server => return ended.context("the server broke down")?.context("the server stopped"),
                ended = &mut *frontier => {
                    ended.context("the frontier broke down")?;
                    // It ends only when it was told to.
                    return if shutdown.is_cancelled() { Ok(()) } else { Err(anyhow::anyhow!("the frontier stopped")) };
                }
                ended = &mut *writer => {
                    ended.context("the ledger broke down")?;
                    // Without a frontier it has nothing to do, and ends.
                    return if shutdown.is_cancelled() { Ok(()) } else { Err(anyhow::anyhow!("the ledger stopped")) };
                }
            }
        }
    }

    fn ledger(&self) -> (mpsc::Sender<Delivery>, Writer) {
        ledger::open(
            self.store.clone(),
            self.keeping.subscribe(),
            self.metrics.clone(),
            self.pulse.clone(),
            self.head.clone(),
        )
    }

    fn frontier(&self, deliveries: mpsc::Sender<Delivery>) -> Frontier {
        Frontier {
            store: self.store.clone(),
            kit: self.kit.subscribe(),
            deliveries,
            metrics: self.metrics.clone(),
            pulse: self.pulse.clone(),
            holder: self.holder.clone(),
        }
    }

    fn sinks(&self) -> publish::Sinks {
        publish::Sinks {
            store: self.store.clone(),
            metrics: self.metrics.clone(),
            head: self.head.subscribe(),
            round: self.round.subscribe(),
            holder: self.holder.clone(),
            tag: self.tag.clone(),
            pace: publish::Pace::default(),
        }
    }

    fn app(&self, listener: &TcpListener) -> anyhow::Result<serve::App> {
        let here = format!("http://{}/", listener.local_addr()?).parse()?;
        Ok(serve::App {
            store: self.store.clone(),
            metrics: self.metrics.clone(),
            pulse: self.pulse.clone(),
            settings: self.settings.serve.clone(),
            topics: self.topics.subscribe(),
            vocabulary: self.vocabulary.subscribe(),
            authority: self.authority.clone(),
            started_at: self.started_at,
            head: self.head.subscribe(),
            base: self.settings.serve.public_url.clone().unwrap_or(here),
            pushes: None,
        })
    }
}

/// What every visit needs, by `settings`.
///
/// # Errors
/// When the client cannot be made, or a query cannot be compiled (which loading the settings excludes).
pub fn make_kit(settings: &Settings) -> anyhow::Result<Kit> {
    let topics = Topics::compile(&settings.topics, &settings.vocabulary).map_err(|errors| {
        let lines = errors.iter().map(|(i, e)| format!("{}: {}", settings.topics[*i].id, e.message));
        anyhow::anyhow!("queries cannot be used: {}", lines.collect::<Vec<_>>().join("; "))
    })?;
    let sources: HashMap<_, _> = settings.sources.iter().map(|s| (s.id.clone(), s.clone())).collect();
    Ok(Kit {
        fetcher: Fetcher::new(&settings.fetch)?,
        topics: topics.into(),
        sources,
        cadence: settings.cadence,
        revisits_per_hour: settings.frontier.revisits_per_hour,
        concurrency: settings.frontier.concurrency,
    })
}

/// Who is told of changes, by `settings`.
fn make_round(settings: &Settings) -> anyhow::Result<publish::Round> {
    Ok(publish::Round { sinks: settings.sinks(), poster: Poster::new(&settings.fetch)? })
}

fn feeds(settings: &Settings) -> Vec<serve::Feed> {
    settings.topics.iter().map(|t| serve::Feed { id: t.id.clone(), title: t.title.clone() }).collect()
}
