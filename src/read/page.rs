//! Pages of HTML: what recipe and finder share, and which of them reads the page.

use chrono::{DateTime, Datelike, Utc};
use scraper::{ElementRef, Html};
use url::Url;

use crate::model::address::canonical;
use crate::model::{Listing, ListingKind, Problem};
use crate::text::tame;

use super::{
    finder, next, plain,
    reading::{Reading, link},
    recipe::{self, Outcome},
};

/// Feeds that a page announces after this many are left out.
const FEEDS_MAX: usize = 20;
/// Elements of an item in which a date is looked for.
const DATED_ELEMENTS_MAX: usize = 80;
/// A longer text is no date with some words around it.
const DATED_CHARS_MAX: usize = 200;

/// A page as a tree.
pub(super) struct Doc {
    pub(super) html: Html,
    /// Address that relative links are seen from.
    pub(super) base: Url,
    /// Canonical form of the page's own address.
    own: String,
}

impl Doc {
    fn new(text: &str, url: &Url) -> Self {
        let html = Html::parse_document(&tame(text));
        let declared = elements(&html, "base").find_map(|b| url.join(b.attr("href")?.trim()).ok());
        let base = declared.filter(|b| matches!(b.scheme(), "http" | "https")).unwrap_or_else(|| url.clone());
        Self { html, base, own: canonical(url) }
    }

    /// Where `anchor` leads, if to another page.
    pub(super) fn link(&self, anchor: ElementRef<'_>) -> Option<Url> {
        let href = anchor.attr("href")?;
        link(&self.base, href).filter(|url| canonical(url) != self.own)
    }
}

/// The elements of `html` named `name`.
pub(super) fn elements<'a>(html: &'a Html, name: &'static str) -> impl Iterator<Item = ElementRef<'a>> {
    html.root_element().descendent_elements().filter(move |e| e.value().name() == name)
}

/// Reads the list that the page `text` shows, by the source's recipe if it has one.
///
/// # Errors
/// Never at present: a page without any list is a listing without entries and a problem that says so.
pub(super) fn read(text: &str, mut reading: Reading<'_>) -> Result<Listing, Problem> {
    let doc = Doc::new(text, reading.page.url);
    let title = elements(&doc.html, "title").map(plain::of_element).find(|t| !t.is_empty());
    let feeds = feeds(&doc);
    let mut broken = None;
    let (kind, entries, next) = match recipe::read(&doc, &mut reading) {
        Outcome::Read { entries, next } => {
            // A recipe that names the next page's link knows when there is none.
            let found = || next::find(&doc, reading.page.url);
            let named = reading.source.recipe.list.next.is_some();
            (ListingKind::Recipe, entries, if named { next } else { found() })
        }
        Outcome::NoRecipe { next, broken: why } => {
            broken = why;
            let entries = finder::find(&doc, &mut reading);
            if entries.is_empty() {
                reading.problem("list", "no list of articles was found on the page");
            }
            let next = next.or_else(|| next::find(&doc, reading.page.url));
            (ListingKind::Portal, entries, next)
        }
    };
    Ok(Listing { title, next, feeds, broken, ..reading.listing(kind, entries) })
}

/// Feeds that the head of the page announces.
fn feeds(doc: &Doc) -> Vec<Url> {
    let mut found: Vec<Url> = vec![];
    for l in elements(&doc.html, "link") {
        let alternate =
            l.attr("rel").is_some_and(|r| r.split_whitespace().any(|r| r.eq_ignore_ascii_case("alternate")));
        let kind = l.attr("type").unwrap_or_default().to_ascii_lowercase();
        let is_feed = ["rss", "atom", "feed+json", "rdf+xml"].iter().any(|k| kind.contains(k));
        if let Some(url) = l.attr("href").filter(|_| alternate && is_feed).and_then(|href| link(&doc.base, href))
            && !found.contains(&url)
            && found.len() < FEEDS_MAX
        {
            found.push(url);
        }
    }
    found
}

/// The date that `element` gives: its own attributes before its text.
///
/// Discuz shows `5 minutes ago` and keeps the real date in `title`, but only the day of it in some columns: where both
/// speak of one day, the finer one wins.
pub(super) fn date_of(element: ElementRef<'_>, reading: &Reading<'_>) -> Option<DateTime<Utc>> {
    let mut day = None;
    for e in element.descendent_elements().take(DATED_ELEMENTS_MAX) {
        for name in ["datetime", "title", "content", "data-time", "data-date"] {
            let Some(raw) = e.attr(name).filter(|raw| raw.chars().count() <= DATED_CHARS_MAX) else { continue };
            let Some(at) = reading.date_if_any(raw) else { continue };
            if raw.contains(':') || !raw.contains(['-', '/', '年']) {
                return Some(at);
            }
            day = day.or(Some(at));
        }
    }
    let text = plain::of_element(element);
    let shown = Some(text).filter(|t| t.chars().count() <= DATED_CHARS_MAX).and_then(|t| reading.date_if_any(&t));
    let local = |at: DateTime<Utc>| at.with_timezone(&reading.source.time_zone).num_days_from_ce();
    match (day, shown) {
        (Some(day), Some(shown)) if local(day) == local(shown) => Some(shown),
        (Some(day), _) => Some(day),
        (None, shown) => shown,
    }
}

/// Whether `text` is only digits and colons: as likely a running time or a count as a time of day.
fn is_bare(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == ':')
}

/// Whether `e` is not seen, or tells of the last answer to what the item is about.
fn is_of_answers(e: ElementRef<'_>) -> bool {
    const LAST: [&str; 6] = ["lastpost", "latest", "lastreply", "lastposter", "last-post", "last_post"];
    let hidden =
        e.attr("style").is_some_and(|s| s.replace(' ', "").contains("display:none")) || e.attr("hidden").is_some();
    hidden || e.value().classes().any(|c| LAST.iter().any(|last| c.ends_with(last)))
}

/// The date that stands in `item` beside the headline `anchor`.
pub(super) fn date_near(item: ElementRef<'_>, anchor: ElementRef<'_>, reading: &Reading<'_>) -> Option<DateTime<Utc>> {
    let within = |e: &ElementRef<'_>| {
        let mut around = e.ancestors().take_while(|n| n.id() != item.id()).filter_map(ElementRef::wrap);
        !is_of_answers(*e) && !around.any(is_of_answers)
    };
    let leaves = item.descendent_elements().skip(1).take(DATED_ELEMENTS_MAX);
    let by_leaf = leaves
        .filter(|e| e.id() != anchor.id() && (e.value().name() == "time" || e.child_elements().next().is_none()))
        .filter(|e| within(e) && !is_bare(&plain::of_element(*e)))
        .find_map(|e| date_of(e, reading));
    by_leaf.or_else(|| {
        let around = plain::of_element_without(item, &|e| e.id() == anchor.id() || is_of_answers(e));
        let around: String = around.chars().take(DATED_CHARS_MAX).collect();
        reading.date_if_any(&around)
    })
}
