//! All literals in one automaton, and what it finds in an article.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

use daachorse::CharwiseDoubleArrayAhoCorasick;

use super::Subject;
use super::syntax::Literal;
use crate::model::Field;
use crate::text::{Folded, Words, is_han};

/// One text of an article, with its folded form.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub field: Field,
    pub original: &'a str,
    pub folded: Folded,
    /// Where words and Han characters begin in the folded form; made when first asked for.
    units: OnceCell<Vec<usize>>,
}

impl Part<'_> {
    /// How many words and Han characters begin in a range of the folded form.
    pub(super) fn units(&self, range: Range<usize>) -> usize {
        let starts = self.units.get_or_init(|| {
            let text = self.folded.as_str();
            let begins = |i: usize, c: char| c.is_alphanumeric() && (is_han(c) || begins_word(text, i));
            text.char_indices().filter(|(i, c)| begins(*i, *c)).map(|(i, _)| i).collect()
        });
        starts.partition_point(|s| *s < range.end) - starts.partition_point(|s| *s < range.start)
    }

    /// The end of the word in the folded form that byte `at` is in or right after.
    pub(super) fn word_end(&self, at: usize) -> usize {
        let rest = &self.folded.as_str()[at..];
        at + rest.find(parts_words).unwrap_or(rest.len())
    }
}

/// The parts of `subject` that have text, the source by identifier and by name.
pub(super) fn parts<'a>(subject: &Subject<'a>, words: &Words) -> Vec<Part<'a>> {
    [
        (Field::Title, subject.title),
        (Field::Body, subject.text),
        (Field::Source, subject.source),
        (Field::Source, subject.source_name),
        (Field::Origin, subject.origin),
        (Field::Author, subject.author),
        (Field::Lang, subject.lang),
    ]
    .into_iter()
    .filter(|(_, original)| !original.is_empty())
    .map(|(field, original)| Part { field, original, folded: words.fold(original), units: OnceCell::new() })
    .collect()
}

/// Whether a word before or after `c` ends there: Han needs no spaces.
fn parts_words(c: char) -> bool {
    is_han(c) || !c.is_alphanumeric()
}

fn begins_word(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(parts_words)
}

fn ends_word(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_none_or(parts_words)
}

/// One occurrence of a literal in the folded form of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    /// Number of the literal.
    pub literal: u32,
    /// Index of the part.
    pub part: usize,
    pub start: usize,
    pub end: usize,
}

/// All occurrences in one article, in order of literal, part and place.
#[derive(Debug, Default)]
pub(super) struct Hits(Vec<Hit>);

impl Hits {
    /// Where `literal` occurs in `part`.
    pub(super) fn of(&self, literal: u32, part: usize) -> &[Hit] {
        let start = self.0.partition_point(|h| (h.literal, h.part) < (literal, part));
        let rest = &self.0[start..];
        &rest[..rest.partition_point(|h| (h.literal, h.part) == (literal, part))]
    }

    /// Each literal that occurs, with each part it occurs in.
    pub(super) fn found(&self) -> impl Iterator<Item = (u32, usize)> {
        self.0.chunk_by(|a, b| (a.literal, a.part) == (b.literal, b.part)).map(|same| (same[0].literal, same[0].part))
    }
}

/// A text that the automaton looks for, for one literal or two: `chip` and `chip*`.
#[derive(Debug, Default)]
struct Pattern {
    whole: Option<u32>,
    prefix: Option<u32>,
    /// Whether its ends must be ends of words, which Han ends need not be.
    bounded: (bool, bool),
}

/// Finds all literals in one pass over a text.
#[derive(Default)]
pub(super) struct Scanner {
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    patterns: Vec<Pattern>,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner").field("patterns", &self.patterns.len()).finish_non_exhaustive()
    }
}

impl Scanner {
    /// A scanner for `literals`, which are all different; a hit names the index.
    ///
    /// # Errors
    /// When they are too many or too long for one automaton.
    pub(super) fn new(literals: &[Literal]) -> Result<Self, daachorse::errors::DaachorseError> {
        let mut patterns: Vec<Pattern> = vec![];
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        for (literal, number) in literals.iter().zip(0..) {
            let text = literal.folded.as_str();
            let index = *numbers.entry(text).or_insert_with(|| {
                let bounded = (!text.starts_with(is_han), !text.ends_with(is_han));
                patterns.push(Pattern { bounded, ..Pattern::default() });
                u32::try_from(patterns.len() - 1).unwrap_or(u32::MAX)
            });
            let pattern = &mut patterns[index as usize];
            *(if literal.prefix { &mut pattern.prefix } else { &mut pattern.whole }) = Some(number);
        }
        let automaton = match numbers.is_empty() {
            true => None,
            false => Some(CharwiseDoubleArrayAhoCorasick::with_values(numbers)?),
        };
        Ok(Self { automaton, patterns })
    }

    /// Everything that occurs in `parts`.
    pub(super) fn scan(&self, parts: &[Part<'_>]) -> Hits {
        let mut hits = vec![];
        for (part, text) in parts.iter().enumerate().map(|(i, p)| (i, p.folded.as_str())) {
            for found in self.automaton.iter().flat_map(|a| a.find_overlapping_iter(text)) {
                let pattern = &self.patterns[found.value() as usize];
                let (start, end) = (found.start(), found.end());
                if pattern.bounded.0 && !begins_word(text, start) {
                    continue;
                }
                let whole = pattern.whole.filter(|_| !pattern.bounded.1 || ends_word(text, end));
                hits.extend([whole, pattern.prefix].into_iter().flatten().map(|literal| Hit {
                    literal,
                    part,
                    start,
                    end,
                }));
            }
        }
        hits.sort_unstable();
        Hits(hits)
    }
}
