//! The change log as server-sent events: each change once, in order, as it comes, from wherever the reader left off.
//!
//! A stream asks the log for more only when its reader has taken what there was, so a slow one costs no memory; one that does
//! not take anything for a while is dropped, and resumes by the number of the last change that it got.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, stream};
use tokio::{
    sync::{OwnedSemaphorePermit, watch},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    changes::{kinds, known, whole},
    problem::Problem,
    query::{Query, shown},
    router::Shared,
    tail::{Looked, Wanted},
};
use crate::model::Change;
use crate::store::StoreError;

/// Changes read at once.
const READ: i64 = 100;
/// A stream on which nothing else happens says so this often, or proxies take it for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A reader that has not taken an event for this long is dropped.
const SLOW_MAX: Duration = Duration::from_secs(30);
/// Nobody may announce changes any more, so a stream also looks by itself.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Pause after the database failed.
const PAUSE: Duration = Duration::from_secs(2);
/// When a reader that was cut off should come back.
const COME_BACK: Duration = Duration::from_secs(3);

/// Where a reader is.
struct Reader<L> {
    look: L,
    /// Number of the last change that it was given or that is not for it.
    since: i64,
    /// Whether it has seen the whole log once.
    goes_on: bool,
    /// Read, and not yet given.
    waiting: VecDeque<Arc<Change>>,
    news: watch::Receiver<i64>,
    shutdown: CancellationToken,
    /// When it was last given something; until it takes that it does not ask again.
    given: Option<Instant>,
    /// Its place among those that are allowed; given back when the stream ends.
    _room: Option<OwnedSemaphorePermit>,
}

/// The change log as server-sent events.
///
/// Each change once and in order, as it happens: `id` is its number and `data` the change as JSON. It never ends by itself.
#[utoipa::path(get, path = "/api/v1/stream", tag = "read", params(
    ("since" = Option<i64>, Query, description = "Number of the last change that is known; the newest if absent.", minimum = 0),
    ("topic" = Option<String>, Query, description = "Only changes of this topic."),
    ("kind" = Option<String>, Query, description = "Only changes of this kind, or of several with commas between."),
    ("Last-Event-ID" = Option<i64>, Header, description = "The same as `since`, which it overrides; browsers send it when they \
        come back.", minimum = 0),
), responses(
    (status = 200, description = "Changes as they happen.", body = String, content_type = "text/event-stream"),
    (status = 410, description = "Changes after `since` were deleted for their age; `oldest` is the first that is kept.",
        body = Problem, content_type = "application/problem+json"),
    (status = "4XX", description = "The request cannot be understood.", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Too many follow, or the database does not answer.", body = Problem,
        content_type = "application/problem+json"),
))]
pub(super) async fn stream(
    State(shared): State<Arc<Shared>>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = Query::of(raw.as_deref());
    let topic = query.get("topic").map(|topic| known(&shared, topic)).transpose()?;
    let kinds = kinds(&query)?;
    let asked = match last_event(&headers)? {
        Some(last) => Some(last),
        None => query.get("since").map(|_| query.since()).transpose()?,
    };
    let Ok(room) = shared.streams.clone().try_acquire_owned() else {
        return Err(Problem::busy("Too many readers follow the stream."));
    };
    let head = shared.app.store.head().await.map_err(|e| Problem::store("head", &e))?;
    // A number beyond the head is another database's.
    let since = asked.unwrap_or(head).min(head);
    whole(&shared.app.store, since).await?;
    let (tail, wanted) = (shared.tail.clone(), Arc::new(Wanted { topic, kinds }));
    let look = move |since, goes_on| {
        let (tail, wanted) = (tail.clone(), wanted.clone());
        async move { tail.look(since, goes_on, &wanted, READ).await }
    };
    let reader = Reader {
        look,
        since,
        goes_on: false,
        waiting: VecDeque::new(),
        news: shared.app.head.clone(),
        shutdown: shared.shutdown.clone(),
        given: None,
        _room: Some(room),
    };
    let events = Sse::new(events(reader)).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // Proxies of the nginx kind would otherwise keep events until they have a page of them.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(([unbuffered], events).into_response())
}

