//! What is stored, for trying queries on it.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, StoredText, kept, on_pool, sql};

/// Name of the fact that says of which version all digests are.
const DIGEST_VERSION: &str = "digest_version";

impl Store {
    /// Stored texts after the article numbered `after` that were first seen at `since` or later, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn texts_since(
        &self,
        after: i64,
        since: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<StoredText>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::TEXTS_SINCE).bind(after).bind(kept(since)).bind(limit)
            .fetch_all(pool).await?))
    }

    /// The number of the newest article, 0 when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_article(&self) -> Result<i64, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::NEWEST_ARTICLE).fetch_one(pool).await?))
    }

    /// The stored text of the newest article with this address or key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn text_at(&self, address: &str) -> Result<Option<StoredText>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::TEXT_AT).bind(address).fetch_optional(pool).await?))
    }

    /// The articles that are stored as matched by `topic`, first seen at `since` or later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn matched(&self, topic: &str, since: DateTime<Utc>) -> Result<Vec<i64>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::TOPIC_MATCHED).bind(topic).bind(kept(since))
            .fetch_all(pool).await?))
    }

    /// The topics that match the article, as stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn topics_of_article(&self, article: i64) -> Result<Vec<String>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::ARTICLE_TOPICS).bind(article).fetch_all(pool).await?))
    }

    /// Whether the digests of all articles are of `version`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn digests_are_of(&self, version: &str) -> Result<bool, StoreError> {
        let known: Option<String> =
            on_pool!(self, pool => sqlx::query_scalar(sql::FACT_GET).bind(DIGEST_VERSION).fetch_optional(pool).await?);
        Ok(known.as_deref() == Some(version))
    }

    /// Notes that they are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_digests(&self, version: &str) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::FACT_PUT).bind(DIGEST_VERSION).bind(version).execute(pool).await
            .map(|_| ())?);
        Ok(())
    }

    /// Forgets topics that were removed before `before`, with what they matched; returns how many.
    ///
    /// # Errors
    /// When the database fails; then nothing was forgotten.
    pub async fn forget_topics(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let before = kept(before);
        let mut tx = self.begin().await?;
        // A topic may be coming back at this moment.
        tx.lock_log().await?;
        let forgotten = super::tx::on_tx!(&mut tx, c => {
            for part in [sql::TOPIC_MATCHES_DROP, sql::TOPIC_STORIES_DROP, sql::TOPIC_CHANGES_DROP] {
                sqlx::query(part).bind(before).execute(&mut **c).await?;
            }
            sqlx::query(sql::TOPICS_DROP).bind(before).execute(&mut **c).await?.rows_affected()
        });
        tx.commit().await?;
        Ok(forgotten)
    }
}
