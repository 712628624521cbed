//! A changed configuration, applied while everything runs.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use crate::config::Settings;
use crate::fetch::Fetcher;
use crate::publish;
use crate::store::{Store, StoreError};
use crate::topic::{Queries, Spec};

use super::{Daemon, feeds, make_kit, make_round};

/// How often a configuration is tried that the database does not take.
const TRIES_MAX: u32 = 5;
/// Pause between those tries.
const PAUSE: Duration = Duration::from_secs(1);

/// Brings sources, topics and sinks of `settings` into the database; `queries` are those of its topics.
pub(super) async fn sync(
    store: &Store,
    settings: &Settings,
    queries: &Queries,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    store.sync_sources(&settings.sources, now).await?;
    let topic = |t: &Spec| Some((t.id.clone(), t.title.clone(), queries.get(&t.id)?.to_vec()));
    let topics: Vec<_> = settings.topics.iter().filter_map(topic).collect();
    store.sync_topics(&topics, now).await?;
    let sinks = settings.sinks();
    store.sync_sinks(&sinks.iter().map(publish::Sink::id).collect::<Vec<_>>(), now).await
}

impl Daemon {
    /// Applies `settings`, or keeps the old ones and says why.
    pub(super) async fn reload(&mut self, settings: Settings) {
        let applied = async {
            let mut kit = make_kit(&settings)?;
            // Nobody is asked more often, or for robots.txt again, because somebody edits a file here.
            kit.fetcher = Fetcher::after(&settings.fetch, &self.kit.borrow().fetcher)?;
            let round = make_round(&settings)?;
            let (queries, mut tries) = (kit.topics.now().queries().clone(), 0);
            while let Err(error) = sync(&self.store, &settings, &queries, Utc::now()).await {
                tries += 1;
                // Somebody records visits of the same sources at this moment.
                if tries >= TRIES_MAX || !error.is_passing() {
                    return Err(error.into());
                }
                tokio::time::sleep(PAUSE).await;
            }
            anyhow::Ok((kit, round))
        };
        match applied.await {
            Ok((kit, round)) => {
                report(&self.settings, &settings);
                self.kit.send_replace(Arc::new(kit));
                self.round.send_replace(Arc::new(round));
                self.keeping.send_replace(settings.ledger);
                self.vocabulary.send_replace(settings.vocabulary.clone());
                self.topics.send_replace(feeds(&settings));
                self.settings = settings;
            }
            Err(error) => tracing::error!("the changed configuration is not applied, the old one stays: {error:#}"),
        }
    }
}

/// Says what is different, and what of it waits for a restart.
fn report(old: &Settings, new: &Settings) {
    let ids = |s: &Settings| -> [BTreeSet<String>; 3] {
        [
            s.sources.iter().map(|s| s.id.clone()).collect(),
            s.topics.iter().map(|t| t.id.clone()).collect(),
            s.sinks().iter().map(|sink| sink.id().to_owned()).collect(),
        ]
    };
    let ([old_sources, old_topics, old_sinks], [new_sources, new_topics, new_sinks]) = (ids(old), ids(new));
    let list = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>().join(",");
    tracing::info!(
        sources_added = list(&new_sources, &old_sources),
        sources_removed = list(&old_sources, &new_sources),
        topics_added = list(&new_topics, &old_topics),
        topics_removed = list(&old_topics, &new_topics),
        sinks_added = list(&new_sinks, &old_sinks),
        sinks_removed = list(&old_sinks, &new_sinks),
        "configuration reloaded"
    );
    for (key, differs) in [
        ("database.url", old.database_url != new.database_url),
        ("web", old.serve != new.serve),
        ("log", old.telemetry != new.telemetry),
    ] {
        if differs {
            tracing::warn!("a change of {key} needs a restart");
        }
    }
}