/// The number after which a browser that comes back goes on; it wins over `since`, which stays in the address.
fn last_event(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let text = String::from_utf8_lossy(value.as_bytes());
    let number = match text.trim() {
        "" => return Ok(None),
        text => text.parse().ok().filter(|n| *n >= 0),
    };
    number.map(Some).ok_or_else(|| {
        Problem::bad(format!("`Last-Event-ID` must be the number of a change, 0 or more, not `{}`.", shown(&text)))
    })
}

/// What the reader is sent, until it is too slow or the server stops.
fn events<L, F>(reader: Reader<L>) -> impl Stream<Item = Result<Event, Infallible>> + Send
where
    L: Fn(i64, bool) -> F + Send + 'static,
    F: Future<Output = Result<Looked, StoreError>> + Send,
{
    let hello = Event::default().retry(COME_BACK).comment("changes follow");
    let changes = stream::unfold(reader, |mut reader| async move {
        let change = reader.next().await?;
        Some((Ok(event(&change)), reader))
    });
    futures::StreamExt::chain(stream::iter([Ok(hello)]), changes)
}

fn event(change: &Change) -> Event {
    let event = Event::default().id(change.number.to_string());
    // Strings, numbers and lists under fixed keys: there is nothing in them that JSON could refuse.
    event.data(serde_json::to_string(change).unwrap_or_default())
}

