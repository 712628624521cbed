//! Copies that are not equal: shortened, extended, edited, with other furniture. Which story they belong to, and the undoing of
//! a join.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::fingerprint::{Likeness, likeness, title_likeness};
use crate::model::{Change, Finding, Sketch};
use crate::store::{Candidate, Store, StoreError, Tx};
use crate::text::fold;

use super::{
    Settings,
    familiar::{Familiar, Told},
};

/// What an outlet's text shares with a story that it has told already, to be no more than that.
const OWN_RESEMBLANCE_MIN: f64 = 0.9;

/// So much of both in common is a copy whichever lines are familiar.
const SAME_RESEMBLANCE_MIN: f64 = 0.9;
/// Less than this in common, with or without familiar lines, is not looked at more closely.
const ROUGH_RESEMBLANCE_MIN: f64 = 0.1;

/// A story that a finding is a copy of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Near {
    pub(super) story: i64,
    likeness: Likeness,
}

impl Near {
    /// What is remembered of the decision: `copy 0.52 0.98`, resemblance and containment.
    pub(super) fn reason(&self) -> String {
        format!("copy {:.2} {:.2}", self.likeness.resemblance, self.likeness.containment)
    }
}

/// The story of which `finding` is a copy by what is `told` of it, if there is one: that of the article that it resembles most.
pub(super) async fn near(
    tx: &mut Tx,
    source: &str,
    finding: &Finding,
    told: &Told,
    familiar: &Mutex<Familiar>,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<Option<Near>, StoreError> {
    if settings.similarity >= 1.0 {
        return Ok(None);
    }
    let since = settings.window_start(now);
    let (part, whole) = (told.sketch.as_ref(), finding.sketch.as_ref());
    let mut candidates = vec![];
    // What was stored before its lines were familiar is found by all of them.
    for sketch in part.into_iter().chain(whole.filter(|_| told.is_part)) {
        candidates.extend(tx.candidates(sketch, since, now).await?);
    }
    let origin = finding.draft.origin.as_deref().map(|o| fold(o).into_string()).filter(|o| !o.is_empty());
    let (mut seen, mut best) = (HashSet::new(), None::<Near>);
    for candidate in candidates {
        if !seen.insert(candidate.id) {
            continue;
        }
        let Some(likeness) = like(tx, told, part, whole, &candidate, familiar).await? else { continue };
        let named = [candidate.origin.as_deref().unwrap_or_default(), &candidate.outlet].map(|n| fold(n).into_string());
        // That both are from one paper says as much as that they are titled alike.
        let titles = match origin.as_ref().is_some_and(|o| named.contains(o)) {
            true => 1.0,
            false => title_likeness(&finding.draft.title, &candidate.title),
        };
        let is_better = best.is_none_or(|b| likeness.resemblance > b.likeness.resemblance);
        if !is_better || !likeness.is_copy(settings.similarity, titles) {
            continue;
        }
        // An outlet that tells more of a story of its own tells news: it would know its own copy.
        if likeness.resemblance >= OWN_RESEMBLANCE_MIN || !tx.has_outlet(candidate.story_id, source).await? {
            best = Some(Near { story: candidate.story_id, likeness });
        }
    }
    Ok(best)
}

/// How like `candidate` is to what is `told` of a finding: by all of it where nearly all is the same, else without the lines that
/// are familiar.
async fn like(
    tx: &mut Tx,
    told: &Told,
    part: Option<&Sketch>,
    whole: Option<&Sketch>,
    candidate: &Candidate,
    familiar: &Mutex<Familiar>,
) -> Result<Option<Likeness>, StoreError> {
    let with = |own: Option<&Sketch>| own.and_then(|s| likeness(&s.body, &candidate.sketch));
    if !told.is_part {
        return Ok(with(part));
    }
    let (by_all, by_part) = (with(whole), with(part));
    if by_all.is_some_and(|l| l.resemblance >= SAME_RESEMBLANCE_MIN) {
        return Ok(by_all);
    }
    let most = by_all.iter().chain(&by_part).map(|l| l.resemblance).fold(0.0, f64::max);
    let Some(part) = part.filter(|_| most >= ROUGH_RESEMBLANCE_MIN) else { return Ok(None) };
    let text = tx.text(candidate.id).await?;
    let other = familiar.lock().unwrap_or_else(PoisonError::into_inner).part(&text);
    Ok(other.and_then(|other| likeness(&part.body, &other.body)))
}

/// Takes the article at `address` (its key, or as it is shown) out of its story into one of its own, with the equal ones, for good:
/// what equals it goes with it from now on. The change that tells so, or `None` when there is no such article, or nothing
/// else in its story.
///
/// # Errors
/// When the database fails; then nothing was changed.
pub async fn split(store: &Store, address: &str, now: DateTime<Utc>) -> Result<Option<Change>, StoreError> {
    let mut tx = store.begin().await?;
    tx.lock_log().await?;
    let number = tx.head().await? + 1;
    let Some(change) = tx.split(address, number, now).await? else { return Ok(None) };
    tx.append(&change).await?;
    tx.commit().await?;
    Ok(Some(change))
}
