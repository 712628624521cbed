//! What is due, and what is known.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use url::Url;

use crate::model::{Digest, Health, Past, Target, TargetKind};

use super::{Known, Store, StoreError, json, kept, on_pool, sql, tx::plain};

/// Pages due for another look, those that fell due last, of which the newest are taken.
const LATEST_MAX: i64 = 256;

#[derive(sqlx::FromRow)]
pub(super) struct TargetRow {
    id: i64,
    source_id: String,
    kind: String,
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
    failures: i64,
    first_seen_at: DateTime<Utc>,
    last_visit_at: Option<DateTime<Utc>>,
    last_success_at: Option<DateTime<Utc>>,
    entry: Option<Json<serde_json::Value>>,
    state: Option<String>,
    shapes: Option<Json<Vec<String>>>,
    documents: Option<Json<Vec<String>>>,
    last_new_at: Option<DateTime<Utc>>,
    news_every_s: Option<i64>,
    pace: Option<Json<serde_json::Value>>,
}

#[derive(sqlx::FromRow)]
struct DueRow {
    host: String,
    #[sqlx(flatten)]
    target: TargetRow,
}

#[derive(sqlx::FromRow)]
struct KnownRow {
    key: String,
    source_id: String,
    from_page: bool,
    title: String,
    digest: Vec<u8>,
}

impl Store {
    /// Targets of `host` that are due, see [`Store::due_targets_of`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_targets(
        &self,
        host: &str,
        now: DateTime<Utc>,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Target>, StoreError> {
        let mut all = self.due_targets_of(&[host], now, before, limit).await?;
        Ok(all.remove(host).unwrap_or_default())
    }

    /// Targets of each of `hosts` that are due at `now` and were not visited since `before`, at most `limit` of each: listings
    /// first, then pages that were never had, both by when they fell due; then the others, the newest first: their looks are
    /// rationed, most is changed on the first day, and what was put off falls due all at once.
    ///
    /// # Errors
    /// When the database fails. A target whose address cannot be read rests for good and is left out.
    pub async fn due_targets_of(
        &self,
        hosts: &[&str],
        now: DateTime<Utc>,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<HashMap<String, Vec<Target>>, StoreError> {
        let (list, most) = (json(hosts)?, i64::try_from(limit).unwrap_or(i64::MAX));
        let rows: Vec<DueRow> = on_pool!(self, pool => sqlx::query_as(self.pick(sql::DUE_TARGETS))
            .bind(list).bind(kept(now)).bind(kept(before)).bind(most).bind(LATEST_MAX).fetch_all(pool).await?);
        let mut all: HashMap<String, Vec<Target>> = HashMap::with_capacity(hosts.len());
        for row in rows {
            let (id, targets) = (row.target.id, all.entry(row.host).or_default());
            match target(row.target) {
                Some(_) if targets.len() >= limit => {}
                Some(target) => targets.push(target),
                None => self.rest(id).await?,
            }
        }
        Ok(all)
    }

    /// Lets a target rest for good.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rest(&self, target: i64) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::TARGET_REST).bind(target).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Puts a target off until `until`, unvisited.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_off(&self, target: i64, until: DateTime<Utc>) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::TARGET_PUT_OFF).bind(target).bind(kept(until))
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Makes due at `now` what is planned for later and was visited after `ahead`, a time still to come; how much that is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bring_forward(&self, now: DateTime<Utc>, ahead: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query(sql::TARGETS_BRING_FORWARD).bind(kept(now)).bind(kept(ahead))
            .execute(pool).await.map(|done| done.rows_affected())?))
    }

    /// Puts off until `until` everything of `host` that would be due before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_off_host(&self, host: &str, until: DateTime<Utc>) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::HOST_PUT_OFF).bind(host).bind(kept(until))
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Puts off until `until` every page of `host` that is due at `now` and was visited with success before; those that were
    /// first seen before `too_old` rest for good.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_off_revisits(
        &self,
        host: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        too_old: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::REVISITS_PUT_OFF).bind(host).bind(kept(now)).bind(kept(until))
            .bind(kept(too_old)).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Puts a target off until `until` after a visit at `now` that could not be recorded.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn postpone(
        &self,
        target: i64,
        until: DateTime<Utc>,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::TARGET_POSTPONE).bind(target).bind(kept(until)).bind(kept(now))
            .bind(plain(reason)).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Which of `keys` are known as targets, and which as articles. Read without any lock: what it says is known stays known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known(&self, keys: &[String]) -> Result<Known, StoreError> {
        if keys.is_empty() {
            return Ok(Known::default());
        }
        let list = json(keys)?;
        let targets: Vec<String> = on_pool!(self, pool => sqlx::query_scalar(self.pick(sql::KEYS_KNOWN))
            .bind(&list).fetch_all(pool).await?);
        let articles: Vec<KnownRow> = on_pool!(self, pool => sqlx::query_as(self.pick(sql::ARTICLES_KNOWN))
            .bind(&list).fetch_all(pool).await?);
        Ok(Known {
            targets: targets.into_iter().collect(),
            articles: articles
                .into_iter()
                .filter_map(|r| Some((r.key, (r.source_id, r.from_page, r.title, digest(&r.digest)?))))
                .collect(),
        })
    }
}

pub(super) fn target(row: TargetRow) -> Option<Target> {
    Some(Target {
        id: row.id,
        source: row.source_id,
        kind: if row.kind == TargetKind::Listing.as_str() { TargetKind::Listing } else { TargetKind::Article },
        url: Url::parse(&row.url).ok()?,
        etag: row.etag,
        last_modified: row.last_modified,
        failures: u32::try_from(row.failures).unwrap_or_default(),
        first_seen_at: row.first_seen_at,
        last_visit_at: row.last_visit_at,
        last_success_at: row.last_success_at,
        // An entry is a courtesy of the listing: one that cannot be read any more is no reason to lose the page.
        entry: row.entry.and_then(|Json(value)| serde_json::from_value(value).ok()),
        past: Past {
            health: row.state.as_deref().and_then(Health::parse),
            shapes: row.shapes.map(|Json(shapes)| shapes).unwrap_or_default(),
            documents: row.documents.map(|Json(documents)| documents).unwrap_or_default(),
            last_new_at: row.last_new_at,
            news_every_s: row.news_every_s,
            pace: row.pace.and_then(|Json(pace)| serde_json::from_value(pace).ok()).unwrap_or_default(),
        },
    })
}

pub(super) fn digest(bytes: &[u8]) -> Option<Digest> {
    bytes.try_into().ok().map(Digest)
}
