//! What goes on beside the flow: matching of new topics with what is stored, retention, the watchdog.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use tokio::{sync::watch, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::ledger;
use crate::serve;
use crate::store::{Store, StoreError};
use crate::telemetry::{Bounds, Pulse};
use crate::visit::Kit;

/// How often too old articles are looked for.
const RETAIN_EVERY: Duration = Duration::from_secs(3600);
/// How often topics are looked for that are behind: what another daemon with other settings stored, or an error left.
const BACKFILL_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked at how far the queue lags.
const QUEUE_EVERY: Duration = Duration::from_secs(5);
/// How often the states of sources are looked at.
const STATES_EVERY: Duration = Duration::from_secs(10);
/// How often new tokens are sorted into the index of search.
const SETTLE_EVERY: Duration = Duration::from_secs(10);
/// And the pause after each look, in times of how long it took: with very many sources looks are seldom, not a load.
const STATES_REST: u32 = 300;
/// The longest pause for that.
const STATES_REST_MAX: Duration = Duration::from_secs(120);
/// How often it is counted how rare the terms of topics are.
const WEIGH_EVERY: Duration = Duration::from_secs(3600);

/// Tells the service manager, if there is one.
pub(super) fn notify(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "no service manager was told");
    }
}

/// Matches new and changed topics of the newest configuration with what is stored.
pub(super) async fn backfill(store: &Store, kit: Arc<Kit>, shutdown: &CancellationToken) -> Result<(), StoreError> {
    let source = |id: &str| kit.sources.get(id).cloned();
    ledger::backfill(store, &kit.topics.now(), source, || shutdown.is_cancelled()).await.map(|_| ())
}

/// Backfill and retention after each change of the configuration; the one now and then, the other every hour.
pub(super) async fn housekeeping(
    store: Store,
    mut settings: watch::Receiver<ledger::Settings>,
    mut kit: watch::Receiver<Arc<Kit>>,
    shutdown: CancellationToken,
) {
    let (mut hourly, mut often) = (tokio::time::interval(RETAIN_EVERY), tokio::time::interval(BACKFILL_EVERY));
    for interval in [&mut hourly, &mut often] {
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    let mut weighed: Option<(Arc<Kit>, Instant)> = None;
    loop {
        let behind = tokio::select! {
            () = shutdown.cancelled() => return,
            Ok(()) = kit.changed() => true,
            _ = often.tick() => true,
            Ok(()) = settings.changed() => false,
            _ = hourly.tick() => false,
        };
        if behind {
            let newest = kit.borrow_and_update().clone();
            let is_old = |(of, at): &(Arc<Kit>, Instant)| !Arc::ptr_eq(of, &newest) || at.elapsed() >= WEIGH_EVERY;
            if weighed.as_ref().is_none_or(is_old) {
                match ledger::weigh(&store, &newest.topics).await {
                    Ok(()) => weighed = Some((newest.clone(), Instant::now())),
                    Err(error) => tracing::warn!(%error, hint = error.hint(), "it was not counted how rare terms are"),
                }
            }
            if let Err(error) = backfill(&store, newest, &shutdown).await {
                tracing::warn!(%error, hint = error.hint(), "topics could not be matched with what is stored; soon again");
            }
        } else {
            let keeping = *settings.borrow();
            match ledger::retain(&store, &keeping, Utc::now()).await {
                Ok(0) => {}
                Ok(deleted) => tracing::info!(articles = deleted, "old articles deleted"),
                Err(error) => tracing::warn!(%error, hint = error.hint(), "old articles could not be deleted"),
            }
        }
    }
}

/// Makes the digests of what older versions stored those of this one.
pub(super) async fn restamp(store: Store, shutdown: CancellationToken) {
    if let Err(error) = ledger::restamp(&store, || shutdown.is_cancelled()).await {
        tracing::warn!(%error, hint = error.hint(), "identities could not be made anew; at the next start");
    }
}

/// Indexes what older versions stored, so that a search finds it; then sorts in what is new, until `shutdown`.
pub(super) async fn index(store: Store, shutdown: CancellationToken) {
    if let Err(error) = ledger::index(&store, || shutdown.is_cancelled()).await {
        tracing::warn!(%error, hint = error.hint(), "what is stored could not be indexed; at the next start");
    }
    let mut often = tokio::time::interval(SETTLE_EVERY);
    often.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = often.tick() => {}
        }
        if let Err(error) = store.settle_words().await {
            tracing::debug!(%error, "new tokens could not be sorted into the index");
        }
    }
}

/// Looks at the states of sources, until `shutdown`.
pub(super) async fn states(store: Store, shutdown: CancellationToken) {
    loop {
        let begun = Instant::now();
        if let Err(error) = serve::notice(&store, Utc::now()).await {
            tracing::debug!(%error, "the states of sources could not be looked at");
        }
        let rest = (begun.elapsed() * STATES_REST).clamp(STATES_EVERY, STATES_REST_MAX);
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// Looks whether the database answers and how far the queue lags, until `shutdown`.
pub(super) async fn queue(store: Store, pulse: Pulse, shutdown: CancellationToken) {
    let mut often = tokio::time::interval(QUEUE_EVERY);
    often.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = often.tick() => {}
        }
        let now = Utc::now();
        // Waited for to its end: given up, a statement that hangs would keep its connection, and the next one another.
        let mut look = std::pin::pin!(store.oldest_listing_due(now));
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(QUEUE_EVERY) => pulse.unanswered(now),
                looked = &mut look => {
                    match looked {
                        Ok(oldest) => pulse.queued(oldest),
                        Err(error) => {
                            tracing::debug!(%error, "the queue could not be looked at");
                            pulse.unanswered(now);
                        }
                    }
                    break;
                }
            }
        }
    }
}

/// Pats the service manager's watchdog while ingestion moves; when it does not, the service manager starts us anew.
pub(super) async fn watchdog(pulse: Pulse, bounds: Bounds, shutdown: CancellationToken) {
    let Some(every) = sd_notify::watchdog_enabled() else { return };
    loop {
        match pulse.troubles(Utc::now(), bounds) {
            troubles if troubles.is_empty() => notify(&[sd_notify::NotifyState::Watchdog]),
            troubles => tracing::error!("the watchdog is not patted: {}", troubles.join("; ")),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(every / 3) => {}
        }
    }
}
