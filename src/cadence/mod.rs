//! Floor 2: when to visit next. Arithmetic over what a visit gave and what earlier ones taught.
//!
//! In: a target with its [`Pace`], the outcome, what the listing told. Out: a [`Plan`]: the next visit, and the pace to be
//! remembered. `learn` takes from a listing what it teaches, `pages` is the ageing of article pages, `windows` are the times of
//! day and week, `pushed` is for listings whose hub tells what is new. Deliberately absent: a clock, randomness (load is spread by a hash), any way to give a source up.

mod learn;
mod pages;
mod pushed;
mod windows;

#[cfg(test)]
mod tests;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use xxhash_rust::xxh3::xxh3_64;

use crate::model::{Failure, FailureKind, Outcome, Pace, Skip, Source, Target};

pub use learn::{fresh, has_gap};
pub use pages::{after_article, too_old};
pub use pushed::after_push;
pub use windows::opens_at;

/// Bounds of the time between visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Shortest time between two visits of a listing that has no `every`.
    pub floor: Duration,
    /// Longest time between two visits, also of a failing one.
    pub ceiling: Duration,
    /// Article pages known for longer than this are not visited again.
    pub revisit_until: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            floor: Duration::from_secs(5 * 60),
            ceiling: Duration::from_secs(4 * 3600),
            revisit_until: Duration::from_secs(7 * 86_400),
        }
    }
}

/// What a listing tells of its own pace.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Its entries, the newest first where that can be told: mark and date of publication.
    pub entries: Vec<(u32, Option<DateTime<Utc>>)>,
    /// Seconds that the feed asks to be left alone (`ttl`).
    pub ttl_s: Option<u64>,
    /// Hours and days that it asks to be left out.
    pub skip: Skip,
    /// Seconds for which HTTP says the answer is fresh.
    pub fresh_s: Option<u64>,
}

/// What comes next, and what is to be remembered until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// When to visit next.
    pub next_visit_at: DateTime<Utc>,
    /// What was learned.
    pub pace: Pace,
}

/// Longest that a Retry-After is honoured: one peer has seen a server ask for 88 hours.
const RETRY_AFTER_MAX: TimeDelta = TimeDelta::hours(24);
/// Hundredths of an error at which the pause of a failing source grows no more.
const ERRORS_MAX: u32 = 1600;
/// A listing in which nothing came for so long is visited once in as many hours as this has weeks.
const QUIET: i32 = 7 * 24;
/// Unchanged answers in a row after which one in full is asked for.
const UNCHANGED_MAX: u32 = 50;
/// And the longest time between two answers in full.
const FULL_EVERY: TimeDelta = TimeDelta::days(7);

/// When the listing `target` is visited next after `outcome`, which came at `now` with what `hints` tell.
#[must_use]
pub fn after_listing(
    settings: &Settings,
    source: &Source,
    target: &Target,
    outcome: &Outcome,
    hints: &Hints,
    now: DateTime<Utc>,
) -> Plan {
    let (floor, ceiling) = (delta(settings.floor), delta(settings.ceiling).max(delta(settings.floor)));
    let mut pace = target.past.pace.clone();
    let fixed = source.every.map(delta);
    if let Outcome::Failed(_) | Outcome::NotArticle { .. } = outcome {
        let base = fixed.unwrap_or_else(|| planned(&pace, floor, ceiling));
        let pause = grown(base, pace.errors).min(ceiling.max(base)).max(retry_after(outcome));
        pace.errors = (pace.errors + weight(outcome)).min(ERRORS_MAX);
        return Plan { next_visit_at: opens_at(source, now + spread(target, pause)), pace };
    }
    pace.errors = 0;
    if *outcome == Outcome::Ok {
        pushed::check(&mut pace, hints);
        learn::learn(&mut pace, target, hints, now);
    }
    if let Some(every) = fixed {
        pace.planned_s = Some(every.num_seconds());
        if let Some(pause) = pushed::pause(&pace, every, ceiling, now) {
            return Plan { next_visit_at: opens_at(source, now + spread(target, pause)), pace };
        }
        return Plan { next_visit_at: opens_at(source, tick(target, every, now)), pace };
    }
    let own = interval(&pace, target, outcome, hints, (floor, ceiling), now);
    let asked = pace.ttl_s.into_iter().chain(hints.fresh_s).max();
    let asked = asked.map_or(TimeDelta::zero(), |s| delta(Duration::from_secs(s)));
    let interval = own.max(asked).clamp(floor, ceiling);
    pace.planned_s = Some(interval.num_seconds());
    let interval = pushed::pause(&pace, interval, ceiling, now).unwrap_or(interval);
    let pause = windows::by_the_hour(&pace, spread(target, interval), ceiling, now);
    Plan { next_visit_at: opens_at(source, windows::around(pace.skip, now + pause)), pace }
}

/// Whether `target` is to be asked for in full though validators are known: a server that says for too long that nothing
/// changed is not believed, and one that was caught lying never is.
#[must_use]
pub fn distrusts(target: &Target, now: DateTime<Utc>) -> bool {
    let pace = &target.past.pace;
    pace.distrusted || pace.unchanged >= UNCHANGED_MAX || pace.full_at.is_some_and(|at| now - at >= FULL_EVERY)
}

