//! Matching a new or changed topic with what is already stored.

use chrono::{DateTime, Utc};

use crate::model::Match;

use super::{
    Backlog, Store, StoreError, StoredText, kept, on_pool, sql,
    tx::{on_tx, storable},
};

impl Store {
    /// Topics that are still to be matched with what is stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn backlog(&self) -> Result<Vec<Backlog>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::BACKLOG).fetch_all(pool).await?))
    }

    /// Stored texts after the article numbered `after`, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn texts(&self, after: i64, limit: i64) -> Result<Vec<StoredText>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::TEXTS).bind(after).bind(limit).fetch_all(pool).await?))
    }

    /// Notes matches of a topic with stored articles as (article, match), and that it has been matched up to
    /// `matched_to`; `None`: with all of them. No change is appended: what was there before the topic is no news.
    ///
    /// `false`, and nothing is noted, when the topic is no longer as `topic` says, or something was stored that is still to be
    /// matched.
    ///
    /// # Errors
    /// When the database fails; then nothing was noted.
    pub async fn record_backfill(
        &self,
        topic: &Backlog,
        found: &[(i64, Match)],
        matched_to: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let now = kept(now);
        // Nobody stores anything, and no topic changes, from here to the end.
        tx.lock_log().await?;
        let noted = on_tx!(&mut tx, c => {
            let row: Option<String> = match matched_to {
                Some(to) => sqlx::query_scalar(sql::TOPIC_BACKFILLED).bind(&topic.id).bind(to)
                    .bind(&topic.query_digest).bind(topic.backfilled_to).fetch_optional(&mut **c).await?,
                None => sqlx::query_scalar(sql::TOPIC_BACKFILL_DONE).bind(&topic.id).bind(&topic.query_digest)
                    .bind(topic.backfilled_to).fetch_optional(&mut **c).await?,
            };
            for (article, m) in found.iter().filter(|_| row.is_some()) {
                sqlx::query(sql::MATCH_BACKFILL).bind(&topic.id).bind(article).bind(m.score)
                    .bind(storable(&m.evidence)).bind(true).bind(now).execute(&mut **c).await?;
                sqlx::query(sql::TOPIC_STORY_BACKFILL).bind(&topic.id).bind(article).bind(true)
                    .execute(&mut **c).await?;
            }
            row.is_some()
        });
        tx.commit().await?;
        Ok(noted)
    }
}
