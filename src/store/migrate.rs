//! The layout of the database, as numbered steps that are the same in both folders.

use std::{borrow::Cow, time::Duration};

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

use super::{Dialects, Store};

/// The text of a step in both folders.
macro_rules! in_both {
    ($file:literal) => {
        Dialects {
            postgres: include_str!(concat!("../../migrations/postgres/", $file)),
            sqlite: include_str!(concat!("../../migrations/sqlite/", $file)),
        }
    };
}

/// Number, name and text of every step. A shipped step is never edited.
const STEPS: &[(i64, &str, Dialects)] = &[
    (1, "first", in_both!("0001_first.sql")),
    (2, "source_settings", in_both!("0002_source_settings.sql")),
    (3, "listing_health", in_both!("0003_listing_health.sql")),
    (4, "visits", in_both!("0004_visits.sql")),
    (5, "likeness", in_both!("0005_likeness.sql")),
    (6, "facts", in_both!("0006_facts.sql")),
    (7, "pace", in_both!("0007_pace.sql")),
    (8, "sinks", in_both!("0008_sinks.sql")),
    (9, "incidents", in_both!("0009_incidents.sql")),
    (10, "control", in_both!("0010_control.sql")),
    (11, "watching", in_both!("0011_watching.sql")),
    (12, "lanes", in_both!("0012_lanes.sql")),
    (13, "feeds", in_both!("0013_feeds.sql")),
    (14, "search", in_both!("0014_search.sql")),
    (15, "websub", in_both!("0015_websub.sql")),
    (16, "occasions", in_both!("0016_occasions.sql")),
    (17, "sink_incidents", in_both!("0017_sink_incidents.sql")),
    (18, "one_lane", in_both!("0018_one_lane.sql")),
];

/// How often a start that met another daemon's migration is tried again (SQLite has no lock for it).
const TRIES_MAX: u32 = 10;
/// Pause between those tries.
const PAUSE: Duration = Duration::from_millis(200);

/// File names of every step, as both migration folders must have them.
pub fn files() -> impl Iterator<Item = String> {
    STEPS.iter().map(|(number, name, _)| format!("{number:04}_{name}.sql"))
}

/// Brings the database to this version's layout; harmless when it is there, or when another daemon does the same now.
pub(super) async fn run(store: &Store) -> Result<(), String> {
    let steps = STEPS.iter().map(|(number, name, text)| {
        let text = store.pick(*text).into_sql_str();
        Migration::new(*number, Cow::Borrowed(name), MigrationType::Simple, text, false)
    });
    let migrator = Migrator::with_migrations(steps.collect());
    let mut tries = 0;
    loop {
        let done = match store {
            Store::Postgres(pool) => migrator.run(pool).await,
            Store::Sqlite(pool) => migrator.run(pool).await,
        };
        match done {
            Ok(()) => return Ok(()),
            Err(sqlx::migrate::MigrateError::VersionMissing(n)) => {
                return Err(format!("it has step {n}, which this version does not know"));
            }
            Err(sqlx::migrate::MigrateError::VersionMismatch(n)) => {
                return Err(format!("its step {n} is not the one that this version ships"));
            }
            Err(_) if tries < TRIES_MAX && matches!(store, Store::Sqlite(_)) => {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Err(e) => return Err(e.to_string()),
        }
    }
}
