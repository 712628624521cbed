//! What a topic found, and the identity of a text.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where in an article a term was found, or which of its attributes a clause tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The headline.
    Title,
    /// The text.
    Body,
    /// Identifier or name of the source.
    Source,
    /// The paper a syndicated story is from.
    Origin,
    /// The author.
    Author,
    /// The language tag.
    Lang,
}

/// One reason why a topic matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// The term as the query writes it.
    pub term: String,
    /// What stands in the article, in the original script.
    pub found: String,
    /// Where.
    pub field: Field,
    /// The original text around it, at most some 80 characters.
    pub excerpt: String,
    /// How often the term occurs in this field.
    pub count: usize,
}

/// A topic matched an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Match {
    /// Identifier of the topic.
    pub topic: String,
    /// Sum over the matched terms, a title counting more than a body; only comparable within a topic.
    pub score: f64,
    /// Why, most telling first, capped.
    pub evidence: Vec<Evidence>,
}

/// What is kept of a text to tell how much of another it shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    /// Texts that share much share one of these nearly always.
    pub bands: Vec<i64>,
    /// What likeness is told from, as stored: a version byte first.
    pub body: Vec<u8>,
}

/// Exact identity of a folded text: a version byte, then 32 bytes of BLAKE3.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 33]);

impl Digest {
    /// The bytes, version first.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
