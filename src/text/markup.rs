//! Markup made safe to parse. STUB
use std::borrow::Cow;

/// `html` with nesting depth, number of tags and size of attributes capped, so that no tree builder hangs or overflows on it.
#[must_use]
pub fn tame(html: &str) -> Cow<'_, str> {
    Cow::Borrowed(html)
}
