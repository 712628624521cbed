//! Numbers that are set when they are asked for.

use chrono::{DateTime, Utc};

use super::{
    App,
    sinks::{Standing, standing},
};
use crate::store::{SinkRow, SourceRow, Totals};
use crate::telemetry::Metrics;

/// What is read for them.
pub(super) struct Stored {
    pub(super) sources: Vec<SourceRow>,
    pub(super) totals: Totals,
    pub(super) sinks: Vec<SinkRow>,
    /// How many daemons are there.
    pub(super) daemons: usize,
}

/// Sets what the store knows.
pub(super) fn stored(metrics: &Metrics, stored: &Stored, now: DateTime<Utc>) {
    gauge(metrics, &stored.sources, stored.totals, now);
    gauge_sinks(metrics, &stored.sinks, stored.totals, now);
    metrics.daemons.set(i64::try_from(stored.daemons).unwrap_or(i64::MAX));
}

/// Sets what this process knows by itself.
pub(super) fn own(metrics: &Metrics, app: &App, now: DateTime<Utc>) {
    metrics.ready.set(app.pulse.troubles(now, app.settings.bounds()).is_empty().into());
    let (busy, idle, most) = app.store.connections();
    metrics.connections.with_label_values(&["busy"]).set(busy.into());
    metrics.connections.with_label_values(&["idle"]).set(idle.into());
    metrics.connections_max.set(most.into());
}

/// The same for sinks.
fn gauge_sinks(metrics: &Metrics, sinks: &[SinkRow], totals: Totals, now: DateTime<Utc>) {
    for gauges in [&metrics.sink_lag, &metrics.sink_dead, &metrics.sink_state] {
        gauges.reset();
    }
    for sink in sinks {
        let label = [sink.id.as_str()];
        metrics.sink_lag.with_label_values(&label).set((totals.changes - sink.cursor).max(0));
        metrics.sink_dead.with_label_values(&label).set(sink.dead);
        let (now_in, _) = standing(sink, now);
        for state in Standing::ALL {
            metrics.sink_state.with_label_values(&[label[0], state.as_str()]).set((state == now_in).into());
        }
    }
}

/// Sets what is set when scraped. Sources that are no longer configured vanish.
fn gauge(metrics: &Metrics, rows: &[SourceRow], totals: Totals, now: DateTime<Utc>) {
    let m = metrics;
    let all = [&m.source_failures, &m.source_success, &m.source_new, &m.source_next, &m.source_entries];
    for gauges in all.into_iter().chain([&m.source_pending, &m.source_articles, &m.source_state]) {
        gauges.reset();
    }
    for row in rows {
        let source = [row.id.as_str()];
        metrics.source_failures.with_label_values(&source).set(row.failures);
        // 0 for one that never answered, so that an alarm on its age goes off.
        let since = |at: Option<DateTime<Utc>>| at.map_or(0, |t| t.timestamp());
        metrics.source_success.with_label_values(&source).set(since(row.last_success_at));
        metrics.source_new.with_label_values(&source).set(since(row.last_new_at));
        metrics.source_next.with_label_values(&source).set(since(row.next_visit_at));
        metrics.source_entries.with_label_values(&source).set(row.entries_seen);
        metrics.source_pending.with_label_values(&source).set(row.pending);
        metrics.source_articles.with_label_values(&source).set(row.articles);
        let (now_in, _) = super::state(row, now);
        for state in super::State::ALL {
            metrics.source_state.with_label_values(&[source[0], state.as_str()]).set((state == now_in).into());
        }
    }
    metrics.due.set(totals.due);
    metrics.lag.set(totals.lag_s);
    metrics.leases.set(totals.leases);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::{sinks::tests::sink, tests::row};
    use crate::store::SinkState;

    #[test]
    fn gauges_follow_the_configured_sources() {
        let metrics = Metrics::new().unwrap();
        let mut harbor = row("harbor");
        (harbor.failures, harbor.articles, harbor.pending, harbor.entries_seen) = (4, 12, 3, 30);
        gauge(&metrics, &[harbor, row("delta")], Totals { due: 7, lag_s: 90, ..Totals::default() }, Utc::now());
        let text = metrics.render();
        assert!(text.contains("tidings_source_failures{source=\"harbor\"} 4"), "{text}");
        assert!(text.contains("tidings_source_articles{source=\"harbor\"} 12"));
        assert!(text.contains("tidings_source_pending_pages{source=\"harbor\"} 3"));
        assert!(text.contains("tidings_source_entries{source=\"harbor\"} 30"));
        assert!(text.contains("tidings_source_last_new_timestamp_seconds{source=\"harbor\"} 0"));
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
        let sink = SinkRow { delivered: 3, holder: Some("here".into()), dead: 2, ..sink("chat") };
        let shown = serde_json::to_string(&sink).unwrap();
        assert!(shown.contains("\"state\":\"active\"") && !shown.contains("here"), "{shown}");
        let sinks = [sink, SinkRow { state: SinkState::Gone, ..self::sink("old") }];
        gauge_sinks(&metrics, &sinks, Totals { changes: 52, ..Totals::default() }, Utc::now());
        let text = metrics.render();
        assert!(text.contains("tidings_sink_lag{sink=\"chat\"} 12"), "{text}");
        assert!(text.contains("tidings_sink_dead_letters{sink=\"chat\"} 2"), "{text}");
        assert!(text.contains("tidings_sink_state{sink=\"old\",state=\"gone\"} 1"), "{text}");
        assert!(text.contains("tidings_sink_state{sink=\"old\",state=\"ok\"} 0"), "{text}");
        gauge_sinks(&metrics, &[], Totals::default(), Utc::now());
        assert!(!metrics.render().contains("chat"));
    }
}
