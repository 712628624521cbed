//! Sending feeds to who subscribed to them (section 7): the whole feed as it is now, when something in it is new.

use std::{collections::HashMap, sync::Arc};

use axum::body::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use url::{Url, form_urlencoded};

use super::{Hub, Slot, Slots, TIMEOUT, lease};

use crate::publish::pace::{Outcome, Verdict};
use crate::store::{HubRow, STORIES_MAX, StoreError};
use crate::websub::{SIGNATURE, denial, path_of, sign};

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
            let ready: Vec<(HubRow, Slot)> =
                due.into_iter().filter_map(|row| Some((slots.take(&row.host)?, row))).map(|(s, r)| (r, s)).collect();
            if ready.is_empty() {
                continue;
            }
            let Some(path) = path else {
                // We have moved, or the topic was never one of ours.
                self.deny(slots, ready).await?;
                continue;
            };
            let first = ready.iter().map(|(r, _)| r.cursor).min().unwrap_or(from);
            let count = new.iter().filter(|n| **n > first).count();
            match self.copy(&path, i64::try_from(count).unwrap_or(STORIES_MAX), head).await {
                Ok(copy) => self.send(slots, ready, &copy).await?,
                Err(404 | 410) => self.deny(slots, ready).await?,
                Err(status) => tracing::warn!(topic, status, "a feed cannot be had, and is sent later"),
            }
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
        let usual = with_limit(path, None);
        let content = (self.copies)(usual).await?;
        let digest = blake3::hash(&content.bytes);
        let content = match new > self.items {
            true => (self.copies)(with_limit(path, Some(new))).await?,
            false => content,
        };
        Ok(Copy { content_type: content.content_type.into(), bytes: content.bytes.into(), digest, head })
    }

    async fn send(&self, slots: &Slots, ready: Vec<(HubRow, Slot)>, copy: &Copy) -> Result<(), StoreError> {
        for (row, slot) in ready {
            if self.hold(&row).await? {
                let (hub, copy) = (self.clone(), copy.clone());
                slots.running.spawn(async move {
                    if let Err(error) = hub.send_one(row, &copy, slot).await {
                        tracing::warn!(%error, hint = error.hint(), "what became of a feed that was sent is not noted");
                    }
                });
            }
        }
        Ok(())
    }

    async fn send_one(&self, row: HubRow, copy: &Copy, _slot: Slot) -> Result<(), StoreError> {
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
                let pause = pause.max(std::time::Duration::from_secs(asked));
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

    /// Takes a subscription for as long as a request may last, from this moment: putting feeds together takes its time.
    async fn hold(&self, row: &HubRow) -> Result<bool, StoreError> {
        let now = Utc::now();
        self.store.claim_hub(row, &self.holder, now, lease(now, TIMEOUT)).await
    }

    /// Ends subscriptions to a feed that is there no more, and says so (section 5.2).
    async fn deny(&self, slots: &Slots, ready: Vec<(HubRow, Slot)>) -> Result<(), StoreError> {
        for (row, slot) in ready {
            if !self.hold(&row).await? {
                continue;
            }
            self.store.drop_hub(row.id).await?;
            self.count("denied");
            tracing::info!(host = row.host, topic = row.topic, "a subscription ended: the feed is there no more");
            if let Ok(callback) = Url::parse(&row.callback) {
                let (poster, url) = (self.poster(), denial(&callback, &row.topic, "The feed is there no more."));
                slots.running.spawn(async move {
                    let _slot = slot;
                    // Nothing hangs on its being heard.
                    let _ = poster.ask(&url, TIMEOUT).await;
                });
            }
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
