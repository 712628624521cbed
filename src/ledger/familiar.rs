//! Lines that stand in story after story: an outlet's address, its disclaimer, the background it adds to everything on a subject.
//! They tell nothing of whose copy an article is.

use std::collections::HashMap;

use crate::fingerprint::{line_marks, sketch_without};
use crate::model::{Finding, Sketch};
use crate::store::{Store, StoreError};

use super::weigh::newest_texts;

/// Stories from which a line is familiar.
const STORIES_MIN: u8 = 4;
/// Lines of one generation; the older of two is forgotten when the younger is full.
const LINES_MAX: usize = 65_536;
/// Newest articles that are read when it begins.
const ARTICLES: i64 = 2_000;

/// In how many stories a line was seen.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    stories: u8,
    /// The newest of them.
    newest: i64,
}

/// What this daemon remembers of the lines that it stored, bounded.
#[derive(Debug, Default)]
pub(super) struct Familiar {
    young: HashMap<u64, Line>,
    old: HashMap<u64, Line>,
}

impl Familiar {
    /// What the newest articles of `store` teach.
    pub(super) async fn of(store: &Store) -> Result<Self, StoreError> {
        let mut familiar = Self::default();
        newest_texts(store, ARTICLES, |t| familiar.learn(t.story_id, &line_marks(&t.text))).await?;
        Ok(familiar)
    }

    /// An article of `story` has the lines `marks`. A copy of a story teaches nothing new, and no more does one that goes on
    /// with another: most of its lines stand in that.
    pub(super) fn learn(&mut self, story: i64, marks: &[u64]) {
        let newest = |mark: &u64| self.young.get(mark).or_else(|| self.old.get(mark)).map(|line| line.newest);
        let mut shared: HashMap<i64, usize> = HashMap::new();
        marks.iter().filter_map(newest).for_each(|other| *shared.entry(other).or_default() += 1);
        let goes_on = shared.values().any(|lines| lines * 2 > marks.len());
        for mark in marks {
            if self.young.len() >= LINES_MAX {
                self.old = std::mem::take(&mut self.young);
            }
            let known = self.young.get(mark).or_else(|| self.old.get(mark)).copied().unwrap_or_default();
            let is_new = story > known.newest && !goes_on;
            let stories = known.stories.saturating_add(u8::from(is_new));
            self.young.insert(*mark, Line { stories, newest: known.newest.max(story) });
        }
    }

    fn knows(&self, mark: u64) -> bool {
        self.young.get(&mark).or_else(|| self.old.get(&mark)).is_some_and(|line| line.stories >= STORIES_MIN)
    }

    /// What tells copies of `finding`, of whose lines `marks` are all.
    pub(super) fn told(&self, finding: &Finding, marks: &[u64]) -> Told {
        let is_part = marks.iter().any(|m| self.knows(*m));
        Told { sketch: if is_part { self.part(&finding.draft.text) } else { finding.sketch.clone() }, is_part }
    }

    /// The sketch of `text` without its familiar lines.
    pub(super) fn part(&self, text: &str) -> Option<Sketch> {
        sketch_without(text, |mark| self.knows(mark))
    }
}

/// What tells the copies of an article.
#[derive(Debug)]
pub(super) struct Told {
    /// `None`: it is too short for that.
    pub(super) sketch: Option<Sketch>,
    /// Whether that is without lines that are familiar.
    pub(super) is_part: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_familiar_after_some_stories_and_copies_teach_nothing() {
        let mut familiar = Familiar::default();
        for story in [1, 1, 2, 1, 2, 3] {
            familiar.learn(story, &[7, 100 + story as u64]);
        }
        assert!(!familiar.knows(7), "three stories, in copies");
        familiar.learn(4, &[7, 8]);
        assert!(familiar.knows(7) && !familiar.knows(8));
    }

    #[test]
    fn a_story_that_goes_on_is_not_furniture() {
        let mut familiar = Familiar::default();
        for story in 1..9 {
            familiar.learn(story, &[7, 8, 9, 100 + story as u64]);
        }
        assert!(!familiar.knows(7));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_what_recurs_stays() {
        let mut familiar = Familiar::default();
        (1..5).for_each(|story| familiar.learn(story, &[7, 100 + story as u64]));
        let many: Vec<u64> = (1_000..1_000 + 3 * LINES_MAX as u64).collect();
        for (story, lines) in (10..).zip(many.chunks(1_000)) {
            familiar.learn(story, lines);
            familiar.learn(story, &[7, 8]);
        }
        assert!(familiar.knows(7));
        assert!(familiar.young.len() + familiar.old.len() <= 2 * LINES_MAX);
    }
}
