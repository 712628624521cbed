//! States of an article.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, on_pool, sql};

impl Store {
    /// Earlier states of an article as (revision, title, text, since when), oldest first; the present one is not among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revisions(&self, article: i64) -> Result<Vec<(i64, String, String, DateTime<Utc>)>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::REVISIONS).bind(article).fetch_all(pool).await?))
    }
}
