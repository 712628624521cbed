//! How much two texts share, by what their sketches kept.

use std::collections::HashSet;

use crate::text::fold;

use super::sketch::{HEAD, SLOTS, VERSION};

/// Below this, however well one text is contained in the other, it is a part of something else: a quotation, a round-up.
const RESEMBLANCE_MIN: f64 = 0.28;
/// How much less of the shorter text will do where the titles agree, and more of both is shared.
const TITLE_LIFT: f64 = 0.1;
/// What must be shared of both then.
const TITLED_RESEMBLANCE_MIN: f64 = 0.36;
/// How much less of the shorter text will do where so much of both is shared that it was edited all over, not cut.
const EDITED_LIFT: f64 = 0.2;
/// What must be shared of both then.
const EDITED_RESEMBLANCE_MIN: f64 = 0.44;
/// Titles that share this much are about one thing.
const TITLES_ALIKE: f64 = 0.5;
/// Texts with fewer figures than this cannot be told from a template by them.
const FIGURES_MIN: usize = 5;
/// So many can be told well.
const FIGURES_MANY: usize = 8;
/// Copies have so many in a hundred of their figures in common, in order: an edit may change some.
const FIGURES_SHARED_PERCENT: usize = 50;
/// Where there are many, more.
const FIGURES_SHARED_MANY_PERCENT: usize = 60;

/// What two texts share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Share of all runs of both that are in both, 0 to 1.
    pub resemblance: f64,
    /// Share of the runs of the shorter that are in the longer, 0 to 1.
    pub containment: f64,
    /// Whether the figures of one are others than those of the other, in order, as in a template that is filled anew.
    pub is_template: bool,
}

impl Likeness {
    /// Whether one is a copy of the other, shortened, extended or edited: with at least `similarity` of the shorter in the longer,
    /// or somewhat less where the titles agree too (`titles`, 0 to 1).
    #[must_use]
    pub fn is_copy(&self, similarity: f64, titles: f64) -> bool {
        let (resemblance, missing) = (self.resemblance, similarity - self.containment);
        let contained = resemblance >= RESEMBLANCE_MIN && missing <= 0.0;
        let titled = titles >= TITLES_ALIKE && resemblance >= TITLED_RESEMBLANCE_MIN && missing <= TITLE_LIFT;
        let edited = resemblance >= EDITED_RESEMBLANCE_MIN && missing <= EDITED_LIFT;
        !self.is_template && (contained || titled || edited)
    }
}

/// What the texts share of which the sketches kept `a` and `b`; `None` when one of them is of another version.
#[must_use]
pub fn likeness(a: &[u8], b: &[u8]) -> Option<Likeness> {
    let (runs_a, slots_a, figures_a) = parts(a)?;
    let (runs_b, slots_b, figures_b) = parts(b)?;
    let equal = slots_a.chunks_exact(2).zip(slots_b.chunks_exact(2)).filter(|(a, b)| a == b).count();
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    let resemblance = equal as f64 / SLOTS as f64;
    let shared = resemblance / (1.0 + resemblance) * (runs_a + runs_b);
    let containment = (shared / runs_a.min(runs_b)).min(1.0);
    Some(Likeness { resemblance, containment, is_template: differ(figures_a, figures_b) })
}

/// Runs, slots, figures.
fn parts(body: &[u8]) -> Option<(f64, &[u8], &[u8])> {
    let runs = u32::from_le_bytes(body.get(1..HEAD)?.try_into().ok()?);
    let slots = body.get(HEAD..HEAD + SLOTS * 2)?;
    (body[0] == VERSION && runs > 0).then(|| (f64::from(runs), slots, &body[HEAD + SLOTS * 2..]))
}

/// Whether the figures `a` and `b` have too little in common, in order (longest common subsequence), to be those of one text.
fn differ(a: &[u8], b: &[u8]) -> bool {
    let (a, b): (Vec<_>, Vec<_>) = (a.chunks_exact(2).collect(), b.chunks_exact(2).collect());
    let shorter = a.len().min(b.len());
    if shorter < FIGURES_MIN {
        return false;
    }
    let mut row = vec![0_usize; b.len() + 1];
    for x in &a {
        let mut diagonal = 0;
        for (n, y) in b.iter().enumerate() {
            let above = row[n + 1];
            row[n + 1] = if x == y { diagonal + 1 } else { above.max(row[n]) };
            diagonal = above;
        }
    }
    let common = row.last().copied().unwrap_or_default();
    let percent = if shorter >= FIGURES_MANY { FIGURES_SHARED_MANY_PERCENT } else { FIGURES_SHARED_PERCENT };
    common * 100 < shorter * percent
}

