//! Listings whose hub tells what is new: looked at seldom, and only to see that it does.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Hints, Settings, delta, learn, opens_at, spread};
use crate::model::{Pace, Source, Target};

/// A hub from which nothing came for so long is not relied on.
const TRUSTED_FOR: TimeDelta = TimeDelta::days(3);
/// Longest time between two looks meanwhile, where no `every_max` is longer.
const LOOK_EVERY: TimeDelta = TimeDelta::hours(24);
/// By how much the time between two visits grows.
const TIMES: i32 = 6;
/// Marks that are kept: as many as a listing leaves.
const MARKS_MAX: usize = learn::MARKS_MAX;

/// What is remembered of a listing, and when it is visited next, after its hub told of the entries of `hints` at `now`. What a hub
/// sends may be the new entries alone, so it teaches nothing of the pace.
#[must_use]
pub fn after_push(
    settings: &Settings,
    source: &Source,
    target: &Target,
    hints: &Hints,
    now: DateTime<Utc>,
) -> (DateTime<Utc>, Pace) {
    let mut pace = target.past.pace.clone();
    let fresh = learn::fresh(&pace.marks, &hints.entries);
    let marks: Vec<u32> = fresh.iter().map(|(mark, _)| *mark).collect();
    if !marks.is_empty() {
        pace.arrived_at = Some(now);
    }
    pace.marks = marks.into_iter().chain(std::mem::take(&mut pace.marks)).take(MARKS_MAX).collect();
    pace.pushed_at = Some(now);
    let ceiling = delta(settings.ceiling).max(delta(settings.floor));
    let planned = pace.planned_s.and_then(TimeDelta::try_seconds).unwrap_or(ceiling);
    let pause = pause(&pace, source.every.map_or(planned, delta), ceiling, now).unwrap_or(ceiling);
    (opens_at(source, now + spread(target, pause)), pace)
}

/// The time between two visits of a listing that would be visited every `interval`, while its hub tells what is new; `None`: it
/// does not.
pub(super) fn pause(pace: &Pace, interval: TimeDelta, ceiling: TimeDelta, now: DateTime<Utc>) -> Option<TimeDelta> {
    let is_told = pace.pushed_at.is_some_and(|at| now - at < TRUSTED_FOR);
    is_told.then(|| (interval * TIMES).min(LOOK_EVERY).max(ceiling).max(interval))
}

/// Relies no more on a hub that did not tell of everything that `hints` show.
pub(super) fn check(pace: &mut Pace, hints: &Hints) {
    if !learn::fresh(&pace.marks, &hints.entries).is_empty() {
        pace.pushed_at = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cadence::after_listing;
    use crate::model::{Outcome, Past, TargetKind};

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn source(every_min: Option<u64>) -> Source {
        let every = every_min.map(|min| Duration::from_secs(min * 60));
        Source { every, ..Source::at("a", "https://a.example/feed".parse().unwrap()) }
    }

    fn target(pace: Pace) -> Target {
        Target {
            id: 1,
            source: "a".into(),
            kind: TargetKind::Listing,
            url: "https://a.example/feed".parse().unwrap(),
            etag: None,
            last_modified: None,
            failures: 0,
            first_seen_at: at(-9000),
            last_visit_at: Some(at(-10)),
            last_success_at: Some(at(-10)),
            entry: None,
            past: Past { pace, ..Past::default() },
        }
    }

    fn hints(marks: &[u32]) -> Hints {
        Hints { entries: marks.iter().map(|m| (*m, None)).collect(), ..Hints::default() }
    }

    fn hours(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
        (to - from).as_seconds_f64() / 3600.0
    }

    #[test]
    fn while_a_hub_tells_of_everything_its_listing_is_looked_at_seldom() {
        let known = Pace { marks: vec![3, 2, 1], planned_s: Some(600), ..Pace::default() };
        for every in [None, Some(5)] {
            let source = source(every);
            let (next, pace) = after_push(&Settings::default(), &source, &target(known.clone()), &hints(&[4]), at(0));
            assert!((4.0..=4.5).contains(&hours(at(0), next)), "{next}");
            assert_eq!((&pace.marks[..], pace.pushed_at), (&[4, 3, 2, 1][..], Some(at(0))));
            assert_eq!((pace.gap_s, pace.observed), (None, 0), "a push is no sample of the pace");
            for outcome in [Outcome::Ok, Outcome::NotModified] {
                let seen = if outcome == Outcome::Ok { hints(&[4, 3, 2, 1]) } else { Hints::default() };
                let plan =
                    after_listing(&Settings::default(), &source, &target(pace.clone()), &outcome, &seen, at(240));
                assert!(hours(at(240), plan.next_visit_at) >= 4.0, "{plan:?}");
                assert_eq!(plan.pace.pushed_at, Some(at(0)));
            }
        }
    }

    #[test]
    fn a_hub_that_keeps_something_back_or_falls_silent_is_not_relied_on() {
        let settings = Settings::default();
        let told = Pace { marks: vec![3, 2, 1], pushed_at: Some(at(0)), planned_s: Some(600), ..Pace::default() };
        let missed = hints(&[5, 3, 2, 1]);
        let plan = after_listing(&settings, &source(Some(5)), &target(told.clone()), &Outcome::Ok, &missed, at(240));
        assert!(plan.pace.pushed_at.is_none() && hours(at(240), plan.next_visit_at) < 0.2, "{plan:?}");
        let silent = at(4 * 24 * 60);
        let plan = after_listing(&settings, &source(Some(5)), &target(told), &Outcome::NotModified, &missed, silent);
        assert!(hours(silent, plan.next_visit_at) < 0.2, "{plan:?}");
    }

    #[test]
    fn what_is_visited_seldom_anyway_is_looked_at_once_a_day() {
        let pace = Pace { planned_s: Some(4 * 3600), ..Pace::default() };
        let (next, pace) = after_push(&Settings::default(), &source(None), &target(pace), &hints(&[]), at(0));
        assert!((24.0..=26.5).contains(&hours(at(0), next)), "{next}");
        assert_eq!(pace.arrived_at, None, "nothing came");
        let (next, _) = after_push(&Settings::default(), &source(Some(48 * 60)), &target(pace), &hints(&[]), at(0));
        assert!(hours(at(0), next) >= 48.0, "never sooner than asked");
    }
}