/// The time between visits that the listing itself suggests: half the gap between entries, more the longer nothing came.
fn interval(
    pace: &Pace,
    target: &Target,
    outcome: &Outcome,
    hints: &Hints,
    (floor, ceiling): (TimeDelta, TimeDelta),
    now: DateTime<Utc>,
) -> TimeDelta {
    let published: Vec<_> = hints.entries.iter().filter_map(|(_, at)| *at).filter(|at| *at <= now).collect();
    let newest = published.iter().max().copied();
    let last = pace.arrived_at.max(newest);
    let gap = learn::observed_gap(pace).or_else(|| mean_gap(&published));
    let (Some(last), Some(gap)) = (last, gap) else {
        return match (outcome, target.last_visit_at) {
            // Nothing is known of the pace: a little slower than last time.
            (Outcome::NotModified, Some(last)) => (now - last) * 3 / 2,
            _ => (floor * 4).min(ceiling),
        };
    };
    let lively = (gap / 2).clamp(floor, (ceiling / 4).max(floor));
    let hurried = shortened(lively, pace.haste).max(floor);
    hurried.max(((now - last) / QUIET).min(ceiling))
}

fn mean_gap(published: &[DateTime<Utc>]) -> Option<TimeDelta> {
    let (first, last) = (published.iter().min()?, published.iter().max()?);
    let gaps = i32::try_from(published.len() - 1).unwrap_or(i32::MAX).max(1);
    Some((*last - *first) / gaps)
}

/// What a failing source's pause grows from: its pace while it was well.
fn planned(pace: &Pace, floor: TimeDelta, ceiling: TimeDelta) -> TimeDelta {
    let planned = pace.planned_s.and_then(TimeDelta::try_seconds).unwrap_or(floor);
    planned.clamp(floor, (ceiling / 4).max(floor))
}

/// How much a failed visit counts, in hundredths: what passes by itself counts less than what stays until somebody mends it.
fn weight(outcome: &Outcome) -> u32 {
    let Outcome::Failed(Failure { kind, status, .. }) = outcome else { return 100 };
    match kind {
        FailureKind::DnsTemporary => 25,
        FailureKind::NotFound if *status == Some(410) => 100,
        FailureKind::Dns
        | FailureKind::Connect
        | FailureKind::Tls
        | FailureKind::Timeout
        | FailureKind::NotFound
        | FailureKind::Throttled
        | FailureKind::Status => 50,
        FailureKind::TooLarge
        | FailureKind::Redirect
        | FailureKind::Refused
        | FailureKind::Robots
        | FailureKind::Blocked
        | FailureKind::Unreadable
        | FailureKind::Garbled => 100,
    }
}

/// `base`, doubled for each hundred of `errors`.
fn grown(base: TimeDelta, errors: u32) -> TimeDelta {
    scaled(base, 2_f64.powf(f64::from(errors.min(ERRORS_MAX)) / 100.0))
}

/// `base`, halved for each hundred of `haste`.
fn shortened(base: TimeDelta, haste: u32) -> TimeDelta {
    scaled(base, 0.5_f64.powf(f64::from(haste) / 100.0))
}

fn scaled(base: TimeDelta, by: f64) -> TimeDelta {
    let seconds = base.as_seconds_f64() * by;
    Duration::try_from_secs_f64(seconds).map_or(TimeDelta::days(3650), delta)
}

fn retry_after(outcome: &Outcome) -> TimeDelta {
    match outcome {
        Outcome::Failed(f) => {
            f.retry_after_s.map_or(TimeDelta::zero(), |s| delta(Duration::from_secs(s)).min(RETRY_AFTER_MAX))
        }
        _ => TimeDelta::zero(),
    }
}

fn hash(target: &Target) -> u64 {
    xxh3_64(target.url.as_str().as_bytes())
}

/// `pause` and up to a tenth more, by a hash of the address: what fell due together drifts apart, the same way every time.
fn spread(target: &Target, pause: TimeDelta) -> TimeDelta {
    let share = i32::try_from(hash(target) % 1000).unwrap_or_default();
    pause + pause / 10_000 * share
}

/// The next tick of a clock that ticks `every` so often, at a phase by a hash of the address; not before half a tick has
/// passed, so that a visit that comes late does not shift those after it.
fn tick(target: &Target, every: TimeDelta, now: DateTime<Utc>) -> DateTime<Utc> {
    let every_ms = every.num_milliseconds().max(1);
    let phase = i64::try_from(hash(target) % every_ms.unsigned_abs()).unwrap_or_default();
    let earliest = now.timestamp_millis() + every_ms / 2;
    let wait = (phase - earliest).rem_euclid(every_ms);
    now + TimeDelta::milliseconds(every_ms / 2 + wait)
}

fn delta(d: Duration) -> TimeDelta {
    TimeDelta::from_std(d).unwrap_or(TimeDelta::days(3650))
}
