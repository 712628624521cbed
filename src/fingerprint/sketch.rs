//! What is kept of a text to tell how much of another it shares.
//!
//! A text is its runs of three tokens (a token: a Han character, else a word). Of these runs 128 hash functions keep their least
//! value each (`MinHash`: Broder 1997): the share of equal values of two texts estimates the share of runs that they have in
//! common. Three values side by side are a band; texts that share half of their runs share one of 42 bands nearly always, texts
//! on one subject nearly never: by the bands candidates are found. Lines of a few words are furniture more often than text,
//! and count only where there is little else. The figures of the text are kept in order: a template filled anew differs in
//! nothing else.

use xxhash_rust::xxh3::xxh3_64;

use crate::model::Sketch;
use crate::text::{Folded, fold, is_han};

/// Hash functions.
pub(super) const SLOTS: usize = 128;
/// Slots of a band.
const BAND_SLOTS: usize = 3;
/// Bands of a sketch.
pub const BANDS: usize = SLOTS / BAND_SLOTS;
/// Tokens of a run.
const RUN: usize = 3;
/// A text of fewer runs is only equal or unequal: a sentence of an agency is in many articles.
const RUNS_MIN: usize = 60;
/// A line of fewer tokens counts only where there is little else.
const LINE_TOKENS_MIN: usize = 12;
/// Figures that are kept, from the beginning.
pub(super) const FIGURES_MAX: usize = 96;
/// First byte of a sketch; one more with every change of what it is made of.
pub(super) const VERSION: u8 = 1;
/// Bytes before the slots: version, number of runs.
pub(super) const HEAD: usize = 5;

/// The sketch of `text`, an article's body; `None` when it is too short for likeness to mean anything.
#[must_use]
pub fn sketch(text: &str) -> Option<Sketch> {
    sketch_folded(&text.lines().map(fold).collect::<Vec<_>>())
}

/// [`sketch`] without the lines whose mark `familiar` knows.
#[must_use]
pub fn sketch_without(text: &str, familiar: impl Fn(u64) -> bool) -> Option<Sketch> {
    let lines = text.lines().map(fold).filter(|l| !mark(l).is_some_and(&familiar));
    sketch_folded(&lines.collect::<Vec<_>>())
}

/// By what each line of `text` that is long enough to count is known again, whatever its rendering.
#[must_use]
pub fn line_marks(text: &str) -> Vec<u64> {
    text.lines().filter_map(|l| mark(&fold(l))).collect()
}

fn mark(line: &Folded) -> Option<u64> {
    (tokens(line.as_str()).len() >= LINE_TOKENS_MIN).then(|| xxh3_64(line.as_str().as_bytes()))
}

/// [`sketch`] of lines that are already folded.
#[must_use]
pub fn sketch_folded(lines: &[Folded]) -> Option<Sketch> {
    let lines: Vec<Vec<&str>> = lines.iter().map(|l| tokens(l.as_str())).collect();
    let long: Vec<&str> = lines.iter().filter(|l| l.len() >= LINE_TOKENS_MIN).flatten().copied().collect();
    let all: Vec<&str> = lines.iter().flatten().copied().collect();
    let told = if long.len() >= RUNS_MIN + RUN { &long } else { &all };
    let mut runs: Vec<u64> = told.windows(RUN).map(|run| xxh3_64(run.join("\0").as_bytes())).collect();
    runs.sort_unstable();
    runs.dedup();
    if runs.len() < RUNS_MIN {
        return None;
    }
    let slots = slots(&runs);
    let bands = slots
        .chunks_exact(BAND_SLOTS)
        .zip(0_u8..)
        .map(|(band, n)| {
            let mut bytes = vec![VERSION, n];
            band.iter().for_each(|slot| bytes.extend(slot.to_le_bytes()));
            xxh3_64(&bytes).cast_signed()
        })
        .collect();
    let mut body = vec![VERSION];
    body.extend(u32::try_from(runs.len()).unwrap_or(u32::MAX).to_le_bytes());
    // Half of each value is enough to tell two apart.
    slots.iter().for_each(|slot| body.extend(slot.to_le_bytes()[..2].iter()));
    let figures = told.iter().filter(|t| t.bytes().all(|b| b.is_ascii_digit())).take(FIGURES_MAX);
    figures.for_each(|f| body.extend(xxh3_64(f.as_bytes()).to_le_bytes()[..2].iter()));
    Some(Sketch { bands, body })
}

/// The least value of each hash function over `runs`.
fn slots(runs: &[u64]) -> [u32; SLOTS] {
    let mut slots = [u32::MAX; SLOTS];
    for run in runs {
        let mut seed = *run;
        for slot in &mut slots {
            // A step of wyrand: one multiplication gives the next function's value.
            seed = seed.wrapping_add(0xA076_1D64_78BD_642F);
            let wide = u128::from(seed) * u128::from(seed ^ 0xE703_7ED1_A0B4_28DB);
            #[expect(clippy::cast_possible_truncation, reason = "half of the bits are wanted")]
            let value = ((wide >> 64) as u64 ^ wide as u64) as u32;
            *slot = value.min(*slot);
        }
    }
    slots
}

/// Han characters alone, other words whole.
fn tokens(folded: &str) -> Vec<&str> {
    let mut out = vec![];
    for word in folded.split(' ').filter(|w| !w.is_empty()) {
        let mut start = 0;
        for (at, c) in word.char_indices().filter(|(_, c)| is_han(*c)) {
            if start < at {
                out.push(&word[start..at]);
            }
            start = at + c.len_utf8();
            out.push(&word[at..start]);
        }
        if start < word.len() {
            out.push(&word[start..]);
        }
    }
    // Figures beside letters or units: `5g`, `3月12日` give theirs too.
    out.into_iter().flat_map(figures_apart).collect()
}

/// A word cut where digits and letters meet.
fn figures_apart(word: &str) -> Vec<&str> {
    let is_digit = |c: char| c.is_ascii_digit();
    if !word.contains(is_digit) || word.chars().all(is_digit) {
        return vec![word];
    }
    let mut out = vec![];
    let (mut start, mut digits) = (0, word.starts_with(is_digit));
    for (at, c) in word.char_indices() {
        if is_digit(c) != digits {
            out.push(&word[start..at]);
            (start, digits) = (at, !digits);
        }
    }
    out.push(&word[start..]);
    out
}
