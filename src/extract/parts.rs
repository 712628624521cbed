//! Parts of a page that surround an article, told by what their classes and ids are called.
//!
//! In: the tree of a page. Out: which elements are boxes of related links, newsletters, shares and the like, and what its
//! pictures are captioned. A name is believed only as long as all that goes by it is a small part of the page: what holds
//! the article is never such a part.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use daachorse::DoubleArrayAhoCorasick;
use ego_tree::NodeId;
use scraper::{ElementRef, Html};
use url::Url;

use super::asides::weight;
use super::dom::{self, Step, attr, walk};
use super::plain;

/// Openings of the words that name what surrounds an article.
const AROUND: &[&str] = &[
    "related",
    "newsletter",
    "recommend",
    "promo",
    "outbrain",
    "taboola",
    "breadcrumb",
    "sharebar",
    "share",
    "sharing",
    "social",
    "subscri",
    "signup",
    "teaser",
    "sponsor",
    "advert",
    "byline",
    "trending",
    "popular",
    "mostread",
    "morefrom",
    "readmore",
    "seealso",
    "copyright",
    "disclaimer",
    "toolbar",
    "pagination",
    "comments",
    "disqus",
    "addthis",
    "addtoany",
    "xiangguan",
    "tuijian",
    "fenxiang",
    "mianze",
    "guanzhu",
    "footer",
    "sidebar",
    "navbar",
];
/// Words that name what surrounds an article when they stand alone.
const AROUND_WHOLE: &[&str] = &[
    "tags",
    "keywords",
    "nav",
    "menu",
    "ad",
    "ads",
    "rail",
    "bio",
    "timestamp",
    "pager",
    "slideshow",
    "gallery",
    "carousel",
];
/// Openings of the words that name the caption of a picture.
const CAPTIONS: &[&str] = &["caption", "imgcaption", "piccaption", "photocredit", "imagecredit", "credit"];
/// Elements that are parts by themselves.
const ELEMENTS: &[&str] = &["nav", "footer", "aside"];
/// Elements that are never parts.
const WHOLES: &[&str] = &["html", "body", "main", "article", "h1", "img", "a", "br"];
/// One in so many of the page's characters of prose that all parts of one name may hold.
const SHARE: usize = 4;
/// The same for captions and galleries, of which there are as many as pictures.
const SHARE_OF_PICTURES: usize = 2;
/// Names of galleries.
const GALLERIES: &[&str] = &["slideshow", "gallery", "carousel"];
/// Least weight of a piece of text that is prose, not a title or a label; a Han character weighs three.
const PROSE_WEIGHT_MIN: usize = 75;
/// Shortest line that is a caption by being how one begins, in characters.
const OPENING_CHARS_MIN: usize = 20;
/// Links that are asked where they lead.
const LINKS_MAX: usize = 2000;
/// Links from which the host they lead to may be the site.
const SITE_LINKS_MIN: usize = 10;
/// Parts in parts that are told.
const NESTED_MAX: usize = 16;
/// Captions that are kept in mind.
const CAPTIONS_MAX: usize = 500;
/// Longest caption, in characters.
const CAPTION_CHARS_MAX: usize = 700;

/// What a page says beside its article of what is in it.
#[derive(Default)]
pub(super) struct Around {
    /// What its pictures are captioned, as lines in order of text.
    captions: Vec<String>,
    /// The domains that its links stay on.
    pub(super) site: Vec<String>,
    /// The text that the page declares.
    pub(super) declared: Option<String>,
}

impl Around {
    /// Whether `line` is a caption or begins one.
    pub(super) fn captions(&self, line: &str) -> bool {
        let next = self.captions.get(self.captions.partition_point(|c| c.as_str() < line));
        next.is_some_and(|c| c == line || (line.chars().count() >= OPENING_CHARS_MIN && c.starts_with(line)))
    }
}

#[derive(Clone, Copy)]
struct Part {
    id: NodeId,
    name: &'static str,
    is_caption: bool,
    /// Whether an element in it says that it is the article.
    holds_article: bool,
    /// Characters of prose.
    chars: usize,
}

/// The parts of `doc` that are named as surroundings, the characters of prose of all of it, and what the page at `url`
/// says around its article.
pub(super) fn find(doc: &Html, url: &Url) -> (HashSet<NodeId>, usize, Around) {
    let read = read(doc);
    let (parts, chars) = (read.parts, read.chars);
    let share = |p: &Part| if p.is_caption || GALLERIES.contains(&p.name) { SHARE_OF_PICTURES } else { SHARE };
    let is_small = |p: &Part, held: usize| held * share(p) <= chars;
    let mut held: HashMap<&str, usize> = HashMap::new();
    for part in parts.iter().filter(|p| is_small(p, p.chars)) {
        *held.entry(part.name).or_default() += part.chars;
    }
    let small = |p: &&Part| is_small(p, p.chars) && is_small(p, held[p.name]);
    let is_caption = |p: &&Part| p.is_caption && p.chars <= CAPTION_CHARS_MAX;
    let captions = captions(doc, parts.iter().filter(small).filter(is_caption), &read.texts);
    let surroundings = parts.iter().filter(small).filter(|p| !p.is_caption).map(|p| p.id).collect();
    (surroundings, chars, Around { captions, site: site(read.hosts, url), declared: None })
}

