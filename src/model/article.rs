//! Entries of listings, drafts of articles, and the rows that serving reads.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::{Announcement, Match, Problem, Skip, address};

/// What a listing says of one article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Absolute address of the article.
    pub link: Url,
    /// Which of several entries behind one address it is, where the address alone does not tell; then it has no page of its own.
    #[serde(default)]
    pub part: Option<String>,
    /// Identifier given by a feed.
    pub guid: Option<String>,
    /// Headline as plain text.
    pub title: Option<String>,
    /// When published.
    pub published: Option<DateTime<Utc>>,
    /// When last changed.
    pub updated: Option<DateTime<Utc>>,
    /// Author as written.
    pub author: Option<String>,
    /// The paper that a syndicated story is from.
    pub origin: Option<String>,
    /// Summary as plain text.
    pub summary: Option<String>,
    /// Content as HTML, as the listing gave it: not sanitised.
    pub content: Option<String>,
    /// Lead image.
    pub image: Option<Url>,
    /// Language tag (BCP 47) as the listing gave it.
    pub language: Option<String>,
}

impl Entry {
    /// When it was published, else last changed.
    #[must_use]
    pub fn dated(&self) -> Option<DateTime<Utc>> {
        self.published.or(self.updated)
    }

    /// Puts the newest of `entries` first, if all are dated; else they keep their places. Stable.
    pub fn newest_first(entries: &mut [Self]) {
        if entries.iter().all(|e| e.dated().is_some()) {
            entries.sort_by_key(|e| Reverse(e.dated()));
        }
    }

    /// Takes from `other`, which is the same entry told elsewhere, what this one lacks.
    pub fn fill(&mut self, other: Self) {
        self.guid = self.guid.take().or(other.guid);
        self.title = self.title.take().or(other.title);
        self.published = self.published.or(other.published);
        self.updated = self.updated.or(other.updated);
        self.author = self.author.take().or(other.author);
        self.origin = self.origin.take().or(other.origin);
        self.summary = self.summary.take().or(other.summary);
        self.content = self.content.take().or(other.content);
        self.image = self.image.take().or(other.image);
        self.language = self.language.take().or(other.language);
    }

    /// A number that tells this entry from nearly all others of its listing.
    #[must_use]
    pub fn mark(&self) -> u32 {
        let whole = format!("{}#{}", address::canonical(&self.link), self.part.as_deref().unwrap_or_default());
        let [a, b, c, d, ..] = *blake3::hash(whole.as_bytes()).as_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// An entry that says nothing but where the article is.
    #[must_use]
    pub fn at(link: Url) -> Self {
        Self {
            link,
            part: None,
            guid: None,
            title: None,
            published: None,
            updated: None,
            author: None,
            origin: None,
            summary: None,
            content: None,
            image: None,
            language: None,
        }
    }
}

/// What a listing turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListingKind {
    /// RSS, RDF or Atom.
    Feed,
    /// JSON Feed.
    JsonFeed,
    /// An HTML page read by selectors.
    Recipe,
    /// An HTML page whose list was found without selectors.
    Portal,
    /// A sitemap.
    Sitemap,
    /// An outline of feeds and links.
    Opml,
}

/// A listing, read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// What it turned out to be.
    pub kind: ListingKind,
    /// The listing's own title.
    pub title: Option<String>,
    /// Entries in document order.
    pub entries: Vec<Entry>,
    /// Next page of the list.
    pub next: Option<Url>,
    /// Sitemaps that an index of sitemaps names, the last changed first; of those that do not say when, in its order.
    #[serde(default)]
    pub children: Vec<Url>,
    /// Feeds that an HTML page announces.
    pub feeds: Vec<Url>,
    /// Seconds that the publisher asks to be left alone (`ttl`).
    pub ttl_s: Option<u64>,
    /// Hours and days at which the publisher asks not to be visited.
    #[serde(default, skip_serializing_if = "Skip::is_empty")]
    pub skip: Skip,
    /// Other documents that were read for it.
    #[serde(default)]
    pub documents: Vec<String>,
    /// Where news of it can be asked for.
    #[serde(default, skip_serializing_if = "Announcement::is_empty")]
    pub hub: Announcement,
    /// Why the source's selectors no longer fit the page; what there is of entries was found without them.
    #[serde(default)]
    pub broken: Option<String>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl Listing {
    /// A listing of `entries` that says nothing of itself.
    #[must_use]
    pub const fn of(kind: ListingKind, entries: Vec<Entry>) -> Self {
        Self {
            kind,
            title: None,
            entries,
            next: None,
            children: vec![],
            feeds: vec![],
            ttl_s: None,
            skip: Skip { hours: 0, days: 0 },
            documents: vec![],
            hub: Announcement { hub: None, topic: None },
            broken: None,
            problems: vec![],
        }
    }
}

/// One article page, extracted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Address of the page after redirects.
    pub url: Url,
    /// Headline without the site's name.
    pub title: String,
    /// Plain text, one paragraph a line.
    pub text: String,
    /// Sanitised HTML with absolute links.
    pub html: String,
    /// When published.
    pub published: Option<DateTime<Utc>>,
    /// When last changed, as the page says.
    pub modified: Option<DateTime<Utc>>,
    /// Author as written.
    pub author: Option<String>,
    /// The paper that a syndicated story is from.
    pub origin: Option<String>,
    /// Language tag (BCP 47) as the page gives it.
    pub language: Option<String>,
    /// Lead image.
    pub image: Option<Url>,
    /// Address that the page calls its own.
    #[serde(default)]
    pub canonical: Option<Url>,
    /// Section of the paper, as written.
    #[serde(default)]
    pub section: Option<String>,
    /// Subjects that the page names, as written, each once.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Readers' comments, as a count.
    #[serde(default)]
    pub comments: Option<u64>,
    /// Next page of the same article.
    pub next: Option<Url>,
}

/// An outlet that ran a story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Outlet {
    /// Identifier of the source.
    pub source: String,
    /// Name of the source.
    pub name: String,
    /// Where the outlet has it.
    pub url: String,
    /// Headline there.
    pub title: String,
    /// When it was first seen there.
    pub first_seen_at: DateTime<Utc>,
}

/// A stored article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArticleRow {
    /// Number of the article.
    pub id: i64,
    /// Number of its story.
    pub story: i64,
    /// Identifier of the source it was found on.
    pub source: String,
    /// The article's content.
    pub draft: Draft,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When its title or text last changed; equals `first_seen_at` at first.
    pub revised_at: DateTime<Utc>,
    /// 1 at first, one more with each change of title or text.
    pub revision: i64,
}

/// A story as a feed shows it: its lead article, who else ran it, and why it matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoryItem {
    /// Number of the change that brought the story into this feed; feeds are ordered by it.
    pub number: i64,
    /// The article that was seen first.
    pub lead: ArticleRow,
    /// Every outlet that ran it, in order of first sight, the lead's first.
    pub outlets: Vec<Outlet>,
    /// Topics that matched any article of the story, with evidence.
    pub matches: Vec<Match>,
}
