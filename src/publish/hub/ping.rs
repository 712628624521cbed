//! Telling hubs elsewhere that there is something new; what it is they fetch themselves.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{Hub, Slots, TIMEOUT, lease};

use crate::publish::pace::{Outcome, Verdict};
use crate::store::{STORIES_MAX, StoreError};
use crate::websub::publish;

/// A hub is told at most this often.
const EVERY: TimeDelta = TimeDelta::seconds(5);
/// Addresses in one message.
const TOPICS_MAX: usize = 30;
/// Formats that feeds come in.
const FORMATS: [&str; 3] = ["rss", "atom", "json"];
/// The feed of everything.
const ALL: &str = "all";

impl Hub {
    /// Begins to tell hubs that are behind.
    pub(super) async fn ping(&self, slots: &Slots, now: DateTime<Utc>) -> Result<(), StoreError> {
        for hub in &self.ping {
            self.store.add_ping(hub.as_str()).await?;
            let head = self.store.head().await?;
            let Some(slot) = slots.take(hub.host_str().unwrap_or_default()) else { continue };
            let claimed = self.store.claim_ping(hub.as_str(), &self.holder, head, now, lease(now)).await?;
            let Some((cursor, tries)) = claimed else { continue };
            let (me, hub) = (self.clone(), hub.clone());
            slots.running.spawn(async move {
                let _slot = slot;
                if let Err(error) = me.ping_one(&hub, (cursor, head), tries).await {
                    tracing::warn!(%error, hint = error.hint(), "what became of telling a hub is not noted");
                }
            });
        }
        Ok(())
    }

    async fn ping_one(&self, hub: &Url, (cursor, head): (i64, i64), tries: i64) -> Result<(), StoreError> {
        let changes = self.store.changes(cursor, None, STORIES_MAX).await?;
        let to = changes.last().map_or(head, |c| c.number);
        let ids: BTreeSet<String> = changes.into_iter().flat_map(|c| c.topics).chain([ALL.to_owned()]).collect();
        let topics: Vec<String> = ids.iter().flat_map(|id| FORMATS.map(|format| self.feed(id, format))).collect();
        let (mut reason, mut status) = (None, None);
        for some in topics.chunks(TOPICS_MAX) {
            let form = "application/x-www-form-urlencoded";
            let sent = self.poster().send(hub, form, &[], publish(some), TIMEOUT / 2).await;
            let outcome = Outcome::of_reply(sent);
            status = outcome.status;
            let is_taken = outcome.verdict == Verdict::Taken;
            self.count(if is_taken { "pinged" } else { "ping_failed" });
            if !is_taken {
                reason = Some(outcome.reason);
                break;
            }
        }
        let (now, hub_text) = (Utc::now(), hub.as_str());
        match reason {
            None => self.store.told_ping(hub_text, &self.holder, to, now + EVERY, now).await,
            Some(reason) => {
                let pause = TimeDelta::from_std(self.pace.pause(hub_text, to, tries + 1)).unwrap_or(EVERY);
                tracing::warn!(hub.host = hub.host_str(), tries = tries + 1, "a hub was not told: {reason}");
                self.store.fail_ping(hub_text, &self.holder, (&reason, status), now + pause).await
            }
        }
    }

    fn feed(&self, id: &str, format: &str) -> String {
        let mut address = self.base.clone();
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop_if_empty().extend(["feeds", &format!("{id}.{format}")]);
        }
        address.into()
    }
}
