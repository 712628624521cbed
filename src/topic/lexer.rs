//! Query text to tokens. Full-width punctuation, as Chinese keyboards give it, reads as its ASCII counterpart.

use std::ops::Range;

use super::error::{QueryError, nearest};
use super::syntax::{FIELDS, Fields};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    Comma,
    And,
    Or,
    Not,
    /// A `-` right before a term.
    Minus,
    /// `name:`.
    Field(Fields),
    /// `min`, with `(` right after it.
    Min,
    /// `near`, with `(` right after it.
    NearOf,
    /// `@name`; the text is the name.
    Alias,
    /// A bare word; the text includes a final star.
    Word,
    /// The text is what stands between the quotes, with a star that followed them.
    Phrase,
    /// A phrase with `~n` after it.
    Near(usize),
    /// `^n`, in hundredths.
    Weight(u32),
    /// A term that was found wrong, to be passed over in silence.
    Bad,
}

/// A token, its place, and the part of it that matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub at: Range<usize>,
    pub text: Range<usize>,
}

/// Other words that may stand between the parts of `"a b"~n` and of `near(n, a, b)`.
pub(super) const NEAR_MAX: usize = 100;
/// The largest weight.
const WEIGHT_MAX: u32 = 100;
/// How a weight is written, for hints.
const WEIGHT: &str = "a number from 0 to 100 with at most two decimals, as in `chip^3` or `@chip^0.5`";

/// `c` as ASCII, when it is a full-width form of ASCII, a typographic double quote, or invisible.
pub(super) const fn plain(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => (c as u32 - 0xFEE0) as u8 as char,
        '“' | '”' | '„' | '‟' => '"',
        '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => ' ',
        _ => c,
    }
}

/// Whether `c` can open or close a phrase.
pub(super) const fn is_quote(c: char) -> bool {
    matches!(plain(c), '"' | '「' | '」' | '『' | '』')
}

/// The tokens of `query`, and what is wrong with its words.
pub(super) fn tokens(query: &str) -> (Vec<Token>, Vec<QueryError>) {
    let mut lexer = Lexer { query, at: 0, tokens: vec![], errors: vec![] };
    while let Some(c) = lexer.peek() {
        lexer.token(c);
    }
    (lexer.tokens, lexer.errors)
}

