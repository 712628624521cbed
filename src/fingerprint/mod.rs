//! Floor 2: the identity of an article's text, the same in every rendering of it.
//!
//! In: title and text as extracted. Out: [`Digest`], equal for equal texts; [`Sketch`](crate::model::Sketch), from which the likeness of two texts can
//! be told without them. Deliberately absent: the store, any memory of other texts.

mod likeness;
mod sketch;

pub use likeness::{Likeness, likeness, title_likeness};
pub use sketch::{BANDS, line_marks, sketch, sketch_folded, sketch_without};

use crate::model::Digest;
use crate::text::{Folded, fold};

/// First byte of a digest. One more with every change of what is hashed or of how text is folded: digests outlive the
/// program that made them, and two versions must never be compared.
pub const VERSION: u8 = 2;
/// Characters of a folded text below which it does not identify an article alone: "video", "please log in".
pub const BODY_CHARS_MIN: usize = 100;
/// Stands between text and title; no byte of UTF-8.
const SEPARATOR: u8 = 0xFF;

/// The digest of an article: of the letters and digits of its folded `text`, and of those of `title` only where the
/// text is shorter than [`BODY_CHARS_MIN`].
#[must_use]
pub fn digest(title: &str, text: &str) -> Digest {
    digest_folded(&fold(title), &fold(text))
}

/// [`digest`] of what is already folded.
#[must_use]
pub fn digest_folded(title: &Folded, text: &Folded) -> Digest {
    let mut hasher = blake3::Hasher::new();
    let chars = absorb(&mut hasher, text);
    if chars < BODY_CHARS_MIN {
        hasher.update(&[SEPARATOR]);
        absorb(&mut hasher, title);
    }
    let mut bytes = [VERSION; 33];
    bytes[1..].copy_from_slice(hasher.finalize().as_bytes());
    Digest(bytes)
}

/// Hashes the letters and digits; how many there were.
fn absorb(hasher: &mut blake3::Hasher, folded: &Folded) -> usize {
    let mut chars = 0;
    for word in folded.as_str().split(' ') {
        hasher.update(word.as_bytes());
        chars += word.chars().count();
    }
    chars
}

#[cfg(test)]
mod tests {
    use super::{BODY_CHARS_MIN, SEPARATOR, VERSION, digest};

    fn long(seed: &str) -> String {
        seed.repeat(BODY_CHARS_MIN)
    }

    #[test]
    fn a_long_text_identifies_alone() {
        assert_eq!(digest("one", &long("港口罷工")), digest("another", &long("港口罢工")));
        assert_ne!(digest("one", &long("港口罷工")), digest("one", &long("港口复工")));
        assert_eq!(digest("", &long("x")).0[0], VERSION);
    }

    #[test]
    fn a_placeholder_is_told_apart_by_its_title() {
        assert_ne!(digest("Ferry sinks", "Video"), digest("Ferry raised", "Video"));
        assert_eq!(digest("Ferry sinks", "VIDEO!"), digest("ferry  sinks", "video"));
        assert_ne!(digest("b", "a"), digest("", "ab"));
        let (below, enough) = ("字".repeat(BODY_CHARS_MIN - 1), "字".repeat(BODY_CHARS_MIN));
        assert_ne!(digest("a", &below), digest("b", &below));
        assert_eq!(digest("a", &enough), digest("b", &enough));
    }

    #[test]
    fn what_is_hashed_is_as_documented() {
        let expected = blake3::hash(&[b"twowords".as_slice(), &[SEPARATOR], "标题".as_bytes()].concat());
        assert_eq!(digest("標題", "Two, words").0[1..], expected.as_bytes()[..]);
    }
}
