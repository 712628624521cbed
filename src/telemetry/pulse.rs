//! When ingestion last moved, and whether that is long enough ago to be called standstill.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};

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
    /// Since when the listing is due that waits longest, 0: none does.
    due: AtomicI64,
    /// Since when the database has not answered, 0: it does.
    silent: AtomicI64,
}

/// What is still called movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How long there may be no visit that succeeds though some are due.
    pub success_within: Duration,
    /// How long a listing may be overdue.
    pub lag_max: Duration,
}

/// A writer that has not got rid of a batch for this long is stuck, and a database that has not answered is gone.
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
        begin(&self.0.stuck, now);
    }

    /// The database answered: `oldest` is since when the listing is due that waits longest.
    pub fn queued(&self, oldest: Option<DateTime<Utc>>) {
        self.0.due.store(oldest.map_or(0, |t| t.timestamp()), Ordering::Relaxed);
        self.0.silent.store(0, Ordering::Relaxed);
    }

    /// The database did not answer.
    pub fn unanswered(&self, now: DateTime<Utc>) {
        begin(&self.0.silent, now);
    }

    /// Why ingestion does not move, each in a sentence; empty when it does.
    #[must_use]
    pub fn troubles(&self, now: DateTime<Utc>, bounds: Bounds) -> Vec<String> {
        let get = |beat: &AtomicI64| beat.load(Ordering::Relaxed);
        let past = |since: i64, d: Duration| now.timestamp() - since > seconds(d);
        let ago = |since: i64| now.timestamp() - since;
        let mut troubles = vec![];
        let silent = get(&self.0.silent);
        if silent != 0 && past(silent, STUCK_AFTER) {
            troubles.push(format!("the database has not answered for {} s", ago(silent)));
        }
        let stuck = get(&self.0.stuck);
        if stuck != 0 && past(stuck, STUCK_AFTER) {
            troubles.push(format!("the ledger has not been able to write for {} s", ago(stuck)));
        }
        let claim = get(&self.0.claim);
        if past(claim, CLAIM_WITHIN) {
            troubles.push(format!("the frontier has not asked for work for {} s", ago(claim)));
        }
        let started = get(&self.0.started);
        // What fell due while nobody was there is no fault of this daemon.
        let due = Some(get(&self.0.due)).filter(|d| *d != 0).map(|d| d.max(started));
        let good = get(&self.0.success).max(started);
        let overdue = due.is_some_and(|d| past(d, bounds.success_within));
        // Silence is no failure when nothing was due: visits after the last good one count against it, and those not made.
        if past(good, bounds.success_within) && (get(&self.0.visit) > good || overdue) {
            troubles.push(format!("no visit has succeeded for {} s, though some were due", ago(good)));
        }
        if let Some(due) = due.filter(|d| past(*d, bounds.lag_max)) {
            let max = seconds(bounds.lag_max);
            troubles
                .push(format!("the queue lags: a listing waits for its visit for {} s, more than {max} s", ago(due)));
        }
        troubles
    }

    /// The last visit that succeeded, Unix seconds, if any.
    #[must_use]
    pub fn last_success(&self) -> Option<i64> {
        Some(self.0.success.load(Ordering::Relaxed)).filter(|s| *s != 0)
    }
}

/// Notes that something lasts since `now`, unless it lasts already.
fn begin(beat: &AtomicI64, now: DateTime<Utc>) {
    let _ = beat.compare_exchange(0, now.timestamp(), Ordering::Relaxed, Ordering::Relaxed);
}

fn seconds(d: Duration) -> i64 {
    i64::try_from(d.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { success_within: Duration::from_secs(1800), lag_max: Duration::from_secs(3600) };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_770_000_000 + seconds, 0).unwrap()
    }

    /// What is wrong at `seconds`, the frontier being at work.
    fn troubles(pulse: &Pulse, seconds: i64) -> String {
        pulse.claimed(at(seconds));
        pulse.troubles(at(seconds), BOUNDS).join("; ")
    }

    #[test]
    fn silence_is_fine_while_nothing_is_due_but_failures_alone_are_not() {
        let pulse = Pulse::new(at(0));
        assert_eq!(troubles(&pulse, 90_000), "", "nothing was due");
        pulse.visited(at(90_000), true);
        assert_eq!(pulse.last_success(), Some(at(90_000).timestamp()));
        pulse.visited(at(91_000), false);
        assert_eq!(troubles(&pulse, 91_000), "", "not for long yet");
        pulse.visited(at(92_000), false);
        assert_eq!(troubles(&pulse, 92_000), "no visit has succeeded for 2000 s, though some were due");
        pulse.visited(at(92_001), true);
        assert_eq!(troubles(&pulse, 92_001), "");
    }

    #[test]
    fn visits_that_are_due_and_not_made_count_from_the_start_on() {
        let pulse = Pulse::new(at(0));
        pulse.queued(Some(at(-90_000)));
        assert_eq!(troubles(&pulse, 1800), "", "nobody was there before");
        assert_eq!(troubles(&pulse, 1801), "no visit has succeeded for 1801 s, though some were due");
        pulse.visited(at(3000), true);
        assert_eq!(troubles(&pulse, 3600), "", "one succeeded, and the queue may lag that much");
        let lags = "the queue lags: a listing waits for its visit for 3601 s, more than 3600 s";
        assert_eq!(troubles(&pulse, 3601), lags);
        pulse.queued(Some(at(3599)));
        assert_eq!(troubles(&pulse, 3601), "");
        pulse.queued(None);
        assert_eq!(troubles(&pulse, 90_000), "", "sources that wait for their time are no failure");
    }

    #[test]
    fn a_ledger_that_cannot_write_is_seen_and_so_is_a_frontier_that_stopped() {
        let pulse = Pulse::new(at(0));
        pulse.waiting(at(10));
        pulse.waiting(at(50));
        assert_eq!(troubles(&pulse, 60), "");
        assert_eq!(troubles(&pulse, 80), "the ledger has not been able to write for 70 s", "from the first failure on");
        pulse.recorded();
        assert_eq!(troubles(&pulse, 80), "");
        assert_eq!(pulse.troubles(at(300), BOUNDS), ["the frontier has not asked for work for 220 s"]);
    }

    #[test]
    fn a_database_that_does_not_answer_is_told_after_a_while_and_so_is_all_else_that_is_wrong() {
        let pulse = Pulse::new(at(0));
        pulse.unanswered(at(10));
        pulse.unanswered(at(60));
        assert_eq!(troubles(&pulse, 70), "");
        assert_eq!(troubles(&pulse, 71), "the database has not answered for 61 s");
        assert_eq!(pulse.troubles(at(192), BOUNDS).len(), 2, "and the frontier cannot ask");
        pulse.queued(None);
        assert_eq!(troubles(&pulse, 200), "");
    }
}
