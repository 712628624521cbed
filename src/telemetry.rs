//! Floor 3: logs, metrics, and the pulse by which the daemon knows that it is alive.

mod pulse;

use std::io::IsTerminal;

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder, process_collector::ProcessCollector,
};
pub use pulse::{Bounds, Pulse};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// How to log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A level (`info`) for what this program says, or `tracing` filter directives for everything (`info,sqlx=debug`).
    pub level: String,
    /// JSON lines instead of text.
    pub json: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { level: "info".into(), json: false }
    }
}

/// Sends log lines of the whole process to standard error. A second call changes nothing.
///
/// # Errors
/// When `level` is no filter.
pub fn log(settings: &Settings) -> Result<(), String> {
    // What libraries say in passing is said by us where it matters; directives of the user's own are taken as they are.
    let is_level = settings.level.chars().all(|c| c.is_ascii_alphanumeric());
    let directives = if is_level { format!("error,tidings={}", settings.level) } else { settings.level.clone() };
    let filter = EnvFilter::try_new(directives)
        .map_err(|e| format!("`{}` is no log level: {e}; try `info` or `tidings=debug`", settings.level))?;
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(std::io::stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(filter);
    let _already = if settings.json {
        registry.with(lines.json().flatten_event(true)).try_init()
    } else {
        registry.with(lines).try_init()
    };
    Ok(())
}

/// Upper bounds in seconds: from an answer of the same house to one that takes all the time it may.
const VISIT_SECONDS: &[f64] = &[0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0];
/// The same for transactions.
const BATCH_SECONDS: &[f64] = &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Upper bounds in visits.
const BATCH_VISITS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Every metric of the program, by the names that `/metrics` shows.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    /// Visits by source and outcome.
    pub visits: IntCounterVec,
    /// Time of a visit.
    pub visit_seconds: Histogram,
    /// Time of its phases, by the words of [`crate::model::Phases::each`].
    pub phase_seconds: HistogramVec,
    /// Bytes of bodies after decompression, by source.
    pub body_bytes: IntCounterVec,
    /// Articles stored for the first time, by source.
    pub articles: IntCounterVec,
    /// Changes appended, by kind.
    pub changes: IntCounterVec,
    /// Transactions of the ledger.
    pub batches: IntCounter,
    /// Transactions of the ledger that failed and were tried again.
    pub batches_failed: IntCounter,
    /// Time of a transaction of the ledger.
    pub batch_seconds: Histogram,
    /// Visits of a transaction of the ledger.
    pub batch_visits: Histogram,
    /// Visits waiting for the ledger.
    pub queue: IntGauge,
    /// Hosts being visited.
    pub lanes: IntGauge,
    /// Leases that were lost while their host was visited.
    pub leases_lost: IntCounter,
    /// Hosts given back before all was visited, because another daemon has less to do.
    pub leases_yielded: IntCounter,
    /// Hosts held by this daemon and others; set when scraped.
    pub leases: IntGauge,
    /// Daemons on this database; set when scraped.
    pub daemons: IntGauge,
    /// Connections to the database, by whether they are `busy` or `idle`; set when scraped.
    pub connections: IntGaugeVec,
    /// How many of them there may be; set when scraped.
    pub connections_max: IntGauge,
    /// 1 when ingestion moves, 0 when it does not; set when scraped.
    pub ready: IntGauge,
    /// Failed visits since the last good one, by source; set when scraped.
    pub source_failures: IntGaugeVec,
    /// When the source last answered well, Unix seconds; set when scraped.
    pub source_success: IntGaugeVec,
    /// When the source last had something new, Unix seconds; set when scraped.
    pub source_new: IntGaugeVec,
    /// When the source is visited next, Unix seconds; set when scraped.
    pub source_next: IntGaugeVec,
    /// Entries of the source's last listing; set when scraped.
    pub source_entries: IntGaugeVec,
    /// Pages of the source that wait for their first good visit; set when scraped.
    pub source_pending: IntGaugeVec,
    /// Articles stored, by source; set when scraped.
    pub source_articles: IntGaugeVec,
    /// 1 for the state that the source is in, 0 for every other one; set when scraped.
    pub source_state: IntGaugeVec,
    /// Messages to sinks, by sink and what came of them.
    pub sink_deliveries: IntCounterVec,
    /// Changes that a sink was not yet told of; set when scraped.
    pub sink_lag: IntGaugeVec,
    /// Changes that a sink would not take; set when scraped.
    pub sink_dead: IntGaugeVec,
    /// 1 for the state that a sink is in.
    pub sink_state: IntGaugeVec,
    /// What was sent to subscribers of our feeds and to hubs, by what came of it.
    pub hub_deliveries: IntCounterVec,
    /// What hubs of sources sent us, by what came of it.
    pub websub_pushes: IntCounterVec,
    /// Targets that are due; set when scraped.
    pub due: IntGauge,
    /// Seconds by which the longest-waiting target is overdue; set when scraped.
    pub lag: IntGauge,
}

