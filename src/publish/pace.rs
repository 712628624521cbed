//! What an answer means, and when a receiver that did not take a message is asked again.
//!
//! In: answers, counts. Out: verdicts and pauses. Deliberately absent: a clock, and chance: the jitter is a hash.

use std::time::Duration;

use crate::fetch::Reply;
use crate::model::Failure;

/// How patient sinks are with their receivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Pause after the first failure; it doubles with each one.
    pub first: Duration,
    /// Longest pause.
    pub longest: Duration,
    /// A change that was not taken for this long ...
    pub dead_after: Duration,
    /// ... and this often is given up.
    pub dead_tries: i64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5),
            longest: Duration::from_secs(3600),
            dead_after: Duration::from_secs(24 * 3600),
            dead_tries: 10,
        }
    }
}

/// The longest that a receiver can ask to be left alone, in seconds: a day.
pub(super) const RETRY_AFTER_MAX_S: u64 = 24 * 3600;

/// What came of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was taken.
    Taken,
    /// There will never be anybody there again.
    Gone,
    /// It was understood and refused; the same again will probably be refused again.
    Refused,
    /// The receiver asks for a pause of at least so many seconds.
    Throttled(u64),
    /// The receiver is not well, or cannot be reached.
    Failed,
}

impl Verdict {
    /// The word in metrics.
    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::Taken => "delivered",
            Self::Gone => "gone",
            Self::Refused => "refused",
            Self::Throttled(_) => "throttled",
            Self::Failed => "failed",
        }
    }

    /// What an answer means by its status.
    fn of(answered: &Reply) -> Self {
        match (answered.status, answered.retry_after_s) {
            (200..=299, _) => Self::Taken,
            (410, _) => Self::Gone,
            (429, wait) => Self::Throttled(wait.unwrap_or(0).min(RETRY_AFTER_MAX_S)),
            (503, Some(wait)) => Self::Throttled(wait.min(RETRY_AFTER_MAX_S)),
            // 408 and 425 are about the moment, not the message.
            (408 | 425, _) => Self::Failed,
            (400..=499, _) => Self::Refused,
            _ => Self::Failed,
        }
    }
}

/// What came of a message, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    /// Why it was not taken, fit to show.
    pub(super) reason: String,
    /// Status of the answer, if one came and has one.
    pub(super) status: Option<u16>,
}

impl Outcome {
    /// What an answer means by its status.
    pub(super) fn of_status(answered: &Reply) -> Self {
        let (status, wait) = (answered.status, answered.retry_after_s);
        let asks = wait.map(|s| format!(" and asks for {s} s")).unwrap_or_default();
        let reason = format!("the receiver answered {status}{asks}");
        Self { verdict: Verdict::of(answered), reason, status: Some(status) }
    }

    /// What came of a request, by the status of its answer.
    pub(super) fn of_reply(sent: Result<Reply, Failure>) -> Self {
        match sent {
            Ok(reply) => Self::of_status(&reply),
            Err(failure) => Self::failed(failure),
        }
    }

    /// No answer came.
    pub(super) fn failed(failure: Failure) -> Self {
        Self { verdict: Verdict::Failed, reason: failure.reason, status: failure.status }
    }
}

impl Pace {
    /// The pause after the `tries`th failure of the message that ends with `number`: doubling, bounded, and spread by hash over
    /// its last quarter, so that sinks of one receiver do not come back all at once.
    pub(super) fn pause(&self, sink: &str, number: i64, tries: i64) -> Duration {
        let doublings = u32::try_from(tries.clamp(1, 32) - 1).unwrap_or(0);
        let full = self.first.saturating_mul(1 << doublings.min(30)).min(self.longest);
        let hash = blake3::hash(format!("{sink}/{number}/{tries}").as_bytes());
        let spread = u32::from(hash.as_bytes()[0]);
        full - full / 4 * spread / 256
    }

    /// Whether a change that was not taken `tries` times over `failing` is given up.
    pub(super) fn is_dead(&self, tries: i64, failing: Duration) -> bool {
        tries >= self.dead_tries && failing >= self.dead_after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    fn verdict(status: u16, retry_after_s: Option<u64>) -> Verdict {
        Outcome::of_status(&Reply { status, retry_after_s, location: None, body: vec![] }).verdict
    }

    #[test]
    fn answers_mean_what_http_says() {
        for (status, wait, expected) in [
            (200, None, Verdict::Taken),
            (204, Some(9), Verdict::Taken),
            (302, None, Verdict::Failed),
            (400, None, Verdict::Refused),
            (404, None, Verdict::Refused),
            (408, None, Verdict::Failed),
            (410, None, Verdict::Gone),
            (429, None, Verdict::Throttled(0)),
            (429, Some(30), Verdict::Throttled(30)),
            (500, None, Verdict::Failed),
            (503, None, Verdict::Failed),
            (503, Some(999_999), Verdict::Throttled(RETRY_AFTER_MAX_S)),
        ] {
            assert_eq!(verdict(status, wait), expected, "{status}");
        }
        let silent = Failure { kind: FailureKind::Connect, status: None, reason: String::new(), retry_after_s: None };
        assert_eq!(Outcome::failed(silent).verdict, Verdict::Failed);
    }

    #[test]
    fn pauses_double_up_to_a_bound_and_differ_a_little() {
        let pace = Pace::default();
        let pauses: Vec<f64> = (1..=40).map(|n| pace.pause("chat", 7, n).as_secs_f64()).collect();
        for (tries, pause) in (1_i32..).zip(&pauses) {
            let full = (5.0 * 2_f64.powi(tries - 1)).min(3600.0);
            assert!(*pause <= full && *pause >= 0.75 * full, "{tries}: {pause}");
        }
        assert_eq!(pace.pause("chat", 7, 3), pace.pause("chat", 7, 3));
        assert_ne!(pace.pause("chat", 7, 30), pace.pause("mail", 7, 30));
        assert!(pace.pause("chat", 7, i64::MAX) <= pace.longest && pace.pause("chat", 7, 0) <= pace.first);
    }

    #[test]
    fn a_change_is_given_up_after_a_day_and_enough_tries() {
        let (pace, day) = (Pace::default(), Duration::from_secs(24 * 3600));
        assert!(pace.is_dead(10, day) && !pace.is_dead(9, day) && !pace.is_dead(99, day - Duration::from_secs(1)));
    }
}
