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

use super::router::Shared;
use crate::store::{SinkRow, SourceRow, StoreError, Totals};
use crate::telemetry::Metrics;

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
    reasons.extend(app.pulse.verdict(now, app.settings.ready_within).err());
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
            Ok(Ok((rows, totals, sinks))) => {
                gauge(metrics, rows, *totals, Utc::now());
                gauge_sinks(metrics, sinks, *totals);
            }
            Ok(Err(e)) => tracing::warn!(error = %e, "gauges keep their values: the database could not be read"),
            Err(_) => tracing::warn!("gauges keep their values: the database does not answer in time"),
        }
        metrics.render()
    };
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], body).into_response()
}

async fn read(shared: &Shared, now: DateTime<Utc>) -> Result<(Vec<SourceRow>, Totals, Vec<SinkRow>), StoreError> {
    let store = &shared.app.store;
    Ok((store.sources().await?, store.totals(now).await?, store.sinks().await?))
}

/// The same for sinks.
fn gauge_sinks(metrics: &Metrics, sinks: &[SinkRow], totals: Totals) {
    metrics.sink_lag.reset();
    metrics.sink_dead.reset();
    for sink in sinks {
        let label = [sink.id.as_str()];
        metrics.sink_lag.with_label_values(&label).set((totals.changes - sink.cursor).max(0));
        metrics.sink_dead.with_label_values(&label).set(sink.dead);
    }
}

/// Sets what is set when scraped. Sources that are no longer configured vanish.
fn gauge(metrics: &Metrics, rows: &[SourceRow], totals: Totals, now: DateTime<Utc>) {
    let all = [&metrics.source_failures, &metrics.source_success, &metrics.source_articles, &metrics.source_state];
    for gauges in all {
        gauges.reset();
    }
    for row in rows {
        let source = [row.id.as_str()];
        metrics.source_failures.with_label_values(&source).set(row.failures);
        // 0 for one that never answered, so that an alarm on its age goes off.
        let success = row.last_success_at.map_or(0, |t| t.timestamp());
        metrics.source_success.with_label_values(&source).set(success);
        metrics.source_articles.with_label_values(&source).set(row.articles);
        let (now_in, _) = super::state(row, now);
        for state in super::State::ALL {
            metrics.source_state.with_label_values(&[source[0], state.as_str()]).set((state == now_in).into());
        }
    }
    metrics.due.set(totals.due);
    metrics.lag.set(totals.lag_s);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::row;

    #[test]
    fn gauges_follow_the_configured_sources() {
        let metrics = Metrics::new().unwrap();
        let mut harbor = row("harbor");
        (harbor.failures, harbor.articles) = (4, 12);
        gauge(&metrics, &[harbor, row("delta")], Totals { due: 7, lag_s: 90, ..Totals::default() }, Utc::now());
        let text = metrics.render();
        assert!(text.contains("tidings_source_failures{source=\"harbor\"} 4"), "{text}");
        assert!(text.contains("tidings_source_articles{source=\"harbor\"} 12"));
        assert!(text.contains("tidings_source_state{source=\"harbor\",state=\"failing\"} 1"), "{text}");
        assert!(text.contains("tidings_source_state{source=\"harbor\",state=\"ok\"} 0"), "{text}");
        assert!(text.contains("tidings_source_last_success_timestamp_seconds{source=\"delta\"} 0"));
        assert!(text.contains("tidings_due_targets 7") && text.contains("tidings_due_lag_seconds 90"));
        gauge(&metrics, &[row("delta")], Totals::default(), Utc::now());
        assert!(!metrics.render().contains("harbor"));
    }

    #[test]
    fn a_sink_lags_by_what_it_has_not_passed() {
        let metrics = Metrics::new().unwrap();
        let sink = SinkRow {
            id: "chat".into(),
            cursor: 40,
            state: crate::store::SinkState::Active,
            added_at: DateTime::UNIX_EPOCH,
            trying_to: None,
            tries: 0,
            failing_since: None,
            next_try_at: None,
            last_error: None,
            last_status: None,
            last_success_at: None,
            delivered: 3,
            holder: Some("here".into()),
            lease_until: None,
            dead: 2,
        };
        let shown = serde_json::to_string(&sink).unwrap();
        assert!(shown.contains("\"state\":\"active\"") && !shown.contains("here"), "{shown}");
        gauge_sinks(&metrics, &[sink], Totals { changes: 52, ..Totals::default() });
        let text = metrics.render();
        assert!(text.contains("tidings_sink_lag{sink=\"chat\"} 12"), "{text}");
        assert!(text.contains("tidings_sink_dead_letters{sink=\"chat\"} 2"), "{text}");
        gauge_sinks(&metrics, &[], Totals::default());
        assert!(!metrics.render().contains("chat"));
    }

    #[test]
    fn one_reason_is_enough_not_to_be_ready() {
        assert_eq!(readiness(&[]).status(), 200);
        assert_eq!(readiness(&["the database does not answer".into()]).status(), 503);
    }
}
