//! How the states of sources, and of sinks, changed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Store, StoreError, kept, on_pool, sql,
    tx::{on_tx, plain},
};

/// Changes that are kept, of sources and of sinks each.
const INCIDENTS_KEPT: i64 = 5_000;

/// A source, or a sink, changed from one state to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Incident {
    /// Its number, rising; sources and sinks are counted apart.
    pub id: i64,
    /// The source, or the sink.
    pub about: String,
    /// When it was seen.
    pub at: DateTime<Utc>,
    /// The state before; `None`: it was not known.
    pub was: Option<String>,
    /// The state from then on.
    pub state: String,
    /// Why, in a sentence.
    pub why: String,
}

/// Whose states they are, as the statements that read and note them.
struct Of {
    known: &'static str,
    last: &'static str,
    note: &'static str,
    forget: &'static str,
}

const SOURCES: Of =
    Of { known: sql::STATES, last: sql::STATE_OF, note: sql::INCIDENT_NEW, forget: sql::INCIDENTS_FORGET };
const SINKS: Of = Of {
    known: sql::SINK_STATES,
    last: sql::SINK_STATE_OF,
    note: sql::SINK_INCIDENT_NEW,
    forget: sql::SINK_INCIDENTS_FORGET,
};

impl Store {
    /// Notes the states of sources, each as (source, state, why), as they are at `now`; returns those that were others before, or
    /// begin with trouble.
    /// Of several that note the same, one does.
    ///
    /// # Errors
    /// When the database fails; then nothing was noted.
    pub async fn note_states(
        &self,
        states: &[(String, &'static str, String)],
        now: DateTime<Utc>,
    ) -> Result<Vec<Incident>, StoreError> {
        self.note(&SOURCES, states, now).await
    }

    /// The same for sinks.
    ///
    /// # Errors
    /// When the database fails; then nothing was noted.
    pub async fn note_sink_states(
        &self,
        states: &[(String, &'static str, String)],
        now: DateTime<Utc>,
    ) -> Result<Vec<Incident>, StoreError> {
        self.note(&SINKS, states, now).await
    }

    async fn note(
        &self,
        of: &Of,
        states: &[(String, &'static str, String)],
        now: DateTime<Utc>,
    ) -> Result<Vec<Incident>, StoreError> {
        let known: Vec<(String, String)> = on_pool!(self, pool => sqlx::query_as(of.known).fetch_all(pool).await?);
        let known: HashMap<String, String> = known.into_iter().collect();
        let changed: Vec<_> = states.iter().filter(|(id, state, _)| known.get(id).is_none_or(|k| k != state)).collect();
        if changed.is_empty() {
            return Ok(vec![]);
        }
        let now = kept(now);
        let mut tx = self.begin().await?;
        tx.lock_log().await?;
        let noted = on_tx!(&mut tx, c => {
            let mut noted = vec![];
            for (about, state, why) in changed {
                let was: Option<String> = sqlx::query_scalar(of.last).bind(about).fetch_optional(&mut **c).await?;
                if was.as_deref() == Some(*state) {
                    continue;
                }
                let row: Incident = sqlx::query_as(of.note).bind(about).bind(now).bind(&was).bind(*state)
                    .bind(plain(why)).fetch_one(&mut **c).await?;
                // That it begins well is none.
                noted.extend(Some(row).filter(|r| was.is_some() || !matches!(r.state.as_str(), "ok" | "waiting")));
            }
            sqlx::query(of.forget).bind(INCIDENTS_KEPT).execute(&mut **c).await?;
            noted
        });
        tx.commit().await?;
        Ok(noted)
    }

    /// Changes of sources' states into trouble and out of it, the newest first; at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn incidents(&self, limit: i64) -> Result<Vec<Incident>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::INCIDENTS).bind(limit).fetch_all(pool).await?))
    }

    /// The same for sinks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sink_incidents(&self, limit: i64) -> Result<Vec<Incident>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::SINK_INCIDENTS).bind(limit).fetch_all(pool).await?))
    }
}
