//! The change log over HTTP, with a long poll.

use std::sync::Arc;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Duration, Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::{
    problem::Problem,
    query::{Query, shown},
    router::Shared,
    tail::{Looked, Wanted},
};
use crate::model::{Change, ChangeKind};
use crate::store::{Store, StoreError};

/// Changes in one answer, if the reader does not ask for another number.
const LIMIT: i64 = 100;
/// Another daemon on the same database wakes nobody here, so a waiting poll also looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a reader of the log gets.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Changes)]
pub(super) struct Page {
    /// Oldest first.
    changes: Vec<Change>,
    /// `since` of the next request.
    next: i64,
    /// Number of the newest change of the whole log.
    head: i64,
}

/// The change log.
///
/// Changes numbered above `since`, oldest first and without a gap for whoever asks next with `next`. With `wait` it answers
/// when there is something, or when the time is over.
#[utoipa::path(get, path = "/api/v1/changes", tag = "read", params(
    ("since" = Option<i64>, Query, description = "Number of the last change that is known; 0, the beginning, if absent.", minimum = 0),
    ("topic" = Option<String>, Query, description = "Only changes of this topic."),
    ("kind" = Option<String>, Query, description = "Only changes of this kind, or of several with commas between: `story_new`, \
        `story_joined`, `article_revised`, `article_gone`."),
    ("limit" = Option<i64>, Query, description = "Changes in one answer; 100 if absent.", minimum = 1, maximum = 500),
    ("wait" = Option<String>, Query, description = "How long to wait for a change, as `30s` or seconds; at most 60 s."),
), responses(
    (status = 200, description = "Changes, the oldest first.", body = Page),
    (status = 410, description = "Changes after `since` were deleted for their age; `oldest` is the first that is kept.",
        body = Problem, content_type = "application/problem+json"),
    (status = "4XX", description = "The request cannot be understood.", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Too many wait, or the database does not answer.", body = Problem,
        content_type = "application/problem+json"),
))]
pub(super) async fn changes(State(shared): State<Arc<Shared>>, RawQuery(raw): RawQuery) -> Result<Json<Page>, Problem> {
    let query = Query::of(raw.as_deref());
    let (since, limit, wait) = (query.since()?, query.limit(LIMIT)?, query.wait()?);
    let topic = query.get("topic").map(|topic| known(&shared, topic)).transpose()?;
    let kinds = kinds(&query)?;
    let Ok(_room) = shared.polls.try_acquire() else {
        return Err(Problem::busy("Too many readers are waiting for changes."));
    };
    let wanted = Wanted { topic, kinds };
    let look = |since, goes_on| shared.tail.look(since, goes_on, &wanted, limit);
    let looked = poll(look, since, wait, shared.app.head.clone(), &shared.shutdown).await;
    let looked = looked.map_err(|e| Problem::store("changes", &e))?;
    // Afterwards, so that nothing can have been deleted before it was read.
    whole(&shared.app.store, since).await?;
    Ok(Json(looked.into()))
}

/// Whether all changes after `since` are kept; who begins at the beginning takes what there is.
pub(super) async fn whole(store: &Store, since: i64) -> Result<(), Problem> {
    if since == 0 {
        return Ok(());
    }
    match store.oldest_change().await.map_err(|e| Problem::store("oldest change", &e))? {
        oldest if since < oldest - 1 => Err(Problem::forgotten(since, oldest)),
        _ => Ok(()),
    }
}

/// The kinds that are asked for; none: all of them.
pub(super) fn kinds(query: &Query) -> Result<Vec<ChangeKind>, Problem> {
    let Some(kinds) = query.get("kind") else { return Ok(vec![]) };
    let mut all = vec![];
    for word in kinds.split(',').map(str::trim) {
        let Some(kind) = ChangeKind::parse(word) else {
            let problem = Problem::bad(format!("No change is of the kind `{}`.", shown(word)));
            return Err(problem.known(ChangeKind::ALL.map(|k| k.as_str().to_owned())));
        };
        if !all.contains(&kind) {
            all.push(kind);
        }
    }
    Ok(all)
}

