//! The end of the change log, in memory: whoever follows the log wakes at the same moment for the same changes, which are read
//! once for all of them.
//!
//! Only who has seen the log up to some number is served from here; what came before that is the store's to say. A change is kept
//! as it was when it was appended, which is what followers of the store would have read as well.

use std::{collections::VecDeque, sync::Arc};

use tokio::{
    sync::{Mutex, Semaphore, watch},
    time::{Duration, Instant},
};

use super::guard::LOOKS_MAX;
use crate::model::{Change, ChangeKind};
use crate::store::{STORIES_MAX, Store, StoreError};

/// Changes that are kept; who is further behind reads the store.
const KEPT_MAX: usize = STORIES_MAX as usize;
/// Nobody may announce changes any more, so the store is also asked unannounced.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a reader wants of the log.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// Only changes of this topic.
    pub(super) topic: Option<String>,
    /// Only changes of these kinds; none: of all.
    pub(super) kinds: Vec<ChangeKind>,
}

impl Wanted {
    fn takes(&self, change: &Change) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&change.kind))
            && self.topic.as_ref().is_none_or(|topic| change.topics.contains(topic))
    }
}

/// A part of the log.
#[derive(Debug, PartialEq)]
pub(super) struct Looked {
    /// Those that are wanted, oldest first.
    pub(super) changes: Vec<Arc<Change>>,
    /// The number up to which the log was looked at: where the reader goes on.
    pub(super) to: i64,
    /// Number of the newest change of the log.
    pub(super) head: i64,
}

impl Looked {
    /// A full part goes on after its last change, a short one has seen the log up to `head`. A reader that is ahead of the log
    /// has read another database's; it goes on from this one's head.
    pub(super) fn of(changes: Vec<Arc<Change>>, head: i64, limit: i64) -> Self {
        let is_full = i64::try_from(changes.len()).is_ok_and(|n| n >= limit);
        let to = match changes.last() {
            Some(last) if is_full => last.number,
            Some(last) => last.number.max(head),
            None => head,
        };
        Self { changes, to, head: head.max(to) }
    }
}

/// The log, for those who follow it.
#[derive(Debug)]
pub(super) struct Tail {
    store: Store,
    announced: watch::Receiver<i64>,
    /// Held by who reads on; the others wait for what it reads.
    kept: Mutex<Kept>,
    /// Turns of those that are further behind: all of them wake at once, and must not take everybody else's connections.
    looks: Semaphore,
}

/// All changes numbered above `after` and up to `to`.
#[derive(Debug, Default)]
struct Kept {
    after: i64,
    to: i64,
    changes: VecDeque<Arc<Change>>,
    /// When the store was asked.
    looked: Option<Instant>,
}

impl Tail {
    pub(super) fn new(store: Store, announced: watch::Receiver<i64>) -> Self {
        Self { store, announced, kept: Mutex::default(), looks: Semaphore::new(LOOKS_MAX) }
    }

    /// The changes after `since`, for a reader who has seen the log up to there a moment ago (`goes_on`), or who begins.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn look(
        &self,
        since: i64,
        goes_on: bool,
        wanted: &Wanted,
        limit: i64,
    ) -> Result<Looked, StoreError> {
        match goes_on {
            true => self.go_on(since, wanted, limit).await,
            false => self.begin(since, wanted, limit).await,
        }
    }

    /// From the store.
    async fn begin(&self, since: i64, wanted: &Wanted, limit: i64) -> Result<Looked, StoreError> {
        let _turn = self.looks.acquire().await;
        // The head is read first: numbers become visible in order, so all up to it are visible to the second read.
        let head = self.store.head().await?;
        let changes = match head > since {
            true => self.store.changes_of(since, wanted.topic.as_deref(), &wanted.kinds, limit).await?,
            false => vec![],
        };
        Ok(Looked::of(changes.into_iter().map(Arc::new).collect(), head, limit))
    }

    /// From what is kept, if it reaches back so far.
    async fn go_on(&self, since: i64, wanted: &Wanted, limit: i64) -> Result<Looked, StoreError> {
        let mut kept = self.kept.lock().await;
        self.read_on(&mut kept, since).await?;
        if since < kept.after {
            drop(kept);
            return self.begin(since, wanted, limit).await;
        }
        let first = kept.changes.partition_point(|change| change.number <= since);
        let changes = kept.changes.range(first..).filter(|change| wanted.takes(change));
        let most = usize::try_from(limit).unwrap_or(0);
        Ok(Looked::of(changes.take(most).cloned().collect(), kept.to, limit))
    }

    /// Brings `kept` up to the head of the log. Whatever is read is kept at once: a reader that goes away meanwhile leaves nothing
    /// half done.
    async fn read_on(&self, kept: &mut Kept, since: i64) -> Result<(), StoreError> {
        // The reader may have been ahead of what was announced.
        let is_news = since.max(*self.announced.borrow()) > kept.to;
        if !is_news && kept.looked.is_some_and(|at| at.elapsed() < LOOK_EVERY) {
            return Ok(());
        }
        let asked = Instant::now();
        let head = self.store.head().await?;
        let gap = head.saturating_sub(kept.to);
        // It begins with the first that follows, and anew when nobody has followed for long, or when the database is another one.
        if kept.looked.is_none() || !(0..=STORIES_MAX).contains(&gap) {
            let at = since.clamp((head - STORIES_MAX).max(0), head.max(0));
            *kept = Kept { after: at, to: at, ..Kept::default() };
        }
        while kept.to < head {
            let read = self.store.changes(kept.to, None, STORIES_MAX).await?;
            let is_full = read.len() >= KEPT_MAX;
            let last = read.last().map_or(head, |last| last.number);
            kept.to = if is_full { last } else { last.max(head) };
            kept.changes.extend(read.into_iter().map(Arc::new));
            let beyond = kept.changes.len().saturating_sub(KEPT_MAX);
            if let Some(dropped) = kept.changes.drain(..beyond).next_back() {
                kept.after = dropped.number;
            }
        }
        kept.looked = Some(asked);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::change;

    fn looked(numbers: &[i64], head: i64) -> (i64, i64) {
        let looked = Looked::of(numbers.iter().map(|n| Arc::new(change(*n))).collect(), head, 2);
        (looked.to, looked.head)
    }

    #[test]
    fn the_next_look_misses_nothing_and_reads_nothing_twice() {
        assert_eq!(looked(&[3, 5], 9), (5, 9), "full: more may follow");
        assert_eq!(looked(&[3], 9), (9, 9), "short: the rest belongs to other topics");
        assert_eq!(looked(&[10], 9), (10, 10), "one came after the head was read");
        assert_eq!((looked(&[], 9), looked(&[], 0)), ((9, 9), (0, 0)));
    }

    #[test]
    fn a_change_is_for_who_wants_its_topic_and_kind() {
        let told = Change { topics: vec!["chip".into()], ..change(1) };
        let wants = |topic: Option<&str>, kinds: &[ChangeKind]| {
            Wanted { topic: topic.map(Into::into), kinds: kinds.to_vec() }.takes(&told)
        };
        assert!(wants(None, &[]) && wants(Some("chip"), &[ChangeKind::ArticleGone, ChangeKind::StoryNew]));
        assert!(!wants(Some("port"), &[]) && !wants(None, &[ChangeKind::ArticleGone]));
    }
}
