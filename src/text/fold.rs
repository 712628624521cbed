//! Folding. STUB
use std::ops::Range;

/// Folded text, with the way back to the original.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    text: String,
}

impl Folded {
    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The byte range of the original that the byte range `folded` came from.
    #[must_use]
    pub fn original(&self, folded: Range<usize>) -> Range<usize> {
        folded
    }
}

/// Folds `s`.
#[must_use]
pub fn fold(s: &str) -> Folded {
    Folded { text: s.to_lowercase() }
}

/// Whether `c` is a Han character.
#[must_use]
pub const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '々' | '〇')
}
