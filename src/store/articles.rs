//! States of an article.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, on_pool, sql};

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

    /// Every state of an article, the present one last, as [`Store::revisions`] gives them; none when there is no such article.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions(&self, article: i64) -> Result<Vec<Version>, StoreError> {
        let mut all = self.revisions(article).await?;
        let present: Option<Version> =
            on_pool!(self, pool => sqlx::query_as(sql::ARTICLE_STATE).bind(article).fetch_optional(pool).await?);
        all.extend(present);
        Ok(all)
    }
}
