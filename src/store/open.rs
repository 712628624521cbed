//! Opening a database by its address.

use std::{path::Path, str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use url::Url;

use super::{Store, StoreError, migrate};

/// Connections to PostgreSQL.
const POSTGRES_CONNECTIONS_MAX: u32 = 16;
/// Connections to SQLite: readers beside the one writer.
const SQLITE_CONNECTIONS_MAX: u32 = 8;
/// What a connection to SQLite keeps of the file, as its `cache_size` has it: 1 MiB, half of what it would. The system keeps the rest.
const SQLITE_CACHE: &str = "-1024";
/// How long a connection is waited for.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a new SQLite file is tried that others open at the same moment.
const LOCKED_TRIES_MAX: u32 = 50;
/// Pause between those tries.
const LOCKED_PAUSE: Duration = Duration::from_millis(100);
/// How long a statement waits for SQLite's one writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

impl Store {
    /// Opens the database at `url` (`sqlite://path`, `sqlite::memory:` is refused, `postgres://…`), making a SQLite file and
    /// its folder when they are missing, and brings it to this version's layout.
    ///
    /// # Errors
    /// When the address is none, nothing answers, or the layout is newer than this version.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let store = Self::connect(url).await?;
        migrate::run(&store).await.map_err(|reason| StoreError::Migrate { url: redacted(url), reason })?;
        Ok(store)
    }

    async fn connect(url: &str) -> Result<Self, StoreError> {
        let unreachable =
            |e: &dyn std::fmt::Display| StoreError::Unreachable { url: redacted(url), reason: e.to_string() };
        let bad = |reason: String| StoreError::Url { url: redacted(url), reason };
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url).map_err(|e| bad(e.to_string()))?.application_name("tidings");
            // A pool would go on trying until its time is up: one connection first says at once what is wrong.
            let first = tokio::time::timeout(ACQUIRE_TIMEOUT, options.connect()).await;
            let first = first.map_err(|_| unreachable(&"it does not answer"))?.map_err(|e| unreachable(&e))?;
            first.close().await.map_err(|e| unreachable(&e))?;
            let pool = PgPoolOptions::new()
                .max_connections(POSTGRES_CONNECTIONS_MAX)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .connect_with(options)
                .await
                .map_err(|e| unreachable(&e))?;
            return Ok(Self::Postgres(pool));
        }
        let Some(path) = url.strip_prefix("sqlite:").map(|p| p.trim_start_matches("//")) else {
            return Err(bad("it begins with neither `sqlite:` nor `postgres:`".into()));
        };
        if path.is_empty() || path.starts_with(":memory:") {
            return Err(bad("a file is needed: several connections share it".into()));
        }
        let file = path.split('?').next().unwrap_or(path);
        if let Some(folder) = Path::new(file).parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| unreachable(&format!("{}: {e}", folder.display())))?;
        }
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|e| bad(e.to_string()))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("cache_size", SQLITE_CACHE)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = || SqlitePoolOptions::new().max_connections(SQLITE_CONNECTIONS_MAX).acquire_timeout(ACQUIRE_TIMEOUT);
        // To turn a new file to its journal SQLite does not wait for whoever does the same.
        let mut tries = 0;
        loop {
            match pool().connect_with(options.clone()).await {
                Ok(pool) => return Ok(Self::Sqlite(pool)),
                Err(e) if tries < LOCKED_TRIES_MAX && is_locked(&e) => {
                    tries += 1;
                    tokio::time::sleep(LOCKED_PAUSE).await;
                }
                Err(e) => return Err(unreachable(&e)),
            }
        }
    }
}

/// Whether another process has the file for itself at the moment.
fn is_locked(error: &sqlx::Error) -> bool {
    const BUSY: u32 = 5;
    let code = error.as_database_error().and_then(|e| e.code()?.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xFF == BUSY)
}

/// `url` without its password, fit to show.
#[must_use]
pub fn redacted(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) => {
            let is_secret = |name: &str| name.to_ascii_lowercase().contains("password");
            let had = parsed.password().is_some();
            if had {
                let _ = parsed.set_password(Some("***"));
            }
            if !parsed.query_pairs().any(|(name, _)| is_secret(&name)) {
                return if had { parsed.into() } else { url.into() };
            }
            let pairs: Vec<(String, String)> = parsed.query_pairs().into_owned().collect();
            parsed.query_pairs_mut().clear().extend_pairs(
                pairs.iter().map(|(name, value)| (name, if is_secret(name) { "***" } else { value.as_str() })),
            );
            parsed.into()
        }
        Err(_) => url.split_once('@').map_or_else(|| url.into(), |(_, rest)| format!("***@{rest}")),
    }
}
