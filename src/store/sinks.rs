//! Who is told of changes: how far each sink is, who holds it, and what it would not take.
//!
//! A cursor only moves by a statement that names where it was, so that nobody moves it over what another did meanwhile.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Store, StoreError, json, kept, on_pool, sql,
    tx::{on_tx, plain},
};

/// Most dead letters of a sink that one read gives.
pub const DEAD_SHOWN: i64 = 500;

/// Whether a sink is told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SinkState {
    /// It is.
    Active,
    /// Its receiver said that it is gone for good; the operator can resume it.
    Gone,
}

impl SinkState {
    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Gone => "gone",
        }
    }

    /// How a sink is doing that is in this state after so many failed tries, in a word.
    #[must_use]
    pub const fn word(self, tries: i64) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Active if tries > 0 => "failing",
            Self::Active => "ok",
        }
    }
}

impl TryFrom<String> for SinkState {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        [Self::Active, Self::Gone].into_iter().find(|s| s.as_str() == word).ok_or_else(|| format!("a sink is `{word}`"))
    }
}

/// A sink and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, ToSchema)]
pub struct SinkRow {
    /// Stable name.
    pub id: String,
    /// Number of the last change that it was told, or that does not concern it.
    pub cursor: i64,
    /// Whether it is told anything.
    #[sqlx(try_from = "String")]
    pub state: SinkState,
    /// Since when it is configured.
    pub added_at: DateTime<Utc>,
    /// Number of the last change of the message that is being tried, if that is settled.
    pub trying_to: Option<i64>,
    /// How often that message failed.
    pub tries: i64,
    /// Since when.
    pub failing_since: Option<DateTime<Utc>>,
    /// When it is tried again.
    pub next_try_at: Option<DateTime<Utc>>,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// HTTP status of that answer, if one came.
    pub last_status: Option<i64>,
    /// When it last took a message.
    pub last_success_at: Option<DateTime<Utc>>,
    /// Changes that it took.
    pub delivered: i64,
    /// Which daemon tells it.
    #[serde(skip)]
    pub holder: Option<String>,
    /// Until when no other one does.
    #[serde(skip)]
    pub lease_until: Option<DateTime<Utc>>,
    /// Changes that it would not take.
    pub dead: i64,
}

/// A change that a sink would not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct DeadRow {
    /// Number of the change.
    pub number: i64,
    /// When it was given up.
    pub at: DateTime<Utc>,
    /// How often it was tried.
    pub tries: i64,
    /// HTTP status of the last answer.
    pub status: Option<i64>,
    /// Why it was given up.
    pub reason: String,
}

/// A message that was not taken.
#[derive(Clone, Copy, Debug)]
pub struct Unsent<'a> {
    /// Why.
    pub reason: &'a str,
    /// HTTP status, if an answer came.
    pub status: Option<u16>,
    /// Number of the last change of the message as it is to be tried next; `None`: not settled.
    pub trying_to: Option<i64>,
    /// When.
    pub next_try_at: Option<DateTime<Utc>>,
    /// Whether it is tried again at all.
    pub state: SinkState,
}

