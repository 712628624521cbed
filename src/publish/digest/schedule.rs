//! When a digest is due: times of day on days of the week, in a zone.

use chrono::{DateTime, Datelike, Days, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

/// Longer than any two occasions lie apart, in days.
const LOOK_BACK_DAYS: u64 = 8;
/// A gap of a zone ends within so many steps of a quarter of an hour.
const GAP_STEPS_MAX: usize = 96;

/// The hours of a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Times of day; none: never.
    pub at: Vec<NaiveTime>,
    /// Days of the week; none: never.
    pub days: Vec<Weekday>,
    /// Whose times and days.
    pub zone: Tz,
}

impl Schedule {
    /// The newest occasion that is not after `now`.
    pub(super) fn latest(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&self.zone).date_naive();
        let days = (0..=LOOK_BACK_DAYS).filter_map(|back| today.checked_sub_days(Days::new(back)));
        // An occasion in a gap of the zone comes after one that follows it on the clock: each is looked at.
        days.filter(|day| self.days.contains(&day.weekday()))
            .flat_map(|day| self.at.iter().filter_map(move |time| self.instant(day.and_time(*time))))
            // As exactly as it is stored, so that it is known again.
            .map(|at| at.trunc_subsecs(6))
            .filter(|at| *at <= now)
            .max()
    }

    /// When the clock of the zone shows `local` for the first time, or, if it never does, when it next shows anything.
    fn instant(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        let quarter = TimeDelta::minutes(15);
        let mut local = local;
        for _ in 0..GAP_STEPS_MAX {
            if let Some(at) = self.zone.from_local_datetime(&local).earliest() {
                return Some(at.with_timezone(&Utc));
            }
            local = local.checked_add_signed(quarter)?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(at: &[&str], days: &[Weekday], zone: Tz) -> Schedule {
        Schedule { at: at.iter().map(|t| t.parse().unwrap()).collect(), days: days.to_vec(), zone }
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    const WEEK: [Weekday; 7] =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

    #[test]
    fn the_newest_occasion_is_found_in_the_zone() {
        let daily = schedule(&["07:30:00", "19:00:00"], &WEEK, chrono_tz::Asia::Shanghai);
        for (now, expected) in [
            ("2026-11-24T23:29:59Z", "2026-11-24T11:00:00Z"),
            ("2026-11-24T23:30:00Z", "2026-11-24T23:30:00Z"),
            ("2026-11-25T10:59:59Z", "2026-11-24T23:30:00Z"),
        ] {
            assert_eq!(daily.latest(utc(now)), Some(utc(expected)), "{now}");
        }
        let weekly = schedule(&["08:00:00"], &[Weekday::Mon], chrono_tz::UTC);
        assert_eq!(weekly.latest(utc("2026-11-23T07:59:00Z")), Some(utc("2026-11-16T08:00:00Z")));
        assert_eq!(schedule(&[], &WEEK, chrono_tz::UTC).latest(utc("2026-11-23T07:59:00Z")), None);
    }

    #[test]
    fn a_time_that_the_clock_skips_or_shows_twice_comes_once() {
        let zone = chrono_tz::Europe::Berlin;
        let night = schedule(&["02:30:00"], &WEEK, zone);
        // 2026-03-29 has no 02:30: the clock goes from 02:00 to 03:00, which is 01:00 UTC.
        assert_eq!(night.latest(utc("2026-03-29T12:00:00Z")), Some(utc("2026-03-29T01:00:00Z")));
        // 2026-10-25 has two.
        assert_eq!(night.latest(utc("2026-10-25T12:00:00Z")), Some(utc("2026-10-25T00:30:00Z")));
    }
}
