//! Floor 5: following the change log. Everything that goes out is derived from it, each reader with its own cursor.
//!
//! In: the store, and word of new changes. Out: changes in order: each once to [`follow`]ers in this process, at least once to
//! [`Sinks`] elsewhere. A `sink` is a `webhook`, a `nats` stream or a `digest`, of which `scope` says what concerns it;
//! `courier` tells one of the first two by its `way`, `dead` is what it would not take; `body`, `secret` and `chat` make messages,
//! `pace` says when again. `digest` has a carrier of its own; `hub` sends whole feeds to whoever subscribed to them (WebSub).
//! Deliberately absent: any write but cursors and dead letters; a reader that falls behind holds nobody up, since the log is in the
//! database.

mod body;
mod chat;
mod courier;
mod dead;
mod digest;
mod hub;
mod nats;
mod pace;
mod scope;
mod secret;
mod sink;
mod sinks;
mod way;
mod webhook;

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use self::{
    chat::{CHAT_BATCH_MAX, Format},
    digest::{DIGEST_CHANGES_MAX, Digest, Schedule},
    hub::{Copies, Hub},
    nats::Nats,
    pace::Pace,
    secret::Secret,
    sink::Sink,
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
