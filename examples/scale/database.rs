//! An empty database of each kind.

use std::env;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tidings::store::{Store, Turn};

/// Names the cluster on which databases are made, as it does for the tests.
const CLUSTER: &str = "TIDINGS_TEST_POSTGRES_URL";

/// Addresses of empty databases: SQLite's in `folder`, and PostgreSQL's where there is a cluster.
pub(crate) async fn empty(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut urls = vec![format!("sqlite://{}", folder.join("scale.db").display())];
    if let Ok(cluster) = env::var(CLUSTER) {
        let name = format!("tidings_scale_{}", std::process::id());
        statement(&cluster, format!("create database {name}")).await?;
        let mut url: url::Url = cluster.parse()?;
        url.set_path(&name);
        urls.push(url.into());
    } else {
        println!("PostgreSQL is not measured: {CLUSTER} names no cluster");
    }
    Ok(urls)
}

/// Takes a database of [`empty`] away again.
pub(crate) async fn drop(url: &str) -> anyhow::Result<()> {
    if let (Ok(cluster), true) = (env::var(CLUSTER), url.starts_with("postgres")) {
        let name = url.rsplit('/').next().unwrap_or_default();
        statement(&cluster, format!("drop database {name} with (force)")).await?;
    }
    Ok(())
}

async fn statement(cluster: &str, text: String) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(cluster).await?;
    sqlx::query(AssertSqlSafe(text)).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// What is seen of a daemon in its database.
pub(crate) struct Look(Store);

impl Look {
    /// Opens the database at `url`, beside the daemon that has it.
    pub(crate) async fn open(url: &str) -> anyhow::Result<Self> {
        Ok(Self(Store::open(url).await?))
    }

    /// How many listings were never visited.
    pub(crate) async fn unvisited(&self) -> anyhow::Result<i64> {
        self.number("select count(*) from targets where kind = 'listing' and last_visit_at is null").await
    }

    /// Number of the newest visit that is recorded. It is asked for again and again beside what is measured, and costs next to
    /// nothing.
    pub(crate) async fn visits(&self) -> anyhow::Result<i64> {
        self.number("select coalesce(max(id), 0) from visits").await
    }

    async fn number(&self, text: &'static str) -> anyhow::Result<i64> {
        Ok(match &self.0 {
            Store::Postgres(pool) => sqlx::query_scalar(text).fetch_one(pool).await?,
            Store::Sqlite(pool) => sqlx::query_scalar(text).fetch_one(pool).await?,
        })
    }

    /// When the first of the visits since `at` began.
    pub(crate) async fn first_since(&self, at: DateTime<Utc>) -> anyhow::Result<DateTime<Utc>> {
        let text = "select min(last_visit_at) from targets where kind = 'listing' and last_visit_at >= $1";
        Ok(match &self.0 {
            Store::Postgres(pool) => sqlx::query_scalar(text).bind(at).fetch_one(pool).await?,
            Store::Sqlite(pool) => sqlx::query_scalar(text).bind(at).fetch_one(pool).await?,
        })
    }

    /// Makes every listing due, at `at`.
    pub(crate) async fn make_due(&self, at: DateTime<Utc>) -> anyhow::Result<()> {
        let text = "update targets set next_visit_at = $1 where kind = 'listing'";
        match &self.0 {
            Store::Postgres(pool) => sqlx::query(text).bind(at).execute(pool).await.map(|_| ())?,
            Store::Sqlite(pool) => sqlx::query(text).bind(at).execute(pool).await.map(|_| ())?,
        }
        Ok(())
    }

    /// How long it takes to find and to take so many hosts that are due, and what is due of them: what a daemon does before its
    /// first visit. They are given back.
    pub(crate) async fn ahead(&self, hosts: usize) -> anyhow::Result<Duration> {
        const WHO: &str = "look";
        let (begun, now) = (Instant::now(), Utc::now());
        let later = now + TimeDelta::days(1);
        let due = self.0.due_hosts(&mut Turn::in_parts(), now, later, hosts).await?;
        let taken = self.0.claim_all(&due, WHO, now, later).await?;
        let names: Vec<&str> = taken.iter().map(String::as_str).collect();
        let targets = self.0.due_targets_of(&names, now, later, hosts).await?;
        let took = begun.elapsed();
        ensure!(!targets.is_empty(), "nothing is due");
        self.0.release(&taken, WHO).await?;
        Ok(took)
    }

    /// Lets go of it.
    pub(crate) async fn close(self) {
        self.0.close().await;
    }
}
