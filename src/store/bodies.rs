//! Bodies that could not be read, kept for whoever mends the source: the last one of its listing, and of its pages.

use chrono::{DateTime, Utc};

use crate::model::{TargetKind, Visit};

use super::{
    Store, StoreError, Tx, kept, on_pool, sql,
    tx::{on_tx, plain},
};

/// A body that could not be read as what it should be.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BodyRow {
    /// `listing` or `article`.
    pub kind: String,
    /// When the visit began.
    pub at: DateTime<Utc>,
    /// Where it came from, after redirects.
    pub url: String,
    /// Value of Content-Type.
    pub content_type: Option<String>,
    /// What was wrong with it.
    pub why: Option<String>,
    /// Bytes of the whole body.
    pub whole_bytes: i64,
    /// Its bytes, decompressed; of a large one the first ones.
    pub body: Vec<u8>,
}

impl Tx {
    /// Keeps the body that `visit` brought along, if it did, in the place of the one before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_body(&mut self, visit: &Visit) -> Result<(), StoreError> {
        let Some(body) = &visit.failed_body else { return Ok(()) };
        let (t, whole) = (&visit.target, i64::try_from(body.whole_bytes).unwrap_or(i64::MAX));
        on_tx!(self, c => sqlx::query(sql::BODY_KEEP).bind(&t.source).bind(t.kind.as_str()).bind(kept(visit.started_at))
            .bind(body.url.as_str()).bind(body.content_type.as_deref().map(plain)).bind(visit.note().as_deref().map(plain))
            .bind(whole).bind(&body.bytes).execute(&mut **c).await.map(|_| ())?);
        Ok(())
    }
}

impl Store {
    /// The newest body that is kept of a source, of its listing, of its pages, or of either.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn failed_body(&self, source: &str, kind: Option<TargetKind>) -> Result<Option<BodyRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::BODY_GET).bind(source).bind(kind.map(TargetKind::as_str))
            .fetch_optional(pool).await?))
    }

    /// Forgets bodies from before `before`, and those of sources that were removed; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_bodies(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query(sql::BODIES_FORGET).bind(kept(before)).execute(pool).await?
            .rows_affected()))
    }
}
