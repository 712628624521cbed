//! Floor 2: stories to feeds.
//!
//! In: [`FeedFacts`] and stories in the order that they are to be shown. Out: RSS 2.0, Atom 1.0, JSON Feed 1.1 and
//! OPML 2.0 as text, valid whatever stands in the stories, and the same bytes for the same input, so that a hash of them
//! can be a validator; and the two forms of a mail. Also the small things that any page made from stories needs, such as [`escape`] and [`mark`].
//!
//! Deliberately absent: a clock (every date is one of a story's), ordering and paging (the store's), sanitising
//! (`Draft::html` is sanitised where it is made), HTTP.

mod atom;
mod diff;
mod edits;
mod incidents;
mod item;
mod json;
mod letter;
mod opml;
mod plain;
mod rss;

use url::Url;

pub use self::{
    atom::atom,
    diff::{Fate, Piece, diff, is_minor},
    edits::{EditItem, edits_atom, marked},
    incidents::{IncidentItem, incidents_atom},
    item::{item_id, title},
    json::json,
    letter::{Letter, Section, Told, letter},
    opml::opml,
    plain::{clean, cut, escape, mark, web},
    rss::rss,
};

/// What a feed says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedFacts {
    /// Topic identifier, or `all`.
    pub id: String,
    /// Title of the feed.
    pub title: String,
    /// Address of the feed, without extension: `https://news.example.org/feeds/chip`. A query is kept.
    pub base: Url,
    /// Address of the human page.
    pub home: Url,
    /// Authority of the `tag:` identifiers (RFC 4151), fixed when the database was made: `news.example.org,2026`.
    pub authority: String,
    /// Whether items carry the full sanitised content, or the excerpt only.
    pub full_content: bool,
}

/// The program's name as the generator of feeds.
const GENERATOR: &str = "tidings";

impl FeedFacts {
    /// The feed's own address in the format whose extension is given.
    fn address(&self, extension: &str) -> Url {
        let mut address = self.base.clone();
        address.set_path(&format!("{}.{extension}", self.base.path()));
        address
    }

    /// The feed's identifier, one for all formats.
    fn tag(&self) -> String {
        clean(&format!("tag:{}:feed/{}", self.authority, self.id))
    }

    /// What the feed is, in a sentence.
    fn description(&self) -> String {
        format!("Stories of “{}”, newest first.", cut(&clean(&self.title), item::TITLE_CHARS_MAX))
    }
}
