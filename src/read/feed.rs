//! RSS of all versions, RDF and Atom to entries.
//!
//! A mended tree gives the entries, also of feeds that feed-rs refuses (it gives up the whole for one fault), with what feed-rs
//! leaves out: a permalink guid, the syndicated source, relative bases, the text of a date that cannot be read. feed-rs is
//! asked about sound feeds in which the tree left gaps: it knows more dialects. To ask it always would cost as much again as
//! everything else, and on the feeds of the samples add nothing.

use chrono::{DateTime, Utc};
use url::Url;

use crate::model::{Announcement, Entry, Listing, ListingKind, Problem, Skip};

use super::{
    plain,
    reading::{ENTRIES_MAX, Reading, link},
    xml::{Element, build, clean},
};

mod body;
mod library;
mod people;

/// Publishers that ask for more than this are not believed, in seconds.
const TTL_MAX_S: u64 = 30 * 86_400;
/// What a feed says once for all of its entries is copied to each: a longer author or language is not taken.
pub(super) const SHARED_BYTES_MAX: usize = 1_000;

/// What the feed says of all its entries.
struct Head {
    base: Url,
    /// The site's front page, else the feed itself: where an entry without a link is.
    home: Url,
    language: Option<String>,
    author: Option<String>,
}

/// Reads the feed whose root tag `text` begins with.
///
/// # Errors
/// When there is no root, or nothing in it that a feed has.
pub(super) fn read(text: &str, mut reading: Reading<'_>) -> Result<Listing, Problem> {
    let text = clean(text);
    let built = build(&text);
    let Some(root) = built.root else { return Err(Problem::new("feed", "the feed has no root element")) };
    let is_sound = built.notes.is_empty();
    built.notes.into_iter().for_each(|note| reading.problem("feed", note));
    let channel = root.all(&["channel"]).chain(root.all(&["rss"]).flat_map(|r| r.all(&["channel"]))).next();
    let channel = channel.unwrap_or(&root);
    let is_feed = matches!(root.name.as_str(), "feed" | "entry" | "rss" | "rdf:rdf") || channel.name == "channel";
    let mut items: Vec<&Element<'_>> = if root.name == "entry" { vec![&root] } else { vec![] };
    gather(&root, &mut items);
    if !is_feed && items.is_empty() {
        return Err(Problem::new("feed", format!("there is neither a channel nor an entry in `<{}>`", root.name)));
    }
    if items.is_empty() && matches!(channel.name.as_str(), "rss" | "rdf:rdf") {
        reading.problem("feed", "the feed has no channel");
    }
    let head = head(&root, channel, reading.page.url);
    let next = channel.all(&["link", "atom:link"]).find(|l| l.attr("rel") == Some("next"));
    let next = next.and_then(|l| link(&head.base, l.attr("href")?));
    let mut hub = Announcement::default();
    for l in channel.all(&["link", "atom:link", "atom10:link"]) {
        if let (Some(rel), Some(href)) = (rel(l), l.attr("href")) {
            hub.take(rel, href, reading.page.url);
        }
    }
    let (title, ttl_s, skip) = (title_of(channel), ttl_s(channel), skip(channel));
    let mut entries: Vec<Read> = items
        .into_iter()
        .take(ENTRIES_MAX + 1)
        .map(|item| {
            let link = link_of(item, &base_of(item, &head));
            let is_linked = link.is_some();
            Read { entry: entry(item, link.unwrap_or_else(|| head.home.clone()), &head, &mut reading), is_linked }
        })
        .collect();
    // What had to be mended is nothing to give to a reader of sound feeds.
    if is_sound && entries.iter().any(Read::has_gaps) {
        fill(&mut entries, &text, &head, &reading);
    }
    for (n, read) in entries.iter_mut().enumerate().filter(|(_, read)| !read.is_linked) {
        let entry = &mut read.entry;
        let says = entry.title.as_ref().or(entry.summary.as_ref()).or(entry.content.as_ref());
        if says.is_none() {
            reading.problem("entry", format!("entry {} has no link and says nothing", n + 1));
        }
        entry.part = Some(entry.guid.as_ref().or(says).cloned().unwrap_or_default());
    }
    let entries = entries.into_iter().map(|read| read.entry).collect();
    Ok(Listing { title, ttl_s, skip, next, hub, ..reading.listing(ListingKind::Feed, entries) })
}

/// Adds the entries that stand in `list`, or in what it is made of: channels close early, and documents are put together.
fn gather<'e, 't>(list: &'e Element<'t>, items: &mut Vec<&'e Element<'t>>) {
    for e in list.elements() {
        match e.name.as_str() {
            "item" | "entry" => items.push(e),
            "channel" | "items" | "rss" | "rdf:rdf" | "feed" => gather(e, items),
            _ => {}
        }
    }
}