impl<L, F> Reader<L>
where
    L: Fn(i64, bool) -> F,
    F: Future<Output = Result<Looked, StoreError>>,
{
    /// The next change for the reader; `None`: the stream ends here.
    async fn next(&mut self) -> Option<Arc<Change>> {
        if self.given.take().is_some_and(|at| at.elapsed() >= SLOW_MAX) {
            tracing::debug!(change.number = self.since, "a reader of the stream was too slow; it can resume");
            return None;
        }
        while !self.shutdown.is_cancelled() {
            if let Some(change) = self.waiting.pop_front() {
                self.given = Some(Instant::now());
                return Some(change);
            }
            // Marked as seen before the store is asked, so that what comes in between wakes the stream again.
            self.news.borrow_and_update();
            let looked = tokio::select! {
                () = self.shutdown.cancelled() => return None,
                looked = (self.look)(self.since, self.goes_on) => looked,
            };
            match looked {
                Ok(looked) => {
                    self.since = looked.to;
                    self.goes_on |= looked.to >= looked.head;
                    self.waiting = looked.changes.into();
                    if !self.waiting.is_empty() {
                        continue;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, hint = error.hint(), "a stream has to wait for the database");
                    tokio::select! {
                        () = self.shutdown.cancelled() => return None,
                        () = sleep(PAUSE) => continue,
                    }
                }
            }
            tokio::select! {
                // When nobody announces changes any more, the other branches remain.
                Ok(()) = self.news.changed() => {}
                () = sleep(LOOK_EVERY) => {}
                () = self.shutdown.cancelled() => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::{FutureExt, StreamExt};

    use super::*;

    fn change(number: i64) -> Change {
        Change { title: "港口\n新闻".into(), ..crate::serve::tests::change(number) }
    }

    /// A log of a topic: of the announced numbers it holds the even ones, read two at a time.
    fn reader(
        since: i64,
        announced: &watch::Sender<i64>,
        shutdown: &CancellationToken,
    ) -> Reader<impl Fn(i64, bool) -> std::future::Ready<Result<Looked, StoreError>> + use<>> {
        let log = announced.subscribe();
        let look = move |since: i64, _| {
            let head = *log.borrow();
            let changes = (since + 1..=head).filter(|n| n % 2 == 0).take(2).map(|n| Arc::new(change(n)));
            std::future::ready(Ok(Looked::of(changes.collect(), head, 2)))
        };
        let (waiting, news) = (VecDeque::new(), announced.subscribe());
        Reader { look, since, goes_on: false, waiting, news, shutdown: shutdown.clone(), given: None, _room: None }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_gives_each_change_once_and_wakes_for_the_next() {
        let (announce, _keep) = watch::channel(7);
        let stop = CancellationToken::new();
        let mut reader = reader(1, &announce, &stop);
        for expected in [2, 4, 6] {
            assert_eq!(reader.next().await.unwrap().number, expected);
        }
        {
            let mut waiting = Box::pin(reader.next());
            assert!(futures::poll!(&mut waiting).is_pending());
            announce.send(8).unwrap();
            assert_eq!(waiting.await.unwrap().number, 8);
        }
        stop.cancel();
        assert!(reader.next().await.is_none(), "it ends with the server");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_does_not_take_what_it_is_given_is_dropped() {
        let (announce, _keep) = watch::channel(8);
        let mut reader = reader(0, &announce, &CancellationToken::new());
        assert_eq!(reader.next().await.unwrap().number, 2);
        tokio::time::advance(SLOW_MAX - Duration::from_secs(1)).await;
        assert_eq!(reader.next().await.unwrap().number, 4, "not that slow");
        tokio::time::advance(SLOW_MAX).await;
        assert!(reader.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn time_spent_waiting_for_news_is_nobodys_slowness() {
        let (announce, _keep) = watch::channel(2);
        let mut reader = reader(0, &announce, &CancellationToken::new());
        assert_eq!(reader.next().await.unwrap().number, 2);
        let later = async {
            sleep(SLOW_MAX * 3).await;
            announce.send(4).unwrap();
        };
        let (next, ()) = tokio::join!(reader.next(), later);
        assert_eq!(next.unwrap().number, 4);
        assert_eq!(reader.given.map(|at| at.elapsed()), Some(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_database_that_fails_is_asked_again() {
        let fails = Mutex::new(2);
        let look = move |since: i64, _| {
            let mut left = fails.lock().unwrap();
            *left -= i32::from(*left > 0);
            let bad = || StoreError::Corrupt("for a moment".into());
            std::future::ready(if *left > 0 {
                Err(bad())
            } else {
                Ok(Looked::of(vec![Arc::new(change(since + 1))], since + 1, 9))
            })
        };
        let (waiting, news, shutdown) = (VecDeque::new(), watch::channel(0).1, CancellationToken::new());
        let mut reader = Reader { look, since: 3, goes_on: false, waiting, news, shutdown, given: None, _room: None };
        assert_eq!(reader.next().await.unwrap().number, 4);
    }

    #[tokio::test]
    async fn events_carry_their_number_and_one_line_of_json() {
        let (announce, _keep) = watch::channel(2);
        let stop = CancellationToken::new();
        let body = Sse::new(events(reader(0, &announce, &stop))).into_response().into_body();
        let mut frames = body.into_data_stream();
        let hello = frames.next().await.unwrap().unwrap();
        assert_eq!(hello, "retry: 3000\n: changes follow\n\n");
        let event = String::from_utf8(frames.next().await.unwrap().unwrap().to_vec()).unwrap();
        let lines: Vec<&str> = event.lines().collect();
        assert_eq!((lines[0], lines.len()), ("id: 2", 3), "{event}");
        let told: Change = serde_json::from_str(lines[1].strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(told, change(2));
        assert!(frames.next().now_or_never().is_none());
    }

    #[test]
    fn a_reader_that_comes_back_says_where_it_was() {
        let last = |value: &'static str| {
            last_event(&HeaderMap::from_iter([(
                HeaderName::from_static("last-event-id"),
                HeaderValue::from_static(value),
            )]))
        };
        assert_eq!(last_event(&HeaderMap::new()).unwrap(), None);
        assert_eq!((last("17").unwrap(), last("").unwrap()), (Some(17), None));
        for bad in ["-1", "x", "1.5", "99999999999999999999"] {
            assert_eq!(last(bad).unwrap_err().status, 400);
        }
    }
}
