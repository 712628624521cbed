//! Leases: a daemon holds a host by a row with an expiry, not by a lock.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, json, kept, on_pool, sql};

impl Store {
    /// Takes `host` for `holder` until `until`, if nobody else holds it at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(
        &self,
        host: &str,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        Ok(!self.claim_all(&[host.to_owned()], holder, now, until).await?.is_empty())
    }

    /// Takes those of `hosts` for `holder` until `until` that nobody else holds at `now`; which, in their order. One write,
    /// however many: each costs SQLite a wait for the disk.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_all(
        &self,
        hosts: &[String],
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        if hosts.is_empty() {
            return Ok(vec![]);
        }
        let list = json(hosts)?;
        let taken: Vec<String> = on_pool!(self, pool => sqlx::query_scalar(self.pick(sql::CLAIM))
            .bind(&list).bind(holder).bind(kept(until)).bind(kept(now)).fetch_all(pool).await?);
        Ok(hosts.iter().filter(|host| taken.contains(host)).cloned().collect())
    }

    /// Prolongs a lease that `holder` still has; `false` when it was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew(&self, host: &str, holder: &str, until: DateTime<Utc>) -> Result<bool, StoreError> {
        let row = on_pool!(self, pool => sqlx::query_scalar::<_, String>(sql::RENEW)
            .bind(host).bind(holder).bind(kept(until)).fetch_optional(pool).await?);
        Ok(row.is_some())
    }

    /// Gives `host` back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, host: &str, holder: &str) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::RELEASE).bind(host).bind(holder).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Who holds what at `now`: (host, holder).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leases(&self, now: DateTime<Utc>) -> Result<Vec<(String, String)>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as::<_, (String, String)>(sql::LEASES)
            .bind(kept(now)).fetch_all(pool).await?))
    }
}
