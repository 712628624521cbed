//! Atom 1.0 (RFC 4287).

use std::collections::BTreeMap;

use atom_syndication::{
    Category, Content, Entry, Feed, Generator, Link, Person, Source, Text, TextType,
    extension::{Extension, ExtensionMap},
};
use chrono::{DateTime, Utc};

use super::{
    FeedFacts, GENERATOR, HISTORY,
    item::{Item, Other, TITLE_CHARS_MAX, items, newest},
    plain::{by_number, clean, cut, escape, quoted, strict, unmarked},
    rss::MEDIA,
};
use crate::model::StoryItem;

/// When a feed without items was last updated: Atom demands an instant, there is no clock here, and one that never moves
/// keeps the feed's bytes the same. 2026-01-01T00:00:00Z as Unix seconds.
const EMPTY_UPDATED_S: i64 = 1_767_225_600;
/// Links to other outlets in one entry.
const RELATED_MAX: usize = 20;

/// Atom 1.0 (RFC 4287).
#[must_use]
pub fn atom(facts: &FeedFacts, items_: &[StoryItem]) -> String {
    let own = [
        link("self", facts.address("atom").as_str(), Some("application/atom+xml"), None),
        link("alternate", facts.home.as_str(), Some("text/html"), None),
    ];
    let archived = facts.current.is_some();
    let namespaces = [("media", MEDIA)].into_iter().chain(archived.then_some(("fh", HISTORY)));
    let feed = Feed {
        title: text(&cut(&clean(&facts.title), TITLE_CHARS_MAX)),
        subtitle: Some(text(&facts.description())),
        id: facts.tag(),
        updated: newest(items_).unwrap_or_else(empty_updated).fixed_offset(),
        authors: vec![person(GENERATOR)],
        generator: Some(Generator { value: GENERATOR.into(), uri: None, version: None }),
        links: own.into_iter().chain(facts.links("atom").iter().map(|(rel, url)| further(rel, url))).collect(),
        entries: items(facts, items_).into_iter().map(|i| entry(&facts.authority, i)).collect(),
        namespaces: namespaces.map(|(k, v)| (k.into(), v.into())).collect(),
        ..Feed::default()
    };
    let xml = by_number(&feed.to_string());
    facts.styled(if archived { marked(&xml) } else { xml })
}

/// `xml` with the word by which an archive page says that it is one (RFC 5005, section 4), before the first entry: what stands after
/// it readers may not see.
fn marked(xml: &str) -> String {
    let at = xml.find("<entry>").or_else(|| xml.find("</feed>")).unwrap_or(xml.len());
    let (head, rest) = xml.split_at(at);
    format!("{head}<fh:archive/>{rest}")
}

/// A link to another document of the feed, or to who tells of it.
fn further(rel: &str, url: &url::Url) -> Link {
    link(rel, url.as_str(), (rel != "hub").then_some("application/atom+xml"), None)
}

/// A feed of `entries` that are no stories, the newest first; `updated` is when the newest of them was.
pub(super) fn notices(
    facts: &FeedFacts,
    title: &str,
    id: String,
    updated: Option<DateTime<Utc>>,
    entries: Vec<Entry>,
) -> String {
    let link = |rel: &str, href: &str| Link { rel: rel.into(), href: href.into(), ..Link::default() };
    let feed = Feed {
        title: text(&cut(&clean(title), TITLE_CHARS_MAX)),
        id,
        updated: updated.unwrap_or_else(empty_updated).fixed_offset(),
        authors: vec![person(GENERATOR)],
        generator: Some(Generator { value: GENERATOR.into(), uri: None, version: None }),
        links: vec![link("self", facts.address("atom").as_str()), link("alternate", facts.home.as_str())],
        entries,
        ..Feed::default()
    };
    by_number(&feed.to_string())
}

/// Plain text that no reader takes for HTML.
pub(super) fn text(value: &str) -> Text {
    Text::plain(unmarked(value))
}

/// When a feed without entries was updated.
fn empty_updated() -> DateTime<Utc> {
    DateTime::from_timestamp(EMPTY_UPDATED_S, 0).unwrap_or_default()
}

fn entry(authority: &str, i: Item<'_>) -> Entry {
    let extensions = extensions(&i);
    let topics = categories(authority, "topic", i.topics);
    // Beside the `source` that Atom has, `dc:source` would say the same thing twice with two meanings.
    let origin = categories(authority, "origin", i.origin.into_iter().collect());
    let lead = link("alternate", &strict(&i.link), Some("text/html"), None);
    // Without content an entry is to have a summary (RFC 4287, section 4.1.2): who has it says nothing of the article.
    let bare = text(&i.outlet);
    Entry {
        title: Text { lang: i.language.clone(), ..text(&i.title) },
        id: i.id,
        updated: i.updated.fixed_offset(),
        published: Some(i.published.fixed_offset()),
        categories: topics.chain(categories(authority, "term", i.terms)).chain(origin).collect(),
        links: std::iter::once(lead).chain(i.others.iter().take(RELATED_MAX).map(related)).collect(),
        source: Some(source(&i.outlet, &strict(&i.outlet_home), i.updated)),
        authors: vec![person(&i.author.unwrap_or(i.outlet))],
        summary: Some(i.excerpt.map_or(bare, |e| Text {
            value: e.html,
            lang: i.language.clone(),
            r#type: TextType::Html,
            ..Text::default()
        })),
        content: i.content.map(|html| Content {
            value: Some(html),
            lang: i.language,
            content_type: Some("html".into()),
            ..Content::default()
        }),
        extensions,
        ..Entry::default()
    }
}

/// Whoever wrote it; a name has no use for angle brackets.
pub(super) fn person(name: &str) -> Person {
    Person { name: quoted(name), ..Person::default() }
}

fn link(rel: &str, href: &str, mime_type: Option<&str>, title: Option<String>) -> Link {
    Link { rel: rel.into(), href: href.into(), mime_type: mime_type.map(Into::into), title, ..Link::default() }
}

fn related(o: &Other) -> Link {
    let title = cut(&format!("{}: {}", o.name, o.title), TITLE_CHARS_MAX);
    link("related", &strict(&o.url), Some("text/html"), Some(unmarked(&title).into_owned()))
}

/// Where the entry was copied from (RFC 4287, section 4.2.11).
fn source(name: &str, home: &str, updated: DateTime<Utc>) -> Source {
    Source {
        title: text(name),
        id: home.into(),
        updated: updated.fixed_offset(),
        links: vec![link("alternate", home, Some("text/html"), None)],
        ..Source::default()
    }
}

fn categories(authority: &str, scheme: &str, terms: Vec<String>) -> impl Iterator<Item = Category> {
    let scheme = clean(&format!("tag:{authority}:{scheme}"));
    terms.into_iter().map(move |term| Category { term, scheme: Some(scheme.clone()), label: None })
}

/// The lead image.
fn extensions(i: &Item<'_>) -> ExtensionMap {
    let image = i.image.as_ref().map(|url| {
        // `atom_syndication` writes the attributes of extensions as they are, ampersands and all.
        let attrs = [("url", escape(&strict(url))), ("medium", "image".into())].map(|(k, v)| (k.into(), v)).into();
        Extension { name: "media:content".into(), attrs, ..Extension::default() }
    });
    image.map(|e| ("media".to_owned(), BTreeMap::from([(e.name.clone(), vec![e])]))).into_iter().collect()
}
