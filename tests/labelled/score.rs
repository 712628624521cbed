//! How well articles are joined, told by their labels.

use std::collections::{BTreeMap, HashMap};

use tidings::{
    fingerprint::{digest, likeness, sketch, title_likeness},
    ledger,
    model::{Digest, Sketch},
};

use super::Labelled;

/// Joins articles one after another as the ledger does; the story of each, as the number of its first article.
pub(crate) fn join(articles: &[Labelled]) -> Vec<usize> {
    let similarity = ledger::Settings::default().similarity;
    let (mut equal, mut bands): (HashMap<Digest, usize>, HashMap<i64, Vec<usize>>) = Default::default();
    let mut sketches: Vec<Option<Sketch>> = vec![];
    let mut stories: Vec<usize> = vec![];
    for (n, article) in articles.iter().enumerate() {
        let (digest, sketch) = (digest(&article.title, &article.text), sketch(&article.text));
        let near = || {
            let sketch = sketch.as_ref()?;
            let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
            sketch
                .bands
                .iter()
                .filter_map(|b| bands.get(b))
                .flatten()
                .for_each(|n| *shared.entry(*n).or_default() += 1);
            let mut candidates: Vec<_> = shared.into_iter().collect();
            candidates.sort_by_key(|(n, count)| (usize::MAX - count, *n));
            let mut best: Option<(f64, usize)> = None;
            for (other, _) in candidates.into_iter().take(24) {
                let like = likeness(&sketch.body, &sketches[other].as_ref()?.body)?;
                let titles = title_likeness(&article.title, &articles[other].title);
                if like.is_copy(similarity, titles) && best.is_none_or(|(r, _)| like.resemblance > r) {
                    best = Some((like.resemblance, stories[other]));
                }
            }
            best.map(|(_, story)| story)
        };
        let story = equal.get(&digest).copied().or_else(near).unwrap_or(n);
        equal.entry(digest).or_insert(story);
        sketch.iter().flat_map(|s| &s.bands).for_each(|b| bands.entry(*b).or_default().push(n));
        sketches.push(sketch);
        stories.push(story);
    }
    stories
}

/// (precision, recall) over pairs, and what went wrong by kind.
pub(crate) fn score(articles: &[Labelled], stories: &[usize]) -> (f64, f64, BTreeMap<String, (usize, usize)>) {
    let (mut right, mut wrong, mut missed) = (0_u32, 0_u32, 0_u32);
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (a, one) in articles.iter().enumerate() {
        for (b, two) in articles.iter().enumerate().skip(a + 1) {
            let kind = || {
                if one.kind < two.kind {
                    format!("{} / {}", one.kind, two.kind)
                } else {
                    format!("{} / {}", two.kind, one.kind)
                }
            };
            match (one.story == two.story, stories[a] == stories[b]) {
                (true, true) => right += 1,
                (true, false) => {
                    missed += 1;
                    kinds.entry(kind()).or_default().0 += 1;
                }
                (false, true) => {
                    wrong += 1;
                    kinds.entry(kind()).or_default().1 += 1;
                }
                (false, false) => {}
            }
        }
    }
    (f64::from(right) / f64::from(right + wrong), f64::from(right) / f64::from(right + missed), kinds)
}
