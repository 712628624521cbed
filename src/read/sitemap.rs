//! Sitemaps, with the tags of news sitemaps, to entries.

use crate::model::{Entry, Listing, ListingKind, Problem};

use super::{
    plain,
    reading::{Collected, ENTRIES_MAX, Reading, link},
    xml::{Element, build, clean},
};

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
        let named: Vec<String> = root.all(&["sitemap"]).take(3).filter_map(|s| s.text_of(&["loc"])).collect();
        let some = if named.is_empty() { "none".into() } else { named.join(", ") };
        reading.problem(
            "list",
            format!("this is an index of sitemaps, which is not followed; use one of its own: {some}"),
        );
        return Ok(reading.listing(ListingKind::Sitemap, vec![]));
    }
    let mut found = Collected::default();
    for (n, url) in root.all(&["url"]).enumerate() {
        if found.len() > ENTRIES_MAX {
            break;
        }
        match entry(url, &mut reading) {
            Some(entry) => found.push(entry),
            None => reading.problem("entry", format!("address {} of the sitemap cannot be read", n + 1)),
        }
    }
    Ok(reading.listing(ListingKind::Sitemap, found.into_entries()))
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
