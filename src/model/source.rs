//! What the user asked to be polled, and how to read it.

use std::time::Duration;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use url::Url;

/// How the listing of a source is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Decided from the bytes at each visit.
    #[default]
    Auto,
    /// RSS, RDF, Atom or JSON Feed.
    Feed,
    /// An HTML page that lists articles.
    Portal,
    /// A news sitemap.
    Sitemap,
}

/// What becomes of feeds that a list page announces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Announced {
    /// The page is read, and nothing else.
    #[default]
    Ignore,
    /// The first of them that has entries is read in place of the page, which stays where they fail.
    Prefer,
    /// Its entries are read beside those of the page.
    Merge,
}

/// Something the user asked to be polled.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Stable name of `[a-z0-9-]`, 1 to 64 characters; appears in URLs, metrics and logs.
    pub id: String,
    /// Name of the outlet as shown to people.
    pub name: String,
    /// Address of the listing.
    pub url: Url,
    /// How the listing is read.
    pub kind: SourceKind,
    /// Fixed time between visits; `None` leaves it to the cadence.
    pub every: Option<Duration>,
    /// Silent when nothing is new for this long; `None`: told against what was usual.
    pub expect_every: Option<Duration>,
    /// Zone of dates that name none.
    pub time_zone: Tz,
    /// Selectors, from the preset and the user's own, the user's winning field by field.
    pub recipe: Recipe,
    /// What becomes of feeds that the page announces.
    pub announced: Announced,
    /// Extra request headers as (name, value); values may be secret and are never logged.
    pub headers: Vec<(String, String)>,
    /// Encoding label that overrides what the document says, by the WHATWG Encoding Standard.
    pub charset: Option<String>,
    /// `Some(true)`: article pages are always fetched; `Some(false)`: never; `None`: when an entry's own content is short.
    pub full_text: Option<bool>,
    /// Whether robots.txt of the host is obeyed.
    pub robots: bool,
    /// How many entries of the very first listing are visited and published; the rest count as seen.
    pub first_visit: usize,
    /// The part of the day in `time_zone` outside of which nothing of it is visited.
    pub hours: Option<Hours>,
    /// The proxy that everything of it is fetched through: `http`, `https`, `socks5` or `socks5h`, maybe with a password.
    pub proxy: Option<Url>,
    /// Whether cookies that its sites set are kept, in memory, and sent back.
    pub cookies: bool,
    /// Whether its hub, if it announces one, is asked to tell what is new.
    pub websub: bool,
}

/// A part of each day, in minutes since midnight; one that ends before it begins spans midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// Its first minute, 0 to 1439.
    pub from_min: u16,
    /// The first minute after it, 0 to 1440.
    pub to_min: u16,
}

impl Hours {
    /// How many minutes it has, 1 to 1440.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        match self.from_min < self.to_min {
            true => self.to_min - self.from_min,
            false => 1440 - self.from_min + self.to_min,
        }
    }

    /// Whether minute `min` of a day, 0 to 1439, is part of it.
    #[must_use]
    pub const fn holds(self, min: u16) -> bool {
        match self.from_min < self.to_min {
            true => self.from_min <= min && min < self.to_min,
            false => self.from_min <= min || min < self.to_min,
        }
    }
}

/// Entries of a first listing that are visited, if the source does not say otherwise.
pub const FIRST_VISIT: usize = 20;

impl Source {
    /// The source `id` with its listing at `url` and every setting as it is when the user says nothing.
    #[must_use]
    pub fn at(id: &str, url: Url) -> Self {
        Self {
            id: id.into(),
            name: id.into(),
            url,
            kind: SourceKind::Auto,
            every: None,
            expect_every: None,
            time_zone: Tz::UTC,
            recipe: Recipe::default(),
            announced: Announced::Ignore,
            headers: vec![],
            charset: None,
            full_text: None,
            robots: true,
            first_visit: FIRST_VISIT,
            hours: None,
            proxy: None,
            cookies: false,
            websub: true,
        }
    }
}

impl Source {
    /// Identity of everything that decides what is made of an answer: when it changes, what was read before has to be read anew.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let Self { kind, time_zone, recipe, announced, headers, charset, full_text, robots, .. } = self;
        let all = (kind, time_zone.name(), recipe, announced, headers, charset, full_text, robots);
        let mut bytes = serde_json::to_vec(&all).unwrap_or_default();
        // What a source does not use leaves its identity as it was before there was such a thing.
        if self.proxy.is_some() || self.cookies {
            bytes.extend(serde_json::to_vec(&(&self.proxy, self.cookies)).unwrap_or_default());
        }
        *blake3::hash(&bytes).as_bytes()
    }
}

/// CSS selectors of one site, all optional: what is absent is found by the generic reader.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// How to read the list page.
    pub list: ListRecipe,
    /// How to read an article page.
    pub article: ArticleRecipe,
}

/// Selectors of a list page. `item` selects one element per entry; the others are looked up inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListRecipe {
    /// One element per entry.
    pub item: Option<String>,
    /// The element with `href`; absent: the first link of the item with text.
    pub link: Option<String>,
    /// Title; absent: the text of the link.
    pub title: Option<String>,
    /// Publication date.
    pub date: Option<String>,
    /// Summary.
    pub summary: Option<String>,
    /// Link to the next page of the list, looked up in the whole page.
    pub next: Option<String>,
    /// How many pages of the list are read at one visit, 1 if absent.
    pub pages: Option<usize>,
}

/// Selectors of an article page, looked up in the whole page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArticleRecipe {
    /// Headline.
    pub title: Option<String>,
    /// The element whose content is the article.
    pub body: Option<String>,
    /// Element whose text holds the publication date.
    pub date: Option<String>,
    /// Element whose text holds the author.
    pub author: Option<String>,
    /// Element whose text holds the paper that the story is syndicated from.
    pub origin: Option<String>,
    /// Elements removed from the body.
    pub drop: Vec<String>,
    /// Link to the next page of the article.
    pub next: Option<String>,
}

impl Recipe {
    /// `self` with every field that `base` sets and `self` does not.
    #[must_use]
    pub fn over(self, base: &Self) -> Self {
        let (l, a) = (&base.list, &base.article);
        let or = |own: Option<String>, base: &Option<String>| own.or_else(|| base.clone());
        Self {
            list: ListRecipe {
                item: or(self.list.item, &l.item),
                link: or(self.list.link, &l.link),
                title: or(self.list.title, &l.title),
                date: or(self.list.date, &l.date),
                summary: or(self.list.summary, &l.summary),
                next: or(self.list.next, &l.next),
                pages: self.list.pages.or(l.pages),
            },
            article: ArticleRecipe {
                title: or(self.article.title, &a.title),
                body: or(self.article.body, &a.body),
                date: or(self.article.date, &a.date),
                author: or(self.article.author, &a.author),
                origin: or(self.article.origin, &a.origin),
                drop: [a.drop.clone(), self.article.drop].concat(),
                next: or(self.article.next, &a.next),
            },
        }
    }
}
