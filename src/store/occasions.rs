//! Occasions of digests. A sink that is told by mail has one more row than others: what it is told of now, and when it last was.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, kept, on_pool, sinks::SinkRow, sql, tx::on_tx};

/// How far a digest is with its occasions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Period {
    /// The last occasion that is done with.
    pub ended_at: Option<DateTime<Utc>>,
    /// The occasion that is being told.
    pub due_at: Option<DateTime<Utc>>,
    /// Number of the last change that belongs to it.
    pub upto: Option<i64>,
}

impl Store {
    /// How far the digest `sink` is; `None`: it never was due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn period(&self, sink: &str) -> Result<Option<Period>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::PERIOD).bind(sink).fetch_optional(pool).await?))
    }

    /// Begins the occasion `due_at` of a digest, which tells of changes up to `upto`; one that is being told goes on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_period(&self, sink: &str, due_at: DateTime<Utc>, upto: i64) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::PERIOD_OPEN).bind(sink).bind(kept(due_at)).bind(upto)
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Moves a digest on to `to`, past a mail of `told` changes, or past what does not concern it, and is done with its
    /// occasion when that was the end of it; `false`, and nothing, when it is no longer `holder`'s or stands elsewhere.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub async fn close_period(
        &self,
        sink: &SinkRow,
        holder: &str,
        to: i64,
        told: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let moved = on_tx!(&mut tx, c => {
            let row: Option<String> = match told {
                Some(told) => sqlx::query_scalar(sql::SINK_MOVE).bind(&sink.id).bind(holder).bind(sink.cursor).bind(to)
                    .bind(kept(now)).bind(told).fetch_optional(&mut **c).await?,
                None => sqlx::query_scalar(sql::SINK_PASS).bind(&sink.id).bind(holder).bind(sink.cursor).bind(to)
                    .bind(kept(now)).fetch_optional(&mut **c).await?,
            };
            if row.is_some() {
                sqlx::query(sql::PERIOD_CLOSE).bind(&sink.id).bind(to).execute(&mut **c).await?;
            }
            row.is_some()
        });
        tx.commit().await?;
        Ok(moved)
    }
}
