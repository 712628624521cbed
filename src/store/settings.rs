//! What the configuration says, brought into the database: sources, their listings, topics, and fixed facts.

use std::borrow::Borrow;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::Source;
use crate::model::TargetKind;
use crate::model::address;

use super::{Store, StoreError, json, kept, on_pool, sql};

/// A listing whose visit lies further ahead than this, or than its own pace, was planned by a clock that was wrong.
const AHEAD_MAX: TimeDelta = TimeDelta::days(8);
/// Pages that were first seen longer ago are not tried again for a new recipe.
const WAKE_MAX: TimeDelta = TimeDelta::days(7);

impl Store {
    /// The value kept under `key`, set to `value` if there was none; so a fact chosen once stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fact(&self, key: &str, value: &str) -> Result<String, StoreError> {
        on_pool!(self, pool => sqlx::query(sql::FACT_SET).bind(key).bind(value).execute(pool).await.map(|_| ())?);
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::FACT_GET).bind(key).fetch_one(pool).await?))
    }

    /// Makes the stored sources those of the configuration: new ones are due at `now`, those with another address or other
    /// settings are due again, and the targets of sources no longer configured rest.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub async fn sync_sources<S>(&self, sources: &[S], now: DateTime<Utc>) -> Result<(), StoreError>
    where
        S: Borrow<Source> + Sync,
    {
        let sources: Vec<&Source> = sources.iter().map(Borrow::borrow).collect();
        let mut tx = self.begin().await?;
        let now = kept(now);
        let ids: Vec<&str> = sources.iter().map(|s| s.id.as_str()).collect();
        let ids = json(&ids)?;
        let (rest, leave) = (self.pick(sql::TARGETS_REST), self.pick(sql::SOURCES_LEAVE));
        super::tx::on_tx!(&mut tx, c => {
            sqlx::query(rest).bind(&ids).execute(&mut **c).await?;
            sqlx::query(leave).bind(&ids).bind(now).execute(&mut **c).await?;
            for source in sources {
                let settings = source.digest();
                // A pace that was made shorter holds at once; where only some hours are open, from the next visit on.
                let every = source.every.filter(|_| source.hours.is_none());
                let fixed = every.and_then(|e| TimeDelta::from_std(e * 3 / 2).ok());
                let expected = source.expect_every.and_then(|e| i64::try_from(e.as_secs()).ok());
                let pace = source.every.and_then(|e| TimeDelta::from_std(e * 2).ok()).unwrap_or_default();
                sqlx::query(sql::SOURCE_REREAD).bind(&source.id).bind(now).bind(&settings[..]).execute(&mut **c).await?;
                sqlx::query(sql::SOURCE_WAKE).bind(&source.id).bind(now).bind(&settings[..]).bind(now - WAKE_MAX)
                    .execute(&mut **c).await?;
                sqlx::query(sql::SOURCE_SET).bind(&source.id).bind(&source.name).bind(source.url.as_str()).bind(now)
                    .bind(&settings[..]).bind(expected).execute(&mut **c).await?;
                let (key, lane) = (format!("listing:{}", source.id), address::lane(&source.url));
                sqlx::query(sql::LISTING_NEW).bind(&source.id).bind(TargetKind::Listing.as_str()).bind(&key)
                    .bind(source.url.as_str()).bind(&lane).bind(now).execute(&mut **c).await?;
                sqlx::query(sql::LISTING_MOVE).bind(&key).bind(source.url.as_str()).bind(&lane).bind(now)
                    .bind(now + pace.max(AHEAD_MAX)).bind(now + fixed.unwrap_or(pace.max(AHEAD_MAX))).execute(&mut **c).await?;
            }
        });
        tx.commit().await
    }

    /// Makes the stored topics those of the configuration, each as (id, title, digest of its query). A new topic, and one whose
    /// query changed, is to be matched with what is already stored.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub async fn sync_topics(
        &self,
        topics: &[(String, String, Vec<u8>)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let now = kept(now);
        let ids: Vec<&str> = topics.iter().map(|(id, ..)| id.as_str()).collect();
        let ids = json(&ids)?;
        let leave = self.pick(sql::TOPICS_LEAVE);
        // What is being recorded was matched with the queries as they were until now.
        tx.lock_log().await?;
        super::tx::on_tx!(&mut tx, c => {
            sqlx::query(leave).bind(&ids).bind(now).execute(&mut **c).await?;
            for (id, title, digest) in topics {
                sqlx::query(sql::TOPIC_MATCHES_FORGET).bind(id).bind(digest).execute(&mut **c).await?;
                sqlx::query(sql::TOPIC_STORIES_FORGET).bind(id).bind(digest).execute(&mut **c).await?;
                sqlx::query(sql::TOPIC_SET).bind(id).bind(title).bind(digest).bind(now).execute(&mut **c).await?;
            }
        });
        tx.commit().await
    }
}
