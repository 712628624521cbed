//! Floor 2, topics: folded text to matches with evidence.
//!
//! In: queries and aliases as the user wrote them, then one [`Subject`] at a time. Out: [`Match`](crate::model::Match)es.
//! The language is described in `docs/queries.md`. The way through the folder:
//!
//! | file | from | to |
//! | --- | --- | --- |
//! | `lexer` | query | tokens, full-width punctuation read as ASCII |
//! | `query` | tokens, aliases | `syntax::Node`, or every [`QueryError`] that can be found |
//! | `operand` | tokens | the leaves of the tree: terms, aliases, `min(...)` |
//! | `literal` | one word, phrase or prefix | its folded form |
//! | `compile` | nodes | plans without inner negation, and the literals one of which must occur |
//! | `automaton` | all literals | one scanner, and the hits of a text |
//! | `evaluate` | plan, hits | holds or not, and which terms made it so |
//! | `evidence` | terms that hold | found words in the original script, excerpts, score |
//!
//! Deliberately absent: regular expressions, stemming, markup, and any knowledge of which topics exist elsewhere.

mod automaton;
mod compile;
mod error;
mod evaluate;
mod evidence;
mod lexer;
mod literal;
mod operand;
mod query;
mod syntax;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use compile::Topics;
pub use error::QueryError;
pub use literal::check_alias;

/// Version of what a query means; part of [`Spec::digest`], so that a new meaning is a changed topic.
const MEANING: &[u8] = b"topic query 1\n";

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

impl Spec {
    /// Identity of what the query asks for: BLAKE3 of its folded form with aliases written out and operands in order.
    ///
    /// It changes with the query and with an alias that the query uses, not with the title, with spaces, with the order
    /// of operands, or with other aliases. A query that does not parse is identified by its text.
    #[must_use]
    pub fn digest(&self, aliases: &Aliases) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(MEANING);
        match query::parse(&self.query, aliases) {
            Ok(node) => hasher.update(node.canonical().as_bytes()),
            Err(_) => hasher.update(b"?").update(self.query.as_bytes()),
        };
        *hasher.finalize().as_bytes()
    }
}

/// Which queries were tried: digest of the query by topic.
pub type Queries = BTreeMap<String, [u8; 32]>;

/// Alias name (without `@`) to its alternatives, each a word, phrase or `prefix*`.
pub type Aliases = BTreeMap<String, Vec<String>>;

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
