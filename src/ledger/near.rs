//! Copies that are not equal: shortened, extended, edited, with other furniture. Which story they belong to, and the undoing of
//! a join.

use chrono::{DateTime, Utc};

use crate::fingerprint::{Likeness, likeness, title_likeness};
use crate::model::{Change, Finding};
use crate::store::{Store, StoreError, Tx};

use super::Settings;

/// What an outlet's text shares with a story that it has told already, to be no more than that.
const OWN_RESEMBLANCE_MIN: f64 = 0.9;

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

/// The story of which `finding` is a copy, if there is one: that of the article that it resembles most.
pub(super) async fn near(
    tx: &mut Tx,
    source: &str,
    finding: &Finding,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<Option<Near>, StoreError> {
    let Some(sketch) = finding.sketch.as_ref().filter(|_| settings.similarity < 1.0) else { return Ok(None) };
    let since = settings.window_start(now);
    let mut best: Option<Near> = None;
    for candidate in tx.candidates(sketch, since, now).await? {
        let Some(likeness) = likeness(&sketch.body, &candidate.sketch) else { continue };
        let titles = title_likeness(&finding.draft.title, &candidate.title);
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
