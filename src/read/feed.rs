//! RSS of all versions, RDF and Atom to entries.
//!
//! feed-rs reads a sound feed. Beside it stands our own mended tree of the same text: it gives the entries of a feed that
//! feed-rs refuses (it gives up the whole for one bad entry), and what feed-rs leaves out (a permalink guid, the syndicated
//! source, relative bases, the text of a date that cannot be read).

use url::Url;

use crate::model::{Entry, Listing, ListingKind, Problem};

use super::{
    plain,
    reading::{ENTRIES_MAX, Reading, link, short},
    xml::{Element, build, clean},
};

mod body;
mod library;
mod people;

/// Publishers that ask for more than this are not believed, in seconds.
const TTL_MAX_S: u64 = 30 * 86_400;

/// What the feed says of all its entries.
struct Head {
    base: Url,
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
    // What had to be mended is nothing to give to a reader of sound feeds.
    let mut by_library =
        if built.notes.is_empty() { library::read(&text, &reading).unwrap_or_default() } else { vec![] };
    built.notes.into_iter().for_each(|note| reading.problem("feed", note));
    let channel = root.all(&["channel"]).next().unwrap_or(&root);
    let is_feed = matches!(root.name.as_str(), "feed" | "entry" | "rss" | "rdf:rdf") || channel.name == "channel";
    let mut items: Vec<&Element<'_>> = if root.name == "entry" { vec![&root] } else { vec![] };
    items.extend(channel.all(&["item", "entry"]));
    if !std::ptr::eq(channel, &root) {
        items.extend(root.all(&["item", "entry"]));
    }
    if !is_feed && items.is_empty() {
        return Err(Problem::new("feed", format!("there is neither a channel nor an entry in `<{}>`", root.name)));
    }
    if items.is_empty() && matches!(channel.name.as_str(), "rss" | "rdf:rdf") {
        reading.problem("feed", "the feed has no channel");
    }
    // Only entry by entry is it the same feed.
    if by_library.len() != items.len() {
        by_library.clear();
    }
    let mut by_library = by_library.into_iter();
    let head = head(&root, channel, reading.page.url);
    let next = channel.all(&["link", "atom:link"]).find(|l| l.attr("rel") == Some("next"));
    let next = next.and_then(|l| link(&head.base, l.attr("href")?));
    let (title, ttl_s) = (title_of(channel), ttl_s(channel));
    let entries = items
        .into_iter()
        .take(ENTRIES_MAX + 1)
        .enumerate()
        .filter_map(|(n, item)| {
            let read = by_library.next();
            let link = link_of(item, &base_of(item, &head))
                .or_else(|| read.as_ref().and_then(|r| library::link_of(r, &head.base)));
            let mended = link.map(|link| entry(item, link, &head, &mut reading));
            let entry = match (mended, read) {
                (Some(mended), Some(read)) => Some(library::over(mended, read)),
                (mended, _) => mended,
            };
            if entry.is_none() {
                let which = title_of(item).map_or_else(|| format!("{}", n + 1), |t| format!("`{}`", short(&t)));
                reading.problem("entry", format!("entry {which} has no link"));
            }
            entry
        })
        .collect();
    Ok(Listing { title, ttl_s, next, ..reading.listing(ListingKind::Feed, entries) })
}

fn head(root: &Element<'_>, channel: &Element<'_>, page: &Url) -> Head {
    let based = [root, channel].iter().try_fold(page.clone(), |base, e| based(&base, e));
    // A relative link is meant as seen from the site, not from where the feed happens to be mirrored.
    let absolute = |s: &str| Url::parse(s.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let itself = |l: &&Element<'_>| l.attr("rel") == Some("self");
    let home = channel
        .all(&["link"])
        .find_map(|l| absolute(&l.text()))
        .or_else(|| channel.all(&["link", "atom:link"]).filter(itself).find_map(|l| absolute(l.attr("href")?)));
    let declares = root.attr("xml:base").or_else(|| channel.attr("xml:base")).is_some();
    let base = match home {
        Some(home) if !declares => home,
        _ => based.unwrap_or_else(|| page.clone()),
    };
    let language = channel
        .text_of(&["language", "dc:language"])
        .or_else(|| channel.attr("xml:lang").or_else(|| root.attr("xml:lang")).map(str::to_owned));
    Head { base, language: language.filter(|l| !l.is_empty()), author: people::author(channel, &["author"]) }
}

/// `base` as `element` changes it by `xml:base`.
fn based(base: &Url, element: &Element<'_>) -> Option<Url> {
    element.attr("xml:base").map_or_else(|| Some(base.clone()), |own| base.join(own.trim()).ok())
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
    entry.published = item.text_of(PUBLISHED).and_then(|raw| reading.date(&raw));
    entry.updated = item.text_of(UPDATED).and_then(|raw| reading.date(&raw));
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
            .filter(|l| l.attr("href").is_some() && matches!(l.attr("rel"), None | Some("alternate" | "")))
    };
    let by_href = alternates().filter(html).chain(alternates()).find_map(|l| at(l, l.attr("href")?));
    let by_text = || item.all(&["link"]).find_map(|l| at(l, &l.text()));
    let by_guid = || {
        let guid =
            item.first(&["guid"]).filter(|g| g.attr("ispermalink").is_none_or(|p| !p.eq_ignore_ascii_case("false")))?;
        let text = guid.text();
        text.trim().starts_with("http").then(|| link(base, &text))?
    };
    let by_about = || item.attr("rdf:about").filter(|a| a.starts_with("http")).and_then(|a| link(base, a));
    let by_source = || item.first(&["content"]).or(item.all(&["content"]).next()).and_then(|c| at(c, c.attr("src")?));
    if item.name == "item" {
        by_text().or(by_href).or_else(by_guid).or_else(by_about)
    } else {
        by_href.or_else(by_text).or_else(by_guid).or_else(by_source)
    }
}

/// A person or paper as written, on one line.
fn line(raw: &str) -> Option<String> {
    Some(plain::of_html(raw)).filter(|l| !l.is_empty())
}
