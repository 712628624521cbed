//! Feeds that were put together, kept as long as they hold and there is room.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{sync::watch, time::Instant};

use super::{Feed, coding::Packed};

/// Bytes of all bodies together.
const BYTES_MAX: usize = 64 << 20;
/// Feeds, whatever their size.
const FEEDS_MAX: usize = 1_024;
/// For so long nobody asks the database whether a feed still holds, unless a change was announced in this process. What changes
/// otherwise (another daemon's work, a repair) is seen this late.
const HOLDS_FOR: Duration = Duration::from_secs(1);

/// A feed as it was last put together.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// What tells this body from any other at its address.
    pub(super) tag: String,
    /// When what it shows last changed.
    pub(super) newest: Option<DateTime<Utc>>,
    /// `None`: it is only known that this is how it stands.
    pub(super) body: Option<Arc<Packed>>,
    /// Whether it is an archive page.
    pub(super) archived: bool,
    /// The newest change when it was looked at, and when that was.
    head: i64,
    at: Instant,
}

impl Kept {
    pub(super) fn new(tag: String, archived: bool, head: i64) -> Self {
        Self { tag, newest: None, body: None, archived, head, at: Instant::now() }
    }
}

/// A place for one feed. Whoever takes its turn puts it together, and the others wait for that.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) turn: tokio::sync::Mutex<()>,
    kept: Mutex<Option<Kept>>,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The feed, whether it still holds or not.
    pub(super) fn last(&self) -> Option<Kept> {
        self.lock().clone()
    }
}

struct Shelved {
    slot: Arc<Slot>,
    used: Instant,
    bytes: usize,
}

/// All of them.
pub(super) struct Shelf {
    feeds: Mutex<HashMap<String, Shelved>>,
    topics: Mutex<watch::Receiver<Vec<Feed>>>,
    head: watch::Receiver<i64>,
}

impl Shelf {
    pub(super) fn new(topics: watch::Receiver<Vec<Feed>>, head: watch::Receiver<i64>) -> Self {
        Self { feeds: Mutex::default(), topics: Mutex::new(topics), head }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Shelved>> {
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        // Another configuration is another daemon.
        if topics.has_changed().unwrap_or(false) {
            topics.mark_unchanged();
            feeds.clear();
        }
        feeds
    }

    /// The number of the newest change that was announced.
    pub(super) fn head(&self) -> i64 {
        *self.head.borrow()
    }

    /// The feed kept under `key`, if it certainly holds.
    pub(super) fn fresh(&self, key: &str) -> Option<Kept> {
        let now = Instant::now();
        let slot = {
            let mut feeds = self.lock();
            let shelved = feeds.get_mut(key)?;
            shelved.used = now;
            shelved.slot.clone()
        };
        let kept = slot.last()?;
        (kept.head == self.head() && now - kept.at < HOLDS_FOR).then_some(kept)
    }

    /// The place of the feed kept under `key`; made, if there is none.
    pub(super) fn slot(&self, key: &str) -> Arc<Slot> {
        let mut feeds = self.lock();
        let made = || Shelved { slot: Arc::default(), used: Instant::now(), bytes: 0 };
        let slot = feeds.entry(key.to_owned()).or_insert_with(made).slot.clone();
        trim(&mut feeds);
        slot
    }

    /// Keeps a feed, and forgets those that were not asked for longest while there is not room for all.
    pub(super) fn keep(&self, key: &str, slot: &Slot, kept: Kept) {
        let size = key.len() + kept.body.as_ref().map_or(0, |b| b.bytes());
        *slot.lock() = Some(kept);
        let mut feeds = self.lock();
        if let Some(shelved) = feeds.get_mut(key) {
            (shelved.bytes, shelved.used) = (size, Instant::now());
        }
        trim(&mut feeds);
    }
}

/// Forgets the feeds that were not asked for longest, as long as there is no room for all.
fn trim(feeds: &mut HashMap<String, Shelved>) {
    let mut bytes: usize = feeds.values().map(|s| s.bytes).sum();
    while bytes > BYTES_MAX || feeds.len() > FEEDS_MAX {
        let Some(oldest) = feeds.iter().min_by_key(|(_, s)| s.used).map(|(key, _)| key.clone()) else { return };
        bytes -= feeds.remove(&oldest).map_or(0, |s| s.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(shelf: &Shelf, key: &str, bytes: usize) {
        let mut kept = Kept::new(key.into(), false, shelf.head());
        kept.body = Some(Arc::new(Packed::new("x".repeat(bytes))));
        shelf.keep(key, &shelf.slot(key), kept);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_holds_until_something_changes() {
        let (topics, seen) = watch::channel(vec![]);
        let (head, announced) = watch::channel(3);
        let shelf = Shelf::new(seen, announced);
        assert!(shelf.fresh("a").is_none());
        put(&shelf, "a", 5);
        assert_eq!(shelf.fresh("a").unwrap().tag, "a");
        head.send(4).unwrap();
        assert!(shelf.fresh("a").is_none() && shelf.slot("a").last().is_some(), "it may still hold");
        put(&shelf, "a", 5);
        tokio::time::advance(HOLDS_FOR).await;
        assert!(shelf.fresh("a").is_none(), "another daemon may have worked");
        put(&shelf, "a", 5);
        topics.send(vec![]).unwrap();
        assert!(shelf.slot("a").last().is_none(), "another configuration");
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_a_bound_to_it() {
        let shelf = Shelf::new(watch::channel(vec![]).1, watch::channel(0).1);
        for n in 0..FEEDS_MAX + 5 {
            tokio::time::advance(Duration::from_millis(1)).await;
            put(&shelf, &n.to_string(), 10);
        }
        assert!(shelf.slot("4").last().is_none() && shelf.slot("9").last().is_some());
        for n in 0..5 {
            tokio::time::advance(Duration::from_millis(1)).await;
            put(&shelf, &format!("big{n}"), BYTES_MAX / 3);
        }
        assert!(shelf.fresh("big4").is_some() && shelf.fresh("big0").is_none());
        let bytes: usize = shelf.lock().values().map(|s| s.bytes).sum();
        assert!(bytes <= BYTES_MAX, "{bytes}");
    }
}
