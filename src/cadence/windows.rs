//! Times of the day and week: at which a source usually publishes, at which it asks to be left alone, at which its user wants
//! it visited.

use chrono::{DateTime, DurationRound, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use xxhash_rust::xxh3::xxh3_64;

use crate::model::{Hours, Pace, Skip, Source};

/// So many entries must have been counted before their hours say anything.
const COUNTED_MIN: u32 = 100;
/// Hours of a week and a day: whatever is skipped, one of them is not.
const HOURS_MAX: usize = 8 * 24;
/// Days on which an opening is looked for: today's may lie behind, and clocks may skip that of a day, even a whole day.
const DAYS_MAX: usize = 4;
/// Seconds over which the first visits of sources are spread that open together, at most half of the time that they are open.
const LATE_MAX_S: i64 = 600;

/// `pause`, longer in the hours in which the source usually brings little, but not into those in which it brings more.
pub(super) fn by_the_hour(pace: &Pace, pause: TimeDelta, ceiling: TimeDelta, now: DateTime<Utc>) -> TimeDelta {
    let slow = slowness(pace, now);
    if slow == 1 {
        return pause;
    }
    let longer = (pause * slow).min(ceiling.max(pause));
    let Ok(this_hour) = now.duration_trunc(TimeDelta::hours(1)) else { return longer };
    // The spread that `pause` carries is kept: not all sources wake on the stroke of the hour.
    let woken = (1..=24)
        .map(|n| this_hour + TimeDelta::hours(n))
        .take_while(|hour| *hour < now + longer)
        .find(|hour| slowness(pace, *hour) < slow);
    woken.map_or(longer, |hour| (hour - now + pause / 10).clamp(pause, longer))
}

/// How many times longer than usual the pause may be in the hour of `at`, by how little came around it so far.
fn slowness(pace: &Pace, at: DateTime<Utc>) -> i32 {
    let sum: u32 = pace.hours.iter().map(|n| u32::from(*n)).sum();
    if sum < COUNTED_MIN || pace.hours.len() != 24 {
        return 1;
    }
    let hour = at.hour() as usize;
    let around: u32 =
        [hour + 23, hour, hour + 1].iter().filter_map(|h| pace.hours.get(h % 24)).map(|n| u32::from(*n)).sum();
    // In three hours of twenty-four an even source brings an eighth.
    match around * 8 * 10 / sum {
        0 => 4,
        1..=2 => 2,
        _ => 1,
    }
}

/// The first moment from `at` on that the publisher does not ask to leave out.
pub(super) fn around(skip: Skip, at: DateTime<Utc>) -> DateTime<Utc> {
    let mut moment = at;
    for _ in 0..HOURS_MAX {
        if !skip.covers(moment) {
            return moment;
        }
        // The minutes stay: they are what spreads the load.
        moment += TimeDelta::hours(1);
    }
    at
}

/// The first moment from `at` on at which `source` may be visited by its `hours`; of those that open together, each is some
/// minutes later than that, by a hash of its name.
#[must_use]
pub fn opens_at(source: &Source, at: DateTime<Utc>) -> DateTime<Utc> {
    let Some(hours) = source.hours else { return at };
    if holds(source, hours, at) {
        return at;
    }
    let today = at.with_timezone(&source.time_zone).date_naive();
    let days = today.iter_days().take(DAYS_MAX);
    let Some(opening) = days.filter_map(|day| opening(source, hours, day)).find(|opening| *opening > at) else {
        return at;
    };
    let late_s = (i64::from(hours.minutes()) * 30).clamp(1, LATE_MAX_S);
    let late_s = xxh3_64(source.id.as_bytes()) % late_s.unsigned_abs();
    let late = opening + TimeDelta::seconds(i64::try_from(late_s).unwrap_or_default());
    // Where clocks change, what is left of the hours may be shorter than that.
    if holds(source, hours, late) { late } else { opening }
}

/// When the `hours` of `source` begin on `day`, on its own clocks. Of a beginning that these skip, the first minute that they
/// do not skip counts; if they skip all, there is none.
fn opening(source: &Source, hours: Hours, day: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = day.and_time(NaiveTime::MIN);
    (i64::from(hours.from_min)..)
        .take(usize::from(hours.minutes()))
        .filter_map(|minute| midnight.checked_add_signed(TimeDelta::minutes(minute)))
        .find_map(|local| source.time_zone.from_local_datetime(&local).earliest())
        .map(|local| local.to_utc())
}

fn holds(source: &Source, hours: Hours, at: DateTime<Utc>) -> bool {
    let local = at.with_timezone(&source.time_zone);
    hours.holds(u16::try_from(local.hour() * 60 + local.minute()).unwrap_or_default())
}
