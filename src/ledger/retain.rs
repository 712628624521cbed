//! Deleting what is too old, a little at a time.

use chrono::{DateTime, Utc};

use crate::store::{Store, StoreError};

use super::{Settings, ago};

/// Articles deleted in one transaction.
const AT_ONCE: i64 = 500;

/// Deletes every article, and what every removed topic matched, that is older than the settings keep. Returns how many articles.
///
/// # Errors
/// When the database fails; what was deleted stays deleted.
pub async fn retain(store: &Store, settings: &Settings, now: DateTime<Utc>) -> Result<u64, StoreError> {
    store.forget_bands(settings.window_start(now)).await?;
    if let Some(before) = settings.topics_kept.and_then(|kept| ago(kept, now)) {
        store.forget_topics(before).await?;
    }
    let before = settings.articles_kept.and_then(|kept| ago(kept, now));
    store.forget_archives(before).await?;
    let Some(before) = before else {
        return Ok(0);
    };
    let mut deleted = 0;
    loop {
        let now_deleted = store.delete_articles(before, AT_ONCE).await?;
        deleted += now_deleted;
        if now_deleted < AT_ONCE.unsigned_abs() {
            return Ok(deleted);
        }
    }
}
