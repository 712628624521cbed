//! Folding: the form of a text in which two renderings of it are equal. For comparison, never for display.
//!
//! In: text as written. Out: [`Folded`], letters and digits with single blanks, and the way back to the original.
//! - Each character is folded alone, whatever stands beside it (`table`): compatibility forms (NFKD), case, accents,
//!   width; Traditional and variant Han become one Simplified character, even where that is the wrong word.
//! - Everything that is no letter or digit separates; one blank stands for it between two characters of which neither
//!   is Han, and nothing elsewhere, so that Han phrases match across line breaks, punctuation and U+3000.
//!   `export-control` is `export control`, `Nvidia's` is `nvidia s`, `U.S.` is `u s` (never the pronoun), `3.5` is `3 5`.
//! - Three signs are more than separators: a comma that groups digits vanishes (`5,000` is `5000`), `++` after a letter is
//!   `plusplus` (`C++`), `#` after a letter that stands alone is `sharp` (`C#`).
//! - Zero-width characters, soft hyphens and combining marks vanish; with them the voicing marks of kana.
//! - Then regional words become one (`phrases`): 晶片, 芯片 and 晶元 are equal; with [`Words`], a user's own as well.
//!
//! Folding a folded text changes nothing. Deliberately absent: word segmentation, stemming, stop words, any language
//! but by script. A change of the data files or of OpenCC's changes identities: `fingerprint` counts versions for that.

mod phrases;
mod runs;
mod table;
#[cfg(test)]
mod tests;
mod words;

use std::{ops::Range, str::CharIndices};

use phrases::PHRASE_SET;
use runs::Runs;
use table::{Cell, Fate, TABLE, Table};
pub use words::{WordError, Words};

/// Bytes of a text that are folded; the rest is ignored. Documents are capped far below.
const TEXT_BYTES_MAX: usize = 256 << 20;
/// Digits between two grouping commas.
const GROUP_DIGITS: usize = 3;

/// Folded text, with the way back to the original.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    text: String,
    runs: Runs,
    original_bytes: usize,
}

impl Folded {
    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The folded text alone, without the way back.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    /// The byte range of the original that the byte range `folded` came from.
    ///
    /// Exact when `folded` begins and ends between characters. Where several characters became one, or a phrase was
    /// replaced, it is the whole of them; a blank is the whole separator. An empty range is an empty range.
    #[must_use]
    pub fn original(&self, folded: Range<usize>) -> Range<usize> {
        let (start, end) = (folded.start.min(self.text.len()), folded.end.min(self.text.len()));
        if start < end {
            self.runs.original(start..end)
        } else if start < self.text.len() {
            let start = self.runs.original(start..start + 1).start;
            start..start
        } else {
            self.original_bytes..self.original_bytes
        }
    }
}

/// Folds `s`.
#[must_use]
pub fn fold(s: &str) -> Folded {
    let s = &s[..s.floor_char_boundary(TEXT_BYTES_MAX)];
    let (text, runs) = Folding::new(&TABLE, s).run();
    let (text, runs) = PHRASE_SET.replace(text, runs);
    Folded { text, runs, original_bytes: s.len() }
}

/// Whether `c` is a Han character.
#[must_use]
pub const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '々' | '〇')
}

/// A folding under way.
struct Folding<'a> {
    table: &'a Table,
    source: CharIndices<'a>,
    out: String,
    runs: Runs,
    /// A separator was read since the last character written.
    broken: bool,
    /// The last character written is Han.
    after_han: bool,
    /// Where the original of the last character written ends.
    done: usize,
    /// Where the digits after the last grouping comma begin in `out`; 0 when there is none.
    group: usize,
}

impl<'a> Folding<'a> {
    fn new(table: &'a Table, s: &'a str) -> Self {
        Self {
            table,
            source: s.char_indices(),
            out: String::with_capacity(s.len()),
            runs: Runs::default(),
            broken: false,
            after_han: false,
            done: 0,
            group: 0,
        }
    }

