//! Whether the clock of the machine was set back: what was planned by it before lies too far ahead.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// So much later than now is no time at which something was visited, but for small differences between machines.
pub(super) const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// The clock as it was last looked at.
#[derive(Debug, Default)]
pub(super) struct Clock(Option<(DateTime<Utc>, Instant)>);

impl Clock {
    /// Whether it was set back by more than [`AHEAD`] since it was last looked at: `now` is what it shows, at `instant`. Before the
    /// first look it may have been.
    pub(super) fn is_set_back(&mut self, now: DateTime<Utc>, instant: Instant) -> bool {
        let before = self.0.replace((now, instant));
        before.is_none_or(|(then, at)| {
            let passed = TimeDelta::from_std(instant.saturating_duration_since(at)).unwrap_or_default();
            then + passed - now > AHEAD
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_is_noticed_when_it_goes_back_and_not_when_it_goes_on() {
        let (mut clock, begun, now) = (Clock::default(), Instant::now(), DateTime::UNIX_EPOCH);
        let at = |s: u64| begun + Duration::from_secs(s);
        assert!(clock.is_set_back(now, at(0)), "nobody knows");
        assert!(!clock.is_set_back(now + TimeDelta::seconds(10), at(10)));
        assert!(!clock.is_set_back(now + TimeDelta::hours(5), at(20)), "it went ahead");
        assert!(!clock.is_set_back(now + TimeDelta::hours(5), at(50)), "it stood a little");
        assert!(clock.is_set_back(now + TimeDelta::hours(4), at(60)));
        assert!(!clock.is_set_back(now + TimeDelta::hours(4), at(61)));
    }
}
