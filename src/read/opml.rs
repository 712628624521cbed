//! OPML: the feeds that an outline lists, and the pages that it links to.

use std::collections::HashSet;

use url::Url;

use crate::model::address::canonical;
use crate::model::{Entry, Listing, ListingKind, Problem};

use super::{
    reading::{Collected, Reading, link},
    xml::{Element, build, clean},
};

/// Outlines of one document.
const OUTLINES_MAX: usize = 20_000;
/// Feeds of one document that are read for a source.
const FEEDS_MAX: usize = 500;
/// What of one document is subscribed to at most.
const SUBSCRIPTIONS_MAX: usize = 10_000;

/// Something that an outline lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// As it is called there.
    pub title: Option<String>,
    /// Where it is.
    pub url: Url,
    /// A page (`type="link"`), not a feed.
    pub is_page: bool,
}

/// What the OPML document `text` subscribes to, each address once, in its order, within a bound.
///
/// # Errors
/// When it is no outline.
pub fn subscriptions(text: &str) -> Result<Vec<Subscription>, Problem> {
    let text = clean(text);
    let root = build(&text).root.filter(|root| root.name.eq_ignore_ascii_case("opml"));
    let root = root.ok_or_else(|| Problem::new("list", "this is no OPML document"))?;
    let (mut found, mut seen) = (vec![], HashSet::new());
    let mut open: Vec<&Element<'_>> = vec![&root];
    let mut outlines = 0;
    while let Some(element) = open.pop().filter(|_| outlines < OUTLINES_MAX && found.len() < SUBSCRIPTIONS_MAX) {
        outlines += 1;
        let below: Vec<_> = element.elements().collect();
        open.extend(below.into_iter().rev());
        let is_link = element.attr("type").is_some_and(|t| t.eq_ignore_ascii_case("link"));
        let page = element.attr("url").filter(|_| is_link);
        let address = element.attr("xmlurl").or(page).and_then(|raw| Url::parse(raw.trim()).ok());
        let Some(url) = address.filter(|u| matches!(u.scheme(), "http" | "https")) else { continue };
        if seen.insert(canonical(&url)) {
            let written = element.attr("title").or(element.attr("text")).map(str::trim).filter(|t| !t.is_empty());
            found.push(Subscription { title: written.map(str::to_owned), url, is_page: is_link });
        }
    }
    Ok(found)
}

/// Reads the outline whose root tag `text` begins with: outlines with `xmlUrl` are feeds, to be read for it; others that
/// have an address are its entries.
///
/// # Errors
/// When there is no root.
pub(super) fn read(text: &str, mut reading: Reading<'_>) -> Result<Listing, Problem> {
    let text = clean(text);
    let built = build(&text);
    let Some(root) = built.root else { return Err(Problem::new("list", "the outline has no root element")) };
    built.notes.into_iter().for_each(|note| reading.problem("list", note));
    let title = root.first(&["head"]).and_then(|head| head.text_of(&["title"]));
    let (mut found, mut children, mut seen) = (Collected::default(), vec![], HashSet::new());
    // Outlines stand in outlines; the depth is bounded by the builder, and this goes without recursion all the same.
    let mut open: Vec<&Element<'_>> = vec![&root];
    let mut outlines = 0;
    while let Some(element) = open.pop().filter(|_| outlines < OUTLINES_MAX) {
        outlines += 1;
        let below: Vec<_> = element.elements().collect();
        open.extend(below.into_iter().rev());
        let at = |name: &str| element.attr(name).and_then(|raw| link(reading.page.url, raw));
        if let Some(feed) = at("xmlurl") {
            if children.len() < FEEDS_MAX && seen.insert(canonical(&feed)) {
                children.push(feed);
            }
        } else if let Some(url) = at("url").or_else(|| at("htmlurl")) {
            let written = element.attr("text").or(element.attr("title")).map(str::trim).filter(|t| !t.is_empty());
            let title = written.map(str::to_owned);
            let published = element.attr("created").map(str::to_owned).and_then(|raw| reading.date(&raw));
            found.push(Entry { title, published, ..Entry::at(url) });
        }
    }
    Ok(Listing { title, children, ..reading.listing(ListingKind::Opml, found.into_entries()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_are_found_however_deep_and_once() {
        let text = "<?xml version=\"1.0\"?><opml version=\"2.0\"><head><title>x</title></head><body>\
            <outline text=\"News\"><outline type=\"rss\" text=\"港口 &amp; more\" xmlUrl=\"https://a.example/feed?x=1&amp;y=2\"/>\
            <outline type=\"rss\" xmlUrl=\"https://a.example/feed?x=1&amp;y=2\"/></outline>\
            <outline type=\"link\" text=\"A list\" url=\"https://b.example/list\"/>\
            <outline text=\"bad\" xmlUrl=\"javascript:alert(1)\"/><outline text=\"page\" htmlUrl=\"https://c.example/\"/></body></opml>";
        let found = subscriptions(text).unwrap();
        let told: Vec<_> = found.iter().map(|s| (s.title.as_deref(), s.url.as_str(), s.is_page)).collect();
        assert_eq!(
            told,
            [
                (Some("港口 & more"), "https://a.example/feed?x=1&y=2", false),
                (Some("A list"), "https://b.example/list", true)
            ]
        );
        assert!(subscriptions("<html></html>").is_err() && subscriptions("").is_err());
    }
}
