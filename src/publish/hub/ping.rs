//! Telling hubs elsewhere that there is something new; what it is they fetch themselves.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{Hub, Slots, lease};

use crate::model::Change;
use crate::publish::pace::{Outcome, Verdict};
use crate::store::{STORIES_MAX, StoreError};
use crate::websub::publish;

/// A hub is told at most this often.
const EVERY: TimeDelta = TimeDelta::seconds(5);
/// Addresses in one message.
const TOPICS_MAX: usize = 30;
/// Messages in one go, which the lease outlasts; what is more is told in the next one.
const MESSAGES_MAX: usize = 8;
/// How long a hub may take to answer one.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Formats that feeds come in.
const FORMATS: [&str; 3] = ["rss", "atom", "json"];
/// The feed of everything.
const ALL: &str = "all";
/// Where the feeds of single sources are.
const SOURCE: &str = "source";

impl Hub {
    /// Begins to tell hubs that are behind.
    pub(super) async fn ping(&self, slots: &Slots, now: DateTime<Utc>) -> Result<(), StoreError> {
        for hub in &self.ping {
            self.store.add_ping(hub.as_str()).await?;
            let head = self.store.head().await?;
            let Some(slot) = slots.take(hub.host_str().unwrap_or_default()) else { continue };
            let longest = TIMEOUT * u32::try_from(MESSAGES_MAX).unwrap_or(u32::MAX);
            let until = lease(Utc::now(), longest);
            let claimed = self.store.claim_ping(hub.as_str(), &self.holder, head, now, until).await?;
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
        let (feeds, to) = told(&changes);
        let to = to.unwrap_or(head);
        let topics: Vec<String> = feeds.iter().flat_map(|path| FORMATS.map(|format| self.feed(path, format))).collect();
        let (mut reason, mut status) = (None, None);
        for some in topics.chunks(TOPICS_MAX) {
            let form = "application/x-www-form-urlencoded";
            let sent = self.poster().send(hub, form, &[], publish(some), TIMEOUT).await;
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

    fn feed(&self, path: &[String], format: &str) -> String {
        let mut address = self.base.clone();
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop_if_empty().push("feeds").extend(path);
        }
        format!("{address}.{format}")
    }
}

/// The feeds, each as its path without an extension, in which `changes` are something new: as many of the changes as one go has
/// room for, and the number of the last of those.
fn told(changes: &[Change]) -> (BTreeSet<Vec<String>>, Option<i64>) {
    let room = MESSAGES_MAX * TOPICS_MAX / FORMATS.len();
    let (mut feeds, mut to) = (BTreeSet::from([vec![ALL.to_owned()]]), None);
    for change in changes {
        let topics = change.topics.iter().map(|topic| vec![topic.clone()]);
        let new: BTreeSet<Vec<String>> = topics
            .chain([vec![SOURCE.to_owned(), change.source.clone()]])
            .filter(|path| !feeds.contains(path))
            .collect();
        // One alone is told, however many feeds it is in.
        if to.is_some() && feeds.len() + new.len() > room {
            break;
        }
        feeds.extend(new);
        to = Some(change.number);
    }
    (feeds, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ChangeKind;

    fn change(number: i64, topics: impl Iterator<Item = usize>) -> Change {
        Change {
            number,
            kind: ChangeKind::StoryNew,
            story: number,
            article: number,
            source: "harbor".into(),
            title: String::new(),
            url: String::new(),
            topics: topics.map(|n| format!("t{n}")).collect(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_told_in_one_go_is_bounded_and_leaves_nothing_out() {
        let changes = [change(1, 0..50), change(2, 20..78), change(3, 70..80), change(4, 0..0)];
        let (feeds, to) = told(&changes);
        assert_eq!((feeds.len(), to), (80, Some(2)), "78 topics, their source and all");
        assert!(feeds.contains(&vec!["source".to_owned(), "harbor".to_owned()]), "{feeds:?}");
        assert_eq!(told(&changes[2..]).1, Some(4));
        assert_eq!((told(&[change(9, 0..500)]).1, told(&[]).1), (Some(9), None));
    }
}
