//! Floor 2: what is looked for in stored texts, and how well a text answers.
//!
//! In: headlines and texts as they are stored, and what somebody typed. Out: the tokens by which both databases find
//! candidates ([`words`], [`Query::lookups`]), the verdict on a candidate ([`Query::weigh`]), and what is shown of it
//! ([`Query::excerpt`]). An index of tokens knows no order, so that phrases, and Han words of more than two characters, are
//! verified here, in one way for both databases; and so is the ranking.
//!
//! Tokens are of folded text ([`crate::text::fold`]): Latin words, and of Han every two neighbours, so that words of two
//! characters are found wherever they stand. Deliberately absent: word segmentation, stemming, statistics of the whole
//! store (two databases would count differently), `OR` and `NOT` (topics have those).

mod excerpt;
mod query;
mod tokens;
mod weigh;

pub use excerpt::Span;
pub use query::{Asked, Query};
pub use tokens::{Lookup, TEXT_CHARS_MAX, VERSION, words};
pub use weigh::Weight;
