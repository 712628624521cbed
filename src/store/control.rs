//! What an operator has done with single sources: visit now, pause, go on, and what becomes of pages held back.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, kept, on_pool, sql};

/// What is to be done with a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Its listing is due at once.
    Poll,
    /// Nothing of it is visited.
    Pause,
    /// It is visited again.
    Resume,
    /// What is held back of it is visited.
    Release,
    /// What is held back of it counts as seen.
    Dismiss,
}

impl Store {
    /// Does at `now` what `order` says with a source; how many rows it changed: 0 when there is no such source, when it is paused
    /// (`Poll`), or when nothing of it is held back (`Release`, `Dismiss`).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn order(&self, source: &str, order: Order, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let (text, timed) = match order {
            Order::Poll => (sql::SOURCE_POLL, true),
            Order::Pause => (sql::SOURCE_PAUSE, true),
            Order::Resume => (sql::SOURCE_RESUME, false),
            Order::Release => (sql::HELD_RELEASE, true),
            Order::Dismiss => (sql::HELD_DISMISS, false),
        };
        Ok(on_pool!(self, pool => {
            let query = sqlx::query(text).bind(source);
            let query = if timed { query.bind(kept(now)) } else { query };
            query.execute(pool).await?.rows_affected()
        }))
    }

    /// Counts as seen what is held back since before an instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire_held(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::HELD_EXPIRE).bind(kept(before)).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Titles of the newest articles of a source, of at most `limit` of them: those of their pages, and those that their listing
    /// had for them where it had others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn titles(&self, source: &str, limit: i64) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String, Option<String>)> =
            on_pool!(self, pool => sqlx::query_as(sql::TITLES).bind(source).bind(limit).fetch_all(pool).await?);
        Ok(rows.into_iter().flat_map(|(own, listed)| [listed.filter(|l| *l != own), Some(own)]).flatten().collect())
    }
}
