//! Leave to ask a host, where several processes share the hosts: whoever visits has leave for its own host, a redirect or a feed
//! that a page announces may lead to any other.
//!
//! Like the time that is taken, it travels beside the calls: a dry run has nobody to ask.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;

/// Says which hosts may be asked now.
pub trait Permits: Send + Sync {
    /// Leave to ask `host`, whose requests are `gap` apart, until what is returned
    /// is dropped; `None`: not now.
    fn enter<'a>(&'a self, host: &'a str, gap: Duration) -> BoxFuture<'a, Option<Stay>>;
}

/// Leave to ask a host, until it is dropped.
pub type Stay = Box<dyn Send + Sync>;

tokio::task_local! {
    static PERMITS: Arc<dyn Permits>;
}

/// Runs `work`, whose requests ask `permits` for leave.
pub async fn permitted<T>(permits: Arc<dyn Permits>, work: impl Future<Output = T>) -> T {
    PERMITS.scope(permits, work).await
}

/// What became of asking for leave.
pub(super) enum Leave {
    /// Nobody has to be asked.
    Free,
    /// It is given for so long.
    Given(Stay),
    /// Not now.
    Refused,
}

/// Asks for leave to ask `host`, whose requests are `gap` apart.
pub(super) async fn enter(host: &str, gap: Duration) -> Leave {
    let Ok(permits) = PERMITS.try_with(Arc::clone) else { return Leave::Free };
    permits.enter(host, gap).await.map_or(Leave::Refused, Leave::Given)
}
