//! Who is told of our feeds by WebSub, how far each is, and what was asked and is still to be verified.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::model::address::authority;
use crate::websub::{Ask, Mode};

use super::{
    Store, StoreError, json, kept, on_pool, sql,
    tx::{on_tx, plain},
};

/// Subscriptions at most.
const SUBSCRIPTIONS_MAX: i64 = 5_000;
/// Of one feed.
const TOPIC_SUBSCRIPTIONS_MAX: i64 = 1_000;
/// Of callbacks on one host.
const HOST_SUBSCRIPTIONS_MAX: i64 = 500;
/// Requests that wait to be verified.
const REQUESTS_MAX: i64 = 1_000;
/// Of callbacks on one host.
const HOST_REQUESTS_MAX: i64 = 50;

/// What became of a request to the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It will be verified.
    Taken,
    /// There is nothing to be ended.
    Nothing,
    /// Too many are subscribed.
    Full(&'static str),
    /// Too much waits to be verified.
    Busy,
}

/// A request to the hub that is to be verified.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RequestRow {
    /// Its number.
    pub id: i64,
    /// `subscribe` or `unsubscribe`.
    pub mode: String,
    /// Address of the feed, as it was asked for.
    pub topic: String,
    /// Where what is new is to be sent.
    pub callback: String,
    /// Its host, with the port if that is unusual.
    pub host: String,
    /// What that is to be signed with.
    pub secret: Option<String>,
    /// Seconds for which it is asked.
    pub lease_s: i64,
    /// Number of the newest change when it was first asked.
    pub cursor: i64,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried.
    pub next_try_at: DateTime<Utc>,
}

/// Who is told of a feed.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct HubRow {
    /// Its number.
    pub id: i64,
    /// Address of the feed, as it was asked for.
    pub topic: String,
    /// Where what is new is sent.
    pub callback: String,
    /// Its host, with the port if that is unusual.
    pub host: String,
    /// What that is signed with.
    pub secret: Option<String>,
    /// Number of the last change that it was told, or that does not concern it.
    pub cursor: i64,
    /// Digest of the feed as it was last sent.
    pub told: Option<Vec<u8>>,
    /// How often the sending failed.
    pub tries: i64,
}

/// How the hub is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct HubState {
    /// How many are told.
    pub subscriptions: i64,
    /// Of those, how many did not take what was last sent.
    pub failing: i64,
    /// How many requests wait to be verified.
    pub requests: i64,
}

