//! Information lines: when a page came out, who wrote it, and how many have read it since.
//!
//! In: a line at an end of a body. Out: whether it is nothing but dates, labels with their values and counters. A counter
//! changes at every visit, and would make an edit of each. The way through the folder: `words` has the vocabulary,
//! `moment` reads dates; here all readings of a line are followed at once, from each place where a piece of it may end to
//! the next. Deliberately absent: what the labels say (`labels` reads that), and lines in the middle of a text.

mod moment;
#[cfg(test)]
mod tests;
mod words;

use crate::text::{fold, is_han};

use words::{BETWEEN, COUNTED, COUNTED_WEAKLY, COUNTS, FILLERS, JOINS, LABELS, LABELS_BARE, SCALES, UNITS};

/// Longest information line, in characters.
const CHARS_MAX: usize = 200;
/// Longest value of a label, in characters.
const VALUE_CHARS_MAX: usize = 40;
/// Spaces in such a value.
const VALUE_SPACES_MAX: usize = 5;
/// The same without a colon before it.
const BYLINE_SPACES_MAX: usize = 7;
/// Longest name without a label, in characters.
const NAME_CHARS_MAX: usize = 12;
/// Words of such a name, where words are parted.
const NAME_WORDS_MAX: usize = 4;
/// Characters between a counter's word and its number.
const GAP_CHARS_MAX: usize = 4;
/// Longest number, in characters.
const NUMBER_CHARS_MAX: usize = 14;

/// What of a line was read: nothing that tells, or one of these.
const FILLER: usize = 0;
const DATE: usize = 1;
const LABEL: usize = 2;
const COUNTER: usize = 4;
const NAME: usize = 8;
/// Sets of those.
const SETS: usize = 16;

/// Whether `line` is nothing but dates, labelled values and counters: a counter at least, or a date and a label.
pub(super) fn is_imprint(line: &str) -> bool {
    let line = line.trim();
    let numbers = line.chars().any(char::is_numeric);
    if !numbers || line.chars().count() > CHARS_MAX || speaks(line) {
        return false;
    }
    let line = Line::of(line);
    let len = line.folded.len();
    // For each place, the sets of what was read when a reading comes to it, a bit each.
    let mut reached = vec![0_u32; len + 1];
    reached[0] = 1;
    for at in 0..len {
        let sets = reached[at];
        if sets == 0 {
            continue;
        }
        line.pieces(at, &mut |end, kind| {
            for before in (0..SETS).filter(|s| sets & (1 << s) != 0 && may_follow(*s, kind)) {
                reached[end] |= 1 << (before | kind);
            }
        });
    }
    let tells = |set: usize| set & COUNTER != 0 || set & (DATE | LABEL) == DATE | LABEL;
    (0..SETS).any(|set| reached[len] & (1 << set) != 0 && tells(set))
}

/// Where the first counter behind a value at the start of `text` begins, in bytes.
pub(super) fn counter_in(text: &str) -> Option<usize> {
    let head: String = text.chars().take(VALUE_CHARS_MAX * 2).collect();
    if !head.contains(char::is_numeric) {
        return None;
    }
    let line = Line::of(&head);
    let at = (1..line.folded.len()).find(|at| {
        let parted = line.folded[at - 1].is_whitespace();
        line.counter(*at).is_some_and(|(_, clear)| clear || parted)
    })?;
    head.char_indices().nth(at).map(|(byte, _)| byte)
}

/// Whether `line` ends or holds a sentence.
fn speaks(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    line.contains(['。', '！', '？', '!', '?', '…', '“', '”'])
        || (line.ends_with('.') && !lower.ends_with("a.m.") && !lower.ends_with("p.m."))
}

/// Whether a piece of `kind` may follow what was read: one name at most, beside a date and before the counters.
const fn may_follow(set: usize, kind: usize) -> bool {
    match kind {
        NAME => set & (NAME | COUNTER) == 0,
        COUNTER => set & NAME == 0 || set & DATE != 0,
        _ => true,
    }
}

/// A line, by characters.
struct Line {
    /// As written.
    written: Vec<char>,
    /// In lower case, half width and Simplified characters.
    folded: Vec<char>,
}

impl Line {
    fn of(line: &str) -> Self {
        let written: Vec<char> = line.chars().collect();
        Self { folded: written.iter().map(|c| simple(*c)).collect(), written }
    }

    fn char(&self, at: usize) -> Option<char> {
        self.folded.get(at).copied()
    }

    /// Where white space at `at` ends.
    fn blank(&self, at: usize) -> usize {
        at + self.folded[at.min(self.folded.len())..].iter().take_while(|c| c.is_whitespace()).count()
    }