/// How much of the shorter of two titles is in the other, 0 to 1, by pairs of characters.
#[must_use]
pub fn title_likeness(a: &str, b: &str) -> f64 {
    let pairs = |s: &str| -> HashSet<(char, char)> {
        let chars: Vec<char> = fold(s).as_str().chars().filter(|c| *c != ' ').collect();
        chars.windows(2).map(|w| (w[0], w[1])).collect()
    };
    let (a, b) = (pairs(a), pairs(b));
    let shorter = a.len().min(b.len());
    if shorter == 0 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    let share = a.intersection(&b).count() as f64 / shorter as f64;
    share
}

#[cfg(test)]
mod tests {
    use super::super::sketch;
    use super::*;

    /// A text of its own for each `seed`, long enough to be told.
    fn text(seed: u32, chars: u32) -> String {
        let han = |n: u32| char::from_u32(0x4E00 + (n.wrapping_mul(2_654_435_761) >> 8) % 3000).unwrap();
        (0..chars).map(|n| han(seed * 100_000 + n)).collect()
    }

    fn like(a: &str, b: &str) -> Likeness {
        likeness(&sketch(a).unwrap().body, &sketch(b).unwrap().body).unwrap()
    }

    #[test]
    fn copies_are_told_from_other_texts_and_from_parts() {
        let (one, other) = (text(1, 600), text(2, 600));
        let same = like(&one, &one);
        assert!((same.resemblance - 1.0).abs() < f64::EPSILON && same.is_copy(0.8, 0.0));
        assert!(like(&one, &other).resemblance < 0.1 && !like(&one, &other).is_copy(0.8, 1.0));
        let half = text(1, 300);
        assert!(like(&one, &half).is_copy(0.8, 0.0) && like(&half, &one).is_copy(0.8, 0.0));
        let quoting = format!("{}\n{}", text(3, 1200), text(1, 200));
        assert!(!like(&one, &quoting).is_copy(0.8, 1.0), "a quotation");
        let round_up: String = (1..7).map(|seed| text(seed, 300) + "\n").collect();
        assert!(!like(&half, &round_up).is_copy(0.8, 1.0), "one of many: {:?}", like(&half, &round_up));
    }

    #[test]
    fn a_template_is_told_by_its_figures() {
        let filled = |n: u32| {
            let figures: String = (1..9).map(|k| format!("{}度", n * 7 + k * 3)).collect();
            format!("{}{figures}{}", text(1, 120), text(2, 120))
        };
        let (a, b) = (like(&filled(1), &filled(1)), like(&filled(1), &filled(9)));
        assert!(a.is_copy(0.8, 1.0) && b.is_template && !b.is_copy(0.8, 1.0), "{b:?}");
        assert!(b.resemblance > 0.6, "{b:?}");
    }

    #[test]
    fn lines_of_a_few_words_are_furniture() {
        let one = text(1, 400);
        let menu: String = (0..40).map(|n| text(50 + n, 6) + "\n").collect();
        assert!(like(&one, &format!("{menu}{one}\n{menu}")).resemblance > 0.95);
        assert!(sketch(&text(1, 40)).is_none(), "too short to tell");
        assert!(sketch(&menu).is_some(), "unless there is nothing else");
    }

    #[test]
    fn titles_are_compared_folded() {
        assert!(title_likeness("芯片出口管制升级", "晶片出口管制升級，業界關注") > 0.9);
        assert!(title_likeness("芯片出口管制升级", "米价上涨") < 0.1);
        assert!(title_likeness("", "x").abs() < f64::EPSILON);
    }

    #[test]
    fn what_is_no_sketch_of_ours_is_like_nothing() {
        let one = sketch(&text(1, 300)).unwrap().body;
        let mut later = one.clone();
        later[0] = VERSION + 1;
        assert!(
            likeness(&one, &later).is_none() && likeness(&one, &one[..40]).is_none() && likeness(&[], &one).is_none()
        );
    }
}
