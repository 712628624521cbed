//! Floor 3: the database, and nothing else that is outside. STUB

mod rows;

use chrono::{DateTime, Utc};
pub use rows::{SourceRow, Totals};
use sqlx::{PgPool, SqlitePool};

use crate::model::{Change, StoryItem};

/// Where everything is kept.
#[derive(Clone, Debug)]
pub enum Store {
    /// In service.
    Postgres(PgPool),
    /// Out of the box.
    Sqlite(SqlitePool),
}

/// The database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

impl Store {
    /// Answers when the database does.
    ///
    /// # Errors
    /// When it is unreachable.
    pub async fn ping(&self) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Newest stories first, by the number of the change that brought them in: of one topic or of all, and of one source if asked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed(
        &self,
        topic: Option<&str>,
        source: Option<&str>,
        limit: i64,
    ) -> Result<Vec<StoryItem>, StoreError> {
        let _ = (topic, source, limit);
        unimplemented!()
    }

    /// Changes numbered above `since`, oldest first, of one topic if asked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changes(&self, since: i64, topic: Option<&str>, limit: i64) -> Result<Vec<Change>, StoreError> {
        let _ = (since, topic, limit);
        unimplemented!()
    }

    /// Number of the newest change, 0 when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self) -> Result<i64, StoreError> {
        unimplemented!()
    }

    /// Every source that is configured, with what its last visits gave, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sources(&self) -> Result<Vec<SourceRow>, StoreError> {
        unimplemented!()
    }

    /// Counts over everything stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn totals(&self, now: DateTime<Utc>) -> Result<Totals, StoreError> {
        let _ = now;
        unimplemented!()
    }
}