/// An entry as the tree gives it.
struct Read {
    entry: Entry,
    /// Whether it leads anywhere.
    is_linked: bool,
}

impl Read {
    /// Whether it lacks what nearly every entry has.
    const fn has_gaps(&self) -> bool {
        let e = &self.entry;
        let is_dated = e.published.is_some() || e.updated.is_some();
        !self.is_linked || e.title.is_none() || !is_dated || (e.summary.is_none() && e.content.is_none())
    }
}

/// Fills gaps of `entries` with what feed-rs finds in the same text, if it finds the same entries.
fn fill(entries: &mut [Read], text: &str, head: &Head, reading: &Reading<'_>) {
    let Some(found) = library::read(text, reading).ok().filter(|found| found.len() == entries.len()) else { return };
    for (read, found) in entries.iter_mut().zip(found) {
        if !read.is_linked
            && let Some(link) = library::link_of(&found, &head.base, reading.page.url)
        {
            (read.entry.link, read.is_linked) = (link, true);
        }
        library::over(&mut read.entry, found);
    }
}

fn head(root: &Element<'_>, channel: &Element<'_>, page: &Url) -> Head {
    let based = [root, channel].iter().try_fold(page.clone(), |base, e| based(&base, e));
    // A relative link is meant as seen from the site, not from where the feed happens to be mirrored.
    let absolute = |s: &str| Url::parse(s.trim()).ok().and_then(|url| link(&url, s));
    let itself = |l: &&Element<'_>| l.attr("rel") == Some("self");
    let home = channel
        .all(&["link"])
        .find_map(|l| absolute(&l.text()))
        .or_else(|| channel.all(&["link", "atom:link"]).filter(itself).find_map(|l| absolute(l.attr("href")?)));
    let declares = root.attr("xml:base").or_else(|| channel.attr("xml:base")).is_some();
    let place = home.clone().unwrap_or_else(|| page.clone());
    let base = match home {
        Some(home) if !declares => home,
        _ => based.unwrap_or_else(|| page.clone()),
    };
    let language = channel
        .text_of(&["language", "dc:language"])
        .or_else(|| channel.attr("xml:lang").or_else(|| root.attr("xml:lang")).map(str::to_owned));
    Head {
        base,
        home: place,
        language: language.filter(|l| !l.is_empty() && l.len() <= SHARED_BYTES_MAX),
        author: people::author(channel, &["author"]).filter(|a| a.len() <= SHARED_BYTES_MAX),
    }
}

/// `base` as `element` changes it by `xml:base`; `None` when that can be no address of a page.
fn based(base: &Url, element: &Element<'_>) -> Option<Url> {
    match element.attr("xml:base").map(str::trim) {
        None | Some("") => Some(base.clone()),
        Some(own) => link(base, own),
    }
}

/// Seconds between visits by `ttl` (minutes) or the syndication module's period and frequency.
fn ttl_s(channel: &Element<'_>) -> Option<u64> {
    let ttl = channel.text_of(&["ttl"]).and_then(|t| t.parse::<u64>().ok()).map(|minutes| minutes.saturating_mul(60));
    let syndication = || {
        let period = match channel.text_of(&["module:updateperiod", "sy:updateperiod"])?.to_ascii_lowercase().as_str() {
            "hourly" => 3_600,
            "daily" => 86_400,
            "weekly" => 7 * 86_400,
            "monthly" => TTL_MAX_S,
            _ => return None,
        };
        let times = channel.text_of(&["module:updatefrequency", "sy:updatefrequency"]);
        Some(period / times.and_then(|t| t.parse::<u64>().ok()).unwrap_or(1).max(1))
    };
    ttl.or_else(syndication).filter(|s| *s > 0).map(|s| s.min(TTL_MAX_S))
}

/// The hours (0 to 23, in GMT; 24 is midnight too) and days that `skipHours` and `skipDays` name.
fn skip(channel: &Element<'_>) -> Skip {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let mut skip = Skip::default();
    for hour in channel.all(&["skiphours"]).flat_map(|e| e.all(&["hour"])) {
        if let Ok(hour @ 0..=24) = hour.text().trim().parse::<u32>() {
            skip.hours |= 1 << (hour % 24);
        }
    }
    for day in channel.all(&["skipdays"]).flat_map(|e| e.all(&["day"])) {
        let name = day.text().trim().to_lowercase();
        if let Some(n) = DAYS.iter().position(|d| name.starts_with(d)) {
            skip.days |= 1 << n;
        }
    }
    skip
}

fn base_of(item: &Element<'_>, head: &Head) -> Url {
    based(&head.base, item).unwrap_or_else(|| head.base.clone())
}

