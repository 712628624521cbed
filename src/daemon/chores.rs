//! What goes on beside the flow: matching of new topics with what is stored, retention, the watchdog.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::ledger;
use crate::store::{Store, StoreError};
use crate::telemetry::Pulse;
use crate::visit::Kit;

/// How often too old articles are looked for.
const RETAIN_EVERY: Duration = Duration::from_secs(3600);

/// Tells the service manager, if there is one.
pub(super) fn notify(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "no service manager was told");
    }
}

/// Matches new and changed topics of the newest configuration with what is stored.
pub(super) async fn backfill(store: &Store, kit: watch::Receiver<Arc<Kit>>) -> Result<(), StoreError> {
    let kit = kit.borrow().clone();
    ledger::backfill(store, &kit.topics, |id| kit.sources.get(id).cloned()).await.map(|_| ())
}

/// Backfill after each change of the configuration, and retention every hour.
pub(super) async fn housekeeping(
    store: Store,
    settings: ledger::Settings,
    mut kit: watch::Receiver<Arc<Kit>>,
    shutdown: CancellationToken,
) {
    let mut hourly = tokio::time::interval(RETAIN_EVERY);
    kit.mark_changed();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            Ok(()) = kit.changed() => {
                kit.mark_unchanged();
                if let Err(error) = backfill(&store, kit.clone()).await {
                    tracing::warn!(%error, hint = error.hint(), "topics could not be matched with what is stored; at the next start");
                }
            }
            _ = hourly.tick() => match ledger::retain(&store, &settings, Utc::now()).await {
                Ok(0) => {}
                Ok(deleted) => tracing::info!(articles = deleted, "old articles deleted"),
                Err(error) => tracing::warn!(%error, hint = error.hint(), "old articles could not be deleted"),
            },
        }
    }
}

/// Pats the service manager's watchdog while ingestion moves; when it does not, the service manager starts us anew.
pub(super) async fn watchdog(pulse: Pulse, within: Duration, shutdown: CancellationToken) {
    let Some(every) = sd_notify::watchdog_enabled() else { return };
    loop {
        match pulse.verdict(Utc::now(), within) {
            Ok(()) => notify(&[sd_notify::NotifyState::Watchdog]),
            Err(reason) => tracing::error!("the watchdog is not patted: {reason}"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(every / 3) => {}
        }
    }
}
