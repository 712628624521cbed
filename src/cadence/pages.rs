//! When an article page is visited again: the older it is, the more seldom, until it is too old to change.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{FailureKind, Outcome, Target};

use super::{Settings, delta, grown, retry_after, spread};

/// A page is tried this often before it is given up.
const FAILURES_MAX: u32 = 8;
/// A page that is missing, or no article, is looked at this often.
const MISSING_MAX: u32 = 2;
/// First pause of a failing page.
const PAUSE: TimeDelta = TimeDelta::minutes(5);
/// Shortest time between two visits of a page that is well.
const REVISIT_MIN: TimeDelta = TimeDelta::hours(1);

/// When the article page `target` is visited next after `outcome`; `None`: not again.
///
/// A page that is well is visited when (now - last visit) / (now - first seen) reaches 0.2 (the rule of diffengine): a quarter
/// of its age after each visit.
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
            let age = (now - target.first_seen_at).max(TimeDelta::zero());
            let next = now + spread(target, (age / 4).max(REVISIT_MIN));
            return (next <= revisits_end(settings, target.first_seen_at)).then_some(next);
        }
        Outcome::NotArticle { .. } => (failures < MISSING_MAX).then_some(REVISIT_MIN),
        Outcome::Failed(f) if f.kind == FailureKind::NotFound => {
            (failures < MISSING_MAX && f.status != Some(410)).then_some(REVISIT_MIN)
        }
        Outcome::Failed(_) => (failures < FAILURES_MAX).then(|| grown(PAUSE, target.failures.saturating_mul(100))),
    };
    pause.map(|p| now + spread(target, p.min(delta(settings.ceiling)).max(retry_after(outcome))))
}

/// Pages first seen before this are too old, at `now`, to be visited again.
#[must_use]
pub fn too_old(settings: &Settings, now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_sub_signed(delta(settings.revisit_until)).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// When a page that was first seen at `first_seen_at` is too old to be visited again.
fn revisits_end(settings: &Settings, first_seen_at: DateTime<Utc>) -> DateTime<Utc> {
    first_seen_at.checked_add_signed(delta(settings.revisit_until)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
