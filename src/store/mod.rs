//! Floor 3, the database, and nothing else that is outside.
//!
//! In: settings, and values of `model`. Out: rows as values of `model`, and [`Tx`], the one way to write several things at
//! once. One SQL text serves both databases where they agree; where they do not, there is a named constant per dialect,
//! chosen by `Store::pick`. Deliberately absent: a clock (`now` is always a bound parameter), decisions (they are the
//! ledger's), `sqlx::Any`, a trait with two implementations.

mod archive;
mod articles;
mod asked;
mod backfill;
mod bodies;
mod control;
mod error;
mod feed;
mod hub;
mod incidents;
mod keys;
mod lanes;
mod leases;
mod likeness;
mod migrate;
mod occasions;
mod open;
mod pings;
mod retention;
mod rows;
mod search;
mod settings;
mod sinks;
mod sql;
mod sql_feed;
mod sql_incidents;
mod sql_occasions;
mod sql_read;
mod sql_search;
mod sql_stories;
mod sql_watch;
mod sql_websub;
mod sql_write;
mod status;
mod stories;
mod subscriptions;
mod targets;
mod tx;
mod visits;
mod wide;

pub use archive::{Archive, ArchivePage};
pub use articles::Version;
pub use bodies::BodyRow;
use chrono::{DateTime, SubsecRound, Utc};
pub use control::Order;
pub use error::StoreError;
pub use feed::{Place, STORIES_MAX, Scope, Span};
pub use hub::{Asked, HubRow, HubState, RequestRow};
pub use incidents::Incident;
pub use keys::FeedKey;
pub use lanes::Turn;
pub use leases::{DaemonRow, LeaseRow};
pub use likeness::{Candidate, Member};
pub use migrate::files as migration_files;
pub use occasions::Period;
pub use open::redacted;
pub use rows::{Backlog, Known, SourceRow, StoredText, Totals, VisitRow};
pub use search::{Filled, Found, Wanted, words_version};
pub use sinks::{DEAD_SHOWN, DeadRow, SinkRow, SinkState, Unsent};
pub use sql::all as statements;
use sqlx::{PgPool, SqlitePool};
pub use status::VISITS_KEPT;
pub use stories::{StoryLead, StoryPart, StoryRow, TopicCounts};
pub use subscriptions::{SubscriptionRow, SubscriptionState};
pub use tx::{NewArticle, Stored, Tx};
pub use visits::{Ended, Held};

/// Where everything is kept.
#[derive(Clone, Debug)]
pub enum Store {
    /// In service.
    Postgres(PgPool),
    /// Out of the box.
    Sqlite(SqlitePool),
}

/// A statement whose text differs between the databases.
#[derive(Clone, Copy, Debug)]
pub struct Dialects {
    /// For PostgreSQL.
    pub postgres: &'static str,
    /// For SQLite.
    pub sqlite: &'static str,
}

/// Runs one body on whichever pool or transaction is there; the body is compiled once for each database.
macro_rules! on_pool {
    ($store:expr, $pool:ident => $body:expr) => {
        match $store {
            $crate::store::Store::Postgres($pool) => $body,
            $crate::store::Store::Sqlite($pool) => $body,
        }
    };
}
use on_pool;

impl Store {
    /// The word for the database in use: `postgres` or `sqlite`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres",
            Self::Sqlite(_) => "sqlite",
        }
    }

    /// The text of `statement` for the database in use.
    const fn pick(&self, statement: Dialects) -> &'static str {
        match self {
            Self::Postgres(_) => statement.postgres,
            Self::Sqlite(_) => statement.sqlite,
        }
    }

    /// Connections to the database: those in use, those that wait for use, and how many there may be.
    #[must_use]
    pub fn connections(&self) -> (u32, u32, u32) {
        let (all, idle, most) =
            on_pool!(self, pool => (pool.size(), pool.num_idle(), pool.options().get_max_connections()));
        let idle = u32::try_from(idle).unwrap_or(all).min(all);
        (all - idle, idle, most)
    }

    /// Answers when the database does.
    ///
    /// # Errors
    /// When it is unreachable.
    pub async fn ping(&self) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::PING).execute(pool).await.map(|_| ())).map_err(StoreError::from)
    }

    /// Has the database prepare every statement of [`statements`]; returns how many.
    ///
    /// # Errors
    /// The first one that it refuses, named.
    pub async fn prepare_all(&self) -> Result<usize, StoreError> {
        use sqlx::{Executor, SqlSafeStr};
        let mut prepared = 0;
        for (name, statement) in statements() {
            let text = self.pick(statement);
            on_pool!(self, pool => pool.prepare(text.into_sql_str()).await.map(|_| ()))
                .map_err(|e| StoreError::Statement { name, reason: e.to_string() })?;
            prepared += 1;
        }
        Ok(prepared)
    }

    /// Ends every connection, letting running statements finish.
    pub async fn close(&self) {
        on_pool!(self, pool => pool.close().await);
    }
}

/// `at` as both databases keep it: whole microseconds.
#[must_use]
pub fn kept(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

/// `list` as a statement takes one.
fn json(list: &(impl serde::Serialize + ?Sized)) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(|e| StoreError::Corrupt(e.to_string()))
}
