//! The elements of a page that are asked for by what they are called, found in one walk.
//!
//! In: the stripped tree. Out: its headlines, titles, links and properties, and which elements are called like a byline, a
//! date, a count of comments and so on. Asking the tree with a selector for each would be a walk each.

use std::sync::LazyLock;

use daachorse::{DoubleArrayAhoCorasick, DoubleArrayAhoCorasickBuilder};
use scraper::{ElementRef, Html};

/// Called like a line that says who wrote it and where it is from.
pub(super) const BYLINE: u16 = 1;
/// Called like a date, or like what holds one.
pub(super) const DATE: u16 = 2;
/// Called like what holds a count of comments.
pub(super) const COUNT: u16 = 4;
/// Called like the trail of sections that leads to the page.
pub(super) const TRAIL: u16 = 8;
/// A part of any body that is never its text: comments, votes, shares, pagers.
pub(super) const PART: u16 = 16;
/// Where portal software puts what it has to say instead of a page.
pub(super) const MESSAGE: u16 = 32;
/// A class that is one of [`CLASSES`], perhaps.
const PERHAPS: u16 = 64;

/// Headlines that count when looking beside them.
const HEADLINES_MAX: usize = 3;
/// Elements behind a headline that are looked at.
const BEHIND_HEADLINE_MAX: usize = 4;
/// Bytes of a class or id that are read.
const NAME_BYTES_MAX: usize = 4_096;

/// What a class, and what an id, with this in it calls its element.
const WITHIN: &[(&str, u16, u16)] = &[
    ("source", BYLINE | DATE, BYLINE),
    ("info", BYLINE | DATE | COUNT, 0),
    ("author", BYLINE | DATE, 0),
    ("byline", BYLINE | DATE, 0),
    ("meta", BYLINE | DATE | COUNT, 0),
    ("from", BYLINE, 0),
    ("editor", BYLINE, 0),
    ("date", DATE, DATE),
    ("Date", DATE, 0),
    ("time", DATE, DATE),
    ("Time", DATE, 0),
    ("pub", DATE, 0),
    ("comment", COUNT, COUNT),
    ("reply", COUNT, 0),
    ("crumb", TRAIL, TRAIL),
    ("addtoany", PART, 0),
];
/// What these classes call their element.
const CLASSES: &[(&str, u16)] = &[
    ("xg1", BYLINE | DATE | COUNT),
    ("showmessage", MESSAGE),
    ("related_article", PART),
    ("sharebar", PART),
    ("share-bar", PART),
    ("social-share", PART),
    ("bdsharebuttonbox", PART),
    ("jiathis_style", PART),
    ("bshare-custom", PART),
    ("sharedaddy", PART),
    ("jp-relatedposts", PART),
];
/// What these ids call their element.
const IDS: &[(&str, u16)] = &[
    ("pt", TRAIL),
    ("messagetext", MESSAGE),
    ("click_div", PART),
    ("comment", PART),
    ("comments", PART),
    ("related_article", PART),
    ("inner_nav", PART),
];

static FINDER: LazyLock<Option<DoubleArrayAhoCorasick<u32>>> = LazyLock::new(|| {
    let within = WITHIN.iter().map(|(word, class, id)| (*word, u32::from(*class) << 16 | u32::from(*id)));
    let perhaps = CLASSES.iter().map(|(word, _)| (*word, u32::from(PERHAPS) << 16));
    DoubleArrayAhoCorasickBuilder::new().build_with_values(within.chain(perhaps)).ok()
});

/// What of a page is asked for.
#[derive(Default)]
pub(super) struct Index<'a> {
    /// Its `h1`.
    pub(super) headlines: Vec<ElementRef<'a>>,
    /// Its `title`, one if it is well made.
    pub(super) titles: Vec<ElementRef<'a>>,
    /// Its `a` that lead somewhere.
    pub(super) links: Vec<ElementRef<'a>>,
    /// Its `time`.
    pub(super) times: Vec<ElementRef<'a>>,
    /// Elements that are called something, and what.
    called: Vec<(ElementRef<'a>, u16)>,
}

