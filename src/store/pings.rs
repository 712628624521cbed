//! Hubs elsewhere that are told that there is something new, and how far each is.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, kept, on_pool, sql, tx::plain};

impl Store {
    /// Adds the hub at `hub` at the head of the log, unless it is known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_ping(&self, hub: &str) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::PING_NEW).bind(hub).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Takes the hub at `hub` for `holder` until `until`, if it has not come as far as the change `head`, can be told at `now` and
    /// nobody has it: (number of the last change that it was told, how often the telling failed).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_ping(
        &self,
        hub: &str,
        holder: &str,
        head: i64,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<(i64, i64)>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::PING_CLAIM).bind(hub).bind(holder).bind(kept(now))
            .bind(kept(until)).bind(head).fetch_optional(pool).await?))
    }

    /// Moves a hub that `holder` has on to the change `to`, and gives it back, not to be told before `next`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn told_ping(
        &self,
        hub: &str,
        holder: &str,
        to: i64,
        next: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::PING_TOLD).bind(hub).bind(holder).bind(to).bind(kept(next))
            .bind(kept(now)).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Notes why a hub that `holder` has was not told, and with what status; gives it back, to be tried at `next`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fail_ping(
        &self,
        hub: &str,
        holder: &str,
        (reason, status): (&str, Option<u16>),
        next: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::PING_FAIL).bind(hub).bind(holder).bind(kept(next)).bind(plain(reason))
            .bind(status.map(i64::from)).execute(pool).await.map(|_| ())?);
        Ok(())
    }
}
