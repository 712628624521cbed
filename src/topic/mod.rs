//! Floor 2: folded text to matches with evidence. STUB
use std::{collections::BTreeMap, ops::Range};

use crate::model::Match;

/// A topic as the user wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Stable name of `[a-z0-9-]`.
    pub id: String,
    /// Title of its feeds.
    pub title: String,
    /// The query.
    pub query: String,
}

/// Alias name (without `@`) to its alternatives, each a word, phrase or `prefix*`.
pub type Aliases = BTreeMap<String, Vec<String>>;

/// A query or alias that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Bytes of the query that are wrong.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What was expected, or the nearest known name.
    pub hint: Option<String>,
}

/// What a topic is applied to; all of it original text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// Headline.
    pub title: &'a str,
    /// Plain text.
    pub text: &'a str,
    /// Identifier of the source.
    pub source: &'a str,
    /// Name of the source.
    pub source_name: &'a str,
    /// The paper a syndicated story is from.
    pub origin: &'a str,
    /// Author.
    pub author: &'a str,
    /// Language tag.
    pub lang: &'a str,
}

/// All topics, compiled into one automaton.
#[derive(Debug, Default)]
pub struct Topics {}

impl Topics {
    /// Compiles `specs`.
    ///
    /// # Errors
    /// Every bad query, as (index in `specs`, error).
    pub fn compile(specs: &[Spec], aliases: &Aliases) -> Result<Self, Vec<(usize, QueryError)>> {
        let _ = (specs, aliases);
        Ok(Self {})
    }

    /// The topics that match `subject`, in order of `specs`.
    #[must_use]
    pub fn matches(&self, subject: &Subject<'_>) -> Vec<Match> {
        let _ = subject;
        vec![]
    }
}

/// Checks one alternative of an alias.
///
/// # Errors
/// When it is no word, phrase or prefix.
pub fn check_alias(alternative: &str) -> Result<(), QueryError> {
    let _ = alternative;
    Ok(())
}
