//! The list of a page found without selectors: links of one shape, scored as headlines.

use std::collections::HashMap;

use scraper::ElementRef;
use url::Url;

use crate::model::Entry;
use crate::model::address::canonical;
use crate::text::is_han;

use super::{
    page::{Doc, date_near, headline},
    reading::{Collected, Reading},
};

/// Links of a page after this many are left out.
const LINKS_MAX: usize = 5_000;
/// Ancestors that make up the shape of a link.
const SHAPE_LEVELS: usize = 4;
/// Ancestors of a link among which its item is.
const ITEM_LEVELS: usize = 6;
/// Ancestors that are asked whether they are navigation.
const REGION_LEVELS: usize = 64;
/// Fewer links of one shape are no list.
const GROUP_MIN: usize = 3;
/// Average width of headlines; Han characters are two wide, so this is six of them.
const WIDTH_MIN: f64 = 12.0;
/// Wider is no more of a headline.
const WIDTH_MAX: f64 = 60.0;
/// Groups of at least this share of the best one's score belong to the list: pages show leads in another shape.
const SHARE_MIN: f64 = 0.6;
/// Links looked at to score a group.
const SAMPLE: usize = 50;

/// Words in `class` and `id` that mark what is no list of articles.
const REGIONS: &[&str] = &[
    "nav",
    "navbar",
    "navigation",
    "menu",
    "breadcrumb",
    "breadcrumbs",
    "crumb",
    "crumbs",
    "footer",
    "foot",
    "pager",
    "pagination",
    "login",
    "search",
    "share",
    "copyright",
    "toolbar",
    "topbar",
    "tags",
    "nv",
    "ft",
];
/// The same for what stands beside the list: it may hold articles, but others first.
const SIDES: &[&str] = &["sidebar", "side", "aside", "sd", "related", "widget", "rank", "hot"];

struct Link<'a> {
    anchor: ElementRef<'a>,
    url: Url,
    title: String,
    key: String,
}

/// The articles that the page lists, as far as that can be seen from its shape.
pub(super) fn find(doc: &Doc, reading: &mut Reading<'_>) -> Vec<Entry> {
    let main = find_in(doc, reading, false);
    if main.is_empty() { find_in(doc, reading, true) } else { main }
}

fn find_in(doc: &Doc, reading: &Reading<'_>, sides: bool) -> Vec<Entry> {
    let anchors = doc.html.root_element().descendent_elements().filter(|e| e.value().name() == "a").take(LINKS_MAX);
    let links = anchors.filter(|a| !is_aside(*a, sides)).filter_map(|anchor| {
        let url = doc.link(anchor)?;
        let key = canonical(&url);
        Some(Link { anchor, title: headline(anchor)?, url, key })
    });
    let mut groups: HashMap<String, Vec<Link<'_>>> = HashMap::new();
    for link in links {
        groups.entry(shape(link.anchor)).or_default().push(link);
    }
    let scored: Vec<(f64, Vec<(ElementRef<'_>, Link<'_>)>)> = groups
        .into_values()
        .filter_map(|group| {
            let group = with_items(group);
            let score = score(&group, reading)?;
            Some((score, group))
        })
        .collect();
    let best = scored.iter().map(|(score, _)| *score).fold(0.0, f64::max);
    let mut chosen: Vec<_> =
        scored.into_iter().filter(|(score, _)| *score >= best * SHARE_MIN).flat_map(|(_, group)| group).collect();
    // Nodes are numbered as the page is read.
    chosen.sort_by_key(|(_, link)| link.anchor.id());
    let mut found = Collected::default();
    for (item, link) in chosen {
        let published = date_near(item, link.anchor, reading);
        found.push(Entry { title: Some(link.title), published, ..Entry::at(link.url) });
    }
    found.into_entries()
}

/// Whether `anchor` stands in navigation, or beside the main matter when `sides` does not allow that.
fn is_aside(anchor: ElementRef<'_>, sides: bool) -> bool {
    // The body's own names tell what kind of page it is, not what part of it.
    let parts = |e: &ElementRef<'_>| !matches!(e.value().name(), "body" | "html");
    let ancestors = || anchor.ancestors().take(REGION_LEVELS).filter_map(ElementRef::wrap).filter(parts);
    let framed = ancestors().any(|e| matches!(e.value().name(), "article" | "main" | "section" | "li"));
    ancestors().any(|e| {
        let by_name = match e.value().name() {
            // Not `form`: forums and old portals wrap whole lists in one.
            "nav" | "footer" => true,
            // Cards have headers too.
            "header" => !framed,
            "aside" => !sides,
            _ => false,
        };
        let words = e.value().classes().chain(e.value().id()).flat_map(|c| c.split(['-', '_']));
        by_name
            || words
                .map(str::to_ascii_lowercase)
                .any(|w| REGIONS.contains(&w.as_str()) || (!sides && SIDES.contains(&w.as_str())))
    })
}

