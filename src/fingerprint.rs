//! Floor 2: the identity of an article's text. STUB
use crate::model::Digest;

/// The digest of an article.
#[must_use]
pub fn digest(title: &str, text: &str) -> Digest {
    let _ = (title, text);
    Digest([0; 33])
}
