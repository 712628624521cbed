//! One word, phrase or prefix to its folded form, in queries and in aliases.

use std::ops::Range;

use super::error::QueryError;
use super::lexer::{is_quote, plain};
use super::syntax::{FIELDS, Literal};
use crate::text::{Words, is_han};

/// Bytes that one alternative of an alias may have.
const ALTERNATIVE_BYTES_MAX: usize = 256;
/// Characters that a prefix must have unless it ends in Han, where the star changes nothing.
const PREFIX_CHARS_MIN: usize = 2;
/// What an alternative can be, for hints.
const ALTERNATIVE: &str = "an alternative is one word, phrase or prefix*, and combining them is for queries";

/// The folded form of `raw`, a word or the inside of a phrase that starts at byte `start` and may end in `*`.
///
/// # Errors
/// When a star is not at the end, when nothing is left after folding, when a prefix is too short.
pub(super) fn literal(raw: &str, start: usize, words: &Words) -> Result<Literal, QueryError> {
    let text = raw.trim_end();
    let stem = text.strip_suffix(['*', '＊']).unwrap_or(text);
    if let Some((i, star)) = stem.char_indices().find(|(_, c)| plain(*c) == '*') {
        let at = start + i..start + i + star.len_utf8();
        return Err(QueryError::new(at, "a `*` can only stand at the end", "it stands for the rest of a word"));
    }
    folded(stem, stem.len() != text.len(), start..start + raw.len(), words)
}

fn folded(stem: &str, star: bool, at: Range<usize>, words: &Words) -> Result<Literal, QueryError> {
    let folded = words.fold(stem).as_str().trim().to_owned();
    if !folded.chars().any(char::is_alphanumeric) {
        return Err(if star {
            QueryError::new(at, "a `*` alone would match everything", "write the first letters of a word before it")
        } else {
            QueryError::new(at, "nothing is left to look for", "only letters, digits and Han characters are compared")
        });
    }
    let prefix = star && !folded.ends_with(is_han);
    if prefix && folded.chars().filter(|c| c.is_alphanumeric()).count() < PREFIX_CHARS_MIN {
        let hint = format!("write at least {PREFIX_CHARS_MIN} letters before the `*`");
        return Err(QueryError::new(at, "this prefix is too short", hint));
    }
    Ok(Literal { folded, prefix })
}

/// Checks one alternative of an alias.
///
/// # Errors
/// When it is no word, phrase or prefix. The range is in `alternative`.
pub fn check_alias(alternative: &str) -> Result<(), QueryError> {
    self::alternative(alternative, &Words::default()).map(drop)
}

/// The folded form of one alternative of an alias: a phrase needs no quotes there, but may have them.
pub(super) fn alternative(raw: &str, words: &Words) -> Result<Literal, QueryError> {
    if raw.len() > ALTERNATIVE_BYTES_MAX {
        let message = format!("an alternative longer than {ALTERNATIVE_BYTES_MAX} bytes");
        return Err(QueryError::new(0..raw.len(), message, ALTERNATIVE));
    }
    let text = raw.trim();
    let start = raw.len() - raw.trim_start().len();
    if let Some((inner, offset)) = unquoted(text) {
        return literal(inner, start + offset, words);
    }
    let whole = start..start + text.len();
    let mut chars = text.chars().map(plain);
    match chars.next() {
        None => return Err(QueryError::new(0..raw.len(), "an empty alternative", ALTERNATIVE)),
        Some('@') => return Err(QueryError::new(whole, "an alias cannot refer to another alias", ALTERNATIVE)),
        Some('-') => return Err(QueryError::new(whole, "an alternative cannot be excluded", ALTERNATIVE)),
        Some(_) => {}
    }
    if let Some((i, c)) = text.char_indices().find(|(_, c)| matches!(plain(*c), '(' | ')' | '"' | '~' | '^' | '|')) {
        let at = start + i..start + i + c.len_utf8();
        return Err(QueryError::new(at, format!("`{c}` has no meaning in an alternative"), ALTERNATIVE));
    }
    let ascii: String = text.chars().map(plain).collect();
    if let Some((field, _)) = FIELDS.iter().find(|(f, _)| ascii.strip_prefix(f).is_some_and(|r| r.starts_with(':'))) {
        let message = format!("`{field}:` has no meaning in an alternative");
        return Err(QueryError::new(whole, message, format!("write `{field}:@alias` in the query")));
    }
    if let Some(word) = ascii.split_whitespace().find(|w| matches!(*w, "AND" | "OR" | "NOT")) {
        return Err(QueryError::new(whole, format!("`{word}` has no meaning in an alternative"), ALTERNATIVE));
    }
    literal(text, start, words)
}

/// The inside of `text` and its offset, when `text` is one quoted phrase.
fn unquoted(text: &str) -> Option<(&str, usize)> {
    let open = text.chars().next().filter(|c| is_quote(*c))?;
    let rest = &text[open.len_utf8()..];
    let close = rest.chars().next_back().filter(|c| is_quote(*c))?;
    let inner = &rest[..rest.len() - close.len_utf8()];
    (!inner.contains(is_quote)).then_some((inner, open.len_utf8()))
}