/// Tags and classes from `anchor` up; numbered and alternating classes do not tell shapes apart.
fn shape(anchor: ElementRef<'_>) -> String {
    const VARYING: [&str; 7] = ["odd", "even", "first", "last", "alt", "active", "visited"];
    let above = anchor.ancestors().filter_map(ElementRef::wrap).take(SHAPE_LEVELS);
    std::iter::once(anchor)
        .chain(above)
        .map(|e| {
            let mut classes: Vec<&str> = e
                .value()
                .classes()
                .filter(|c| !c.contains(|c: char| c.is_ascii_digit()) && !VARYING.contains(c))
                .collect();
            classes.sort_unstable();
            format!("{}.{}", e.value().name(), classes.join("."))
        })
        .collect::<Vec<_>>()
        .join("<")
}

/// Each link with the largest element around it that holds no other link of the group.
fn with_items(group: Vec<Link<'_>>) -> Vec<(ElementRef<'_>, Link<'_>)> {
    let mut keys = HashMap::new();
    for (n, link) in group.iter().enumerate() {
        for above in link.anchor.ancestors().take(ITEM_LEVELS) {
            keys.entry(above.id())
                .and_modify(|(first, several): &mut (usize, bool)| {
                    *several |= group[*first].key != link.key;
                })
                .or_insert((n, false));
        }
    }
    group
        .into_iter()
        .map(|link| {
            let own = link
                .anchor
                .ancestors()
                .take(ITEM_LEVELS)
                .take_while(|n| keys.get(&n.id()).is_some_and(|(_, several)| !several))
                .filter_map(ElementRef::wrap)
                .last();
            (own.unwrap_or(link.anchor), link)
        })
        .collect()
}

/// How much `group` looks like a list of articles; `None` if not at all.
fn score(group: &[(ElementRef<'_>, Link<'_>)], reading: &Reading<'_>) -> Option<f64> {
    let mut keys: Vec<&str> = group.iter().map(|(_, l)| l.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let sample = &group[..group.len().min(SAMPLE)];
    let count = f64::from(u32::try_from(sample.len()).ok()?);
    let share = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX)) / count;
    let average = sample.iter().map(|(_, l)| width(&l.title).min(WIDTH_MAX)).sum::<f64>() / count;
    if keys.len() < GROUP_MIN || average < WIDTH_MIN {
        return None;
    }
    let host = reading.page.url.host_str().unwrap_or_default();
    let home = share(sample.iter().filter(|(_, l)| is_of_site(l.url.host_str().unwrap_or_default(), host)).count());
    let article = share(sample.iter().filter(|(_, l)| is_article(&l.url)).count());
    let dated = share(sample.iter().filter(|(item, l)| date_near(*item, l.anchor, reading).is_some()).count());
    Some(average * count.sqrt() * (0.3 + 0.7 * home) * (0.2 + 0.8 * article) * (0.4 + 0.6 * dated))
}

/// Columns that `text` takes.
fn width(text: &str) -> f64 {
    text.chars().map(|c| if is_han(c) || ('\u{3040}'..'\u{3100}').contains(&c) { 2.0 } else { 1.0 }).sum()
}

/// Whether `host` is the site of `home` or one of its subdomains, or the other way round.
fn is_of_site(host: &str, home: &str) -> bool {
    let bare = |h: &str| h.strip_prefix("www.").unwrap_or(h).to_owned();
    let (host, home) = (bare(host), bare(home));
    let parent = |h: &str| h.split_once('.').map(|(_, p)| p.to_owned()).filter(|p| p.contains('.'));
    host == home || parent(&host).is_some_and(|p| p == home || Some(p) == parent(&home)) || parent(&home) == Some(host)
}

/// Whether `url` looks like one article rather than a section: a number, a date or a long slug.
fn is_article(url: &Url) -> bool {
    const SECTIONS: [&str; 6] = ["catid", "fid", "cid", "gid", "uid", "typeid"];
    let path = url.path();
    let file = path.rsplit('/').find(|s| !s.is_empty()).unwrap_or_default();
    let digits = path.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    let numbered = url.query_pairs().any(|(name, value)| {
        let section = SECTIONS.contains(&name.as_ref());
        name.ends_with("id") && !section && !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit())
    });
    let page = file.ends_with("html") || file.ends_with(".htm");
    numbered || digits >= 4 || file.matches('-').count() >= 3 || (page && digits >= 1)
}