impl Metrics {
    /// All metrics at zero.
    ///
    /// # Errors
    /// Only when two metrics have one name, which the tests exclude.
    pub fn new() -> Result<Self, prometheus::Error> {
        let r = Registry::new();
        r.register(Box::new(ProcessCollector::for_self()))?;
        gauges_by(&r, "tidings_build_info", "1, with the version as a label.", &["version"])?
            .with_label_values(&[env!("CARGO_PKG_VERSION")])
            .set(1);
        let told = |name, help| counters(&r, name, help, &["outcome"]);
        let hist = |name, help, buckets| histogram(&r, name, help, buckets);
        Ok(Self {
            visits: counters(&r, "tidings_visits_total", "Visits by source and outcome.", &["source", "outcome"])?,
            visit_seconds: hist("tidings_visit_duration_seconds", "Time of a visit.", VISIT_SECONDS)?,
            phase_seconds: phases(&r, "tidings_visit_phase_duration_seconds", "Time of each phase of a visit.")?,
            body_bytes: counters(&r, "tidings_body_bytes_total", "Bytes of bodies after decompression.", &["source"])?,
            articles: counters(&r, "tidings_articles_total", "Articles stored for the first time.", &["source"])?,
            changes: counters(&r, "tidings_changes_total", "Changes appended to the log.", &["kind"])?,
            batches: counter(&r, "tidings_ledger_batches_total", "Transactions of the ledger.")?,
            batches_failed: counter(&r, "tidings_ledger_batches_failed_total", "Ledger transactions that failed.")?,
            batch_seconds: hist(
                "tidings_ledger_batch_duration_seconds",
                "Time of a ledger transaction.",
                BATCH_SECONDS,
            )?,
            batch_visits: hist("tidings_ledger_batch_visits", "Visits of a ledger transaction.", BATCH_VISITS)?,
            queue: gauge(&r, "tidings_ledger_queue_visits", "Visits waiting for the ledger.")?,
            lanes: gauge(&r, "tidings_lanes", "Hosts being visited.")?,
            leases_lost: counter(&r, "tidings_leases_lost_total", "Leases lost while their host was visited.")?,
            leases_yielded: counter(&r, "tidings_leases_yielded_total", "Hosts left to daemons with less to do.")?,
            leases: gauge(&r, "tidings_leases", "Hosts held by all daemons of the database.")?,
            daemons: gauge(&r, "tidings_daemons", "Daemons on the database.")?,
            connections: gauges_by(&r, "tidings_database_connections", "Connections of the pool.", &["state"])?,
            connections_max: gauge(&r, "tidings_database_connections_max", "Connections that the pool may have.")?,
            ready: gauge(&r, "tidings_ready", "1 when ingestion moves, as /readyz tells.")?,
            source_failures: gauges(&r, "tidings_source_failures", "Failed visits since the last good one.")?,
            source_success: gauges(
                &r,
                "tidings_source_last_success_timestamp_seconds",
                "When the source last answered well.",
            )?,
            source_new: gauges(&r, "tidings_source_last_new_timestamp_seconds", "When something was last new.")?,
            source_next: gauges(&r, "tidings_source_next_visit_timestamp_seconds", "When it is visited next.")?,
            source_entries: gauges(&r, "tidings_source_entries", "Entries of the last listing.")?,
            source_pending: gauges(&r, "tidings_source_pending_pages", "Pages that wait for their first good visit.")?,
            source_articles: gauges(&r, "tidings_source_articles", "Articles stored of the source.")?,
            source_state: gauges_by(
                &r,
                "tidings_source_state",
                "1 for the state that the source is in.",
                &["source", "state"],
            )?,
            sink_deliveries: counters(
                &r,
                "tidings_sink_deliveries_total",
                "Messages to sinks by what came of them.",
                &["sink", "outcome"],
            )?,
            sink_lag: gauges_by(&r, "tidings_sink_lag", "Changes that the sink has not passed yet.", &["sink"])?,
            sink_dead: gauges_by(&r, "tidings_sink_dead_letters", "Changes that the sink would not take.", &["sink"])?,
            sink_state: gauges_by(
                &r,
                "tidings_sink_state",
                "1 for the state that the sink is in.",
                &["sink", "state"],
            )?,
            hub_deliveries: told("tidings_hub_deliveries_total", "What our hub sent, by what came of it.")?,
            websub_pushes: told("tidings_websub_pushes_total", "What hubs sent, by what came of it.")?,
            due: gauge(&r, "tidings_due_targets", "Targets whose visit is due.")?,
            lag: gauge(&r, "tidings_due_lag_seconds", "How long the longest-waiting target is overdue.")?,
            registry: r,
        })
    }

