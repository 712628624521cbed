//! Floor 2: page to article draft. STUB
use chrono::{DateTime, Utc};
use url::Url;

use crate::model::{Draft, Entry, Recipe, Source};

/// A decoded document and where it came from.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Address after redirects.
    pub url: &'a Url,
    /// The decoded text.
    pub text: &'a str,
}

/// Extracts the article of `page`; `entry` is what the listing said of it.
///
/// # Errors
/// When the page is no article: why not, in a sentence.
pub fn article(page: Page<'_>, entry: Option<&Entry>, source: &Source, now: DateTime<Utc>) -> Result<Draft, String> {
    let _ = (page, entry, source, now);
    Err("stub".into())
}

/// The article that a feed entry carries by itself: its content, else its summary.
#[must_use]
pub fn from_entry(entry: &Entry, source: &Source) -> Option<Draft> {
    let _ = (entry, source);
    None
}

/// The pages of one article, in order, as one draft; paragraphs that a page repeats are dropped.
#[must_use]
pub fn join(first: Draft, rest: Vec<Draft>) -> Draft {
    let _ = rest;
    first
}

/// What is wrong with the article selectors of `recipe`: (key, message).
#[must_use]
pub fn check(recipe: &Recipe) -> Vec<(&'static str, String)> {
    let _ = recipe;
    vec![]
}
