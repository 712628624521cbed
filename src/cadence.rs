//! Floor 2: when to visit next. Arithmetic over what a visit gave; deliberately absent: a clock, randomness.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use xxhash_rust::xxh3::xxh3_64;

use crate::model::{FailureKind, Outcome, Target};

/// Bounds of the time between visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Shortest time between two visits of a listing that has no `every`.
    pub floor: Duration,
    /// Longest time between two visits, also of a failing one.
    pub ceiling: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { floor: Duration::from_secs(5 * 60), ceiling: Duration::from_secs(4 * 3600) }
    }
}

/// What a listing tells of its own pace.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// When its entries were published, in any order.
    pub published: Vec<DateTime<Utc>>,
    /// Seconds that the feed asks to be left alone (`ttl`).
    pub ttl_s: Option<u64>,
    /// Seconds for which HTTP says the answer is fresh.
    pub fresh_s: Option<u64>,
}

/// Longest that a Retry-After is honoured: one peer has seen a server ask for 88 hours.
const RETRY_AFTER_MAX: TimeDelta = TimeDelta::hours(24);
/// A page is tried this often before it is given up.
const ARTICLE_FAILURES_MAX: u32 = 8;
/// A page that is missing, or no article, is looked at this often.
const ARTICLE_MISSING_MAX: u32 = 2;
/// First pause of a failing page.
const ARTICLE_PAUSE: TimeDelta = TimeDelta::minutes(5);
/// A page is visited again for the first time after this.
const REVISIT_FIRST: TimeDelta = TimeDelta::hours(1);
/// And not any more when it has been known for this long.
const REVISIT_AGE_MAX: TimeDelta = TimeDelta::days(4);
/// Doublings after which a pause is at its longest anyway.
const DOUBLINGS_MAX: u32 = 16;

/// When the listing `target` is visited next after `outcome`. `every` is the source's own setting.
#[must_use]
pub fn after_listing(
    settings: &Settings,
    target: &Target,
    every: Option<Duration>,
    outcome: &Outcome,
    hints: &Hints,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let (floor, ceiling) = (delta(settings.floor), delta(settings.ceiling).max(delta(settings.floor)));
    let fixed = every.map(delta);
    if !outcome.is_success() {
        let base = fixed.unwrap_or(floor);
        let pause = doubled(base, target.failures).min(ceiling.max(base));
        return now + spread(target, pause.max(retry_after(outcome)));
    }
    if let Some(every) = fixed {
        return now + every;
    }
    let pace = match outcome {
        // Nothing new is known of the pace: a little slower than last time.
        Outcome::NotModified => target.last_visit_at.map_or(floor, |last| (now - last) * 3 / 2),
        _ => pace(&hints.published, floor, ceiling, now),
    };
    let asked =
        hints.ttl_s.into_iter().chain(hints.fresh_s).max().map_or(TimeDelta::zero(), |s| delta(Duration::from_secs(s)));
    now + spread(target, pace.max(asked).clamp(floor, ceiling))
}

/// When the article page `target` is visited next after `outcome`; `None`: not again.
#[must_use]
pub fn after_article(
    settings: &Settings,
    target: &Target,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let failures = target.failures + 1;
    let pause = match outcome {
        Outcome::Ok | Outcome::NotModified => {
            let age = now - target.first_seen_at;
            // Twice as old at each visit: a dozen visits find nearly every edit, and cost the host little.
            return (age <= REVISIT_AGE_MAX).then(|| now + spread(target, age.max(REVISIT_FIRST)));
        }
        Outcome::NotArticle { .. } => (failures < ARTICLE_MISSING_MAX).then_some(REVISIT_FIRST),
        Outcome::Failed(f) if f.kind == FailureKind::NotFound => {
            (failures < ARTICLE_MISSING_MAX && f.status != Some(410)).then_some(REVISIT_FIRST)
        }
        Outcome::Failed(_) => (failures < ARTICLE_FAILURES_MAX).then(|| doubled(ARTICLE_PAUSE, target.failures)),
    };
    pause.map(|p| now + spread(target, p.min(delta(settings.ceiling)).max(retry_after(outcome))))
}

/// Half the mean gap between entries, slower the longer nothing came.
fn pace(published: &[DateTime<Utc>], floor: TimeDelta, ceiling: TimeDelta, now: DateTime<Utc>) -> TimeDelta {
    let (Some(first), Some(last)) = (published.iter().min(), published.iter().max()) else {
        return (floor * 4).min(ceiling);
    };
    match now - *last {
        quiet if quiet >= TimeDelta::days(30) => ceiling,
        quiet if quiet >= TimeDelta::days(14) => ceiling / 2,
        quiet if quiet >= TimeDelta::days(7) => ceiling / 4,
        _ => {
            let gaps = i32::try_from(published.len() - 1).unwrap_or(i32::MAX).max(1);
            ((*last - *first) / gaps / 2).clamp(floor, (ceiling / 4).max(floor))
        }
    }
}