    /// The text exposition format of Prometheus.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = Vec::new();
        if let Err(e) = TextEncoder::new().encode(&self.registry.gather(), &mut out) {
            tracing::error!(error = %e, "metrics could not be encoded");
        }
        String::from_utf8(out).unwrap_or_default()
    }
}

fn phases(r: &Registry, name: &str, help: &str) -> Result<HistogramVec, prometheus::Error> {
    let opts = HistogramOpts::new(name, help).buckets(VISIT_SECONDS.to_vec());
    let m = HistogramVec::new(opts, &["phase"])?;
    r.register(Box::new(m.clone()))?;
    Ok(m)
}

fn counter(r: &Registry, name: &str, help: &str) -> Result<IntCounter, prometheus::Error> {
    let m = IntCounter::new(name, help)?;
    r.register(Box::new(m.clone()))?;
    Ok(m)
}

fn counters(r: &Registry, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, prometheus::Error> {
    let m = IntCounterVec::new(Opts::new(name, help), labels)?;
    r.register(Box::new(m.clone()))?;
    Ok(m)
}

fn gauge(r: &Registry, name: &str, help: &str) -> Result<IntGauge, prometheus::Error> {
    let m = IntGauge::new(name, help)?;
    r.register(Box::new(m.clone()))?;
    Ok(m)
}

fn gauges(r: &Registry, name: &str, help: &str) -> Result<IntGaugeVec, prometheus::Error> {
    gauges_by(r, name, help, &["source"])
}

fn gauges_by(r: &Registry, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, prometheus::Error> {
    let m = IntGaugeVec::new(Opts::new(name, help), labels)?;
    r.register(Box::new(m.clone()))?;
    Ok(m)
}

fn histogram(r: &Registry, name: &str, help: &str, buckets: &[f64]) -> Result<Histogram, prometheus::Error> {
    let m = Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?;
    r.register(Box::new(m.clone()))?;
    Ok(m)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_shown_with_help_and_type() {
        let metrics = Metrics::new().unwrap();
        metrics.visits.with_label_values(&["a", "ok"]).inc();
        let text = metrics.render();
        assert!(text.contains("tidings_visits_total{outcome=\"ok\",source=\"a\"} 1"));
        assert!(text.contains("# HELP tidings_lanes ") && text.contains("# TYPE tidings_lanes gauge"));
        assert!(text.contains("process_resident_memory_bytes"));
    }
}
