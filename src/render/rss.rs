//! RSS 2.0, with the modules that readers understand: content, Dublin Core, Media RSS, and Atom's `self` link.

use std::collections::BTreeMap;

use rss::{
    Category, Channel, Guid, Source,
    extension::{Extension, ExtensionMap, dublincore::DublinCoreExtension},
};

use super::{
    FeedFacts, GENERATOR, HISTORY,
    item::{Item, TITLE_CHARS_MAX, items, newest},
    plain::{by_number, clean, cut, quoted, strict, unmarked},
};
use crate::model::StoryItem;

/// Minutes that a reader may keep the feed.
const TTL_MINUTES: u32 = 5;
/// Namespace of Media RSS.
pub(super) const MEDIA: &str = "http://search.yahoo.com/mrss/";
const ATOM: &str = "http://www.w3.org/2005/Atom";

/// RSS 2.0.
#[must_use]
pub fn rss(facts: &FeedFacts, items_: &[StoryItem]) -> String {
    let archived = facts.current.is_some();
    let namespaces = [("atom", ATOM), ("media", MEDIA)].into_iter().chain(archived.then_some(("fh", HISTORY)));
    let channel = Channel {
        title: unmarked(&cut(&clean(&facts.title), TITLE_CHARS_MAX)).into_owned(),
        link: facts.home.to_string(),
        description: unmarked(&facts.description()).into_owned(),
        last_build_date: newest(items_).map(|t| t.to_rfc2822()),
        generator: Some(GENERATOR.into()),
        ttl: Some(TTL_MINUTES.to_string()),
        namespaces: namespaces.map(|(k, v)| (k.into(), v.into())).collect(),
        extensions: own(facts, archived),
        items: items(facts, items_).into_iter().map(|i| item(&facts.authority, i)).collect(),
        ..Channel::default()
    };
    facts.styled(by_number(&channel.to_string()))
}

/// The feed's own address, what it links to beside, and whether it is an archive page (RFC 5005, section 4).
fn own(facts: &FeedFacts, archived: bool) -> ExtensionMap {
    const KIND: &str = "application/rss+xml";
    let address = facts.address("rss");
    let mut links = vec![element("atom:link", &[("href", address.as_str()), ("rel", "self"), ("type", KIND)])];
    for (rel, url) in facts.links("rss") {
        let kind = (rel != "hub").then_some(("type", KIND));
        let attrs: Vec<_> = [("href", url.as_str()), ("rel", rel)].into_iter().chain(kind).collect();
        links.push(element("atom:link", &attrs));
    }
    let mut all = BTreeMap::from([("atom".to_owned(), BTreeMap::from([("atom:link".to_owned(), links)]))]);
    if archived {
        all.extend(extensions("fh", element("fh:archive", &[])));
    }
    all
}

fn item(authority: &str, i: Item<'_>) -> rss::Item {
    let image = i.image.as_ref().map(|u| element("media:content", &[("url", &strict(u)), ("medium", "image")]));
    rss::Item {
        title: Some(unmarked(&i.title).into_owned()),
        link: Some(strict(&i.link)),
        // Readers take a description for HTML.
        description: i.excerpt.map(|e| e.html),
        guid: Some(Guid { value: i.id, permalink: false }),
        pub_date: Some(i.published.to_rfc2822()),
        source: Some(Source { url: strict(&i.outlet_home), title: Some(unmarked(&i.outlet).into_owned()) }),
        categories: categories(authority, "topic", i.topics)
            .chain(categories(authority, "term", i.terms))
            // Beside `source`, `dc:source` would say the same thing twice with two meanings.
            .chain(categories(authority, "origin", i.origin.into_iter().collect()))
            .collect(),
        content: i.content,
        // RSS wants an e-mail address in `author`; Dublin Core takes a name.
        dublin_core_ext: Some(DublinCoreExtension {
            creators: vec![quoted(&i.author.unwrap_or(i.outlet))],
            languages: i.language.into_iter().collect(),
            ..DublinCoreExtension::default()
        }),
        extensions: image.map(|e| extensions("media", e)).unwrap_or_default(),
        ..rss::Item::default()
    }
}

fn categories(authority: &str, scheme: &str, names: Vec<String>) -> impl Iterator<Item = Category> {
    let domain = clean(&format!("tag:{authority}:{scheme}"));
    names.into_iter().map(move |name| Category { name: unmarked(&name).into_owned(), domain: Some(domain.clone()) })
}

fn element(name: &str, attrs: &[(&str, &str)]) -> Extension {
    Extension {
        name: name.into(),
        attrs: attrs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
        ..Extension::default()
    }
}

fn extensions(prefix: &str, e: Extension) -> ExtensionMap {
    BTreeMap::from([(prefix.to_owned(), BTreeMap::from([(e.name.clone(), vec![e])]))])
}
