//! Floor 2, reading: the decoded text of a listing to entries and problems.
//!
//! In: a [`Page`], the source's settings, `now`. Out: [`Listing`], or the problem that it is none. `kind` tells what the text
//! is; `xml` makes a tree of any markup that means to be XML; `feed`, `json`, `sitemap` read what publishers announce;
//! `recipe` and `finder` read pages made for people, `item` and `headline` what stands in an item, `next` where the list goes on; `challenge` tells what a page shows instead of a list. One bad entry is a problem and never costs the others.
//! Deliberately absent: fetching, decoding, following of next pages and sitemap indexes, sanitising of content.

mod challenge;
mod feed;
mod finder;
mod headline;
mod item;
mod json;
mod kind;
mod next;
mod opml;
mod page;
mod plain;
mod reading;
mod recipe;
mod reference;
mod sitemap;
mod xml;

use chrono::{DateTime, Utc};
use url::Url;

use crate::model::{Listing, Problem, Recipe, Source, SourceKind};

pub use challenge::challenge;
use kind::Kind;
pub use opml::{Subscription, subscriptions};
use reading::Reading;

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
/// The text decides what it is; where it is not what the source's kind promises, that is a problem and it is read all the
/// same. An empty list is a listing without entries.
///
/// # Errors
/// When the document is no listing at all; one bad entry is a problem in the listing, not an error.
pub fn listing(page: Page<'_>, source: &Source, now: DateTime<Utc>) -> Result<Listing, Problem> {
    let mut reading = Reading::new(page, source, now);
    let wanted = source.kind;
    let kind = match kind::of(page.text, page.content_type) {
        Kind::Html if wanted == SourceKind::Feed => kind::feed_within(page.text).map_or(Kind::Html, Kind::Feed),
        kind => kind,
    };
    match (wanted, &kind) {
        (SourceKind::Feed, Kind::Html) => reading.problem("feed", "a feed was asked for and a page of HTML came"),
        (SourceKind::Sitemap, Kind::Html) => reading.problem("list", "a sitemap was asked for and a page of HTML came"),
        (SourceKind::Feed, Kind::Sitemap(_)) => reading.problem("feed", "a feed was asked for and a sitemap came"),
        (SourceKind::Sitemap | SourceKind::Portal, Kind::Feed(_) | Kind::Json(_))
        | (SourceKind::Portal, Kind::Sitemap(_)) => {
            reading.problem("list", format!("the source is set to be a {wanted:?} and came as a {}", kind.word()));
        }
        _ => {}
    }
    match kind {
        Kind::Json(at) => json::read(&page.text[at..], reading),
        Kind::Feed(at) => feed::read(&page.text[at..], reading),
        Kind::Sitemap(at) => sitemap::read(&page.text[at..], reading),
        Kind::Opml(at) => opml::read(&page.text[at..], reading),
        Kind::Html => page::read(page.text, reading),
        Kind::Empty => Err(Problem::new("list", "the document is empty")),
        Kind::Unknown => Err(Problem::new("list", "the document is no feed, no sitemap and no page of HTML")),
    }
}

/// What is wrong with the list selectors of `recipe`: (key, message).
#[must_use]
pub fn check(recipe: &Recipe) -> Vec<(&'static str, String)> {
    recipe::check(&recipe.list)
}

#[cfg(test)]
mod tests;
