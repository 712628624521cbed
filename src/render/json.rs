//! JSON Feed 1.1, with what the other formats cannot say in a `_tidings` object of each item.

use serde::Serialize;
use url::Url;

use super::{
    FeedFacts,
    item::{EVIDENCE_CHARS_MAX, Item, TITLE_CHARS_MAX, items, name},
    plain::{clean, cut, strict},
    with_extension,
};
use crate::model::{Evidence, Match, Outlet, StoryItem};

/// Outlets listed of an item.
const OUTLETS_MAX: usize = 100;
const VERSION: &str = "https://jsonfeed.org/version/1.1";

#[derive(Serialize)]
struct Feed<'a> {
    version: &'a str,
    title: String,
    home_page_url: &'a Url,
    feed_url: Url,
    description: String,
    /// JSON Feed knows no archive, but a page with what is older.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<Url>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    items: Vec<FeedItem>,
}

#[derive(Serialize)]
struct Hub<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a Url,
}

#[derive(Serialize)]
struct FeedItem {
    id: String,
    url: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<String>,
    /// An item must have some content.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    date_published: String,
    date_modified: String,
    authors: Vec<Author>,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    _tidings: Extension,
}

#[derive(Serialize)]
struct Author {
    name: String,
}

/// The extension, whose names are a contract.
#[derive(Serialize)]
struct Extension {
    /// Number of the story.
    story: i64,
    /// Number of the change that brought it into the feed.
    number: i64,
    /// Of the lead article.
    revision: i64,
    /// The paper a syndicated story is from.
    origin: Option<String>,
    /// Identifier of the lead's source.
    source: String,
    outlets: Vec<Outlet>,
    matches: Vec<Match>,
}

/// JSON Feed 1.1.
#[must_use]
pub fn json(facts: &FeedFacts, items_: &[StoryItem]) -> String {
    let feed = Feed {
        version: VERSION,
        title: cut(&clean(&facts.title), TITLE_CHARS_MAX),
        home_page_url: &facts.home,
        feed_url: facts.address("json"),
        description: facts.description(),
        next_url: facts.older.as_ref().map(|older| with_extension(older, "json")),
        hubs: facts.hubs.iter().map(|url| Hub { kind: "WebSub", url }).collect(),
        items: items(facts, items_).into_iter().map(item).collect(),
    };
    // Strings, numbers and lists under fixed keys: there is nothing in it that JSON could refuse.
    serde_json::to_string(&feed).unwrap_or_default()
}

fn item(i: Item<'_>) -> FeedItem {
    let mut tags = i.topics;
    for term in i.terms {
        if !tags.contains(&term) {
            tags.push(term);
        }
    }
    FeedItem {
        id: i.id,
        url: strict(&i.link),
        content_text: i.content.is_none().then(|| i.title.clone()),
        title: i.title,
        content_html: i.content,
        summary: i.excerpt.map(|e| e.plain),
        image: i.image.as_ref().map(strict),
        date_published: i.published.to_rfc3339(),
        date_modified: i.updated.to_rfc3339(),
        authors: vec![Author { name: i.author.unwrap_or(i.outlet) }],
        tags,
        language: i.language,
        _tidings: Extension {
            story: i.story.lead.story,
            number: i.story.number,
            revision: i.story.lead.revision,
            origin: i.origin,
            source: clean(&i.story.lead.source),
            outlets: i.story.outlets.iter().take(OUTLETS_MAX).map(outlet).collect(),
            matches: i.story.matches.iter().map(tidy).collect(),
        },
    }
}

fn outlet(o: &Outlet) -> Outlet {
    Outlet {
        source: clean(&o.source),
        name: name(&o.name).unwrap_or_default(),
        url: clean(&o.url),
        title: cut(&clean(&o.title), TITLE_CHARS_MAX),
        first_seen_at: o.first_seen_at,
    }
}

fn tidy(m: &Match) -> Match {
    let evidence = |e: &Evidence| Evidence {
        term: name(&e.term).unwrap_or_default(),
        found: name(&e.found).unwrap_or_default(),
        field: e.field,
        excerpt: cut(&clean(&e.excerpt), EVIDENCE_CHARS_MAX),
        count: e.count,
    };
    Match { topic: clean(&m.topic), score: m.score, evidence: m.evidence.iter().map(evidence).collect() }
}
