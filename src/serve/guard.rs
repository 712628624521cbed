//! What holds for every answer: it comes in time or is refused, and it carries the headers of safety.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::{sync::Semaphore, time::timeout};

use super::{callback, conditional::weaken, limit, problem::Problem, router::Shared};

/// Requests that read the store at once; more wait their turn.
pub(super) const REQUESTS_MAX: usize = 32;
/// Searches at once; more wait their turn.
pub(super) const SEARCHES_MAX: usize = 3;
/// Readers of the log that look at the store at once; more wait their turn.
pub(super) const LOOKS_MAX: usize = 3;
/// Bytes of a path with its query; longer ones are refused.
const ADDRESS_BYTES_MAX: usize = 8192;
/// Bytes of a request's body; longer ones are refused.
pub(super) const BODY_BYTES_MAX: usize = 64 << 10;
/// An answer that takes longer than this is given up.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Pages hold no script, load nothing and can be framed by nobody; their style is their own.
const SAFETY: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Lets a request wait its turn, and gives it up when its time is over.
pub(super) async fn bound(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    turn(&shared, None, next.run(request)).await
}

/// The same for a search.
pub(super) async fn bound_search(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    turn(&shared, Some(&shared.searches), next.run(request)).await
}

/// The same for the part of a request that needs a turn. Where fewer turns are to be had of a kind, `few`, one of those is waited for
/// first: who waits for what is dear must not take the turns of everybody else.
pub(super) async fn turn(shared: &Shared, few: Option<&Semaphore>, answer: impl Future<Output = Response>) -> Response {
    let turn = async {
        let _few = match few {
            Some(few) => few.acquire().await.ok(),
            None => None,
        };
        let _permit = shared.requests.acquire().await;
        answer.await
    };
    timeout(ANSWER_WITHIN, turn).await.unwrap_or_else(|_| {
        tracing::warn!(timeout_ms = ANSWER_WITHIN.as_millis(), "a request was given up");
        Problem::busy("The answer took too long; try again shortly.").into_response()
    })
}

/// Refuses what is too long to be meant, and who asks too often for what is dear.
pub(super) async fn admit(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let address_bytes = request.uri().path_and_query().map_or(0, |p| p.as_str().len());
    if address_bytes > ADDRESS_BYTES_MAX {
        return Problem::long_address(ADDRESS_BYTES_MAX).into_response();
    }
    let told = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    let is_push = callback::is_push(&request);
    let body_bytes_max = if is_push { callback::PUSH_BYTES_MAX } else { BODY_BYTES_MAX };
    if told.is_some_and(|bytes| bytes > body_bytes_max as u64) {
        return Problem::long_body(body_bytes_max).into_response();
    }
    let cost = if is_push { 0.0 } else { limit::cost(&request) };
    if cost > 0.0
        && let Some(client) = limit::client(&request)
        && let Err(wait) = shared.limits.take(client, cost, Instant::now())
    {
        return Problem::too_often(wait).into_response();
    }
    next.run(request).await
}

/// The headers of every answer.
pub(super) async fn finish(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in SAFETY {
        // Only who has a reason says something else: a feed has a style sheet.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // What says nothing of caching is about this moment.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    weaken(headers);
    response
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use tokio_util::sync::CancellationToken;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_search_keeps_nobody_else_waiting() {
        let shared = Arc::new(Shared::new(Arc::new(crate::serve::tests::app()), CancellationToken::new()));
        let _all = shared.searches.acquire_many(u32::try_from(SEARCHES_MAX).unwrap()).await.unwrap();
        let search = async |shared: Arc<Shared>| {
            let answer = async { StatusCode::OK.into_response() };
            turn(&shared, Some(&shared.searches), answer).await.status()
        };
        let searches: Vec<_> = (0..2 * REQUESTS_MAX).map(|_| tokio::spawn(search(Arc::clone(&shared)))).collect();
        tokio::task::yield_now().await;
        let other = turn(&shared, None, async { StatusCode::OK.into_response() });
        assert_eq!(timeout(Duration::from_secs(1), other).await.unwrap().status(), 200);
        for search in searches {
            assert_eq!(search.await.unwrap(), 503, "none of their turns came");
        }
    }
}
