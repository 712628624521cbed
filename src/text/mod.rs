//! Floor 1, text: bytes to text, text to folded text, text to dates, and markup made safe to parse.
//!
//! In: bytes, strings and the zone they are from. Out: [`Decoded`], [`Folded`], instants.
//! Deliberately absent: a clock (`now` is passed in), HTML trees, languages other than by script.

mod charset;
pub mod date;
mod fold;
mod markup;

pub use charset::{Decoded, decode};
pub use fold::{Folded, WordError, Words, fold, is_han};
pub use markup::{Attributes, tame, tame_text};
