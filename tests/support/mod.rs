//! A fresh database of each kind for one test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

/// A database that nobody else uses. The SQLite file goes with this value, the PostgreSQL one with the private cluster.
pub(crate) struct TestDb {
    /// `sqlite` or `postgres`.
    pub(crate) name: &'static str,
    /// Its address.
    pub(crate) url: String,
    _folder: Option<TempDir>,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl TestDb {
    /// One of each.
    pub(crate) async fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres().await]
    }

    /// A file in a folder of its own.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("deep/tidings.db").display());
        Self { name: "sqlite", url, _folder: Some(folder) }
    }

    /// A database on the cluster that `TIDINGS_TEST_POSTGRES_URL` names.
    pub(crate) async fn postgres() -> Self {
        let cluster = std::env::var("TIDINGS_TEST_POSTGRES_URL").expect(
            "this test needs PostgreSQL: run scripts/test, or set TIDINGS_TEST_POSTGRES_URL=postgres://user@host/postgres",
        );
        let name = format!("tidings_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&cluster).await.unwrap();
        // What an earlier run with the same process number left behind.
        for statement in [format!("drop database if exists {name}"), format!("create database {name}")] {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
        let mut url: url::Url = cluster.parse().unwrap();
        url.set_path(&name);
        Self { name: "postgres", url: url.into(), _folder: None }
    }
}