struct Lexer<'q> {
    query: &'q str,
    at: usize,
    tokens: Vec<Token>,
    errors: Vec<QueryError>,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.query[self.at..].chars().next().map(plain)
    }

    fn bump(&mut self) {
        self.at += self.query[self.at..].chars().next().map_or(0, char::len_utf8);
    }

    /// Consumes characters while `wanted`, and returns where they stood.
    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> Range<usize> {
        let start = self.at;
        while self.peek().is_some_and(&wanted) {
            self.bump();
        }
        start..self.at
    }

    fn push(&mut self, kind: Kind, start: usize, text: Range<usize>) {
        self.tokens.push(Token { kind, at: start..self.at, text });
    }

    /// Reports `start..` up to here as wrong, standing in for a term.
    fn bad(&mut self, start: usize, message: &str, hint: &str) {
        self.errors.push(QueryError::new(start..self.at, message, hint));
        self.push(Kind::Bad, start, start..self.at);
    }

    /// Consumes at least one character, which begins with `c`.
    fn token(&mut self, c: char) {
        let start = self.at;
        match c {
            _ if c.is_whitespace() => self.bump(),
            '"' | '「' | '『' => self.phrase(c),
            '(' | ')' | ',' => {
                self.bump();
                let kind = match c {
                    '(' => Kind::Open,
                    ')' => Kind::Close,
                    _ => Kind::Comma,
                };
                self.push(kind, start, start..self.at);
            }
            '@' => self.alias(),
            '-' => self.minus(),
            '」' | '』' => {
                self.bump();
                self.bad(start, "this quote closes nothing", "write the opening quote, or remove it");
            }
            '*' => {
                self.take_while(|c| c == '*' || !ends_word(c));
                let hint = "write the first letters of a word before it, as in `chip*`";
                self.bad(start, "a `*` can only stand at the end of a word", hint);
            }
            '^' => self.weight(),
            '~' => self.stray_tilde(),
            ':' => {
                self.bump();
                self.bad(start, "a `:` without the name of a field before it", "put a term with a colon in quotes");
            }
            _ => self.word(),
        }
    }

    fn phrase(&mut self, open: char) {
        let start = self.at;
        self.bump();
        let opener = start..self.at;
        let close = match open {
            '「' => '」',
            '『' => '』',
            _ => '"',
        };
        let mut text = self.take_while(|c| c != close);
        if self.peek().is_none() {
            let message = "this quote is never closed";
            self.errors.push(QueryError::new(opener, message, format!("write `{close}` where the phrase ends")));
            return self.push(Kind::Bad, start, text);
        }
        self.bump();
        if self.peek() == Some('*') {
            // `"export control"*` means `"export control*"`; the text then spans the closing quote, which folds away.
            self.bump();
            text.end = self.at;
        }
        let kind = if self.peek() == Some('~') { self.near() } else { Some(Kind::Phrase) };
        match kind {
            Some(kind) => self.push(kind, start, text),
            None => self.push(Kind::Bad, start, text),
        }
    }

    /// `~n` after a phrase.
    fn near(&mut self) -> Option<Kind> {
        let start = self.at;
        self.bump();
        let digits = self.take_while(|c| c.is_ascii_digit());
        let number: Option<usize> = number(&self.query[digits]).filter(|n| *n <= NEAR_MAX);
        if number.is_none() {
            let message = "`~` needs the number of words that may stand between";
            let hint = format!("a number up to {NEAR_MAX}, as in `\"export chip\"~5`");
            self.errors.push(QueryError::new(start..self.at, message, hint));
        }
        number.map(Kind::Near)
    }

    fn alias(&mut self) {
        let start = self.at;
        self.bump();
        let name = self.take_while(|c| !ends_word(c));
        if name.is_empty() {
            return self.bad(start, "a `@` without a name", "write the name of an alias right after it, as in `@chip`");
        }
        if self.peek() == Some('*') {
            self.bump();
            return self.bad(start, "an alias cannot have a `*`", "write the `*` in the alternatives of the alias");
        }
        self.push(Kind::Alias, start, name);
    }

    fn minus(&mut self) {
        let start = self.at;
        let before = self.query[..start].chars().next_back().map(plain);
        self.bump();
        if before.is_some_and(|c| !c.is_whitespace() && !matches!(c, '(' | ',' | '-' | ':')) {
            let hint = "write a space before it to exclude a term, or put a word with a hyphen in quotes";
            self.errors.push(QueryError::new(start..self.at, "it is not clear what this `-` means", hint));
        } else if self.peek().is_none_or(|c| c.is_whitespace() || matches!(c, ')' | ',')) {
            self.bad(start, "a `-` without a term", "write the term to exclude right after it, as in `-sports`");
        } else {
            self.push(Kind::Minus, start, start..self.at);
        }
    }

    /// `^n` right after a term or a group.
    fn weight(&mut self) {
        let start = self.at;
        self.bump();
        let digits = self.take_while(|c| !ends_word(c));
        let number = hundredths(&self.query[digits]);
        let weighs = |t: &Token| {
            t.at.end == start
                && matches!(t.kind, Kind::Close | Kind::Alias | Kind::Word | Kind::Phrase | Kind::Near(_) | Kind::Bad)
        };
        match number {
            _ if !self.tokens.last().is_some_and(weighs) => {
                let message = "a `^` without a term right before it";
                self.errors.push(QueryError::new(start..self.at, message, WEIGHT));
            }
            None => {
                let message = "`^` needs the number by which the term counts";
                self.errors.push(QueryError::new(start..self.at, message, WEIGHT));
            }
            Some(number) => self.push(Kind::Weight(number), start, start..self.at),
        }
    }

    fn stray_tilde(&mut self) {
        let start = self.at;
        self.bump();
        self.take_while(|c| c.is_ascii_digit());
        let hint = "only words in quotes can be near each other, as in `\"export chip\"~5`";
        self.errors.push(QueryError::new(start..self.at, "a `~` without a phrase right before it", hint));
    }

    fn word(&mut self) {
        let text = self.take_while(|c| !ends_word(c));
        let (start, word) = (text.start, &self.query[text.clone()]);
        let ascii: String = word.chars().map(plain).collect();
        match (ascii.as_str(), self.peek()) {
            (_, Some(':')) => return self.field(text, &ascii),
            ("min", Some('(')) => return self.push(Kind::Min, start, text),
            ("near", Some('(')) => return self.push(Kind::NearOf, start, text),
            (_, Some('*')) => {}
            ("AND", _) => return self.push(Kind::And, start, text),
            ("OR", _) => return self.push(Kind::Or, start, text),
            ("NOT", _) => return self.push(Kind::Not, start, text),
            _ => {}
        }
        let stray = stray(word);
        let rest = self.take_while(|c| c == '*' || !ends_word(c));
        if let Some((i, c)) = stray {
            let at = start + i..start + i + c.len_utf8();
            let message = format!("`{c}` has no meaning here");
            self.errors.push(QueryError::new(at, message, stray_hint(plain(c))));
            return self.push(Kind::Bad, start, text);
        }
        self.push(Kind::Word, start, start..rest.end);
    }

    fn field(&mut self, name: Range<usize>, ascii: &str) {
        self.bump();
        let start = name.start;
        if let Some((_, fields)) = FIELDS.iter().find(|(known, _)| *known == ascii) {
            return self.push(Kind::Field(*fields), start, name);
        }
        let known = || FIELDS.iter().map(|(known, _)| *known);
        let hint = nearest(ascii, known()).map_or_else(
            || format!("fields are {}; put a term with a colon in quotes", known().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near}:?"),
        );
        let message = format!("there is no field `{}`", &self.query[name.clone()]);
        self.errors.push(QueryError::new(name.clone(), message, hint));
        self.push(Kind::Field(Fields::TEXT), start, name);
    }
}