impl Store {
    /// Makes the stored sinks those of the configuration: a new one begins at the head of the log, one that was removed and is
    /// there again goes on where it was.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub async fn sync_sinks(&self, ids: &[&str], now: DateTime<Utc>) -> Result<(), StoreError> {
        let (list, now, leave) = (json(ids)?, kept(now), self.pick(sql::SINKS_LEAVE));
        let mut tx = self.begin().await?;
        on_tx!(&mut tx, c => {
            sqlx::query(leave).bind(&list).bind(now).execute(&mut **c).await?;
            for id in ids {
                sqlx::query(sql::SINK_NEW).bind(*id).bind(now).execute(&mut **c).await?;
            }
        });
        tx.commit().await
    }

    /// Every sink that is configured, by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sinks(&self) -> Result<Vec<SinkRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::SINKS).fetch_all(pool).await?))
    }

    /// The sink `id`, if it is configured.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sink(&self, id: &str) -> Result<Option<SinkRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::SINK).bind(id).fetch_optional(pool).await?))
    }

    /// Takes an active sink that stands at `cursor` for `holder` until `until`, if nobody else holds it at `now`; settles that
    /// its next message ends with the change `trying_to`, if one is given and none was settled.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_sink(
        &self,
        sink: &SinkRow,
        holder: &str,
        trying_to: Option<i64>,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let row: Option<String> = on_pool!(self, pool => sqlx::query_scalar(sql::SINK_CLAIM)
            .bind(&sink.id).bind(holder).bind(kept(now)).bind(kept(until)).bind(sink.cursor).bind(trying_to)
            .fetch_optional(pool).await?);
        Ok(row.is_some())
    }

    /// Gives every sink of `holder` back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_sinks(&self, holder: &str) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::SINKS_RELEASE).bind(holder).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Moves a sink that took a message of `told` changes from its cursor on to `to`; `false` when it is no longer `holder`'s,
    /// or was moved by another. What ailed it is forgotten. With its own cursor as `to` it took a dead letter.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn move_sink(
        &self,
        sink: &SinkRow,
        holder: &str,
        to: i64,
        told: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let row: Option<String> = on_pool!(self, pool => sqlx::query_scalar(sql::SINK_MOVE)
            .bind(&sink.id).bind(holder).bind(sink.cursor).bind(to).bind(kept(now)).bind(told)
            .fetch_optional(pool).await?);
        Ok(row.is_some())
    }

    /// Moves a sink past changes that do not concern it; `false` when another holds it or a message of it is being tried.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pass_sink(
        &self,
        sink: &SinkRow,
        holder: &str,
        to: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let row: Option<String> = on_pool!(self, pool => sqlx::query_scalar(sql::SINK_PASS)
            .bind(&sink.id).bind(holder).bind(sink.cursor).bind(to).bind(kept(now)).fetch_optional(pool).await?);
        Ok(row.is_some())
    }

    /// Notes that a sink did not take its message; `false` when it is no longer `holder`'s or stands elsewhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fail_sink(
        &self,
        sink: &SinkRow,
        holder: &str,
        unsent: Unsent<'_>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let row: Option<String> = on_pool!(self, pool => sqlx::query_scalar(sql::SINK_FAIL)
            .bind(&sink.id).bind(holder).bind(sink.cursor).bind(kept(now)).bind(unsent.next_try_at.map(kept))
            .bind(plain(unsent.reason)).bind(unsent.status.map(i64::from)).bind(unsent.trying_to)
            .bind(unsent.state.as_str()).fetch_optional(pool).await?);
        Ok(row.is_some())
    }

    /// Keeps the changes `numbers` as dead letters of a sink and moves it past the last of them; `false` when it stands elsewhere.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub async fn bury(
        &self,
        sink: &SinkRow,
        numbers: &[i64],
        reason: &str,
        status: Option<u16>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let Some(last) = numbers.iter().max() else { return Ok(false) };
        let mut tx = self.begin().await?;
        let moved = on_tx!(&mut tx, c => {
            let row: Option<String> = sqlx::query_scalar(sql::SINK_BURY).bind(&sink.id).bind(sink.cursor).bind(last)
                .fetch_optional(&mut **c).await?;
            for number in numbers.iter().filter(|_| row.is_some()) {
                sqlx::query(sql::DEAD_NEW).bind(&sink.id).bind(number).bind(kept(now)).bind(sink.tries)
                    .bind(status.map(i64::from)).bind(plain(reason)).execute(&mut **c).await?;
            }
            row.is_some()
        });
        tx.commit().await?;
        Ok(moved)
    }

    /// What a sink would not take, oldest first; at most [`DEAD_SHOWN`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead_letters(&self, sink: &str) -> Result<Vec<DeadRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::DEAD_LETTERS).bind(sink).bind(DEAD_SHOWN).fetch_all(pool).await?))
    }

    /// Has all that a sink would not take tried once more; returns how many changes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replay_dead(&self, sink: &str) -> Result<u64, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query(sql::DEAD_MARK).bind(sink).execute(pool).await?.rows_affected()))
    }

    /// The first dead letter of a sink that is to be tried once more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead_again(&self, sink: &str) -> Result<Option<DeadRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::DEAD_AGAIN).bind(sink).fetch_optional(pool).await?))
    }

    /// Forgets a dead letter that was taken after all, or, with the reason and status why not, lets it lie.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_dead(
        &self,
        sink: &str,
        number: i64,
        refused: Option<(&str, Option<u16>)>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        on_pool!(self, pool => match refused {
            None => sqlx::query(sql::DEAD_DONE).bind(sink).bind(number).execute(pool).await.map(|_| ())?,
            Some((reason, status)) => sqlx::query(sql::DEAD_STAYS).bind(sink).bind(number).bind(kept(now))
                .bind(status.map(i64::from)).bind(plain(reason)).execute(pool).await.map(|_| ())?,
        });
        Ok(())
    }

    /// Lets a sink go on at once, also one that stopped; `false` when none is called so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_sink(&self, id: &str) -> Result<bool, StoreError> {
        let row: Option<String> =
            on_pool!(self, pool => sqlx::query_scalar(sql::SINK_RESUME).bind(id).fetch_optional(pool).await?);
        Ok(row.is_some())
    }

    /// Sets a sink back so that it is told every change after `since` again, and lets it go on; `false` when none is called so,
    /// or it has not come as far.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rewind_sink(&self, id: &str, since: i64) -> Result<bool, StoreError> {
        let row: Option<String> = on_pool!(self, pool => sqlx::query_scalar(sql::SINK_REWIND).bind(id).bind(since).fetch_optional(pool).await?);
        Ok(row.is_some())
    }
}