    fn run(mut self) -> (String, Runs) {
        while let Some((at, c)) = self.source.next() {
            let cell = self.table.cell(c);
            match cell.fate() {
                Fate::Word => self.word(cell.char(), cell.is_han(), at..at + c.len_utf8()),
                Fate::Drop => {}
                Fate::Break => self.broken = true,
                _ => self.rare(cell, at..at + c.len_utf8()),
            }
        }
        (self.out, self.runs)
    }

    /// Writes one character that came from `original`.
    #[inline]
    fn word(&mut self, c: char, han: bool, original: Range<usize>) {
        if self.broken {
            self.broken = false;
            if !self.after_han && !han && !self.out.is_empty() {
                // Inside one original character, as in ½, the separator is that character.
                let separator = if self.done < original.start { self.done..original.start } else { original.clone() };
                self.runs.whole(self.out.len(), separator);
                self.out.push(' ');
            }
        }
        if c.len_utf8() == original.len() {
            self.runs.same(self.out.len(), original.start, original.len());
        } else {
            self.runs.whole(self.out.len(), original.clone());
        }
        self.out.push(c);
        self.after_han = han;
        self.done = original.end;
    }

    #[cold]
    fn rare(&mut self, cell: Cell, original: Range<usize>) {
        let table = self.table;
        match cell.fate() {
            Fate::Spelled => self.spelled(table.spelling(cell), original),
            Fate::Comma if self.groups_digits() => self.group = self.out.len(),
            Fate::Plus if self.after_letter() && self.next_cell().is_some_and(|c| c.fate() == Fate::Plus) => {
                let end = self.source.find(|(_, c)| table.cell(*c).fate() == Fate::Plus);
                let end = end.map_or(original.end, |(at, c)| at + c.len_utf8());
                self.spelled("plusplus", original.start..end);
            }
            Fate::Hash if self.after_lone_letter() && !self.next_cell().is_some_and(is_spaced_word) => {
                self.spelled("sharp", original);
            }
            _ => self.broken = true,
        }
    }

    /// Writes several characters that came from `original` together.
    fn spelled(&mut self, spelling: &str, original: Range<usize>) {
        for c in spelling.chars() {
            if c == ' ' {
                self.broken = true;
            } else {
                self.word(c, is_han(c), original.clone());
            }
        }
    }

    /// The fate of the next character that does not vanish.
    fn next_cell(&self) -> Option<Cell> {
        self.source.clone().map(|(_, c)| self.table.cell(c)).find(|cell| cell.fate() != Fate::Drop)
    }

    /// Whether the last character written is a letter of ASCII, with nothing between.
    fn after_letter(&self) -> bool {
        !self.broken && self.out.as_bytes().last().is_some_and(u8::is_ascii_alphabetic)
    }

    fn after_lone_letter(&self) -> bool {
        let before = self.out.len().checked_sub(2).and_then(|i| self.out.as_bytes().get(i));
        self.after_letter() && before.is_none_or(|b| *b == b' ' || !b.is_ascii())
    }

    /// Whether a comma here groups digits: after one to three of them, or three since the last such comma, and before
    /// exactly three.
    fn groups_digits(&self) -> bool {
        let digits = self.out.bytes().rev().take(GROUP_DIGITS + 1).take_while(u8::is_ascii_digit).count();
        let grouped = self.group > 0 && self.out.len() - self.group == GROUP_DIGITS && digits >= GROUP_DIGITS;
        if self.broken || !(grouped || (1..=GROUP_DIGITS).contains(&digits)) {
            return false;
        }
        let after = self.source.clone().map(|(_, c)| self.table.cell(c)).filter(|cell| cell.fate() != Fate::Drop);
        after.take(GROUP_DIGITS + 1).take_while(|cell| cell.is_digit()).count() == GROUP_DIGITS
    }
}

/// Whether a cell is a letter or digit of a script that puts blanks between words.
fn is_spaced_word(cell: Cell) -> bool {
    matches!(cell.fate(), Fate::Word | Fate::Spelled) && !cell.is_han()
}
