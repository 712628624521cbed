//! Sending feeds to who subscribed to them (section 7): the whole feed as it is now, when something in it is new.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::body::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::timeout;
use url::{Url, form_urlencoded};

use super::{Hub, Slot, Slots, TIMEOUT, lease};

use crate::publish::pace::{Outcome, Verdict};
use crate::store::{HubRow, STORIES_MAX, StoreError};
use crate::websub::{SIGNATURE, denial, path_of, sign};

/// How long it may take to put a feed together.
const COPY_WITHIN: Duration = Duration::from_secs(20);
/// What a feed is answered with that is there no more ...
const GONE: u16 = 410;
/// ... and one that took too long.
const LATE: u16 = 503;

/// A feed as it is sent.
#[derive(Clone)]
struct Copy {
    content_type: Arc<str>,
    /// All who are sent it share it.
    bytes: Bytes,
    /// Digest of the feed at its usual length, by which it is known whether it was sent before.
    digest: blake3::Hash,
    /// Number of the newest change when it was made.
    head: i64,
}

impl Hub {
    /// Begins to send what is new to those who were not sent it, as far as there is room.
    pub(super) async fn tell(&self, slots: &Slots, now: DateTime<Utc>) -> Result<(), StoreError> {
        // Asked before the feeds are put together: what comes in between is sent once more rather than not at all.
        let head = self.store.head().await?;
        let mut by_topic: HashMap<String, Vec<HubRow>> = HashMap::new();
        for row in self.store.hub_due(head, now).await? {
            by_topic.entry(row.topic.clone()).or_default().push(row);
        }
        let mut passed: Vec<i64> = vec![];
        for (topic, rows) in by_topic {
            let from = rows.iter().map(|r| r.cursor).min().unwrap_or(head);
            let path = Url::parse(&topic).ok().and_then(|topic| path_of(&topic, &self.base));
            let new = match &path {
                Some(path) => self.news(path, from).await?,
                None => vec![],
            };
            // Of more than can be read at once, all that is known is that there are some.
            let is_cut = i64::try_from(new.len()).is_ok_and(|n| n >= STORIES_MAX);
            let newest = if is_cut { head } else { new.last().copied().unwrap_or(from) };
            let (due, not): (Vec<HubRow>, Vec<HubRow>) =
                rows.into_iter().partition(|r| r.cursor < newest || path.is_none());
            passed.extend(not.iter().map(|r| r.id));
            let mut ready: Vec<(HubRow, Slot)> = vec![];
            for row in due {
                let Some(slot) = slots.take(&row.host) else { continue };
                if self.hold(&row).await? {
                    ready.push((row, slot));
                }
            }
            if ready.is_empty() {
                continue;
            }
            let first = ready.iter().map(|(r, _)| r.cursor).min().unwrap_or(from);
            let count = i64::try_from(new.iter().filter(|n| **n > first).count()).unwrap_or(STORIES_MAX);
            let hub = self.clone();
            // Beside the others: a feed that takes long is not waited for by those who want another one.
            slots.running.spawn(Box::pin(async move {
                // Without a path we have moved, or the topic was never one of ours.
                let copied = match &path {
                    Some(path) => hub.copy(path, count, head).await,
                    None => Err(GONE),
                };
                hub.send(&topic, ready, copied).await;
            }));
        }
        if !passed.is_empty() {
            self.store.pass_hub(&passed, head, now).await?;
        }
        Ok(())
    }

    /// Numbers of the changes after `from` that concern the feed at `path`, as far as that is known, oldest first: at most as many
    /// as a feed can hold.
    async fn news(&self, path: &str, from: i64) -> Result<Vec<i64>, StoreError> {
        let file = path.split('?').next().unwrap_or(path).strip_prefix("/feeds/").unwrap_or_default();
        let topic = file.rsplit_once('.').map(|(id, _)| id);
        let topic = topic.filter(|id| (self.topics)().iter().any(|t| t == id));
        let changes = self.store.changes(from, topic, STORIES_MAX).await?;
        Ok(changes.into_iter().map(|c| c.number).collect())
    }

    /// The feed at `path` as it is now; longer than usual when `new` items are more than it usually has.
    async fn copy(&self, path: &str, new: i64, head: i64) -> Result<Copy, u16> {
        let copied = async {
            let usual = with_limit(path, None);
            let content = (self.copies)(usual).await?;
            let digest = blake3::hash(&content.bytes);
            let content = match new > self.items {
                true => (self.copies)(with_limit(path, Some(new))).await?,
                false => content,
            };
            Ok(Copy { content_type: content.content_type.into(), bytes: content.bytes.into(), digest, head })
        };
        timeout(COPY_WITHIN, copied).await.unwrap_or(Err(LATE))
    }

