//! What somebody typed, as terms.

use super::tokens::{Lookup, lookups};
use crate::text::{fold, is_han};

/// Characters of a query; more is refused.
const QUERY_CHARS_MAX: usize = 200;
/// Terms of a query; more is refused.
const TERMS_MAX: usize = 16;

/// One word or phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// Folded.
    pub(super) text: String,
    /// Whether its last word may go on.
    pub(super) prefix: bool,
}

/// Terms that a text must hold, all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub(super) terms: Vec<Term>,
}

/// What cannot be searched for, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Asked {
    /// Nothing is left to look for.
    #[error("nothing is left to look for: only letters, digits and Han characters are compared")]
    Nothing,
    /// It is too long.
    #[error("more than {QUERY_CHARS_MAX} characters are asked for")]
    TooLong,
    /// It has too many terms.
    #[error("more than {TERMS_MAX} words and phrases are asked for")]
    TooMany,
}

impl Query {
    /// Reads `raw`: words, `"phrases"` and `prefix*`, all of which a text must hold. A quotation mark that is not closed ends
    /// with the query; what folds to nothing is ignored.
    ///
    /// # Errors
    /// When nothing is left, or too much is asked.
    pub fn parse(raw: &str) -> Result<Self, Asked> {
        if raw.chars().count() > QUERY_CHARS_MAX {
            return Err(Asked::TooLong);
        }
        let mut terms: Vec<Term> = vec![];
        // Every second part stands between quotation marks.
        for (n, part) in raw.split(is_quote).enumerate() {
            let whole = (n % 2 == 1).then_some(part);
            let words = part.split_whitespace().filter(|_| n % 2 == 0);
            for term in whole.into_iter().chain(words).filter_map(term) {
                if !terms.contains(&term) {
                    terms.push(term);
                }
            }
        }
        match terms.len() {
            0 => Err(Asked::Nothing),
            1..=TERMS_MAX => Ok(Self { terms }),
            _ => Err(Asked::TooMany),
        }
    }

    /// The tokens of every text that may hold all terms, each once.
    #[must_use]
    pub fn lookups(&self) -> Vec<Lookup> {
        let mut all: Vec<Lookup> = self.terms.iter().flat_map(|t| lookups(&t.text, t.prefix)).collect();
        all.sort();
        all.dedup();
        all
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '＂')
}

fn term(raw: &str) -> Option<Term> {
    let raw = raw.trim();
    let stem = raw.trim_end_matches(['*', '＊']);
    let text = fold(stem).into_string();
    let is_word = text.chars().any(char::is_alphanumeric);
    // Han words need no star to go on.
    let prefix = stem.len() < raw.len() && !text.ends_with(is_han);
    is_word.then_some(Term { text, prefix })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(raw: &str) -> Vec<(String, bool)> {
        Query::parse(raw).unwrap().terms.into_iter().map(|t| (t.text, t.prefix)).collect()
    }

    #[test]
    fn a_query_is_words_phrases_and_prefixes() {
        assert_eq!(
            terms("晶片\u{3000}Export “entity list” semicon* \"出口 管制\""),
            [
                ("芯片".into(), false),
                ("export".into(), false),
                ("entity list".into(), false),
                ("semicon".into(), true),
                ("出口管制".into(), false)
            ]
        );
        assert_eq!(terms("chip \"entity li*"), [("chip".into(), false), ("entity li".into(), true)], "not closed");
        assert_eq!(terms("芯片* 芯片 ！"), [("芯片".into(), false)]);
        assert_eq!(terms("export-control"), [("export control".into(), false)], "as it stands in texts");
    }

    #[test]
    fn too_little_and_too_much_is_refused() {
        for nothing in ["", "  ", "\"\"", "*", "。！*"] {
            assert_eq!(Query::parse(nothing), Err(Asked::Nothing), "{nothing}");
        }
        assert_eq!(Query::parse(&"长".repeat(201)), Err(Asked::TooLong));
        let many: String = (0..17).map(|n| format!("w{n} ")).collect();
        assert_eq!(Query::parse(&many), Err(Asked::TooMany));
    }

    #[test]
    fn each_token_is_looked_up_once() {
        let query = Query::parse("出口 出口管制 口管").unwrap();
        assert_eq!(query.lookups().len(), 3);
    }
}
