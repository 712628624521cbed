//! What the status pages and metrics show.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::model::{TargetKind, address::without_login};

use super::{SourceRow, Store, StoreError, Totals, VisitRow, kept, on_pool, sql};

/// Visits of one kind that are remembered of a source.
pub const VISITS_KEPT: i64 = 50;

impl Store {
    /// Every source that is configured, with what its last visits gave, by id. Its address is without a login.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sources(&self) -> Result<Vec<SourceRow>, StoreError> {
        let mut rows = self.standings().await?;
        let (articles, pending) =
            (self.counted(sql::ARTICLES_BY_SOURCE).await?, self.counted(sql::PENDING_BY_SOURCE).await?);
        for row in &mut rows {
            row.articles = articles.get(&row.id).copied().unwrap_or_default();
            row.pending = pending.get(&row.id).copied().unwrap_or_default();
        }
        Ok(rows)
    }

    /// A number for each source.
    async fn counted(&self, text: &'static str) -> Result<HashMap<String, i64>, StoreError> {
        let rows: Vec<(String, i64)> = on_pool!(self, pool => sqlx::query_as(text).fetch_all(pool).await?);
        Ok(rows.into_iter().collect())
    }

    /// The same as [`Store::sources`], without the numbers of articles and of pages that wait: they take counting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn standings(&self) -> Result<Vec<SourceRow>, StoreError> {
        self.standing(None).await
    }

    /// The source `id`, as [`Store::sources`] gives it; `None`: it is not configured.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn source(&self, id: &str) -> Result<Option<SourceRow>, StoreError> {
        let Some(mut row) = self.standing(Some(id)).await?.pop() else { return Ok(None) };
        (row.articles, row.pending) =
            on_pool!(self, pool => sqlx::query_as(sql::SOURCE_COUNTS).bind(id).fetch_one(pool).await?);
        Ok(Some(row))
    }

    async fn standing(&self, id: Option<&str>) -> Result<Vec<SourceRow>, StoreError> {
        let rows: Vec<SourceRow> =
            on_pool!(self, pool => sqlx::query_as(sql::STANDINGS).bind(id).fetch_all(pool).await?);
        Ok(rows.into_iter().map(|row| SourceRow { url: without_login(row.url), ..row }).collect())
    }

    /// The last visits of a source, newest first: at most [`VISITS_KEPT`] of its listing, of its pages, or of each. Their addresses
    /// are without a login.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn visits(&self, source: &str, kind: Option<TargetKind>) -> Result<Vec<VisitRow>, StoreError> {
        let rows: Vec<VisitRow> = on_pool!(self, pool => sqlx::query_as(sql::VISITS).bind(source)
            .bind(kind.map(TargetKind::as_str)).bind(2 * VISITS_KEPT).fetch_all(pool).await?);
        // There may be more for a moment.
        let mut left = HashMap::new();
        let rows = rows.into_iter().filter(|row| {
            let left = left.entry(row.kind.clone()).or_insert(VISITS_KEPT);
            *left -= 1;
            *left >= 0
        });
        Ok(rows.map(|row| VisitRow { url: without_login(row.url), ..row }).collect())
    }

    /// Since when the listing is due that waits longest at `now`, if any does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn oldest_listing_due(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::OLDEST_LISTING_DUE).bind(kept(now))
            .fetch_optional(pool).await?))
    }

    /// Counts over everything stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn totals(&self, now: DateTime<Utc>) -> Result<Totals, StoreError> {
        let now = kept(now);
        let (articles, stories, changes, due, leases): (i64, i64, i64, i64, i64) =
            on_pool!(self, pool => sqlx::query_as(sql::TOTALS).bind(now).fetch_one(pool).await?);
        let oldest: Option<DateTime<Utc>> =
            on_pool!(self, pool => sqlx::query_scalar(sql::OLDEST_DUE).bind(now).fetch_one(pool).await?);
        let lag_s = oldest.map_or(0, |o| (now - o).num_seconds());
        Ok(Totals { articles, stories, changes, due, lag_s, leases })
    }
}
