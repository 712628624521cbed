//! Floor 5: following the change log. Everything that goes out is derived from it, each reader with its own cursor.
//!
//! In: the store, and word of new changes. Out: changes in order: each once to [`follow`]ers in this process, at least once to
//! [`Sinks`] elsewhere. `webhook` is who is told, `courier` tells one of them, `body` and `secret` make the message, `pace`
//! says when again; `hub` sends whole feeds to whoever subscribed to them (WebSub). Deliberately absent: any write but cursors and dead letters; a reader that falls behind holds nobody up,
//! since the log is in the database.

mod body;
mod courier;
mod hub;
mod pace;
mod secret;
mod sinks;
mod webhook;

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use self::{
    hub::{Copies, Hub},
    pace::Pace,
    secret::Secret,
    sinks::{Round, SINKS_MAX, Sinks, skip},
    webhook::{BATCH_MAX, Webhook},
};
use crate::model::Change;
use crate::store::{STORIES_MAX, Store, StoreError};

/// How often the log is looked at for changes that another daemon appended.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pause after the database failed.
const PAUSE: Duration = Duration::from_secs(2);

/// Keeps `head` at the number of the newest change, whoever appended it, until `shutdown`.
pub async fn watch_head(store: Store, head: watch::Sender<i64>, shutdown: CancellationToken) {
    loop {
        match store.head().await {
            Ok(newest) => {
                head.send_if_modified(|h| std::mem::replace(h, newest.max(*h)) < newest);
            }
            Err(error) => tracing::debug!(%error, "the log cannot be looked at"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Gives every change numbered above `since` to `each`, in order, as they come, until `shutdown`. Returns the last number given.
pub async fn follow(
    store: &Store,
    mut since: i64,
    mut head: watch::Receiver<i64>,
    shutdown: CancellationToken,
    mut each: impl FnMut(&Change),
) -> i64 {
    loop {
        let read: Result<Vec<Change>, StoreError> = store.changes(since, None, STORIES_MAX).await;
        match read {
            Ok(changes) if !changes.is_empty() => {
                for change in &changes {
                    each(change);
                    since = change.number;
                }
                continue;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, hint = error.hint(), "the change log cannot be followed");
                tokio::time::sleep(PAUSE).await;
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return since,
            woken = head.wait_for(|h| *h > since) => if woken.is_err() { return since },
        }
    }
}
