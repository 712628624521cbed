//! The list of a page found without selectors: links of one shape, scored as headlines.
//!
//! `place` tells which parts of a page hold no list, or one that is not the page's own; `address` tells articles from
//! sections by where links lead; `score` weighs groups of links of one shape. The best group is the list, with what is of
//! its kind elsewhere: leads stand in another shape than the rest.

mod address;
mod place;
mod score;

use std::collections::{BTreeMap, HashMap, HashSet};

use scraper::ElementRef;
use url::Url;

use crate::model::Entry;
use crate::model::address::canonical;

use super::{
    headline::{Headline, headline_of},
    item,
    page::{Doc, date_near},
    plain,
    reading::{Collected, Reading},
};

/// Links of a page after this many are left out.
const LINKS_MAX: usize = 5_000;
/// Ancestors that make up the shape of a link.
const SHAPE_LEVELS: usize = 4;
/// Ancestors of a link among which its item is.
const ITEM_LEVELS: usize = 8;
/// Groups of at least this share of the best one's score belong to the list: pages show leads in another shape.
const SHARE_MIN: f64 = 0.6;
/// A single headline of the list's kind is at least so wide; Han characters are two wide.
const KIN_WIDTH_MIN: usize = 8;
/// Levels above what holds the list in which more of its kind is looked for.
const KIN_LEVELS: usize = 2;
/// Digits of a folder from which it is a day's or a month's.
const FOLDER_DIGITS_MIN: usize = 4;
/// Of links to articles, this share makes a link of the same group that leads elsewhere a stranger.
const ARTICLES_MIN: f64 = 0.4;
/// Of a list's links, this share within the site makes links out of it adverts.
const HOME_MIN: f64 = 0.7;

/// A link that may be the headline of an article.
struct Link<'a> {
    anchor: ElementRef<'a>,
    url: Url,
    key: String,
    headline: Headline,
    /// Whether it stands beside the page's own matter.
    aside: bool,
    /// Whether it leads to an article, as far as its address tells.
    article: bool,
}

/// The articles that the page lists, as far as that can be seen from its shape.
pub(super) fn find(doc: &Doc, reading: &mut Reading<'_>) -> Vec<Entry> {
    let links = links(doc, reading);
    let core = core(&links, reading);
    let chosen = with_kin(core, &links, reading);
    entries(doc, &chosen, &links, reading)
}

fn links<'a>(doc: &'a Doc, reading: &Reading<'_>) -> Vec<Link<'a>> {
    let anchors = doc.html.root_element().descendent_elements().filter(|e| e.value().name() == "a");
    let anchors: Vec<ElementRef<'_>> = anchors.take(LINKS_MAX).collect();
    let places = place::places(&anchors);
    anchors
        .into_iter()
        .zip(places)
        .filter_map(|(anchor, place)| {
            if place.outside || place::is_no_headline(anchor) {
                return None;
            }
            let url = doc.link(anchor)?;
            if address::is_advert(&url) {
                return None;
            }
            let headline = headline_of(anchor, reading)?;
            let key = canonical(&url);
            Some(Link { anchor, key, headline, aside: place.aside, article: address::is_article(&url), url })
        })
        .collect()
}

/// The links of the best group, and of those nearly as good.
fn core<'l, 'a>(links: &'l [Link<'a>], reading: &Reading<'_>) -> Vec<&'l Link<'a>> {
    let mut groups: BTreeMap<(String, bool), Vec<&Link<'_>>> = BTreeMap::new();
    for link in links {
        groups.entry((shape(link.anchor, true), link.aside)).or_default().push(link);
    }
    let scored: Vec<(f64, bool, Vec<&Link<'_>>)> = groups
        .into_iter()
        .filter_map(|((_, aside), group)| {
            let group = without_strangers(group);
            let items = items(&group);
            Some((score::of(&group, &items, reading)?, aside, group))
        })
        .collect();
    let Some((best, beside)) =
        scored.iter().map(|(score, aside, _)| (*score, *aside)).max_by(|a, b| a.0.total_cmp(&b.0))
    else {
        return vec![];
    };
    let near = |score: f64, aside: bool| score >= best * SHARE_MIN && aside == beside;
    scored.into_iter().filter(|(score, aside, _)| near(*score, *aside)).flat_map(|(_, _, group)| group).collect()
}

/// `group` without links to sections and people among those to articles.
fn without_strangers<'l, 'a>(group: Vec<&'l Link<'a>>) -> Vec<&'l Link<'a>> {
    let articles: HashSet<&str> = group.iter().filter(|l| l.article).map(|l| l.key.as_str()).collect();
    let all: HashSet<&str> = group.iter().map(|l| l.key.as_str()).collect();
    if articles.len() < score::GROUP_MIN || share(articles.len(), all.len()) < ARTICLES_MIN {
        return group;
    }
    let folders: HashSet<String> = group.iter().filter(|l| l.article).map(|l| address::folder(&l.url)).collect();
    group
        .into_iter()
        .filter(|l| {
            let wide = plain::width(&l.headline.text) >= score::WIDTH_MIN;
            l.article || (wide && !address::is_section(&l.url) && folders.contains(&address::folder(&l.url)))
        })
        .collect()
}

