//! Folded text to tokens.

use std::collections::HashSet;

use crate::text::{fold, is_han};

/// Counts changes of what the tokens of a text are; those of folding are counted by `fingerprint`.
pub const VERSION: u32 = 1;
/// Characters of a text that are searched; documents are capped, and no article comes near it.
pub const TEXT_CHARS_MAX: usize = 200_000;
/// Distinct tokens of an article; PostgreSQL keeps 1 MiB of them.
const TOKENS_MAX: usize = 50_000;
/// Bytes of all of them.
const WORDS_BYTES_MAX: usize = 800_000;
/// Bytes of a token; of longer words the beginning is indexed.
const TOKEN_BYTES_MAX: usize = 60;
/// Begins the tokens of headlines. Folding leaves no such character.
const TITLE: char = '§';

/// One token to be looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lookup {
    /// The token: letters and digits.
    pub token: String,
    /// Whether it is the beginning of the tokens that are meant.
    pub prefix: bool,
}

impl Lookup {
    /// The same, in headlines alone.
    #[must_use]
    pub fn in_title(&self) -> Self {
        Self { token: format!("{TITLE}{}", self.token), prefix: self.prefix }
    }
}

/// The distinct tokens of an article, with blanks between: those of the headline, marked, then those of headline and text.
#[must_use]
pub fn words(title: &str, text: &str) -> String {
    let (title, text) = (fold(part(title)), fold(part(text)));
    let mut out = String::with_capacity(2 * text.as_str().len());
    let mut seen: HashSet<&str> = HashSet::new();
    let mut tokens = 0;
    let mut add = |token: &str, mark: bool| {
        if tokens < TOKENS_MAX && out.len() + token.len() < WORDS_BYTES_MAX {
            tokens += 1;
            if !out.is_empty() {
                out.push(' ');
            }
            if mark {
                out.push(TITLE);
            }
            out.push_str(token);
        }
    };
    for token in tokens_of(title.as_str()).filter(|t| seen.insert(t)) {
        add(token, true);
        add(token, false);
    }
    for token in tokens_of(text.as_str()).filter(|t| seen.insert(t)) {
        add(token, false);
    }
    out
}

/// The part of a text that is searched.
pub(super) fn part(text: &str) -> &str {
    if text.len() <= TEXT_CHARS_MAX {
        return text;
    }
    text.char_indices().nth(TEXT_CHARS_MAX).map_or(text, |(end, _)| &text[..end])
}

/// What must be among the tokens of a text that `folded` stands in.
pub(super) fn lookups(folded: &str, prefix: bool) -> impl Iterator<Item = Lookup> {
    pieces(folded).filter_map(move |piece| {
        let token = cut(piece.token);
        let is_last = piece.end == folded.len();
        let lookup = |prefix| Some(Lookup { token: token.to_owned(), prefix });
        match piece.kind {
            Kind::Word => lookup(prefix && is_last && token.len() == piece.token.len()),
            Kind::Pair => lookup(false),
            // The pairs of a longer word hold its last character already.
            Kind::Last if piece.alone => lookup(true),
            Kind::Last => None,
        }
    })
}

/// The tokens of folded text, as often as they stand there: words, pairs of Han neighbours, and the last Han character before
/// anything else, so that every Han character begins a token.
fn tokens_of(folded: &str) -> impl Iterator<Item = &str> {
    pieces(folded).map(|piece| cut(piece.token))
}

fn cut(token: &str) -> &str {
    &token[..token.floor_char_boundary(TOKEN_BYTES_MAX)]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Pair,
    Last,
}

struct Piece<'t> {
    token: &'t str,
    kind: Kind,
    /// Where it ends.
    end: usize,
    /// No Han character stands before it.
    alone: bool,
}

