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
//! | `rarity` | articles that are stored | by what each term counts |
//! | `packs` | files of words | aliases that ship with the program |
//! | `explain` | one topic, one article | clause by clause what holds, and what is missing |
//!
//! Deliberately absent: regular expressions, stemming, markup, and any knowledge of which topics exist elsewhere.

mod automaton;
mod compile;
mod error;
mod evaluate;
mod evidence;
mod explain;
mod lexer;
mod literal;
mod operand;
mod packs;
mod query;
mod rarity;
mod syntax;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::text::{WordError, Words};

pub use compile::Topics;
pub use error::QueryError;
pub use explain::{Clause, Explanation, Question, Shape};
pub use literal::check_alias;
pub use packs::packs;
pub use rarity::Counts;

/// Version of what a query means; part of [`Spec::digest`], so that a new meaning is a changed topic.
const MEANING: &[u8] = b"topic query 2\n";

/// A topic as the user wrote it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spec {
    /// Stable name of `[a-z0-9-]`.
    pub id: String,
    /// Title of its feeds.
    pub title: String,
    /// The query.
    pub query: String,
    /// Least score of a match; 0: any.
    pub threshold: f64,
}

impl Spec {
    /// Identity of what the topic asks for: BLAKE3 of its folded query with aliases written out and operands in order,
    /// its threshold, and the words that are called equal.
    ///
    /// It changes with the query and with an alias that the query uses, not with the title, with spaces, with the order
    /// of operands, or with other aliases. A query that does not parse is identified by its text.
    #[must_use]
    pub fn digest(&self, vocabulary: &Vocabulary) -> [u8; 32] {
        match Lexicon::new(vocabulary).map(|lexicon| query::parse(&self.query, &lexicon)) {
            Ok(Ok(node)) => self.identity(&node.canonical(), vocabulary),
            _ => self.identity(&format!("?{}", self.query), vocabulary),
        }
    }

    fn identity(&self, canonical: &str, vocabulary: &Vocabulary) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(MEANING).update(canonical.as_bytes());
        if self.threshold > 0.0 {
            hasher.update(b"\nthreshold ").update(&self.threshold.to_le_bytes());
        }
        for list in &vocabulary.same {
            hasher.update(b"\nsame ").update(list.join(" ").as_bytes());
        }
        *hasher.finalize().as_bytes()
    }
}

/// Which queries were tried: digest of the query by topic.
pub type Queries = BTreeMap<String, [u8; 32]>;

/// Alias name (without `@`) to its alternatives, each a word, phrase or `prefix*`.
pub type Aliases = BTreeMap<String, Vec<String>>;

/// The words that queries use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// What `@name` stands for.
    pub aliases: Aliases,
    /// Lists of Han words that are one, in queries and in articles, on top of those that always are.
    pub same: Vec<Vec<String>>,
}

impl From<Aliases> for Vocabulary {
    fn from(aliases: Aliases) -> Self {
        Self { aliases, same: vec![] }
    }
}

/// A vocabulary made ready.
#[derive(Debug)]
struct Lexicon<'v> {
    aliases: &'v Aliases,
    words: Words,
}

impl<'v> Lexicon<'v> {
    fn new(vocabulary: &'v Vocabulary) -> Result<Self, Vec<WordError>> {
        Ok(Self { aliases: &vocabulary.aliases, words: Words::new(&vocabulary.same)? })
    }
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