/// The number that `digits` write, in ASCII or full width.
pub(super) fn number(digits: &str) -> Option<usize> {
    digits.chars().map(plain).collect::<String>().parse().ok()
}

/// The weight that `digits` write, in hundredths.
fn hundredths(digits: &str) -> Option<u32> {
    let ascii: String = digits.chars().map(plain).collect();
    let (whole, part) = ascii.split_once('.').unwrap_or((&ascii, ""));
    if whole.is_empty() || part.len() > 2 || (ascii.contains('.') && part.is_empty()) {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let part: u32 = if part.is_empty() { 0 } else { format!("{part:0<2}").parse().ok()? };
    let weight = whole.checked_mul(100)?.checked_add(part)?;
    (weight <= WEIGHT_MAX * 100).then_some(weight)
}

/// Whether `c`, already [`plain`], cannot be part of a bare word.
const fn ends_word(c: char) -> bool {
    c.is_whitespace() || is_quote(c) || matches!(c, '(' | ')' | ',' | '*' | '^' | '~' | ':')
}

/// The first character of a bare word that would be lost in folding although its writer may have meant something by it.
fn stray(word: &str) -> Option<(usize, char)> {
    word.char_indices().find(|(i, c)| {
        let c = plain(*c);
        match c {
            '\'' | '‘' | '’' | '+' | '/' | '&' => *i == 0,
            '-' | '.' | '#' | '%' | '_' | '$' | '@' => false,
            '々' | '〇' | '\u{2010}' | '\u{2011}' | '\u{2027}' => false,
            '\u{2012}'..='\u{205E}' | '\u{3001}'..='\u{301F}' | '\u{FE30}'..='\u{FE6F}' => true,
            _ => c.is_ascii_punctuation(),
        }
    })
}

const fn stray_hint(c: char) -> &'static str {
    match c {
        '|' => "write OR between alternatives",
        '&' => "words beside each other are both required; write AND, or put the term in quotes",
        '+' => "every word is required unless OR stands between; remove it",
        '!' => "write NOT before a term, or - right before it, to exclude it",
        '?' => "`*` at the end of a word is the only wildcard",
        '/' => "there are no regular expressions; put the term in quotes",
        '\'' | '‘' | '’' => "a phrase stands in double quotes",
        '、' => "write AND or OR between words, or put them in quotes",
        _ => "put the term in quotes",
    }
}
