//! What the hubs of our sources are asked to tell, and how that stands.

use chrono::{DateTime, Utc};

use crate::model::{Announcement, Target};

use super::{
    Store, StoreError, Tx, kept, on_pool, sql, targets,
    tx::{on_tx, plain},
};

/// How a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// The source announces a hub that was not asked yet.
    Announced,
    /// The hub was asked, and has not asked back.
    Asked,
    /// The hub tells us what is new.
    Active,
    /// The hub will not.
    Denied,
    /// We want it no more.
    Leaving,
}

impl SubscriptionState {
    const ALL: [Self; 5] = [Self::Announced, Self::Asked, Self::Active, Self::Denied, Self::Leaving];

    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Asked => "asked",
            Self::Active => "active",
            Self::Denied => "denied",
            Self::Leaving => "leaving",
        }
    }
}

impl TryFrom<String> for SubscriptionState {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        Self::ALL.into_iter().find(|s| s.as_str() == word).ok_or_else(|| format!("a subscription is `{word}`"))
    }
}

/// What a hub is asked to tell of a source. Key and secret are never shown: it has no `Debug`.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SubscriptionRow {
    /// Identifier of the source.
    pub source_id: String,
    /// Address of the hub.
    pub hub: String,
    /// Address by which it knows the feed.
    pub topic: String,
    /// How it stands.
    #[sqlx(try_from = "String")]
    pub state: SubscriptionState,
    /// What nobody can guess of the callback's address.
    pub key: Option<String>,
    /// What the hub signs with.
    pub secret: Option<String>,
    /// When it was last asked.
    pub asked_at: Option<DateTime<Utc>>,
    /// Until when it tells us.
    pub expires_at: Option<DateTime<Utc>>,
    /// When something is to be done about it.
    pub next_try_at: DateTime<Utc>,
    /// How often it was asked in vain.
    pub tries: i64,
    /// When it last told us something.
    pub last_push_at: Option<DateTime<Utc>>,
    /// How often it did.
    pub pushes: i64,
    /// What went wrong last.
    pub last_error: Option<String>,
}

impl Tx {
    /// Remembers what the listing of a source announces; without a hub, or a name by which that knows the feed, one that is
    /// subscribed is to be left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn announce(&mut self, source: &str, what: &Announcement, now: DateTime<Utc>) -> Result<(), StoreError> {
        let now = kept(now);
        match (&what.hub, &what.topic) {
            (Some(hub), Some(topic)) => on_tx!(self, c => sqlx::query(sql::SUBSCRIPTION_NEW).bind(source)
                .bind(hub.as_str()).bind(topic.as_str()).bind(now).execute(&mut **c).await.map(|_| ())?),
            _ => on_tx!(self, c => sqlx::query(sql::SUBSCRIPTION_LEAVE).bind(source).bind(now)
                .execute(&mut **c).await.map(|_| ())?),
        }
        Ok(())
    }
}