    /// Where `word` ends if it stands at `at`.
    fn word(&self, at: usize, word: &str) -> Option<usize> {
        let mut end = at;
        for c in word.chars() {
            if self.char(end)? != c {
                return None;
            }
            end += 1;
        }
        let glued = |a: Option<char>, b: Option<char>| a.zip(b).is_some_and(|(a, b)| is_latin(a) && is_latin(b));
        let before = at.checked_sub(1).and_then(|b| self.char(b));
        (!glued(before, self.char(at)) && !glued(self.char(end - 1), self.char(end))).then_some(end)
    }

    /// Where the longest of `words` that stands at `at` ends.
    fn any(&self, at: usize, words: &[&str]) -> Option<usize> {
        words.iter().filter_map(|w| self.word(at, w)).max()
    }

    /// Tells `take` where the pieces that may begin at `at` end, and of what kind they are.
    fn pieces(&self, at: usize, take: &mut impl FnMut(usize, usize)) {
        let c = self.folded[at];
        if !c.is_alphanumeric() {
            take(at + 1, FILLER);
        }
        FILLERS.iter().filter_map(|w| self.word(at, w)).for_each(|end| take(end, FILLER));
        // `On Monday` opens a sentence.
        if let Some(end) = self.word(at, "on").filter(|_| at > 0) {
            take(end, FILLER);
        }
        // Buttons, and counters whose numbers come by script.
        for end in COUNTED.iter().chain(COUNTED_WEAKLY).filter_map(|w| self.word(at, w)) {
            take(end, FILLER);
            let end = self.any(end, COUNTS).unwrap_or(end);
            if self.char(end) == Some(':') {
                take(end + 1, LABEL);
            }
        }
        moment::at(self, at).into_iter().for_each(|(end, tells)| take(end, if tells { DATE } else { FILLER }));
        if let Some((end, _)) = self.counter(at) {
            take(end, COUNTER);
        }
        self.labelled(at, take);
        if at == 0 || !self.folded[at - 1].is_alphanumeric() {
            self.name(at, take);
        }
    }

    /// Where the number at `at` ends.
    fn number(&self, at: usize) -> Option<usize> {
        if !self.char(at)?.is_ascii_digit() {
            return None;
        }
        let rest = &self.folded[at..];
        let figures = rest.iter().take_while(|c| c.is_ascii_digit() || matches!(c, ',' | '.')).count();
        let figures = rest[..figures].iter().rposition(char::is_ascii_digit)? + 1;
        if figures > NUMBER_CHARS_MAX {
            return None;
        }
        let mut end = at + figures;
        while self.char(end).is_some_and(|c| SCALES.contains(&c)) && end < at + figures + 2 {
            end += 1;
        }
        // A date or a time is no number.
        let joined = self.char(end).is_some_and(|c| "-/:年月日".contains(c));
        let more = self.char(end + 1).is_some_and(|c| c.is_ascii_digit());
        let is_word = self.char(end).is_some_and(is_latin);
        let is_other = is_word || (joined && more);
        (!is_other).then_some(end)
    }

    /// Where the counter at `at` ends, and whether it is clear without a space before it that it is one.
    fn counter(&self, at: usize) -> Option<(usize, bool)> {
        self.counter_by_word(at).or_else(|| self.counter_by_number(at).map(|end| (end, false)))
    }

    /// `阅读：1203`, `评论(12)`, `浏览量 1.2万次`, `Views: 3,456`.
    fn counter_by_word(&self, at: usize) -> Option<(usize, bool)> {
        let (word, weak) = match self.any(at, COUNTED) {
            Some(end) => (end, false),
            None => (self.any(at, COUNTED_WEAKLY)?, true),
        };
        let word = self.any(self.blank(word), COUNTS).unwrap_or(word);
        let is_gap = |c: &&char| c.is_whitespace() || matches!(c, ':' | '(' | '[' | '/' | '【');
        let gap = self.folded[word..].iter().take(GAP_CHARS_MAX).take_while(is_gap).count();
        let clear = self.folded[word..word + gap].iter().any(|c| !c.is_whitespace());
        let end = self.number(word + gap)?;
        let unit = self.any(self.blank(end), UNITS);
        (!weak || clear || unit.is_some()).then_some((unit.unwrap_or(end), clear))
    }

    /// `1203 阅读`, `12条评论`, `3人参与`, `3,456 views`, `no comments`.
    fn counter_by_number(&self, at: usize) -> Option<usize> {
        let before = at.checked_sub(1).and_then(|b| self.char(b));
        let number = self.number(at).filter(|_| !before.is_some_and(is_latin));
        let mut end = number.or_else(|| self.word(at, "no"))?;
        for words in [UNITS, BETWEEN] {
            end = self.any(self.blank(end), words).unwrap_or(end);
        }
        let end = self.blank(end);
        let end = self.any(end, COUNTED).or_else(|| self.any(end, COUNTED_WEAKLY))?;
        Some(self.any(end, COUNTS).unwrap_or(end))
    }

