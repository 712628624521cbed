//! Of what a sink is told, whatever kind it is.

use crate::model::{Change, ChangeKind};

/// The topics and kinds of changes that concern a sink.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    /// Only these; empty: every change, whether a topic matched or not.
    pub(super) topics: &'a [String],
    /// Only these.
    pub(super) kinds: &'a [ChangeKind],
}

impl Scope<'_> {
    /// Whether `change` is told.
    pub(super) fn concerns(self, change: &Change) -> bool {
        let topics = || self.topics.is_empty() || change.topics.iter().any(|t| self.wants(t));
        self.kinds.contains(&change.kind) && topics()
    }

    /// Whether what `topic` matched is told.
    pub(super) fn wants(self, topic: &str) -> bool {
        self.topics.is_empty() || self.topics.iter().any(|t| t == topic)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_sink_is_told_of_its_topics_and_kinds_only() {
        let change = |kind, topics: &[&str]| Change {
            number: 1,
            kind,
            story: 1,
            article: 1,
            source: "a".into(),
            title: String::new(),
            url: String::new(),
            topics: topics.iter().map(|t| (*t).into()).collect(),
            at: DateTime::UNIX_EPOCH,
        };
        let kinds = [ChangeKind::StoryNew];
        let all = Scope { topics: &[], kinds: &kinds };
        assert!(all.concerns(&change(ChangeKind::StoryNew, &[])));
        assert!(!all.concerns(&change(ChangeKind::ArticleGone, &[])));
        let topics = ["chip".to_owned()];
        let one = Scope { topics: &topics, kinds: &kinds };
        assert!(one.concerns(&change(ChangeKind::StoryNew, &["rice", "chip"])));
        assert!(!one.concerns(&change(ChangeKind::StoryNew, &["rice"])) && !one.wants("rice"));
    }
}