impl Store {
    /// Every subscription, by source.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscriptions(&self) -> Result<Vec<SubscriptionRow>, StoreError> {
        let all: Option<&str> = None;
        Ok(on_pool!(self, pool => sqlx::query_as(sql::SUBSCRIPTIONS).bind(all).fetch_all(pool).await?))
    }

    /// That of a source, if it has one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscription_of(&self, source: &str) -> Result<Option<SubscriptionRow>, StoreError> {
        Ok(on_pool!(self, pool =>
            sqlx::query_as(sql::SUBSCRIPTIONS).bind(source).fetch_optional(pool).await?))
    }

    /// At most `limit` subscriptions about which something is to be done at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscriptions_due(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<SubscriptionRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::SUBSCRIPTIONS_DUE).bind(kept(now)).bind(limit)
            .fetch_all(pool).await?))
    }

    /// The subscription whose callback has this key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subscription(&self, key: &str) -> Result<Option<SubscriptionRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::SUBSCRIPTION_BY_KEY).bind(key).fetch_optional(pool).await?))
    }

    /// Notes at `now` that the hub of `row` is being asked, by the key and secret that are already known or else by these, as one
    /// that is then `state`, to be looked at again at `next`. (Key, secret); `None`: another did, or it is no longer as it was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask_subscription(
        &self,
        row: &SubscriptionRow,
        (key, secret): (&str, &str),
        state: SubscriptionState,
        now: DateTime<Utc>,
        next: DateTime<Utc>,
    ) -> Result<Option<(String, String)>, StoreError> {
        Ok(
            on_pool!(self, pool => sqlx::query_as(sql::SUBSCRIPTION_ASK).bind(&row.source_id).bind(kept(row.next_try_at))
            .bind(key).bind(secret).bind(state.as_str()).bind(kept(now)).bind(kept(next)).bind(row.state.as_str())
            .fetch_optional(pool).await?),
        )
    }

    /// Notes that the hub asked back, tells us until `until`, and is to be asked again at `renew`; `false`: nobody asked it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn confirm_subscription(
        &self,
        key: &str,
        until: DateTime<Utc>,
        renew: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let done = on_pool!(self, pool => sqlx::query(sql::SUBSCRIPTION_CONFIRM).bind(key).bind(kept(until))
            .bind(kept(renew)).execute(pool).await?.rows_affected());
        Ok(done > 0)
    }

    /// Notes why nothing came of asking; it is tried again at `next`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fail_subscription(&self, source: &str, why: &str, next: DateTime<Utc>) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::SUBSCRIPTION_FAIL).bind(source).bind(plain(why)).bind(kept(next))
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Notes that the hub will not tell us, and why; it is asked again at `next`. The listing is to be visited at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deny_subscription(
        &self,
        key: &str,
        why: &str,
        now: DateTime<Utc>,
        next: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let source: Option<String> = on_pool!(self, pool => sqlx::query_scalar(sql::SUBSCRIPTION_DENY).bind(key)
            .bind(plain(why)).bind(kept(next)).fetch_optional(pool).await?);
        match source {
            Some(source) => self.unpush(&source, now).await,
            None => Ok(()),
        }
    }

    /// Has the listing of a source visited at `now` and at its own pace from then on, if its subscription is over by then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lapse_subscription(&self, source: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let row: Option<String> = on_pool!(self, pool => sqlx::query_scalar(sql::SUBSCRIPTION_LAPSE).bind(source)
            .bind(kept(now)).fetch_optional(pool).await?);
        if row.is_some() {
            self.unpush(source, now).await?;
        }
        Ok(row.is_some())
    }

    /// Has a subscription given up at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave_subscription(&self, source: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::SUBSCRIPTION_LEAVE).bind(source).bind(kept(now))
            .execute(pool).await.map(|_| ())?);
        self.unpush(source, now).await
    }

    async fn unpush(&self, source: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let text = self.pick(sql::LISTING_UNPUSHED);
        on_pool!(self, pool => sqlx::query(text).bind(source).bind(kept(now)).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Forgets a subscription that was given up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_subscription(&self, source: &str) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::SUBSCRIPTION_END).bind(source).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Counts a push that came at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pushed(&self, source: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::SUBSCRIPTION_PUSHED).bind(source).bind(kept(now))
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Notes what was wrong with a push; the same twice is written once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refused_push(&self, source: &str, why: &str) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(sql::SUBSCRIPTION_REFUSED).bind(source).bind(plain(why))
            .execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// The listing of a source that is visited; `None`: it is paused, removed or was never there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listing(&self, source: &str) -> Result<Option<Target>, StoreError> {
        let key = format!("listing:{source}");
        let row = on_pool!(self, pool => sqlx::query_as(sql::LISTING_TARGET).bind(&key).fetch_optional(pool).await?);
        Ok(row.and_then(targets::target))
    }
}
