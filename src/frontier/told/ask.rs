//! One step of a subscription: asking, asking again, leaving.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use crate::fetch::{Poster, Reply, unguessable};
use crate::model::Failure;
use crate::store::{Store, StoreError, SubscriptionRow, SubscriptionState};
use crate::visit::Kit;
use crate::websub::{LEASE_DEFAULT_S, Mode, request};

/// How long a hub may take to answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How long it then may take to ask back, and the first pause after it said no; doubled with each time that nothing came of it.
const PAUSE_FIRST: TimeDelta = TimeDelta::minutes(5);
/// Longest pause.
const PAUSE_MAX: TimeDelta = TimeDelta::hours(24);
/// A hub that is left may ask back for so long.
const LEAVING_FOR: TimeDelta = TimeDelta::hours(1);
/// Redirects that are followed (section 5.1 wants those that keep the method followed).
const REDIRECTS_MAX: usize = 3;
/// What hubs are asked with.
const FORM: &str = "application/x-www-form-urlencoded";

/// Takes single steps.
pub(super) struct Asker {
    pub(super) store: Store,
    pub(super) kit: Arc<Kit>,
    pub(super) callbacks: Url,
}

impl Asker {
    /// Does what is to be done about `row` at `now`.
    pub(super) async fn step(&self, row: SubscriptionRow, now: DateTime<Utc>) -> Result<(), StoreError> {
        let source = row.source_id.clone();
        let is_wanted = self.kit.sources.get(&source).is_some_and(|s| s.websub);
        match row.state {
            SubscriptionState::Leaving => self.leave(&row, now).await,
            _ if !is_wanted => self.store.leave_subscription(&source, now).await,
            _ => {
                if self.store.lapse_subscription(&source, now).await? {
                    tracing::warn!(source.id = source, "the hub did not renew what it told us; the source is polled");
                }
                self.ask(&row, now).await
            }
        }
    }

    async fn ask(&self, row: &SubscriptionRow, now: DateTime<Utc>) -> Result<(), StoreError> {
        let is_over = row.expires_at.is_none_or(|at| at <= now);
        let (was, state) = match row.state {
            SubscriptionState::Active if is_over => (SubscriptionState::Asked, SubscriptionState::Asked),
            SubscriptionState::Active => (SubscriptionState::Active, SubscriptionState::Active),
            other => (other, SubscriptionState::Asked),
        };
        let words = unguessable().and_then(|key| Ok((key, unguessable()?)));
        let (key, secret) = match words {
            Ok(words) => words,
            Err(error) => {
                return self.store.fail_subscription(&row.source_id, &error.to_string(), now + PAUSE_MAX).await;
            }
        };
        let next = next(row, now);
        let row = SubscriptionRow { state: was, ..row.clone() };
        let asked = self.store.ask_subscription(&row, (&key, &secret), state, now, next).await?;
        let Some((key, secret)) = asked else { return Ok(()) };
        let form = request(Mode::Subscribe, &row.topic, &self.callback(&key), &secret, LEASE_DEFAULT_S);
        match self.send(&row.hub, form).await {
            Ok(()) => {
                tracing::debug!(source.id = row.source_id, "the hub was asked to tell what is new");
                Ok(())
            }
            Err(why) => {
                tracing::info!(source.id = row.source_id, "the hub cannot be asked to tell what is new: {why}");
                self.store.fail_subscription(&row.source_id, &why, next).await
            }
        }
    }

    async fn leave(&self, row: &SubscriptionRow, now: DateTime<Utc>) -> Result<(), StoreError> {
        // Asked once, however that ends: what is not confirmed runs out by itself.
        let Some(key) = row.key.as_deref().filter(|_| row.tries == 0) else {
            return self.store.end_subscription(&row.source_id).await;
        };
        let next = now + LEAVING_FOR;
        let asked = self.store.ask_subscription(row, (key, ""), SubscriptionState::Leaving, now, next).await?;
        if asked.is_some() {
            let form = request(Mode::Unsubscribe, &row.topic, &self.callback(key), "", LEASE_DEFAULT_S);
            if let Err(why) = self.send(&row.hub, form).await {
                tracing::debug!(source.id = row.source_id, "the hub cannot be told that we leave: {why}");
            }
        }
        Ok(())
    }