impl Store {
    /// Keeps a request to the hub until it is verified, in the place of one for the same callback that waits.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub async fn ask_hub(&self, ask: &Ask, now: DateTime<Utc>) -> Result<Asked, StoreError> {
        let (topic, callback, host, now) =
            (ask.topic.as_str(), ask.callback.as_str(), authority(&ask.callback), kept(now));
        let mut tx = self.begin().await?;
        let asked = on_tx!(&mut tx, c => {
            let has: i64 = sqlx::query_scalar(sql::HUB_HAS).bind(topic).bind(callback).fetch_one(&mut **c).await?;
            let (of_topic, of_host, all): (i64, i64, i64) =
                sqlx::query_as(sql::HUB_COUNTS).bind(topic).bind(host).fetch_one(&mut **c).await?;
            let (waiting_host, waiting): (i64, i64) = sqlx::query_as(sql::HUB_REQUEST_COUNTS)
                .bind(host).bind(topic).bind(callback).fetch_one(&mut **c).await?;
            let is_new = ask.mode == Mode::Subscribe && has == 0;
            let asked = match ask.mode {
                // One that waits to be verified is none yet, and whoever made it is asked all the same.
                Mode::Unsubscribe if has == 0 => Asked::Nothing,
                _ if waiting >= REQUESTS_MAX || waiting_host >= HOST_REQUESTS_MAX => Asked::Busy,
                _ if is_new && all >= SUBSCRIPTIONS_MAX => Asked::Full("this hub"),
                _ if is_new && of_topic >= TOPIC_SUBSCRIPTIONS_MAX => Asked::Full("this feed"),
                _ if is_new && of_host >= HOST_SUBSCRIPTIONS_MAX => Asked::Full("callbacks on this host"),
                _ => Asked::Taken,
            };
            if asked == Asked::Taken {
                sqlx::query(sql::HUB_REQUEST_NEW).bind(ask.mode.as_str()).bind(topic).bind(callback).bind(host)
                    .bind(ask.secret.as_deref().map(plain)).bind(ask.lease_s).bind(now).execute(&mut **c).await?;
            }
            asked
        });
        tx.commit().await?;
        Ok(asked)
    }

    /// Requests that are to be verified at `now`, the longest waiting first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hub_requests(&self, now: DateTime<Utc>) -> Result<Vec<RequestRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::HUB_REQUESTS_DUE).bind(kept(now)).bind(REQUESTS_MAX)
            .fetch_all(pool).await?))
    }

    /// Takes a request until `until`, unless another took it or a newer one took its place.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_request(
        &self,
        row: &RequestRow,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let id: Option<i64> = on_pool!(self, pool => sqlx::query_scalar(sql::HUB_REQUEST_CLAIM)
            .bind(row.id).bind(kept(row.asked_at)).bind(kept(until)).bind(kept(now)).fetch_optional(pool).await?);
        Ok(id.is_some())
    }

    /// Has a request tried again at `at`, unless a newer one took its place.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn postpone_request(&self, row: &RequestRow, at: DateTime<Utc>) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::HUB_REQUEST_LATER).bind(row.id).bind(kept(row.asked_at)).bind(kept(at))
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Forgets a request, doing what it asks if it is `granted`: a subscription begins, goes on for as long as was asked for,
    /// or ends. `false` when a newer one took its place: then nothing is done.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub async fn settle_request(
        &self,
        row: &RequestRow,
        granted: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let ends = kept(now + TimeDelta::try_seconds(row.lease_s).unwrap_or_default());
        let mut tx = self.begin().await?;
        let done = on_tx!(&mut tx, c => {
            let id: Option<i64> = sqlx::query_scalar(sql::HUB_REQUEST_DONE).bind(row.id).bind(kept(row.asked_at))
                .fetch_optional(&mut **c).await?;
            match (Mode::parse(&row.mode), granted && id.is_some()) {
                (Some(Mode::Subscribe), true) => {
                    sqlx::query(sql::HUB_NEW).bind(&row.topic).bind(&row.callback).bind(&row.host).bind(&row.secret)
                        .bind(kept(now)).bind(ends).bind(row.cursor).execute(&mut **c).await?;
                }
                (Some(Mode::Unsubscribe), true) => {
                    sqlx::query(sql::HUB_END).bind(&row.topic).bind(&row.callback).execute(&mut **c).await?;
                }
                _ => {}
            }
            id.is_some()
        });
        tx.commit().await?;
        Ok(done)
    }

    /// Ends subscriptions whose time is over at `now`; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire_hub(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query(sql::HUB_EXPIRE).bind(kept(now)).execute(pool).await?.rows_affected()))
    }

    /// Subscriptions that have not come as far as the change `head` and can be told at `now`, those that take everything first.
    /// It is all of them, so that many of one receiver do not hide the others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hub_due(&self, head: i64, now: DateTime<Utc>) -> Result<Vec<HubRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::HUB_DUE).bind(kept(now)).bind(head).bind(SUBSCRIPTIONS_MAX)
            .fetch_all(pool).await?))
    }

    /// Takes a subscription for `holder` until `until`, if it stands where it is thought to and nobody has it at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_hub(
        &self,
        row: &HubRow,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let id: Option<i64> = on_pool!(self, pool => sqlx::query_scalar(sql::HUB_CLAIM)
            .bind(row.id).bind(holder).bind(kept(now)).bind(kept(until)).bind(row.cursor).fetch_optional(pool).await?);
        Ok(id.is_some())
    }

    /// Moves subscriptions on to the change `to` that what came until then does not concern.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pass_hub(&self, ids: &[i64], to: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (list, text) = (json(ids)?, self.pick(sql::HUB_PASS));
        on_pool!(self, pool => sqlx::query(text).bind(&list).bind(to).bind(kept(now)).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Moves a subscription that `holder` has on to the change `to`, at which the feed had the digest `told`, and gives it back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn told_hub(
        &self,
        id: i64,
        holder: &str,
        (to, told): (i64, &[u8]),
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::HUB_TOLD).bind(id).bind(holder).bind(to).bind(told).bind(kept(now))
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Moves a subscription that `holder` has on to the change `to`, with nothing new to be sent, and gives it back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pass_told_hub(&self, id: i64, holder: &str, to: i64) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::HUB_SAME).bind(id).bind(holder).bind(to).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Notes why a subscription that `holder` has was not told, and with what status; gives it back, to be tried at `next`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fail_hub(
        &self,
        id: i64,
        holder: &str,
        (reason, status): (&str, Option<u16>),
        next: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::HUB_FAIL).bind(id).bind(holder).bind(kept(next)).bind(plain(reason))
            .bind(status.map(i64::from)).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Ends a subscription.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_hub(&self, id: i64) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::HUB_DROP).bind(id).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// How the hub is doing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hub_state(&self) -> Result<HubState, StoreError> {
        let (subscriptions, failing, requests): (i64, i64, i64) =
            on_pool!(self, pool => sqlx::query_as(sql::HUB_STATE).fetch_one(pool).await?);
        Ok(HubState { subscriptions, failing, requests })
    }
}