impl<'a> Index<'a> {
    /// The index of `doc`.
    pub(super) fn of(doc: &'a Html) -> Self {
        let mut index = Self::default();
        for e in doc.root_element().descendent_elements() {
            let mut called = 0;
            let mut leads = false;
            for (name, value) in e.value().attrs() {
                match name {
                    "class" => called |= by_class(value),
                    "id" => called |= by_id(value),
                    "rel" if value == "author" => called |= BYLINE,
                    "href" => leads = true,
                    _ => {}
                }
            }
            match e.value().name() {
                "h1" => index.headlines.push(e),
                "title" => index.titles.push(e),
                "a" if leads => index.links.push(e),
                "time" => {
                    index.times.push(e);
                    called |= DATE;
                }
                _ => {}
            }
            if called != 0 {
                index.called.push((e, called));
            }
        }
        index
    }

    /// The elements that are called one of `what`, in document order.
    pub(super) fn called(&self, what: u16) -> impl Iterator<Item = ElementRef<'a>> {
        self.called.iter().filter(move |(_, called)| called & what != 0).map(|(e, _)| *e)
    }

    /// The first `count_max` that are called one of `what`, and those right behind the first headlines.
    pub(super) fn beside_headline(&self, what: u16, count_max: usize) -> impl Iterator<Item = ElementRef<'a>> {
        let headlines = self.headlines.iter().take(HEADLINES_MAX);
        let behind = headlines.flat_map(|h| h.next_siblings().filter_map(ElementRef::wrap).take(BEHIND_HEADLINE_MAX));
        self.called(what).take(count_max).chain(behind)
    }
}

fn found(name: &str) -> u32 {
    let Some(finder) = FINDER.as_ref() else { return 0 };
    let name = &name.as_bytes()[..name.len().min(NAME_BYTES_MAX)];
    finder.find_overlapping_iter(name).fold(0, |found, f| found | f.value())
}

fn by_class(class: &str) -> u16 {
    let called = u16::try_from(found(class) >> 16).unwrap_or_default();
    if called & PERHAPS == 0 {
        return called;
    }
    let exact = class.split_ascii_whitespace().filter_map(|c| CLASSES.iter().find(|(word, _)| *word == c));
    exact.fold(called & !PERHAPS, |called, (_, what)| called | what)
}

fn by_id(id: &str) -> u16 {
    let within = u16::try_from(found(id) & u32::from(u16::MAX)).unwrap_or_default();
    within | IDS.iter().find(|(word, _)| *word == id).map_or(0, |(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::super::dom;
    use super::{BYLINE, COUNT, DATE, Index, MESSAGE, PART, TRAIL};

    #[test]
    fn elements_are_called_by_words_classes_and_ids() {
        for (html, what) in [
            ("<p class='x newsinfo'>", BYLINE | DATE | COUNT),
            ("<p class='a pubTime'>", DATE),
            ("<p class=xg1>", BYLINE | DATE | COUNT),
            ("<p class=xg12>", 0),
            ("<p id=pt>", TRAIL),
            ("<p id=ptx class=showmessages>", 0),
            ("<p class=showmessage>", MESSAGE),
            ("<p id=comments>", COUNT | PART),
            ("<p class='my-addtoany'>", PART),
            ("<a rel=author>", BYLINE),
            ("<time>", DATE),
        ] {
            let doc = dom::fragment(html);
            let called = Index::of(&doc).called.iter().fold(0, |all, (_, called)| all | called);
            assert_eq!(called, what, "{html}");
        }
    }

    #[test]
    fn what_stands_behind_a_headline_is_beside_it() {
        let doc = dom::fragment("<i class=date>a</i><h1>t</h1><p>b</p><p>c</p>");
        let index = Index::of(&doc);
        let beside: Vec<String> = index.beside_headline(DATE, 9).map(dom::text_of).collect();
        assert_eq!(beside, ["a", "b", "c"]);
        assert_eq!((index.headlines.len(), index.links.len()), (1, 0));
    }
}