/// Looks until there is something, `wait` is over or the server stops.
async fn poll<F: Future<Output = Result<Looked, StoreError>>>(
    look: impl Fn(i64, bool) -> F,
    mut since: i64,
    wait: Duration,
    mut news: watch::Receiver<i64>,
    shutdown: &CancellationToken,
) -> Result<Looked, StoreError> {
    let (deadline, mut goes_on) = (Instant::now() + wait, false);
    loop {
        // Marked as seen before the store is asked, so that what comes in between wakes the poll again.
        news.borrow_and_update();
        let looked = look(since, goes_on).await?;
        let over = Instant::now() >= deadline || shutdown.is_cancelled();
        if over || !looked.changes.is_empty() || looked.head < since {
            return Ok(looked);
        }
        (since, goes_on) = (looked.to, true);
        tokio::select! {
            // When nobody announces changes any more, the other branches remain.
            Ok(()) = news.changed() => {}
            () = sleep(LOOK_EVERY) => {}
            () = sleep_until(deadline) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

impl From<Looked> for Page {
    fn from(looked: Looked) -> Self {
        let changes = looked.changes.into_iter().map(Arc::unwrap_or_clone).collect();
        Self { changes, next: looked.to, head: looked.head }
    }
}

/// `topic`, if it is one of the configuration.
pub(super) fn known(shared: &Shared, topic: &str) -> Result<String, Problem> {
    let topics = shared.topics();
    if topics.iter().any(|t| t.id == topic) {
        return Ok(topic.to_owned());
    }
    let problem = Problem::bad(format!("No topic is called `{}`.", shown(topic)));
    Err(problem.known(topics.iter().map(|t| t.id.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::change;

    /// Long enough that a test which needs it would be seen to hang.
    const LONG: Duration = Duration::from_secs(60);

    /// A log that holds one change of the topic, number 3, once `announced` says 3.
    async fn polled(since: i64, wait: Duration, announced: watch::Receiver<i64>, stop: &CancellationToken) -> Page {
        let log = announced.clone();
        let look = |since, _| {
            let head = *log.borrow();
            let changes = if head >= 3 && since < 3 { vec![Arc::new(change(3))] } else { vec![] };
            std::future::ready(Ok(Looked::of(changes, head, 10)))
        };
        poll(look, since, wait, announced, stop).await.unwrap().into()
    }

    #[tokio::test]
    async fn a_poll_wakes_for_its_own_change_only() {
        let (announce, announced) = watch::channel(1);
        let stop = CancellationToken::new();
        let mut waiting = Box::pin(polled(1, LONG, announced, &stop));
        assert!(futures::poll!(&mut waiting).is_pending());
        announce.send(2).unwrap();
        assert!(futures::poll!(&mut waiting).is_pending(), "number 2 is another topic's");
        announce.send(3).unwrap();
        let page = waiting.await;
        assert_eq!((page.changes.len(), page.next), (1, 3));
    }

    #[tokio::test]
    async fn a_poll_ends_with_the_server_or_its_time_or_a_foreign_cursor() {
        let (announce, announced) = watch::channel(2);
        let stop = CancellationToken::new();
        let page = polled(1, Duration::ZERO, announced.clone(), &stop).await;
        assert_eq!((page.changes.len(), page.next), (0, 2));
        assert_eq!(polled(9, LONG, announced.clone(), &stop).await.next, 2, "ahead of the log");
        let mut waiting = Box::pin(polled(2, LONG, announced, &stop));
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(announce);
        assert!(futures::poll!(&mut waiting).is_pending(), "it neither ends nor spins when nobody announces");
        stop.cancel();
        assert_eq!(waiting.await.next, 2);
    }
}
