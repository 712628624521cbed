//! Keys by which one feed is read without more. Only their digests are kept: what is shown once cannot be shown again, or stolen.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, kept, on_pool, sql};

/// A key, without what opens.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FeedKey {
    /// Its number, by which it is revoked.
    pub id: i64,
    /// What it opens: a topic's identifier, `all`, or `source/` and a source's.
    pub feed: String,
    /// For whom it was made, in the operator's words.
    pub note: String,
    /// When it was made.
    pub added_at: DateTime<Utc>,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// What is kept of a token.
fn digest(token: &str) -> [u8; 32] {
    *blake3::hash(format!("tidings feed key\n{token}").as_bytes()).as_bytes()
}

impl Store {
    /// Has `token` open `feed`; returns the number of the key.
    ///
    /// # Errors
    /// When the database fails, or the token is known.
    pub async fn add_feed_key(
        &self,
        token: &str,
        feed: &str,
        note: &str,
        now: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        let digest = digest(token);
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::KEY_NEW).bind(&digest[..]).bind(feed).bind(note)
            .bind(kept(now)).fetch_one(pool).await?))
    }

    /// The feed that `token` opens.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed_of_key(&self, token: &str) -> Result<Option<String>, StoreError> {
        let digest = digest(token);
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::KEY_FEED).bind(&digest[..]).fetch_optional(pool).await?))
    }

    /// Every key that was ever made, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed_keys(&self) -> Result<Vec<FeedKey>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::KEYS).fetch_all(pool).await?))
    }

    /// Has the key numbered `id` open nothing any more; whether it did until now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_feed_key(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let changed = on_pool!(self, pool => sqlx::query(sql::KEY_REVOKE).bind(id).bind(kept(now)).execute(pool).await?
            .rows_affected());
        Ok(changed > 0)
    }

    /// The name of a source of the configuration.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn source_name(&self, id: &str) -> Result<Option<String>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::SOURCE_NAME).bind(id).fetch_optional(pool).await?))
    }
}