    /// The labels at `at`, with each value they may have.
    fn labelled(&self, at: usize, take: &mut impl FnMut(usize, usize)) {
        if at > 0 && self.folded[at - 1].is_alphanumeric() && !is_han(self.folded[at]) {
            return;
        }
        for label in LABELS {
            let Some(end) = self.word(at, label) else { continue };
            let (parted, after) = (self.blank(end), self.char(self.blank(end)));
            if after == Some(':') || (after == Some('/') && is_han(self.folded[at])) {
                take(parted + 1, LABEL);
                self.values(self.blank(parted + 1), VALUE_SPACES_MAX, take);
            } else if parted > end && LABELS_BARE.contains(label) {
                let names = self.names(parted);
                let take = &mut |end, kind| {
                    if end <= names {
                        take(end, kind)
                    }
                };
                self.values(parted, BYLINE_SPACES_MAX, take);
            }
        }
    }

    /// Where the names at `at` end that follow a label without a colon: one Han word or account, or words with capitals.
    fn names(&self, at: usize) -> usize {
        let mut words = self.written[at.min(self.written.len())..].split(|c| *c == ' ').take(BYLINE_SPACES_MAX + 1);
        let first = words.next().unwrap_or_default();
        let mut end = at + first.len();
        if !first.first().is_some_and(|c| c.is_uppercase()) {
            return end;
        }
        for word in words {
            let joins = JOINS.iter().any(|j| word.iter().copied().eq(j.chars()));
            if !joins && !word.first().is_some_and(|c| c.is_uppercase()) {
                break;
            }
            end += 1 + word.len();
        }
        end
    }

    /// Where a value that begins at `at` may end.
    fn values(&self, at: usize, spaces_max: usize, take: &mut impl FnMut(usize, usize)) {
        let mut spaces = 0;
        let mut alphabetic = false;
        for end in at..(at + VALUE_CHARS_MAX).min(self.folded.len()) {
            let c = self.folded[end];
            let has_han = is_han(self.written[end.saturating_sub(1)]);
            spaces += usize::from(c.is_whitespace());
            if c == '|' || (c == ',' && has_han) || spaces > spaces_max {
                return;
            }
            alphabetic |= c.is_alphabetic();
            let next = end + 1;
            if alphabetic && c.is_alphanumeric() && self.is_end(next) {
                take(next, LABEL);
            }
        }
    }

    /// Whether a value may end before `at`.
    fn is_end(&self, at: usize) -> bool {
        let Some(c) = self.char(at) else { return true };
        !c.is_alphanumeric()
            || self.counter(at).is_some_and(|(_, clear)| clear)
            || moment::at(self, at).iter().any(|(end, tells)| *tells && end - at >= 8)
            || LABELS.iter().any(|l| self.word(at, l).is_some_and(|end| self.char(end) == Some(':')))
            || FILLERS.iter().any(|l| self.word(at, l).is_some_and(|end| self.char(end) == Some(':')))
    }

    /// Names at `at`, of a paper or a person, without a label.
    fn name(&self, at: usize, take: &mut impl FnMut(usize, usize)) {
        let mut end = at;
        for _ in 0..NAME_WORDS_MAX {
            let rest = &self.written[end..];
            let len = rest.iter().take_while(|c| c.is_alphabetic() || matches!(c, '.' | '\'' | '’')).count();
            let han = rest[..len].iter().any(|c| is_han(*c));
            if len == 0 || (han && (len > NAME_CHARS_MAX || end > at)) || !(han || rest[0].is_uppercase()) {
                return;
            }
            end += len;
            if self.char(end).is_some_and(char::is_alphanumeric) {
                return;
            }
            take(end, NAME);
            if han || self.char(end) != Some(' ') {
                return;
            }
            end += 1;
        }
    }
}

/// Whether `c` is of a script that parts its words.
fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic()
}

/// `c` in lower case, half width and as a Simplified character.
fn simple(c: char) -> char {
    match c {
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            let half = u32::from(c) - 0xfee0;
            char::from_u32(half).unwrap_or(c).to_ascii_lowercase()
        }
        '︰' | '﹕' => ':',
        c if is_han(c) => fold(c.encode_utf8(&mut [0; 4])).as_str().chars().next().unwrap_or(c),
        c => c.to_ascii_lowercase(),
    }
}
