//! The change log over HTTP, with a long poll.

use std::sync::Arc;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use serde::Serialize;
use tokio::time::{Duration, Instant, sleep, sleep_until};

use super::{
    problem::Problem,
    query::{Query, shown},
    router::Shared,
};
use crate::model::Change;
use crate::store::{Store, StoreError};

/// Changes in one answer, if the reader does not ask for another number.
const LIMIT: i64 = 100;
/// Another daemon on the same database wakes nobody here, so a waiting poll also looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a reader of the log gets.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Page {
    /// Oldest first.
    changes: Vec<Change>,
    /// `since` of the next request.
    next: i64,
    /// Number of the newest change of the whole log.
    head: i64,
}

/// `/api/v1/changes?since=&topic=&limit=&wait=`.
pub(super) async fn changes(State(shared): State<Arc<Shared>>, RawQuery(raw): RawQuery) -> Result<Json<Page>, Problem> {
    let query = Query::of(raw.as_deref());
    let (mut since, limit, wait) = (query.since()?, query.limit(LIMIT)?, query.wait()?);
    let topic = query.get("topic").map(|topic| known(&shared, topic)).transpose()?;
    let Ok(_room) = shared.polls.try_acquire() else {
        return Err(Problem::busy("Too many readers are waiting for changes."));
    };
    let deadline = Instant::now() + wait;
    let mut news = shared.app.head.clone();
    loop {
        // Marked as seen before the store is asked, so that what comes in between wakes the poll again.
        news.borrow_and_update();
        let page = look(&shared.app.store, since, topic, limit).await.map_err(|e| Problem::store("changes", &e))?;
        let over = Instant::now() >= deadline || shared.shutdown.is_cancelled();
        if over || !page.changes.is_empty() || page.head < since {
            return Ok(Json(page));
        }
        since = page.next;
        tokio::select! {
            // When nobody announces changes any more, the other branches remain.
            Ok(()) = news.changed() => {}
            () = sleep(LOOK_EVERY) => {}
            () = sleep_until(deadline) => {}
            () = shared.shutdown.cancelled() => {}
        }
    }
}

async fn look(store: &Store, since: i64, topic: Option<&str>, limit: i64) -> Result<Page, StoreError> {
    // The head is read first: numbers become visible in order, so all up to it are visible to the second read.
    let head = store.head().await?;
    let changes = if head > since { store.changes(since, topic, limit).await? } else { Vec::new() };
    Ok(page(changes, since, head, limit))
}

/// A full page goes on after its last change. A short one has seen the log up to `head`. A reader that is ahead of the
/// log has read another database's; it goes on from this one's head, which it is told.
fn page(changes: Vec<Change>, since: i64, head: i64, limit: i64) -> Page {
    let is_full = i64::try_from(changes.len()).is_ok_and(|n| n >= limit);
    let next = match changes.last() {
        Some(last) if is_full => last.number,
        Some(last) => last.number.max(head),
        None if since > head => head,
        None => since.max(head),
    };
    Page { changes, next, head: head.max(next) }
}

fn known<'a>(shared: &Shared, topic: &'a str) -> Result<&'a str, Problem> {
    let topics = shared.topics();
    if topics.iter().any(|t| t.id == topic) {
        return Ok(topic);
    }
    let problem = Problem::bad(format!("No topic is called `{}`.", shown(topic)));
    Err(problem.known(topics.iter().map(|t| t.id.clone())))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::ChangeKind;

    fn change(number: i64) -> Change {
        Change {
            number,
            kind: ChangeKind::StoryNew,
            story: 1,
            article: 1,
            source: "harbor".into(),
            title: "港口".into(),
            url: "https://harbor.example/1".into(),
            topics: vec![],
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_next_request_misses_nothing_and_reads_nothing_twice() {
        let next = |numbers: &[i64], since, head| {
            let page = page(numbers.iter().map(|n| change(*n)).collect(), since, head, 2);
            (page.next, page.head)
        };
        assert_eq!(next(&[3, 5], 2, 9), (5, 9), "full: more may follow");
        assert_eq!(next(&[3], 2, 9), (9, 9), "short: the rest belongs to other topics");
        assert_eq!(next(&[10], 2, 9), (10, 10), "one came after the head was read");
        assert_eq!(next(&[], 2, 9), (9, 9));
        assert_eq!(next(&[], 0, 0), (0, 0));
        assert_eq!(next(&[], 50, 9), (9, 9), "another database's cursor");
    }
}
