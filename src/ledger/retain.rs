//! Deleting what is too old, a little at a time.

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::{Store, StoreError};

use super::{Settings, ago};

/// How long a body is kept that could not be read: long enough to be looked at, not a collection.
const BODIES_KEPT: TimeDelta = TimeDelta::days(30);
/// Articles, or changes, deleted in one transaction.
const AT_ONCE: i64 = 500;
/// How long an operator has to say what becomes of pages held back; then they count as seen.
const HELD_KEPT: TimeDelta = TimeDelta::days(7);

/// Deletes every article, every change, and what every removed topic matched, that is older than the settings keep. Returns how
/// many articles.
///
/// # Errors
/// When the database fails; what was deleted stays deleted.
pub async fn retain(store: &Store, settings: &Settings, now: DateTime<Utc>) -> Result<u64, StoreError> {
    store.forget_bands(settings.window_start(now)).await?;
    store.expire_held(now - HELD_KEPT).await?;
    store.forget_bodies(now - BODIES_KEPT).await?;
    if let Some(before) = settings.topics_kept.and_then(|kept| ago(kept, now)) {
        store.forget_topics(before).await?;
    }
    let before = settings.articles_kept.and_then(|kept| ago(kept, now));
    store.forget_archives(before).await?;
    let Some(before) = before else {
        return Ok(0);
    };
    // Of what is in no feed any more nobody needs to be told that it was new.
    while store.forget_changes(before, AT_ONCE).await? >= AT_ONCE.unsigned_abs() {}
    let mut deleted = 0;
    loop {
        let now_deleted = store.delete_articles(before, AT_ONCE).await?;
        deleted += now_deleted;
        if now_deleted < AT_ONCE.unsigned_abs() {
            return Ok(deleted);
        }
    }
}
