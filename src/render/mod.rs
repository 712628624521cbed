//! Floor 2: stories to feeds.
//!
//! In: [`FeedFacts`] and stories in the order that they are to be shown. Out: RSS 2.0, Atom 1.0, JSON Feed 1.1 and
//! OPML 2.0 as text, valid whatever stands in the stories, and the same bytes for the same input, so that a hash of them
//! can be a validator; and the two forms of a mail. Also the small things that any page made from stories needs, such as [`escape`] and [`Finds`].
//!
//! Deliberately absent: a clock (every date is one of a story's), ordering and paging (the store's), sanitising
//! (`Draft::html` is sanitised where it is made), HTTP.

mod atom;
mod diff;
mod edits;
mod finds;
mod incidents;
mod item;
mod json;
mod language;
mod letter;
mod opml;
mod page;
mod plain;
mod rss;

use url::Url;

pub use self::{
    atom::atom,
    diff::{Fate, Piece, diff, is_minor},
    edits::{EditItem, bounded, edits_atom, marked},
    finds::Finds,
    incidents::{IncidentItem, incidents_atom},
    item::{item_id, title},
    json::json,
    letter::{Letter, Section, Told, letter},
    opml::{Outline, opml},
    page::page,
    plain::{clean, cut, escape, mark_each, web},
    rss::rss,
};

/// How much of an article an item carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// The full sanitised content, and why it matched.
    #[default]
    Full,
    /// The first sentences, and why it matched.
    Excerpt,
    /// Its headline and where it is, no more.
    None,
}

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
    /// How much of an article items carry.
    pub content: Content,
    /// Hubs that tell of what is new in the feed (WebSub).
    pub hubs: Vec<Url>,
    /// Address, without extension, of the archive page before this one or before the feed (RFC 5005, section 4).
    pub older: Option<Url>,
    /// The same of the archive page after this one.
    pub newer: Option<Url>,
    /// Of an archive page: address, without extension, of the feed that it is of.
    pub current: Option<Url>,
    /// Where the style sheet is by which a browser shows the feed as a page, as the feed is to say it.
    pub style: Option<String>,
}

/// Namespace of the word by which an archive page says that it is one (RFC 5005).
const HISTORY: &str = "http://purl.org/syndication/history/1.0";
/// The program's name as the generator of feeds.
const GENERATOR: &str = "tidings";

impl FeedFacts {
    /// A feed with these words, without hubs, archive and style, its items with full content.
    #[must_use]
    pub fn new(id: &str, title: &str, base: Url, home: Url, authority: &str) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            base,
            home,
            authority: authority.into(),
            content: Content::Full,
            hubs: vec![],
            older: None,
            newer: None,
            current: None,
            style: None,
        }
    }

    /// The feed's own address in the format whose extension is given.
    fn address(&self, extension: &str) -> Url {
        with_extension(&self.base, extension)
    }

    /// What the feed links to beside itself and its page, as (relation, address), in the format whose extension is given.
    fn links(&self, extension: &str) -> Vec<(&'static str, Url)> {
        let in_format = |base: &Option<Url>| base.as_ref().map(|base| with_extension(base, extension));
        let hubs = self.hubs.iter().map(|hub| ("hub", hub.clone()));
        let beside = [("prev-archive", &self.older), ("next-archive", &self.newer), ("current", &self.current)];
        let archive = beside.map(|(rel, base)| (rel, in_format(base)));
        hubs.chain(archive.into_iter().filter_map(|(rel, url)| Some((rel, url?)))).collect()
    }

    /// The feed's identifier, one for all formats.
    fn tag(&self) -> String {
        clean(&format!("tag:{}:feed/{}", self.authority, self.id))
    }

    /// `xml` with the style sheet named, if there is one.
    fn styled(&self, xml: String) -> String {
        match (&self.style, xml.find("?>")) {
            (Some(style), Some(end)) => {
                let (head, rest) = xml.split_at(end + 2);
                format!("{head}\n<?xml-stylesheet type=\"text/xsl\" href=\"{}\"?>{rest}", escape(style))
            }
            _ => xml,
        }
    }

    /// What the feed is, in a sentence.
    fn description(&self) -> String {
        format!("Stories of “{}”, newest first.", cut(&clean(&self.title), item::TITLE_CHARS_MAX))
    }
}

/// `base` with `.extension` at the end of its path.
fn with_extension(base: &Url, extension: &str) -> Url {
    let mut address = base.clone();
    address.set_path(&format!("{}.{extension}", base.path()));
    address
}
