//! A stream that is told, as configured, and the subjects of a change.

use std::time::Duration;

use super::scope::Scope;
use crate::bus;
use crate::model::{Change, ChangeKind};

/// The last part of the subject of changes that no topic matched; no topic can be called so.
const UNMATCHED: &str = "_unmatched";

/// A NATS stream that is told of changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Nats {
    /// Stable name; its cursor is kept under it.
    pub id: String,
    /// Where the servers are, and which stream.
    pub bus: bus::Settings,
    /// What subjects begin with: `news` gives `news.chip`.
    pub prefix: String,
    /// Whether addresses of private networks are dialled, also those that no setting of the fetcher allows.
    pub private: bool,
    /// Only changes of these topics; empty: every change, whether a topic matched or not.
    pub topics: Vec<String>,
    /// Only changes of these kinds.
    pub kinds: Vec<ChangeKind>,
    /// How long one change may take to be acknowledged, making a connection included.
    pub timeout: Duration,
}

impl Nats {
    /// What it is told of.
    pub(super) fn scope(&self) -> Scope<'_> {
        Scope { topics: &self.topics, kinds: &self.kinds }
    }
}

/// Where `change` is put: (topic, subject) for each of its topics that `nats` is told of.
pub(super) fn subjects(nats: &Nats, change: &Change) -> Vec<(String, String)> {
    let subject = |topic: &str| (topic.to_owned(), format!("{}.{topic}", nats.prefix));
    let topics: Vec<_> = change.topics.iter().filter(|t| nats.scope().wants(t)).map(|t| subject(t)).collect();
    if topics.is_empty() { vec![subject(UNMATCHED)] } else { topics }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_change_has_a_subject_for_each_of_its_topics_that_are_told() {
        let change = |topics: &[&str]| Change {
            number: 1,
            kind: ChangeKind::StoryNew,
            story: 1,
            article: 1,
            source: "a".into(),
            title: String::new(),
            url: String::new(),
            topics: topics.iter().map(|t| (*t).into()).collect(),
            at: DateTime::UNIX_EPOCH,
        };
        let mut nats = Nats {
            id: "bus".into(),
            bus: bus::Settings { servers: vec![], stream: "NEWS".into(), create: None },
            prefix: "news.zh".into(),
            private: true,
            topics: vec![],
            kinds: vec![ChangeKind::StoryNew],
            timeout: Duration::from_secs(1),
        };
        let of = |nats: &Nats, topics: &[&str]| -> Vec<String> {
            subjects(nats, &change(topics)).into_iter().map(|(_, subject)| subject).collect()
        };
        assert_eq!(of(&nats, &["chip", "rice"]), ["news.zh.chip", "news.zh.rice"]);
        assert_eq!(of(&nats, &[]), ["news.zh._unmatched"]);
        nats.topics = vec!["rice".into()];
        assert_eq!(of(&nats, &["chip", "rice"]), ["news.zh.rice"]);
    }
}
