//! Floor 2: text to entries. STUB
use chrono::{DateTime, Utc};
use url::Url;

use crate::model::{Listing, Problem, Recipe, Source};

/// A decoded document and where it came from.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Address after redirects.
    pub url: &'a Url,
    /// Value of Content-Type.
    pub content_type: Option<&'a str>,
    /// The decoded text.
    pub text: &'a str,
}

/// Reads the listing of `source`.
///
/// # Errors
/// When the document is no listing at all; one bad entry is a problem in the listing, not an error.
pub fn listing(page: Page<'_>, source: &Source, now: DateTime<Utc>) -> Result<Listing, Problem> {
    let _ = (page, source, now);
    Err(Problem::new("list", "stub"))
}

/// What is wrong with the list selectors of `recipe`: (key, message).
#[must_use]
pub fn check(recipe: &Recipe) -> Vec<(&'static str, String)> {
    let _ = recipe;
    vec![]
}