fn doubled(base: TimeDelta, times: u32) -> TimeDelta {
    base * 2_i32.pow(times.min(DOUBLINGS_MAX))
}

fn retry_after(outcome: &Outcome) -> TimeDelta {
    match outcome {
        Outcome::Failed(f) => {
            f.retry_after_s.map_or(TimeDelta::zero(), |s| delta(Duration::from_secs(s)).min(RETRY_AFTER_MAX))
        }
        _ => TimeDelta::zero(),
    }
}

/// `pause` and up to a tenth more, by a hash of the address: what fell due together drifts apart, the same way every time.
fn spread(target: &Target, pause: TimeDelta) -> TimeDelta {
    let share = i32::try_from(xxh3_64(target.url.as_str().as_bytes()) % 1000).unwrap_or_default();
    pause + pause / 10_000 * share
}

fn delta(d: Duration) -> TimeDelta {
    TimeDelta::from_std(d).unwrap_or(TimeDelta::days(3650))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Failure, TargetKind};

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_770_000_000 + minutes * 60, 0).unwrap()
    }

    fn target(failures: u32) -> Target {
        Target {
            id: 1,
            source: "s".into(),
            kind: TargetKind::Listing,
            url: "https://news.example/list".parse().unwrap(),
            etag: None,
            last_modified: None,
            failures,
            first_seen_at: at(0),
            last_visit_at: Some(at(0)),
            last_success_at: None,
            entry: None,
            past: crate::model::Past::default(),
        }
    }

    fn failed(kind: FailureKind, retry_after_s: Option<u64>) -> Outcome {
        Outcome::Failed(Failure { kind, status: None, reason: "because".into(), retry_after_s })
    }

    fn minutes(outcome: &Outcome, failures: u32, every: Option<u64>, hints: &Hints) -> i64 {
        let every = every.map(|m| Duration::from_secs(m * 60));
        (after_listing(&Settings::default(), &target(failures), every, outcome, hints, at(10)) - at(10)).num_minutes()
    }

    #[test]
    fn a_fixed_pace_is_kept_while_all_is_well() {
        let hints = Hints { ttl_s: Some(86_400), ..Hints::default() };
        assert_eq!(minutes(&Outcome::Ok, 0, Some(7), &hints), 7);
    }

    #[test]
    fn a_failing_source_slows_down_but_never_stops() {
        let mut last = 0;
        for failures in 0..200 {
            let next = minutes(&failed(FailureKind::Timeout, None), failures, None, &Hints::default());
            assert!(next >= last && next <= 4 * 60 * 11 / 10, "{failures}: {next}");
            last = next;
        }
        assert!(last >= 4 * 60);
    }

    #[test]
    fn retry_after_is_honoured_up_to_a_day() {
        let next = |s| minutes(&failed(FailureKind::Throttled, Some(s)), 0, Some(5), &Hints::default());
        assert!((120..=132).contains(&next(7200)), "{}", next(7200));
        assert!((1440..=1584).contains(&next(9_000_000)));
    }

    #[test]
    fn a_lively_listing_is_visited_more_often_than_a_sleepy_one() {
        let every_hour = Hints { published: (0..20).map(|h| at(-60 * h)).collect(), ..Hints::default() };
        let every_minute = Hints { published: (0..20).map(|m| at(-m)).collect(), ..Hints::default() };
        let long_ago = Hints { published: vec![at(-60 * 24 * 40)], ..Hints::default() };
        let paces = [every_minute, every_hour, long_ago].map(|h| minutes(&Outcome::Ok, 0, None, &h));
        assert!(paces[0] >= 5 && paces[0] < paces[1] && paces[1] < paces[2], "{paces:?}");
    }

    #[test]
    fn what_the_publisher_asks_is_honoured_up_to_the_ceiling() {
        let asked = |s| minutes(&Outcome::Ok, 0, None, &Hints { ttl_s: Some(s), ..Hints::default() });
        assert!((60..=66).contains(&asked(3600)));
        assert!(asked(864_000) <= 264);
    }

    #[test]
    fn pages_are_revisited_until_they_are_old() {
        let mut page = target(0);
        page.kind = TargetKind::Article;
        let mut now = at(0);
        let mut visits = 0;
        while let Some(next) = after_article(&Settings::default(), &page, &Outcome::Ok, now) {
            assert!(next - now >= TimeDelta::hours(1));
            now = next;
            visits += 1;
        }
        assert!((5..20).contains(&visits), "{visits}");
    }

    #[test]
    fn pages_that_stay_away_are_given_up() {
        for (kind, limit) in [(FailureKind::NotFound, 2), (FailureKind::Timeout, 8)] {
            let given_up = (0..100)
                .find(|n| after_article(&Settings::default(), &target(*n), &failed(kind, None), at(0)).is_none());
            assert_eq!(given_up, Some(limit - 1), "{kind:?}");
        }
    }
}
