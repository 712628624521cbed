//! Deleting what is too old; identities stay, so that nothing old comes back as new.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Store, StoreError, kept, on_pool, sql, tx::on_tx};

impl Store {
    /// Deletes articles first seen before `before`, with their revisions and matches, and takes stories that have none left out
    /// of the feeds; at most `limit` articles at once. Returns how many.
    ///
    /// # Errors
    /// When the database fails; then nothing was deleted.
    pub async fn delete_articles(&self, before: DateTime<Utc>, limit: i64) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        // Whoever records notes on the same stories that they changed, in another order.
        tx.lock_log().await?;
        let deleted = on_tx!(&mut tx, c => {
            let deleted: Vec<(i64, Option<i64>, String)> = sqlx::query_as(sql::ARTICLES_DELETE)
                .bind(kept(before)).bind(limit).fetch_all(&mut **c).await?;
            for story in deleted.iter().map(|(story, ..)| story).collect::<BTreeSet<_>>() {
                sqlx::query(sql::TOPIC_STORIES_DELETE).bind(story).execute(&mut **c).await?;
            }
            for (_, target, key) in &deleted {
                sqlx::query(sql::TARGET_FORGET).bind(target).bind(key).execute(&mut **c).await?;
            }
            deleted.len()
        });
        tx.commit().await?;
        Ok(deleted as u64)
    }

    /// Gives every host of `holder` back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_all(&self, holder: &str) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::RELEASE_ALL).bind(holder).execute(pool).await.map(|_| ())?);
        Ok(())
    }
}
