//! Floor 3: logs, metrics, and the pulse by which the daemon knows that it is alive.

use std::{
    io::IsTerminal,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
    process_collector::ProcessCollector,
};
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

/// Every metric of the program, by the names that `/metrics` shows.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    /// Visits by source and outcome.
    pub visits: IntCounterVec,
    /// Time of a visit.
    pub visit_seconds: Histogram,
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
    /// Visits waiting for the ledger.
    pub queue: IntGauge,
    /// Hosts being visited.
    pub lanes: IntGauge,
    /// Failed visits since the last good one, by source; set when scraped.
    pub source_failures: IntGaugeVec,
    /// When the source last answered well, Unix seconds; set when scraped.
    pub source_success: IntGaugeVec,
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
        Ok(Self {
            visits: counters(&r, "tidings_visits_total", "Visits by source and outcome.", &["source", "outcome"])?,
            visit_seconds: histogram(&r, "tidings_visit_duration_seconds", "Time of a visit.")?,
            body_bytes: counters(&r, "tidings_body_bytes_total", "Bytes of bodies after decompression.", &["source"])?,
            articles: counters(&r, "tidings_articles_total", "Articles stored for the first time.", &["source"])?,
            changes: counters(&r, "tidings_changes_total", "Changes appended to the log.", &["kind"])?,
            batches: counter(&r, "tidings_ledger_batches_total", "Transactions of the ledger.")?,
            batches_failed: counter(&r, "tidings_ledger_batches_failed_total", "Ledger transactions that failed.")?,
            batch_seconds: histogram(&r, "tidings_ledger_batch_duration_seconds", "Time of a ledger transaction.")?,
            queue: gauge(&r, "tidings_ledger_queue_visits", "Visits waiting for the ledger.")?,
            lanes: gauge(&r, "tidings_lanes", "Hosts being visited.")?,
            source_failures: gauges(&r, "tidings_source_failures", "Failed visits since the last good one.")?,
            source_success: gauges(
                &r,
                "tidings_source_last_success_timestamp_seconds",
                "When the source last answered well.",
            )?,
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
            hub_deliveries: counters(
                &r,
                "tidings_hub_deliveries_total",
                "What our hub sent, by what came of it.",
                &["outcome"],
            )?,
            websub_pushes: counters(
                &r,
                "tidings_websub_pushes_total",
                "What hubs of sources sent, by what came of it.",
                &["outcome"],
            )?,
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

fn histogram(r: &Registry, name: &str, help: &str) -> Result<Histogram, prometheus::Error> {
    let m = Histogram::with_opts(HistogramOpts::new(name, help))?;
    r.register(Box::new(m.clone()))?;
    Ok(m)
}

/// When ingestion last moved, shared by those who move it and those who ask. Instants are Unix seconds, 0: never.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<Beats>);

#[derive(Debug, Default)]
struct Beats {
    started: AtomicI64,
    /// Last visit that succeeded.
    success: AtomicI64,
    /// Last visit of any outcome.
    visit: AtomicI64,
    /// Since when the ledger has had visits that it could not write, 0: it has none.
    stuck: AtomicI64,
    /// Last time the frontier asked the store what is due.
    claim: AtomicI64,
}

/// A writer that has not got rid of a batch for this long is stuck.
const STUCK_AFTER: Duration = Duration::from_secs(60);
/// A frontier that has not asked for this long has stopped.
const CLAIM_WITHIN: Duration = Duration::from_secs(120);

impl Pulse {
    /// A pulse that begins at `now`.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        let pulse = Self::default();
        pulse.0.started.store(now.timestamp(), Ordering::Relaxed);
        pulse.0.claim.store(now.timestamp(), Ordering::Relaxed);
        pulse
    }

    /// A visit ended.
    pub fn visited(&self, now: DateTime<Utc>, success: bool) {
        self.0.visit.store(now.timestamp(), Ordering::Relaxed);
        if success {
            self.0.success.store(now.timestamp(), Ordering::Relaxed);
        }
    }

    /// The frontier asked what is due.
    pub fn claimed(&self, now: DateTime<Utc>) {
        self.0.claim.store(now.timestamp(), Ordering::Relaxed);
    }

    /// The ledger wrote all it had.
    pub fn recorded(&self) {
        self.0.stuck.store(0, Ordering::Relaxed);
    }

    /// The ledger has something that it could not write.
    pub fn waiting(&self, now: DateTime<Utc>) {
        let _ = self.0.stuck.compare_exchange(0, now.timestamp(), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether ingestion moves: `within` is how long visits may go without one success.
    ///
    /// # Errors
    /// Why not, in a sentence.
    pub fn verdict(&self, now: DateTime<Utc>, within: Duration) -> Result<(), String> {
        let since = |beat: &AtomicI64| now.timestamp() - beat.load(Ordering::Relaxed);
        let limit = |d: Duration| i64::try_from(d.as_secs()).unwrap_or(i64::MAX);
        if self.0.stuck.load(Ordering::Relaxed) != 0 && since(&self.0.stuck) > limit(STUCK_AFTER) {
            return Err(format!("the ledger has not been able to write for {} s", since(&self.0.stuck)));
        }
        if since(&self.0.claim) > limit(CLAIM_WITHIN) {
            return Err(format!("the frontier has not asked for work for {} s", since(&self.0.claim)));
        }
        let good = self.0.success.load(Ordering::Relaxed).max(self.0.started.load(Ordering::Relaxed));
        let last = self.0.visit.load(Ordering::Relaxed);
        // Silence is no failure when nothing was due: only visits after the last good one count against it.
        if last > good && now.timestamp() - good > limit(within) {
            return Err(format!("no visit has succeeded for {} s, though some were made", now.timestamp() - good));
        }
        Ok(())
    }

    /// The last visit that succeeded, Unix seconds, if any.
    #[must_use]
    pub fn last_success(&self) -> Option<i64> {
        Some(self.0.success.load(Ordering::Relaxed)).filter(|s| *s != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITHIN: Duration = Duration::from_secs(1800);

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_770_000_000 + seconds, 0).unwrap()
    }

    fn verdict(pulse: &Pulse, seconds: i64) -> Result<(), String> {
        pulse.claimed(at(seconds));
        pulse.verdict(at(seconds), WITHIN)
    }

    #[test]
    fn silence_is_fine_while_nothing_is_due_but_failures_alone_are_not() {
        let pulse = Pulse::new(at(0));
        assert!(verdict(&pulse, 90_000).is_ok(), "nothing was due");
        pulse.visited(at(90_000), true);
        assert_eq!(pulse.last_success(), Some(at(90_000).timestamp()));
        pulse.visited(at(91_000), false);
        assert!(verdict(&pulse, 91_000).is_ok(), "not for long yet");
        pulse.visited(at(92_000), false);
        assert!(verdict(&pulse, 92_000).unwrap_err().contains("no visit has succeeded for 2000 s"));
        pulse.visited(at(92_001), true);
        assert!(verdict(&pulse, 92_001).is_ok());
    }

    #[test]
    fn a_ledger_that_cannot_write_is_seen_and_so_is_a_frontier_that_stopped() {
        let pulse = Pulse::new(at(0));
        pulse.waiting(at(10));
        pulse.waiting(at(50));
        assert!(verdict(&pulse, 60).is_ok());
        assert!(verdict(&pulse, 80).unwrap_err().contains("the ledger"), "counted from the first failure");
        pulse.recorded();
        assert!(verdict(&pulse, 80).is_ok());
        assert!(pulse.verdict(at(300), WITHIN).unwrap_err().contains("the frontier"));
    }

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
