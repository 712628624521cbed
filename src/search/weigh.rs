//! Whether a text holds what is asked for, and how well it answers.

use super::query::{Query, Term};
use super::tokens::part;
use crate::text::{Folded, fold, is_han};

/// Occurrences of a term that are counted.
const COUNTED_MAX: usize = 50;
/// What a term counts in the headline, beside at most 1 + [`SATURATION`] in the text.
const TITLE_WEIGHT: f64 = 4.0;
/// What the first occurrence among the first [`LEAD_BYTES`] of the text counts.
const LEAD_WEIGHT: f64 = 0.5;
/// Bytes of folded text that tell what an article is about.
const LEAD_BYTES: usize = 600;
/// How little more each further occurrence counts, as in BM25.
const SATURATION: f64 = 1.2;
/// How much a long text must say it more often, as in BM25.
const LENGTH_SHARE: f64 = 0.75;
/// Bytes of a text of usual length, folded.
const USUAL_BYTES: f64 = 4500.0;
/// Scores are told apart to a tenth: what is closer is ordered by age.
const STEPS: f64 = 10.0;

/// How well a text answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// The headline holds every term.
    pub in_title: bool,
    /// Tenths; more is better.
    pub score: u32,
}

impl Query {
    /// How well the article answers; `None`: it does not hold every term.
    #[must_use]
    pub fn weigh(&self, title: &str, text: &str) -> Option<Weight> {
        let (title, text) = (fold(part(title)), fold(part(text)));
        let (mut in_title, mut score) = (true, 0.0);
        let length = text.as_str().len();
        #[expect(clippy::cast_precision_loss, reason = "lengths of texts are far below 2^52")]
        let norm = SATURATION * (1.0 - LENGTH_SHARE + LENGTH_SHARE * length as f64 / USUAL_BYTES);
        for term in &self.terms {
            let is_named = places(term, &title).next().is_some();
            let mut found = places(term, &text);
            let first = found.next();
            if !is_named && first.is_none() {
                return None;
            }
            in_title &= is_named;
            score += if is_named { TITLE_WEIGHT } else { 0.0 };
            if let Some((at, _)) = first {
                let more = u32::try_from(found.take(COUNTED_MAX - 1).count()).unwrap_or(u32::MAX);
                let count = f64::from(more) + 1.0;
                score += count * (SATURATION + 1.0) / (count + norm);
                score += if at < LEAD_BYTES { LEAD_WEIGHT } else { 0.0 };
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a sum of few small numbers, none of them negative"
        )]
        let score = (score * STEPS).round() as u32;
        Some(Weight { in_title, score })
    }
}

/// Where `term` stands in folded text, as byte ranges: Han anywhere, other scripts as whole words.
pub(super) fn places(term: &Term, folded: &Folded) -> impl Iterator<Item = (usize, usize)> {
    let text = folded.as_str();
    let starts_open = term.text.starts_with(is_han);
    let ends_open = term.prefix || term.text.ends_with(is_han);
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + text[from..].find(&term.text)?;
            let end = at + term.text.len();
            let starts = starts_open || !text[..at].ends_with(in_word);
            let ends = ends_open || !text[end..].starts_with(in_word);
            if starts && ends {
                // The rest of a word whose beginning is asked for is found with it.
                let rest = if term.prefix { text[end..].find(|c| !in_word(c)).unwrap_or(text.len() - end) } else { 0 };
                from = end;
                return Some((at, end + rest));
            }
            // What begins inside of what is none may be one: `so so` in `also so so`.
            from = at + text[at..].chars().next().map_or(1, char::len_utf8);
        }
    })
}

fn in_word(c: char) -> bool {
    c != ' ' && !is_han(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weigh(query: &str, title: &str, text: &str) -> Option<Weight> {
        Query::parse(query).unwrap().weigh(title, text)
    }

    #[test]
    fn han_is_adjacent_latin_is_whole_and_all_terms_are_there() {
        assert!(weigh("出口管制", "", "新的出口、管制清單").is_some(), "whatever stands between");
        assert!(weigh("出口管制", "", "出口和口管，管制").is_none(), "its pairs alone do not make it");
        assert!(weigh("芯片", "", "晶片廠").is_some());
        assert!(weigh("chip", "", "the chipmunk").is_none() && weigh("chip*", "", "the chipmunk").is_some());
        assert!(weigh("chip", "", "新chip法案").is_some());
        assert!(weigh("\"so so\"", "", "also so so good").is_some(), "what stands within a word hides nothing");
        assert!(weigh("\"entity list\"", "", "the list of an entity").is_none());
        assert!(weigh("entity list", "", "the list of an entity").is_some());
        assert!(weigh("渡轮 ferry", "渡轮", "no boat").is_none());
        assert!(weigh("渡轮 ferry", "渡轮", "the ferry").is_some_and(|w| !w.in_title));
        assert!(weigh("渡轮 ferry", "渡轮ferry", "").is_some_and(|w| w.in_title));
    }

    #[test]
    fn the_headline_counts_more_than_the_text_and_often_more_than_once() {
        let score = |title, text: &str| weigh("渡轮", title, text).unwrap().score;
        let filler = "天气晴朗".repeat(80);
        let late = format!("{filler}渡轮");
        assert!(score("渡轮复航", "港口") > score("复航", &"渡轮停".repeat(60)));
        assert!(score("复航", "渡轮，渡轮") > score("复航", "渡轮"));
        assert!(score("复航", &format!("渡轮{filler}")) > score("复航", &late), "the beginning counts more");
        assert_eq!(score("", &late), score("", &late));
    }
}
