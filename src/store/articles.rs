//! States of an article.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, kept, on_pool, sql};

/// A state of an article: revision, title, text, since when.
pub type Version = (i64, String, String, DateTime<Utc>);

impl Store {
    /// Earlier states of an article as (revision, title, text, since when), oldest first; the present one is not among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revisions(&self, article: i64) -> Result<Vec<Version>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::REVISIONS).bind(article).fetch_all(pool).await?))
    }

    /// The newest `limit` states of an article, the present one last, as [`Store::revisions`] gives them; none when there is no
    /// such article.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions(&self, article: i64, limit: i64) -> Result<Vec<Version>, StoreError> {
        let mut newest: Vec<Version> =
            on_pool!(self, pool => sqlx::query_as(sql::VERSIONS).bind(article).bind(limit).fetch_all(pool).await?);
        newest.reverse();
        Ok(newest)
    }

    /// The state of an article that began at `at`, and the one before it; `None`: none began then, or before it nothing is known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn step(&self, article: i64, at: DateTime<Utc>) -> Result<Option<(Version, Version)>, StoreError> {
        let mut newest: Vec<Version> = on_pool!(self, pool => sqlx::query_as(sql::VERSIONS_UPTO).bind(article).bind(kept(at)).fetch_all(pool).await?);
        let before = newest.pop().filter(|_| newest.len() == 1);
        Ok(before.zip(newest.pop()).filter(|(_, after)| after.3 == at))
    }
}
