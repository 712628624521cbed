//! Where the hubs of our sources ask whether we meant it, and send what is new (WebSub, sections 5.3 and 7). The address is the
//! key to it: nobody else knows it, so no token is asked for.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Path, RawQuery, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{TimeDelta, Utc};
use tokio::{sync::oneshot, time::timeout};

use super::{problem::Problem, query::Query, query::shown, router::Shared};
use crate::model::Announcement;
use crate::store::{SubscriptionRow, SubscriptionState};
use crate::visit::{Push, Sent};
use crate::websub::{LEASE_DEFAULT_S, SIGNATURE, verify};

/// Pushes that are read at once; more wait their turn.
pub(super) const PUSHES_MAX: usize = 4;
/// Bytes of a push.
pub(super) const PUSH_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How long a push may wait for its turn, take to come, and take to be recorded.
const TURN_WITHIN: Duration = Duration::from_secs(5);
const BODY_WITHIN: Duration = Duration::from_secs(20);
const RECORD_WITHIN: Duration = Duration::from_secs(15);
/// Characters of a key.
const KEY_CHARS: usize = 64;
/// Bytes of a challenge that is repeated.
const CHALLENGE_BYTES_MAX: usize = 4096;
/// What a hub says of how long it tells us is taken for at least a minute, so that it is not asked all the time, and at most a
/// year, in seconds.
const LEASE_S: std::ops::RangeInclusive<i64> = 60..=365 * 86_400;
/// A subscription is renewed so long before it ends, at most; else when three quarters of it are over.
const RENEW_BEFORE_MAX: TimeDelta = TimeDelta::days(1);
/// A hub that will not is asked again after this.
const DENIED_FOR: TimeDelta = TimeDelta::days(1);
/// What hubs can be told of keys that nobody has.
const UNKNOWN: &str = "No subscription of ours has this address.";

/// GET `/websub/{key}`: the hub asks whether we meant it, or says that it will not.
pub(super) async fn verify_intent(
    State(shared): State<Arc<Shared>>,
    Path(key): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let (store, now) = (&shared.app.store, Utc::now());
    let row = known(&shared, &key).await?.ok_or_else(|| Problem::absent(UNKNOWN))?;
    let query = Query::of(raw.as_deref());
    let is_of_ours = query.get("hub.topic") == Some(row.topic.as_str());
    let unwanted = || Problem::absent("That is not what was asked for.");
    let failed = |e| Problem::store("subscription", &e);
    match (query.get("hub.mode"), row.state) {
        // A hub may say so of a topic in other words.
        (Some("denied"), _) => {
            let why =
                query.get("hub.reason").map_or("the hub said no".into(), |r| format!("the hub said no: {}", shown(r)));
            tracing::warn!(source.id = row.source_id, "{why}");
            store.deny_subscription(&key, &why, now, now + DENIED_FOR).await.map_err(failed)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        (Some("subscribe"), SubscriptionState::Asked | SubscriptionState::Active) if is_of_ours => {
            let challenge = challenge(&query)?;
            let lease = query.get("hub.lease_seconds").and_then(|s| s.parse::<i64>().ok()).unwrap_or(LEASE_DEFAULT_S);
            let lease = TimeDelta::seconds(lease.clamp(*LEASE_S.start(), *LEASE_S.end()));
            let (until, renew) = (now + lease, now + lease - (lease / 4).min(RENEW_BEFORE_MAX));
            store.confirm_subscription(&key, until, renew).await.map_err(failed)?;
            tracing::info!(source.id = row.source_id, until = until.to_rfc3339(), "the hub tells what is new");
            Ok(echo(challenge))
        }
        (Some("unsubscribe"), SubscriptionState::Leaving) if is_of_ours => {
            let challenge = challenge(&query)?;
            store.end_subscription(&row.source_id).await.map_err(failed)?;
            Ok(echo(challenge))
        }
        _ => Err(unwanted()),
    }
}

fn challenge(query: &Query) -> Result<String, Problem> {
    let challenge = query.get("hub.challenge").filter(|c| c.len() <= CHALLENGE_BYTES_MAX);
    challenge.map(str::to_owned).ok_or_else(|| Problem::bad("`hub.challenge` is missing, or too long."))
}

fn echo(challenge: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], challenge).into_response()
}

/// POST `/websub/{key}`: the hub sends what is new. It is answered when that is recorded, so that nothing is lost that it
/// believes we have.
pub(super) async fn take(
    State(shared): State<Arc<Shared>>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let row = known(&shared, &key).await?;
    let is_active = |row: &SubscriptionRow| row.state == SubscriptionState::Active;
    // 410 ends a subscription that we know no more (section 7).
    let row = row.filter(is_active).ok_or_else(|| Problem::gone(UNKNOWN))?;
    let pushes = shared.app.pushes.as_ref().ok_or_else(|| Problem::gone(UNKNOWN))?;
    let turn = timeout(TURN_WITHIN, shared.pushes.acquire()).await;
    let _turn = turn.map_err(|_| Problem::busy("Too much is sent at once; try again shortly."))?;
    let body: Bytes = timeout(BODY_WITHIN, to_bytes(body, PUSH_BYTES_MAX))
        .await
        .map_err(|_| Problem::bad("The document did not come in time."))?
        .map_err(|_| Problem::too_large(format!("More than {PUSH_BYTES_MAX} bytes are not taken.")))?;
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let signature = header(SIGNATURE).unwrap_or_default();
    if !row.secret.as_deref().is_some_and(|secret| verify(secret, &body, signature)) {
        let why =
            if signature.is_empty() { "what came was not signed" } else { "what came was signed by somebody else" };
        tracing::warn!(source.id = row.source_id, "{why}; it is ignored");
        count(&shared, "unsigned");
        shared.app.store.refused_push(&row.source_id, why).await.map_err(|e| Problem::store("subscription", &e))?;
        // Who cannot sign is not told that it matters (section 7.1).
        return Ok(StatusCode::ACCEPTED.into_response());
    }
    let (done, recorded) = oneshot::channel();
    let push = Push {
        source: row.source_id,
        sent: Sent {
            from: Announcement { hub: row.hub.parse().ok(), topic: row.topic.parse().ok() },
            content_type: header(header::CONTENT_TYPE.as_str()).map(str::to_owned),
            body: body.into(),
        },
        done,
    };
    let again = || Problem::busy("It cannot be recorded now; try again shortly.");
    timeout(TURN_WITHIN, pushes.send(push)).await.map_err(|_| again())?.map_err(|_| again())?;
    match timeout(RECORD_WITHIN, recorded).await {
        Ok(Ok(())) => {
            count(&shared, "taken");
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => {
            count(&shared, "failed");
            Err(again())
        }
    }
}

/// Whether `request` is a push: it may be long, and comes as often as there is something new. Of those who are not asked to, [`take`]
/// reads nothing.
pub(super) fn is_push(request: &Request) -> bool {
    request.method() == Method::POST && request.uri().path().starts_with("/websub/")
}

fn count(shared: &Shared, outcome: &str) {
    shared.app.metrics.websub_pushes.with_label_values(&[outcome]).inc();
}

/// The subscription that has this key.
async fn known(shared: &Shared, key: &str) -> Result<Option<SubscriptionRow>, Problem> {
    if key.len() != KEY_CHARS || !key.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(None);
    }
    shared.app.store.subscription(key).await.map_err(|e| Problem::store("subscription", &e))
}
