//! Sitemaps, with the tags of news sitemaps, to entries.

use std::{cmp::Reverse, collections::HashSet};

use chrono::{DateTime, Utc};
use url::Url;

use crate::model::address::canonical;
use crate::model::{Entry, Listing, ListingKind, Problem};

use super::{
    plain,
    reading::{Collected, ENTRIES_MAX, Reading, link},
    xml::{Element, build, clean},
};

/// An index names at most so many sitemaps, by the protocol.
const INDEXED_MAX: usize = 50_000;
/// Addresses of a sitemap, as the protocol has it.
const URLS_MAX: usize = 50_000;
/// Sitemaps of an index after this many are left out, the oldest first.
const CHILDREN_MAX: usize = 100;

/// Reads the sitemap whose root tag `text` begins with.
///
/// # Errors
/// When there is no root.
pub(super) fn read(text: &str, mut reading: Reading<'_>) -> Result<Listing, Problem> {
    let text = clean(text);
    let built = build(&text);
    let Some(root) = built.root else { return Err(Problem::new("list", "the sitemap has no root element")) };
    built.notes.into_iter().for_each(|note| reading.problem("list", note));
    if root.name == "sitemapindex" {
        let children = children(&root, &mut reading);
        if children.is_empty() {
            reading.problem("list", "this index of sitemaps names none");
        }
        return Ok(Listing { children, ..reading.listing(ListingKind::Sitemap, vec![]) });
    }
    let mut found = Collected::default();
    for (n, url) in root.all(&["url"]).enumerate() {
        if found.len() >= URLS_MAX {
            break;
        }
        match entry(url, &mut reading) {
            Some(entry) => found.push(entry),
            None => reading.problem("entry", format!("address {} of the sitemap cannot be read", n + 1)),
        }
    }
    let mut entries = found.into_entries();
    // Many begin with the oldest.
    if entries.len() > ENTRIES_MAX {
        Entry::newest_first(&mut entries);
    }
    Ok(reading.listing(ListingKind::Sitemap, entries))
}

/// The sitemaps that the index `root` names: those last changed first, then those that do not say when, in its order.
fn children(root: &Element<'_>, reading: &mut Reading<'_>) -> Vec<Url> {
    let base = reading.page.url;
    let mut found: Vec<(Option<DateTime<Utc>>, Url)> = vec![];
    let mut seen = HashSet::new();
    for (n, child) in root.all(&["sitemap"]).enumerate().take(INDEXED_MAX) {
        match child.text_of(&["loc"]).and_then(|loc| link(base, &loc)) {
            Some(url) if url == *base || !seen.insert(canonical(&url)) => {}
            Some(url) => found.push((child.text_of(&["lastmod"]).and_then(|raw| reading.date(&raw)), url)),
            None => reading.problem("entry", format!("sitemap {} of the index cannot be read", n + 1)),
        }
    }
    // Where none says when, the last is the newest: they are filled one after another.
    if found.iter().all(|(at, _)| at.is_none()) {
        found.reverse();
    }
    // Stable; `None` is least.
    found.sort_by_key(|(at, _)| Reverse(*at));
    found.truncate(CHILDREN_MAX);
    found.into_iter().map(|(_, url)| url).collect()
}

fn entry(url: &Element<'_>, reading: &mut Reading<'_>) -> Option<Entry> {
    let base = reading.page.url;
    let mut entry = Entry::at(link(base, &url.text_of(&["loc"])?)?);
    entry.updated = url.text_of(&["lastmod"]).and_then(|raw| reading.date(&raw));
    entry.image = url.first(&["image:image"]).and_then(|i| link(base, &i.text_of(&["image:loc"])?));
    let Some(news) = url.first(&["news:news"]) else { return Some(entry) };
    let line = |e: &Element<'_>, name: &str| e.text_of(&[name]).map(|t| plain::of_html(&t)).filter(|t| !t.is_empty());
    entry.title = line(news, "news:title");
    entry.published = news.text_of(&["news:publication_date"]).and_then(|raw| reading.date(&raw));
    if let Some(publication) = news.first(&["news:publication"]) {
        entry.language = line(publication, "news:language");
        entry.origin = line(publication, "news:name");
    }
    entry.language = entry.language.or_else(|| line(news, "news:language"));
    Some(entry)
}
