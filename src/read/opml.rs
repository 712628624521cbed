//! OPML: the feeds that an outline lists, and the pages that it links to.

use std::collections::HashSet;

use crate::model::address::canonical;
use crate::model::{Entry, Listing, ListingKind, Problem};

use super::{
    reading::{Collected, Reading, link},
    xml::{Element, build, clean},
};

/// Outlines of one document.
const OUTLINES_MAX: usize = 20_000;
/// Feeds of one document.
const FEEDS_MAX: usize = 500;

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
