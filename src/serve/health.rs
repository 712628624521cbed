//! Answers for machines: is the process there, does it work, what are its numbers.

use std::{sync::Arc, sync::PoisonError, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tokio::time::timeout;

use super::{
    gauges::{self, Stored},
    router::Shared,
};
use crate::store::StoreError;

/// The database answers a probe within this, or counts as unreachable.
const PING_WITHIN: Duration = Duration::from_secs(2);
/// Gauges are read within this, or keep what they had.
const SCRAPE_WITHIN: Duration = Duration::from_secs(5);

/// `/healthz`: the process answers, which is all that a restart could mend.
pub(super) async fn healthz() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "ok\n").into_response()
}

/// `/readyz`: the database is reachable and ingestion moves.
pub(super) async fn readyz(State(shared): State<Arc<Shared>>) -> Response {
    let app = &shared.app;
    let now = Utc::now();
    let mut reasons = Vec::new();
    match timeout(PING_WITHIN, app.store.ping()).await {
        Ok(Ok(())) => {}
        Ok(Err(e)) => {
            tracing::warn!(error = %e, "not ready: the database does not answer");
            reasons.push("the database does not answer".to_owned());
        }
        Err(_) => reasons.push(format!("the database has not answered within {} s", PING_WITHIN.as_secs())),
    }
    reasons.extend(app.pulse.troubles(now, app.settings.bounds()));
    readiness(&reasons)
}

fn readiness(reasons: &[String]) -> Response {
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": reasons.is_empty(), "reasons": reasons }))).into_response()
}

/// `/metrics`, in the text format of Prometheus. Counters are shown even when the store is not there to set gauges.
pub(super) async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let read = timeout(SCRAPE_WITHIN, read(&shared, Utc::now())).await;
    let metrics = &shared.app.metrics;
    let body = {
        let _scrape = shared.scrape.lock().unwrap_or_else(PoisonError::into_inner);
        match &read {
            Ok(Ok(read)) => gauges::stored(metrics, read, Utc::now()),
            Ok(Err(e)) => tracing::warn!(error = %e, "gauges keep their values: the database could not be read"),
            Err(_) => tracing::warn!("gauges keep their values: the database does not answer in time"),
        }
        gauges::own(metrics, &shared.app, Utc::now());
        metrics.render()
    };
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], body).into_response()
}

async fn read(shared: &Shared, now: DateTime<Utc>) -> Result<Stored, StoreError> {
    let store = &shared.app.store;
    Ok(Stored {
        sources: store.sources().await?,
        totals: store.totals(now).await?,
        sinks: store.sinks().await?,
        daemons: store.daemon_lanes(now).await?.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reason_is_enough_not_to_be_ready() {
        assert_eq!(readiness(&[]).status(), 200);
        assert_eq!(readiness(&["the database does not answer".into()]).status(), 503);
    }
}