    /// Sends `copied` to all that are held for it, or does what is to be done without a copy.
    async fn send(&self, topic: &str, ready: Vec<(HubRow, Slot)>, copied: Result<Copy, u16>) {
        let sent = ready.into_iter().map(|(row, slot)| async {
            // Room for one is given back when it is done with, not when all are.
            let _slot = slot;
            let noted = match &copied {
                Ok(copy) => Box::pin(self.send_one(row, copy)).await,
                Err(404 | GONE) => self.deny(&row).await,
                Err(status) => {
                    let reason = format!("the feed cannot be had: {status}");
                    let pause = self.pace.pause(&row.callback, row.cursor, row.tries + 1);
                    let next = Utc::now() + TimeDelta::from_std(pause).unwrap_or(TimeDelta::hours(1));
                    self.store.fail_hub(row.id, &self.holder, (&reason, None), next).await
                }
            };
            if let Err(error) = noted {
                tracing::warn!(%error, hint = error.hint(), "what became of a feed that was sent is not noted");
            }
        });
        if let Err(status) = copied.as_ref().map_err(|status| *status)
            && !matches!(status, 404 | GONE)
        {
            tracing::warn!(topic, status, "a feed cannot be had, and is sent later");
        }
        futures::future::join_all(sent).await;
    }

    async fn send_one(&self, row: HubRow, copy: &Copy) -> Result<(), StoreError> {
        let told = (copy.head, copy.digest.as_bytes().as_slice());
        if row.told.as_deref() == Some(copy.digest.as_bytes()) {
            return self.store.pass_told_hub(row.id, &self.holder, copy.head).await;
        }
        let Ok(callback) = Url::parse(&row.callback) else { return self.store.drop_hub(row.id).await };
        let own = self.own_address();
        let links = [format!("<{own}>; rel=\"hub\""), format!("<{}>; rel=\"self\"", row.topic)];
        let signature = row.secret.as_deref().map(|secret| sign(secret, &copy.bytes));
        let mut headers: Vec<(&'static str, &str)> = links.iter().map(|link| ("link", link.as_str())).collect();
        headers.extend(signature.as_deref().map(|signature| (SIGNATURE, signature)));
        let sent = self.poster().send(&callback, &copy.content_type, &headers, copy.bytes.clone(), TIMEOUT).await;
        let (Outcome { verdict, reason, status }, now) = (Outcome::of_reply(sent), Utc::now());
        self.count(verdict.as_str());
        match verdict {
            Verdict::Taken => {
                tracing::debug!(host = row.host, topic = row.topic, "a feed was sent");
                self.store.told_hub(row.id, &self.holder, told, now).await
            }
            Verdict::Gone => {
                tracing::info!(host = row.host, topic = row.topic, "a subscriber is gone");
                self.store.drop_hub(row.id).await
            }
            Verdict::Refused | Verdict::Throttled(_) | Verdict::Failed => {
                let asked = if let Verdict::Throttled(seconds) = verdict { seconds } else { 0 };
                let pause = self.pace.pause(&row.callback, copy.head, row.tries + 1);
                let pause = pause.max(Duration::from_secs(asked));
                let next = now + TimeDelta::from_std(pause).unwrap_or(TimeDelta::hours(1));
                tracing::info!(
                    host = row.host,
                    topic = row.topic,
                    tries = row.tries + 1,
                    "a feed was not taken: {reason}"
                );
                self.store.fail_hub(row.id, &self.holder, (&reason, status), next).await
            }
        }
    }

    /// Takes a subscription for as long as it may last to put its feed together and send it, from this moment.
    async fn hold(&self, row: &HubRow) -> Result<bool, StoreError> {
        let now = Utc::now();
        self.store.claim_hub(row, &self.holder, now, lease(now, COPY_WITHIN + TIMEOUT)).await
    }

    /// Ends a subscription to a feed that is there no more, and says so (section 5.2).
    async fn deny(&self, row: &HubRow) -> Result<(), StoreError> {
        self.store.drop_hub(row.id).await?;
        self.count("denied");
        tracing::info!(host = row.host, topic = row.topic, "a subscription ended: the feed is there no more");
        if let Ok(callback) = Url::parse(&row.callback) {
            // Nothing hangs on its being heard.
            let _ = self.poster().ask(&denial(&callback, &row.topic, "The feed is there no more."), TIMEOUT).await;
        }
        Ok(())
    }
}

/// `path` with another number of items, at most as many as a feed can have; `None`: as many as usual.
fn with_limit(path: &str, limit: Option<i64>) -> String {
    let (file, query) = path.split_once('?').unwrap_or((path, ""));
    let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key != "limit");
    let mut kept = form_urlencoded::Serializer::new(String::new());
    kept.extend_pairs(pairs);
    if let Some(limit) = limit {
        kept.append_pair("limit", &limit.min(STORIES_MAX).to_string());
    }
    let query = kept.finish();
    if query.is_empty() { file.to_owned() } else { format!("{file}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_items_are_sent_is_for_the_hub_to_say() {
        assert_eq!(with_limit("/feeds/all.rss?limit=3", None), "/feeds/all.rss");
        assert_eq!(with_limit("/feeds/all.rss?source=a&limit=3", Some(90)), "/feeds/all.rss?source=a&limit=90");
        assert_eq!(with_limit("/feeds/all.rss?q=%E8%8A%AF", Some(900)), "/feeds/all.rss?q=%E8%8A%AF&limit=500");
    }
}