fn entry(item: &Element<'_>, link: Url, head: &Head, reading: &mut Reading<'_>) -> Entry {
    let base = base_of(item, head);
    let guid = item.text_of(&["guid", "id"]).or_else(|| item.attr("rdf:about").map(str::to_owned));
    let guid = guid.map(|g| g.trim().to_owned()).filter(|g| !g.is_empty());
    let mut entry = Entry::at(link);
    entry.guid = guid;
    entry.title = title_of(item);
    const PUBLISHED: &[&str] =
        &["pubdate", "published", "issued", "dc:date", "dcterms:issued", "dcterms:created", "created", "date"];
    const UPDATED: &[&str] = &["updated", "modified", "dcterms:modified", "atom:updated", "lastbuilddate"];
    entry.published = date_of(item, PUBLISHED, reading);
    entry.updated = date_of(item, UPDATED, reading);
    entry.author = people::author(item, &["author", "dc:creator", "atom:author", "itunes:author", "creator"])
        .or_else(|| item.first(&["source"]).and_then(|s| people::author(s, &["author"])))
        .or_else(|| head.author.clone());
    entry.origin = people::origin(item);
    (entry.summary, entry.content) = body::read(item);
    entry.image = body::image(item, &base);
    entry.language = item
        .text_of(&["dc:language", "language"])
        .or_else(|| item.attr("xml:lang").map(str::to_owned))
        .or_else(|| head.language.clone());
    entry
}

/// The date by the first of `names` that has one that can be believed; of several of one name the last holds.
fn date_of(item: &Element<'_>, names: &[&str], reading: &mut Reading<'_>) -> Option<DateTime<Utc>> {
    names.iter().find_map(|name| {
        let last = item.all(std::slice::from_ref(name)).filter(|e| !e.is_blank()).last()?;
        reading.date(&last.text())
    })
}

/// The relation of a link: its name, also where it is written as the address that registers it.
fn rel<'e>(l: &'e Element<'_>) -> Option<&'e str> {
    const REGISTRY: &str = "http://www.iana.org/assignments/relation/";
    l.attr("rel").map(|rel| rel.strip_prefix(REGISTRY).unwrap_or(rel))
}

fn title_of(element: &Element<'_>) -> Option<String> {
    let title = element.first(&["title", "dc:title", "media:title"])?;
    Some(body::plain_of(title)).filter(|t| !t.is_empty())
}

/// Where the entry leads: its link, else a guid that is a permalink, else RDF's name for it.
fn link_of(item: &Element<'_>, base: &Url) -> Option<Url> {
    let at = |e: &Element<'_>, href: &str| link(&based(base, e).unwrap_or_else(|| base.clone()), href);
    if let Some(original) = item.text_of(&["feedburner:origlink"]).and_then(|l| link(base, &l)) {
        return Some(original);
    }
    let html = |l: &&Element<'_>| l.attr("type").is_none_or(|t| t.contains("html"));
    let alternates = || {
        item.all(&["link", "atom:link"])
            .filter(|l| l.attr("href").is_some() && matches!(rel(l), None | Some("alternate" | "")))
    };
    let by_href = alternates().filter(html).chain(alternates()).find_map(|l| at(l, l.attr("href")?));
    let leads = |l: &&Element<'_>| matches!(rel(l), None | Some("alternate" | ""));
    let texts = || item.all(&["link", "url"]);
    let by_text = || texts().filter(leads).chain(texts()).find_map(|l| at(l, &l.text()));
    let by_guid = || {
        let guid = item.first(&["guid"])?;
        let says = |word: &str| guid.attr("ispermalink").is_some_and(|p| p.trim().eq_ignore_ascii_case(word));
        let text = guid.text();
        let is_link = text.trim().starts_with("http") || says("true") && text.trim().starts_with('/');
        (is_link && !says("false")).then(|| link(base, &text))?
    };
    let by_about = || item.attr("rdf:about").filter(|a| a.starts_with("http")).and_then(|a| link(base, a));
    let by_source = || item.first(&["content"]).or(item.all(&["content"]).next()).and_then(|c| at(c, c.attr("src")?));
    let by_id = || item.text_of(&["id"]).filter(|id| id.starts_with("http")).and_then(|id| link(base, &id));
    let own = || item.attr("href").and_then(|href| link(base, href));
    if item.name == "item" {
        own().or_else(by_text).or(by_href).or_else(by_guid).or_else(by_about)
    } else {
        by_href.or_else(by_text).or_else(by_guid).or_else(by_source).or_else(by_id)
    }
}

/// A person or paper as written, on one line.
fn line(raw: &str) -> Option<String> {
    Some(plain::of_html(raw)).filter(|l| !l.is_empty())
}
