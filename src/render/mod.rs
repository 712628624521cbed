//! Floor 2: stories to feeds. STUB
use url::Url;

use crate::model::StoryItem;

/// What a feed says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedFacts {
    /// Topic identifier, or `all`.
    pub id: String,
    /// Title of the feed.
    pub title: String,
    /// Address of the feed, without extension: `https://news.example.org/feeds/chip`.
    pub base: Url,
    /// Address of the human page.
    pub home: Url,
    /// Authority of the `tag:` identifiers (RFC 4151), fixed when the database was made: `news.example.org,2026`.
    pub authority: String,
    /// Whether items carry the full sanitised content, or the excerpt only.
    pub full_content: bool,
}

/// RSS 2.0.
#[must_use]
pub fn rss(facts: &FeedFacts, items: &[StoryItem]) -> String {
    let _ = (facts, items);
    String::new()
}

/// Atom 1.0 (RFC 4287).
#[must_use]
pub fn atom(facts: &FeedFacts, items: &[StoryItem]) -> String {
    let _ = (facts, items);
    String::new()
}

/// JSON Feed 1.1.
#[must_use]
pub fn json(facts: &FeedFacts, items: &[StoryItem]) -> String {
    let _ = (facts, items);
    String::new()
}

/// OPML 2.0 of all feeds, as (title, address of the Atom feed).
#[must_use]
pub fn opml(title: &str, feeds: &[(String, Url)]) -> String {
    let _ = (title, feeds);
    String::new()
}