    fn callback(&self, key: &str) -> Url {
        let mut url = self.callbacks.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(key);
        }
        url
    }

    /// Sends `form` to the hub; why nothing will come of it.
    async fn send(&self, hub: &str, form: String) -> Result<(), String> {
        let poster = self.kit.fetcher.poster().map_err(|e| e.to_string())?;
        let mut url = Url::parse(hub).map_err(|_| "its address is none".to_owned())?;
        for _ in 0..=REDIRECTS_MAX {
            match judge(post(&poster, &url, form.clone()).await)? {
                None => return Ok(()),
                Some(next) => url = next,
            }
        }
        Err("it sends us from one address to another".into())
    }
}

async fn post(poster: &Poster, url: &Url, form: String) -> Result<Reply, Failure> {
    poster.send(url, FORM, &[], form, TIMEOUT).await
}

/// `None`: the request was taken; else where it is to be sent instead.
fn judge(reply: Result<Reply, Failure>) -> Result<Option<Url>, String> {
    let reply = reply.map_err(|failure| failure.reason)?;
    match (reply.status, reply.location) {
        (200..=299, _) => Ok(None),
        (307 | 308, Some(to)) => Ok(Some(to)),
        (status, _) => Err(format!("the hub answered {status}")),
    }
}

/// When it is looked again at what became of asking at `now`; a subscription whose end comes before is polled from then on.
fn next(row: &SubscriptionRow, now: DateTime<Utc>) -> DateTime<Utc> {
    let next = now + pause(row.tries);
    row.expires_at.filter(|end| *end > now).map_or(next, |end| next.min(end))
}

/// The pause after `tries` times that nothing came of asking.
fn pause(tries: i64) -> TimeDelta {
    let doublings = u32::try_from(tries.clamp(0, 16)).unwrap_or(16);
    (PAUSE_FIRST * 2_i32.pow(doublings)).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    fn reply(status: u16, location: Option<&str>) -> Result<Reply, Failure> {
        let location = location.map(|l| l.parse().unwrap());
        Ok(Reply { status, retry_after_s: None, location, body: vec![] })
    }

    #[test]
    fn a_hub_takes_a_request_sends_it_on_or_refuses_it() {
        assert_eq!(judge(reply(202, None)), Ok(None));
        assert_eq!(judge(reply(204, Some("https://b.example/"))), Ok(None));
        let to = judge(reply(307, Some("https://b.example/"))).unwrap();
        assert_eq!(to, Some("https://b.example/".parse().unwrap()));
        for (status, location) in [(301, Some("https://b.example/")), (308, None), (404, None), (500, None)] {
            assert!(judge(reply(status, location)).unwrap_err().contains(&status.to_string()));
        }
        let silent = Failure { kind: FailureKind::Timeout, status: None, reason: "slow".into(), retry_after_s: None };
        assert_eq!(judge(Err(silent)), Err("slow".into()));
    }

    #[test]
    fn the_end_of_a_subscription_is_not_slept_over() {
        let now = DateTime::UNIX_EPOCH;
        let row = |tries, ends_in: Option<TimeDelta>| SubscriptionRow {
            source_id: "a".into(),
            hub: String::new(),
            topic: String::new(),
            state: SubscriptionState::Active,
            key: None,
            secret: None,
            asked_at: None,
            expires_at: ends_in.map(|after| now + after),
            next_try_at: now,
            tries,
            last_push_at: None,
            pushes: 0,
            last_error: None,
        };
        let minutes = |tries, ends_in| (next(&row(tries, ends_in), now) - now).num_minutes();
        assert_eq!(minutes(0, None), 5);
        assert_eq!(minutes(8, Some(TimeDelta::minutes(90))), 90, "it is asked again when it is over");
        assert_eq!(minutes(0, Some(TimeDelta::minutes(90))), 5);
        assert_eq!(minutes(1, Some(TimeDelta::minutes(-1))), 10, "it is over already");
    }

    #[test]
    fn pauses_double_up_to_a_day() {
        assert_eq!([0, 1, 3].map(|n| pause(n).num_minutes()), [5, 10, 40]);
        assert_eq!((pause(i64::MAX), pause(-1)), (PAUSE_MAX, PAUSE_FIRST));
    }
}
