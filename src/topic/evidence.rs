//! Why a topic matched, in the words of the article.

use std::ops::Range;

use super::automaton::Part;
use super::evaluate::{Leaf, Reason};
use super::rarity::Rarity;
use super::syntax::WEIGHT_ONE;
use crate::model::{Evidence, Field, Match};
use crate::text::is_han;

/// Pieces of evidence kept of one match.
const EVIDENCE_MAX: usize = 8;
/// Characters of an excerpt, ellipses not counted.
const EXCERPT_CHARS_MAX: usize = 80;
/// Characters of what was found that are shown; a near phrase can span more.
const FOUND_CHARS_MAX: usize = 60;
/// Characters by which an excerpt may be shortened so as not to begin or end inside a word.
const WORD_CHARS_MAX: usize = 16;
/// What a term in a headline counts.
const TITLE_WEIGHT: f64 = 3.0;
/// What a term in the opening of a text counts.
const OPENING_WEIGHT: f64 = 2.0;
/// What a term in the rest of a text counts.
const BODY_WEIGHT: f64 = 1.0;
/// Characters of a folded text that are its opening.
const OPENING_CHARS: usize = 240;

/// How much an article with `reasons` is about what was asked.
pub(super) fn score(leaves: &[Leaf], reasons: &[Reason], parts: &[Part<'_>], rarity: &Rarity) -> f64 {
    let counts = |r: &Reason| {
        let leaf = &leaves[r.leaf];
        let own = f64::from(leaf.weight) / f64::from(WEIGHT_ONE);
        own * rarity.of(&leaf.seek) * weight(&parts[r.part], r.first.0) * (1.0 + ln(r.count))
    };
    reasons.iter().map(counts).sum()
}

/// The match of `topic` for `reasons`.
pub(super) fn found(topic: &str, score: f64, leaves: &[Leaf], reasons: &[Reason], parts: &[Part<'_>]) -> Match {
    let evidence =
        most_telling(reasons, parts).into_iter().map(|r| piece(&leaves[r.leaf], r, &parts[r.part])).collect();
    Match { topic: topic.to_owned(), score, evidence }
}

/// What a term counts that first stands at byte `first` of `part`, folded. An attribute is a condition, not something that
/// an article is more or less about.
fn weight(part: &Part<'_>, first: usize) -> f64 {
    let opening = || part.folded.as_str().char_indices().nth(OPENING_CHARS).is_none_or(|(end, _)| first < end);
    match part.field {
        Field::Title => TITLE_WEIGHT,
        Field::Body if opening() => OPENING_WEIGHT,
        Field::Body => BODY_WEIGHT,
        Field::Source | Field::Origin | Field::Author | Field::Lang => 0.0,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn ln(count: usize) -> f64 {
    (count as f64).ln()
}

/// The reasons that are shown: every required clause has its turn before one has a second, then by field.
fn most_telling<'r>(reasons: &'r [Reason], parts: &[Part<'_>]) -> Vec<&'r Reason> {
    let mut by_clause: Vec<_> = reasons.iter().collect();
    by_clause.sort_by_key(|r| (r.clause, parts[r.part].field));
    let mut turns: Vec<(usize, &Reason)> = vec![];
    for same in by_clause.chunk_by(|a, b| a.clause == b.clause) {
        turns.extend(same.iter().enumerate().map(|(turn, r)| (turn, *r)));
    }
    turns.sort_by_key(|(turn, _)| *turn);
    turns.truncate(EVIDENCE_MAX);
    turns.sort_by_key(|(turn, r)| (parts[r.part].field, *turn, r.clause));
    turns.into_iter().map(|(_, r)| r).collect()
}

pub(super) fn piece(leaf: &Leaf, reason: &Reason, part: &Part<'_>) -> Evidence {
    let at = within(part.original, part.folded.original(reason.first.0..reason.first.1));
    let found = one_line(&part.original[at.clone()]);
    Evidence {
        term: leaf.written.clone(),
        found: match found.char_indices().nth(FOUND_CHARS_MAX) {
            Some((cut, _)) => format!("{}…", &found[..cut]),
            None => found,
        },
        field: part.field,
        excerpt: excerpt(part.original, &at),
        count: reason.count,
    }
}

/// `range` on character boundaries of `text`.
fn within(text: &str, range: Range<usize>) -> Range<usize> {
    let end = text.ceil_char_boundary(range.end);
    text.floor_char_boundary(range.start).min(end)..end
}

/// The text around `at`, on one line.
fn excerpt(text: &str, at: &Range<usize>) -> String {
    let room = EXCERPT_CHARS_MAX.saturating_sub(text[at.clone()].chars().count());
    let before = text[..at.start].char_indices().rev();
    // What one side leaves unused, the other may have.
    let after_chars = text[at.end..].chars().take(room).count();
    let before_room = (room / 2).max(room.saturating_sub(after_chars));
    let start = before.take(before_room).last().map_or(at.start, |(i, _)| i);
    let after_room = room - text[start..at.start].chars().count();
    let end_max =
        at.start + text[at.start..].char_indices().nth(EXCERPT_CHARS_MAX).map_or(text.len() - at.start, |(i, _)| i);
    let end =
        text[at.end..].char_indices().nth(after_room).map_or(text.len(), |(i, _)| at.end + i).min(end_max.max(start));
    let start = whole_word_start(text, start, at.start);
    let end = if end > at.end { whole_word_end(text, end, at.end) } else { end };
    let line = one_line(&text[start..end]);
    let (head, tail) = (text[..start].trim().is_empty(), text[end..].trim().is_empty());
    format!("{}{line}{}", if head { "" } else { "…" }, if tail { "" } else { "…" })
}

/// Whether a cut between `a` and `b` is inside a word.
fn inside_word(a: Option<char>, b: Option<char>) -> bool {
    let in_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_han(c));
    in_word(a) && in_word(b)
}

/// `start`, or the next place up to `limit` that is not inside a word.
fn whole_word_start(text: &str, start: usize, limit: usize) -> usize {
    if !inside_word(text[..start].chars().next_back(), text[start..].chars().next()) {
        return start;
    }
    let skipped = text[start..limit].char_indices().take(WORD_CHARS_MAX).find(|(_, c)| !c.is_alphanumeric());
    skipped.map_or(start, |(i, _)| start + i)
}

/// `end`, or the last place before it, from `limit`, that is not inside a word.
fn whole_word_end(text: &str, end: usize, limit: usize) -> usize {
    if !inside_word(text[..end].chars().next_back(), text[end..].chars().next()) {
        return end;
    }
    let kept = text[limit..end].char_indices().rev().take(WORD_CHARS_MAX).find(|(_, c)| !c.is_alphanumeric());
    kept.map_or(end, |(i, _)| limit + i)
}

/// `text` with every run of white space as one space, and none at its ends.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn excerpts_are_one_line_around_the_hit() {
        let text = format!("{}\n\n  the chip \n here {}", "word ".repeat(40), "next ".repeat(40));
        let at = text.find("chip").unwrap();
        let shown = excerpt(&text, &(at..at + 4));
        assert!(shown.contains("the chip here"), "{shown}");
        assert!(shown.starts_with("…word") && shown.ends_with("next…"), "{shown}");
        assert!(shown.chars().count() <= 82, "{shown}");
    }

    #[test]
    fn excerpts_use_the_room_there_is() {
        let text = format!("芯片{}", "管".repeat(200));
        assert_eq!(excerpt(&text, &(0..6)).chars().count(), 81);
        let text = format!("{}芯片", "管".repeat(200));
        assert_eq!(excerpt(&text, &(600..606)).chars().count(), 81);
        assert_eq!(excerpt("芯片", &(0..6)), "芯片");
    }

    #[test]
    fn a_long_hit_is_cut() {
        let text = "芯".repeat(300);
        assert_eq!(excerpt(&text, &(0..900)).chars().count(), 81);
    }
}