/// The captions that `parts` are, and those in the pictures themselves.
fn captions<'p>(doc: &Html, parts: impl Iterator<Item = &'p Part>, texts: &[&str]) -> Vec<String> {
    let elements = parts.filter_map(|p| doc.tree.get(p.id).and_then(ElementRef::wrap)).take(CAPTIONS_MAX);
    let mut lines: Vec<String> =
        elements.flat_map(|e| plain::lines(e, &[]).into_iter().map(|l| l.text).chain([dom::text_of(e)])).collect();
    lines.extend(texts.iter().map(|t| dom::collapse(t)).filter(|t| t.chars().count() >= OPENING_CHARS_MIN));
    lines.sort_unstable();
    lines
}

/// The domain of `url`, and the one that most links lead to, of which there are so many to each of `hosts`, if most do
/// not stay where they are.
fn site(hosts: HashMap<&str, usize>, url: &Url) -> Vec<String> {
    let own = url.host_str().map(plain::domain).unwrap_or_default();
    let many = hosts.into_iter().filter(|(_, n)| *n >= SITE_LINKS_MIN);
    let most = many.max_by_key(|(host, n)| (*n, *host)).map(|(host, _)| host);
    std::iter::once(own).chain(most.filter(|host| !host.is_empty()).map(plain::domain)).collect()
}

/// What a walk over a page finds.
#[derive(Default)]
struct Read<'a> {
    /// Its parts that hold no article, inner before outer.
    parts: Vec<Part>,
    /// Characters of prose.
    chars: usize,
    /// How many links lead to each host, the page's own without a name.
    hosts: HashMap<&'a str, usize>,
    /// Texts that stand in for pictures.
    texts: Vec<&'a str>,
}

fn read(doc: &Html) -> Read<'_> {
    let mut read = Read::default();
    let (mut around, mut links) = (0_usize, 0);
    // Open parts, with what was read before each.
    let mut open: Vec<(Part, usize)> = Vec::new();
    walk(doc.root_element(), |step| {
        match step {
            // A text weighs no more than it has bytes.
            Step::Text(text) if around == 0 && text.len() >= PROSE_WEIGHT_MIN && weight(text) >= PROSE_WEIGHT_MIN => {
                read.chars += text.chars().filter(|c| !c.is_whitespace()).count();
            }
            Step::Text(_) => {}
            Step::Open(e) => {
                let kind = e.value().name();
                if kind == "a" {
                    around += 1;
                    if let Some(href) = attr(e, "href").filter(|_| links < LINKS_MAX) {
                        links += 1;
                        *read.hosts.entry(plain::host(href).unwrap_or_default()).or_default() += 1;
                    }
                } else if kind == "img" && read.texts.len() < CAPTIONS_MAX {
                    read.texts.extend(attr(e, "alt"));
                } else if holds_article(e) {
                    open.iter_mut().for_each(|(part, _)| part.holds_article = true);
                }
                if let Some((name, is_caption)) = name(e).filter(|_| open.len() < NESTED_MAX) {
                    open.push((Part { id: e.id(), name, is_caption, holds_article: false, chars: 0 }, read.chars));
                }
            }
            Step::Close(e) => {
                around -= usize::from(e.value().name() == "a");
                if let Some((part, before)) = open.pop_if(|(part, _)| part.id == e.id()) {
                    read.parts.push(Part { chars: read.chars - before, ..part });
                }
            }
        }
        true
    });
    read.parts.retain(|p| !p.holds_article);
    read
}

/// Whether `e` says that it is the article.
fn holds_article(e: ElementRef<'_>) -> bool {
    matches!(e.value().name(), "main" | "article" | "h1") || attr(e, "itemprop").is_some_and(|p| p == "articleBody")
}

/// The word that names `e` as a part of the surroundings, and whether as a caption.
fn name(e: ElementRef<'_>) -> Option<(&'static str, bool)> {
    let e = e.value();
    if WHOLES.contains(&e.name()) {
        return None;
    }
    if let Some(name) = ELEMENTS.iter().find(|n| **n == e.name()) {
        return Some((name, false));
    }
    let opening = |list: &'static [&'static str], word: &str| list.iter().copied().find(|a| starts_with(word, a));
    let whole = |word: &str| AROUND_WHOLE.iter().copied().find(|a| a.eq_ignore_ascii_case(word));
    let is_name = |(name, value): &(&str, &str)| matches!(*name, "class" | "id") && may_name(value);
    let names = e.attrs().filter(is_name).map(|(_, value)| value);
    let mut caption = None;
    for word in names.flat_map(|n| n.split(|c: char| !c.is_ascii_alphanumeric())).flat_map(words) {
        if let Some(name) = opening(AROUND, word).or_else(|| whole(word)) {
            return Some((name, false));
        }
        caption = caption.or_else(|| opening(CAPTIONS, word));
    }
    caption.map(|name| (name, true))
}

/// Whether any of the words that name parts is in `name`.
fn may_name(name: &str) -> bool {
    static FINDER: LazyLock<Option<DoubleArrayAhoCorasick<u32>>> =
        LazyLock::new(|| DoubleArrayAhoCorasick::new([AROUND, AROUND_WHOLE, CAPTIONS].concat()).ok());
    let lower = name.bytes().map(|b| b.to_ascii_lowercase());
    FINDER.as_ref().is_none_or(|f| f.find_overlapping_iter_from_iter(lower).next().is_some())
}

fn starts_with(word: &str, opening: &str) -> bool {
    word.get(..opening.len()).is_some_and(|w| w.eq_ignore_ascii_case(opening))
}

/// `name` in its parts: `newsCaption` is `news` and `Caption`.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let bytes = name.as_bytes();
    let mut begin = 0;
    (1..=bytes.len()).filter_map(move |at| {
        let ends = at == bytes.len() || (bytes[at].is_ascii_uppercase() && !bytes[at - 1].is_ascii_uppercase());
        ends.then(|| &name[std::mem::replace(&mut begin, at)..at])
    })
}
