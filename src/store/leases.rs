//! Leases: a daemon holds a host by a row with an expiry, not by a lock.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Store, StoreError, json, kept, on_pool, sql};

/// A daemon on this database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, ToSchema)]
pub struct DaemonRow {
    /// Its name in the table of leases.
    pub holder: String,
    /// How many hosts it visits at once at most; 0: it has not said, or is there no more.
    pub lanes_max: i64,
    /// How many it holds.
    pub hosts: i64,
    /// When others take over what it holds, if nothing is heard from it until then.
    pub until: DateTime<Utc>,
}

/// A host that a daemon holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, ToSchema)]
pub struct LeaseRow {
    /// The host, with its port if that is not the usual one.
    pub host: String,
    /// The daemon that alone may visit it.
    pub holder: String,
    /// Until when, if it is not renewed.
    pub until: DateTime<Utc>,
}

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

    /// Gives `hosts` back, those that `holder` still has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, hosts: &[String], holder: &str) -> Result<(), StoreError> {
        let list = json(hosts)?;
        on_pool!(self, pool => sqlx::query(self.pick(sql::RELEASE)).bind(&list).bind(holder).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Takes `host` for `holder` until `until`, if nobody holds it at `now`, not even `holder`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_free(
        &self,
        host: &str,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let row = on_pool!(self, pool => sqlx::query_scalar::<_, String>(sql::CLAIM_FREE)
            .bind(host).bind(holder).bind(kept(until)).bind(kept(now))
            .fetch_optional(pool).await?);
        Ok(row.is_some())
    }

    /// Gives `host` back, unless it was taken or prolonged since it was taken until `until`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_until(&self, host: &str, holder: &str, until: DateTime<Utc>) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::RELEASE_UNTIL).bind(host).bind(holder).bind(kept(until))
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Daemons that are there at `now` or hold hosts, by holder, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn daemons(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<DaemonRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::DAEMONS).bind(kept(now)).bind(limit).fetch_all(pool).await?))
    }

    /// Hosts that are held at `now`, by name, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn held(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<LeaseRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::HELD).bind(kept(now)).bind(limit).fetch_all(pool).await?))
    }

    /// How many hosts are held at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn held_count(&self, now: DateTime<Utc>) -> Result<i64, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::HELD_COUNT).bind(kept(now)).fetch_one(pool).await?))
    }

    /// Says until `until` that `holder` is there and visits up to `lanes_max` hosts at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn present(&self, holder: &str, lanes_max: i64, until: DateTime<Utc>) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::DAEMON_PRESENT).bind(holder).bind(lanes_max).bind(kept(until))
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Says that `holder` is gone, and forgets daemons that were last there before `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave(&self, holder: &str, before: DateTime<Utc>) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::DAEMON_LEAVE).bind(holder).bind(kept(before))
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// How many hosts each daemon that is there at `now` visits at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn daemon_lanes(&self, now: DateTime<Utc>) -> Result<Vec<i64>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::DAEMON_LANES).bind(kept(now)).fetch_all(pool).await?))
    }
}