fn pieces(folded: &str) -> impl Iterator<Item = Piece<'_>> {
    let (mut at, mut after_han) = (0, false);
    std::iter::from_fn(move || {
        loop {
            let rest = &folded[at..];
            let first = rest.chars().next()?;
            let width = first.len_utf8();
            if first == ' ' {
                (at, after_han) = (at + 1, false);
                continue;
            }
            let alone = !after_han;
            if !is_han(first) {
                let end = rest.find(|c| c == ' ' || is_han(c)).unwrap_or(rest.len());
                let piece = Piece { token: &rest[..end], kind: Kind::Word, end: at + end, alone };
                (at, after_han) = (at + end, false);
                return Some(piece);
            }
            let second = rest[width..].chars().next().filter(|c| is_han(*c)).map(char::len_utf8);
            let length = width + second.unwrap_or(0);
            let kind = if second.is_some() { Kind::Pair } else { Kind::Last };
            let piece = Piece { token: &rest[..length], kind, end: at + length, alone };
            (at, after_han) = (at + width, true);
            return Some(piece);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        tokens_of(fold(text).as_str()).map(str::to_owned).collect()
    }

    fn looked(text: &str, prefix: bool) -> Vec<(String, bool)> {
        lookups(fold(text).as_str(), prefix).map(|l| (l.token, l.prefix)).collect()
    }

    #[test]
    fn tokens_are_words_and_han_neighbours_in_either_script() {
        assert_eq!(of("出口管制"), ["出口", "口管", "管制", "制"]);
        assert_eq!(of("出口管制"), of("出口 管制"), "punctuation and blanks part no Han words");
        assert_eq!(of("發電"), of("发电"));
        assert_eq!(of("ASML 的 EUV光刻机"), ["asml", "的", "euv", "光刻", "刻机", "机"]);
        assert_eq!(of("Export-Controls, 3.5"), ["export", "controls", "3", "5"]);
        assert!(of(" …！").is_empty() && of("").is_empty());
    }

    #[test]
    fn what_is_looked_up_is_among_the_tokens_of_what_holds_it() {
        for (text, asked, prefix) in [
            ("台积电在日本建厂", "积电在日", false),
            ("台积电在日本建厂", "厂", false),
            ("台积电在日本建厂", "日", false),
            ("新的export controls清单", "export control", true),
            ("五奈米米", "米", false),
            ("the 3nm芯片 line", "3nm芯", false),
        ] {
            let have = of(text);
            let all = looked(asked, prefix);
            assert!(!all.is_empty());
            for (token, prefix) in all {
                let found = have.iter().any(|t| if prefix { t.starts_with(&token) } else { *t == token });
                assert!(found, "{asked} in {text}: {token} {prefix} not in {have:?}");
            }
        }
        assert_eq!(looked("出口管制", false).len(), 3);
        assert_eq!(looked("export contr", true), [("export".into(), false), ("contr".into(), true)]);
        assert_eq!(looked("米", false), [("米".into(), true)]);
    }

    #[test]
    fn headlines_are_marked_and_nothing_stands_twice() {
        let words = words("芯片 chip", "芯片与 chip");
        assert_eq!(words.split(' ').collect::<Vec<_>>(), ["§芯片", "芯片", "§片", "片", "§chip", "chip", "片与", "与"]);
        assert!(fold(&TITLE.to_string()).as_str().is_empty(), "no text holds the mark");
        assert_eq!(Lookup { token: "米".into(), prefix: true }.in_title().token, "§米");
    }

    #[test]
    fn monsters_are_bounded() {
        let long = "长".repeat(TEXT_CHARS_MAX + 5);
        assert_eq!(part(&long).chars().count(), TEXT_CHARS_MAX);
        let han = |n: usize| char::from_u32(0x4e00 + u32::try_from(n % 20_000).unwrap()).unwrap();
        let many: String = (0..150_000).map(|n| han(n * 7919 + n / 3)).collect();
        assert!(words("t", &many).len() <= WORDS_BYTES_MAX);
        let word = "x".repeat(500);
        assert_eq!(words("", &word).len(), TOKEN_BYTES_MAX);
        assert_eq!(looked(&word, true), [("x".repeat(TOKEN_BYTES_MAX), false)], "the rest is verified");
    }
}
