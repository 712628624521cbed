//! What is shown of a found text: the original, with what was found marked.

use std::ops::Range;

use super::query::Query;
use super::tokens::part;
use super::weigh::places;
use crate::text::{fold, is_han};

/// Characters of an excerpt.
const EXCERPT_CHARS_MAX: usize = 160;
/// Characters shown before the first find.
const BEFORE_CHARS: usize = 30;
/// Characters of a headline.
const TITLE_CHARS_MAX: usize = 300;
/// Finds of each term that are looked at for the best place.
const FINDS_MAX: usize = 50;
/// Characters at an end that may be left out so as not to cut a word.
const WORD_CHARS_MAX: usize = 20;

/// A stretch of original text.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Span {
    /// The text, on one line.
    pub text: String,
    /// Whether it was asked for.
    pub found: bool,
}

/// Where something was found in the original, and which term.
type Find = (Range<usize>, usize);

impl Query {
    /// The part of `text` that tells most of what was asked for; its beginning when that is only in the headline.
    #[must_use]
    pub fn excerpt(&self, text: &str) -> Vec<Span> {
        let finds = self.finds(part(text));
        let reach = |from: usize| text[from..].char_indices().nth(EXCERPT_CHARS_MAX - BEFORE_CHARS);
        let told = |start: &Find| {
            let end = reach(start.0.start).map_or(text.len(), |(i, _)| start.0.start + i);
            let within = finds.iter().filter(|(r, _)| r.start >= start.0.start && r.end <= end);
            let mut terms: Vec<usize> = within.map(|(_, term)| *term).collect();
            terms.sort_unstable();
            terms.dedup();
            terms.len()
        };
        // Of equals the first; `max_by_key` would give the last.
        let best = finds.iter().rev().max_by_key(|f| told(f)).map_or(0, |f| f.0.start);
        let start = text[..best].char_indices().rev().take(BEFORE_CHARS).last().map_or(best, |(i, _)| i);
        let start = whole_word(text, start, best);
        let end = text[start..].char_indices().nth(EXCERPT_CHARS_MAX).map_or(text.len(), |(i, _)| start + i);
        spans(text, start..end, &finds)
    }

    /// The headline, with what was asked for marked.
    #[must_use]
    pub fn mark_title(&self, title: &str) -> Vec<Span> {
        let end = title.char_indices().nth(TITLE_CHARS_MAX).map_or(title.len(), |(i, _)| i);
        spans(title, 0..end, &self.finds(&title[..end]))
    }

    /// Every find, in the order of the text.
    fn finds(&self, text: &str) -> Vec<Find> {
        let folded = fold(text);
        let mut all: Vec<Find> = vec![];
        for (n, term) in self.terms.iter().enumerate() {
            let found = places(term, &folded).take(FINDS_MAX);
            all.extend(found.map(|(start, end)| (within(text, folded.original(start..end)), n)));
        }
        all.sort_by_key(|(r, _)| (r.start, r.end));
        all
    }
}

/// `range` on character boundaries of `text`.
fn within(text: &str, range: Range<usize>) -> Range<usize> {
    let end = text.ceil_char_boundary(range.end);
    text.floor_char_boundary(range.start).min(end)..end
}

/// `start`, or the next place before `limit` that is not inside a word.
fn whole_word(text: &str, start: usize, limit: usize) -> usize {
    let in_word = |c: char| c.is_alphanumeric() && !is_han(c);
    if !(text[..start].ends_with(in_word) && text[start..].starts_with(in_word)) {
        return start;
    }
    let rest = text[start..limit].char_indices().take(WORD_CHARS_MAX).find(|(_, c)| !in_word(*c));
    rest.map_or(start, |(i, _)| start + i)
}

/// `shown` of `text`, with `finds` marked.
fn spans(text: &str, shown: Range<usize>, finds: &[Find]) -> Vec<Span> {
    let mut out: Vec<Span> = vec![];
    let mut push = |range: Range<usize>, found: bool| {
        let line = one_line(&text[range]);
        match out.last_mut() {
            _ if line.is_empty() => {}
            Some(last) if last.found == found => last.text.push_str(&line),
            _ => out.push(Span { text: line, found }),
        }
    };
    let mut at = shown.start;
    for (find, _) in finds.iter().filter(|(r, _)| r.end > shown.start && r.start < shown.end) {
        let (start, end) = (find.start.max(at), find.end.min(shown.end));
        if start < end {
            push(at..start, false);
            push(start..end, true);
            at = end;
        }
    }
    push(at..shown.end, false);
    let (more_before, more_after) = (!text[..shown.start].trim().is_empty(), !text[shown.end..].trim().is_empty());
    ellipses(out, more_before, more_after)
}

/// The spans, with what is left out at their ends marked.
fn ellipses(mut spans: Vec<Span>, before: bool, after: bool) -> Vec<Span> {
    let plain = |text: &str| Span { text: text.into(), found: false };
    match spans.first_mut() {
        Some(first) if before && !first.found => first.text = format!("…{}", first.text.trim_start()),
        Some(_) if before => spans.insert(0, plain("…")),
        Some(first) if !first.found => first.text = first.text.trim_start().into(),
        _ => {}
    }
    match spans.last_mut() {
        Some(last) if after && !last.found => last.text = format!("{}…", last.text.trim_end()),
        Some(_) if after => spans.push(plain("…")),
        Some(last) if !last.found => last.text = last.text.trim_end().into(),
        _ => {}
    }
    spans.retain(|s| !s.text.is_empty());
    spans
}

/// `text` with every run of white space and control characters as one blank.
fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let blank = c.is_whitespace() || c.is_control();
        if !blank {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(spans: &[Span]) -> String {
        spans.iter().map(|s| if s.found { format!("[{}]", s.text) } else { s.text.clone() }).collect()
    }

    fn excerpt(query: &str, text: &str) -> String {
        shown(&Query::parse(query).unwrap().excerpt(text))
    }

    #[test]
    fn the_original_is_shown_with_what_was_found_marked() {
        assert_eq!(excerpt("芯片 管制", "商務部公布\n\n新的晶片「管制」清單"), "商務部公布 新的[晶片]「[管制]」清單");
        assert_eq!(excerpt("chip*", "The CHIPS act, chips"), "The [CHIPS] act, [chips]");
        assert_eq!(excerpt("出口管制", "出口管制"), "[出口管制]");
        assert_eq!(excerpt("ferry", "Only the headline has it."), "Only the headline has it.");
        assert_eq!(excerpt("ferry", ""), "");
        let title = Query::parse("ferry").unwrap().mark_title("  Ferry\tback ");
        assert_eq!(shown(&title), "[Ferry] back");
    }

    #[test]
    fn the_place_that_tells_most_is_shown_and_no_word_is_cut() {
        let filler = "沿海天气晴朗".repeat(60);
        let text = format!("港口关闭。{filler}港口与渡轮{filler}渡轮");
        let line = excerpt("港口 渡轮", &text);
        assert!(line.contains("[港口]与[渡轮]") && line.starts_with('…') && line.ends_with('…'), "{line}");
        assert!(line.chars().count() <= EXCERPT_CHARS_MAX + 2 + 4, "{line}");
        let line = excerpt("ferry", &format!("{} ferry {}", "unquestionably ".repeat(20), "tomorrow ".repeat(40)));
        assert!(line.starts_with("… unquestionably ") || line.starts_with("…unquestionably "), "{line}");
    }

    #[test]
    fn finds_that_overlap_are_marked_once() {
        assert_eq!(excerpt("出口 口管 管制", "出口管制"), "[出口管制]");
    }
}