/// `core` with the links of its kind that stand near it in another shape, in the order of the page.
fn with_kin<'l, 'a>(core: Vec<&'l Link<'a>>, links: &'l [Link<'a>], reading: &Reading<'_>) -> Vec<&'l Link<'a>> {
    let Some(first) = core.first() else { return core };
    let (aside, inner, outer) = (first.aside, scope(&core, 0), scope(&core, KIN_LEVELS));
    let tags: HashSet<String> = core.iter().map(|l| shape(l.anchor, false)).collect();
    let patterns: HashSet<String> = core.iter().filter(|l| l.article).map(|l| address::pattern(&l.url)).collect();
    // Articles named under a lead stand in its item, where links to sections and people stand too.
    let dated = |folder: &String| folder.bytes().filter(u8::is_ascii_digit).count() >= FOLDER_DIGITS_MIN;
    let dated_folders: HashSet<String> = core.iter().map(|l| address::folder(&l.url)).filter(dated).collect();
    let taken: HashSet<_> = core.iter().map(|l| l.anchor.id()).collect();
    let is_in =
        |l: &Link<'_>, e: Option<ElementRef<'_>>| e.is_none_or(|e| l.anchor.ancestors().any(|n| n.id() == e.id()));
    let is_near = |l: &Link<'_>| {
        let shaped = l.headline.is_heading() || tags.contains(&shape(l.anchor, false));
        shaped && is_in(l, outer) || is_in(l, inner) && dated_folders.contains(&address::folder(&l.url))
    };
    let is_kin = |l: &Link<'_>| {
        l.aside == aside
            && l.article
            && plain::width(&l.headline.text) >= KIN_WIDTH_MIN
            && patterns.contains(&address::pattern(&l.url))
            && is_near(l)
    };
    let kin: Vec<&Link<'_>> = links.iter().filter(|l| !taken.contains(&l.anchor.id()) && is_kin(l)).collect();
    let mut chosen = core;
    chosen.extend(kin);
    let host = reading.page.url.host_str().unwrap_or_default();
    let is_home = |l: &&Link<'_>| address::is_of_site(l.url.host_str().unwrap_or_default(), host);
    if share(chosen.iter().filter(|l| is_home(l)).count(), chosen.len()) >= HOME_MIN {
        chosen.retain(is_home);
    }
    // Nodes are numbered as the page is read.
    chosen.sort_by_key(|l| l.anchor.id());
    chosen
}

/// The element so many levels above the one that holds all of `core`: more of the list's kind is looked for in it.
fn scope<'a>(core: &[&Link<'a>], levels: usize) -> Option<ElementRef<'a>> {
    let mut held: HashMap<_, usize> = HashMap::new();
    for link in core {
        link.anchor.ancestors().for_each(|n| *held.entry(n.id()).or_default() += 1);
    }
    let whole = core.first()?.anchor.ancestors().filter(|n| held.get(&n.id()) == Some(&core.len()));
    whole.filter_map(ElementRef::wrap).nth(levels)
}

fn entries(doc: &Doc, chosen: &[&Link<'_>], links: &[Link<'_>], reading: &Reading<'_>) -> Vec<Entry> {
    let items = items(chosen);
    // A headline's link may come after a picture's, and before one that says no more than `read on`.
    let mut best: HashMap<&str, &Headline> = HashMap::new();
    for link in links {
        let held = best.entry(&link.key).or_insert(&link.headline);
        if link.headline.rank > held.rank {
            *held = &link.headline;
        }
    }
    let mut found = Collected::default();
    for (link, item) in chosen.iter().zip(items) {
        if place::is_advert(item) {
            continue;
        }
        let Some(headline) = best.get(link.key.as_str()) else { continue };
        let own = |a: ElementRef<'_>| doc.link(a).is_some_and(|url| canonical(&url) == link.key);
        let parts = item::parts(item, link.anchor);
        let near = || parts.iter().find_map(|part| date_near(*part, link.anchor, reading));
        found.push(Entry {
            title: Some(headline.text.clone()),
            published: item::date_under_day(item, link.anchor, reading)
                .or_else(near)
                .or_else(|| item::date_beside(item, link.anchor, reading)),
            summary: item::summary(&parts, &headline.text, &own),
            image: parts.iter().find_map(|part| item::image(*part, &doc.base)),
            ..Entry::at(link.url.clone())
        });
    }
    found.into_entries()
}

/// Tags of `anchor` and up, with their classes if `classed`; numbered and alternating classes do not tell shapes apart.
fn shape(anchor: ElementRef<'_>, classed: bool) -> String {
    const VARYING: [&str; 16] = [
        "odd", "even", "first", "last", "alt", "active", "visited", "new", "common", "lock", "hot", "unread", "read",
        "sticky", "hentry", "digest",
    ];
    /// Engines put what an article is about into its classes.
    const TELLING: [&str; 8] = ["category-", "tag-", "post-", "type-", "status-", "format-", "has-", "topic_"];
    let above = anchor.ancestors().filter_map(ElementRef::wrap).take(SHAPE_LEVELS);
    std::iter::once(anchor)
        .chain(above)
        .map(|e| {
            let mut classes: Vec<&str> = e
                .value()
                .classes()
                .filter(|c| {
                    classed
                        && !c.contains(|c: char| c.is_ascii_digit())
                        && !VARYING.contains(c)
                        && !TELLING.iter().any(|t| c.starts_with(t))
                })
                .collect();
            classes.sort_unstable();
            format!("{}.{}", e.value().name(), classes.join("."))
        })
        .collect::<Vec<_>>()
        .join("<")
}

/// For each link the largest element around it that holds no other link of the group.
fn items<'a>(group: &[&Link<'a>]) -> Vec<ElementRef<'a>> {
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
        .iter()
        .map(|link| {
            let own = link
                .anchor
                .ancestors()
                .take(ITEM_LEVELS)
                .take_while(|n| keys.get(&n.id()).is_some_and(|(_, several)| !several));
            own.filter_map(ElementRef::wrap).last().unwrap_or(link.anchor)
        })
        .collect()
}

/// `part` of `whole`, 0 to 1.
fn share(part: usize, whole: usize) -> f64 {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    number(part) / number(whole.max(1))
}
