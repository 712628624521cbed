//! What stands around the headline of an item: a date in the text beside it, a summary, a picture.

use std::ops::Deref;

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Node};
use url::Url;

use super::{
    headline::leads_on,
    plain,
    reading::{Reading, link},
};

/// Elements after a heading that may belong to its item.
const PARTS_MAX: usize = 4;
/// Nodes beside a link in which its date is looked for.
const BESIDE_MAX: usize = 6;
/// Elements before an item among which the heading with its day is.
const GROUP_MAX: usize = 100;
/// A wider text is no heading with a day.
const DAY_WIDTH_MAX: usize = 32;
/// Elements of an item in which a summary is looked for.
const ELEMENTS_MAX: usize = 200;
/// More elements are in no paragraph.
const BLOCK_ELEMENTS_MAX: usize = 60;
/// A text of at least this width is a summary; Han characters are two wide.
const SUMMARY_WIDTH_MIN: usize = 40;
/// The same for one whose name says that it is a summary.
const NAMED_WIDTH_MIN: usize = 16;
/// Characters of a summary after this many are left out.
const SUMMARY_CHARS_MAX: usize = 1_000;
/// Text after a link of at least this width makes the link part of a sentence.
const SENTENCE_WIDTH_MIN: usize = 8;
/// Sides of a picture that is an icon, at most, in pixels.
const ICON_MAX: u32 = 40;

/// Words in a class that make a text a summary.
const SUMMARIES: &[&str] = &[
    "summary",
    "excerpt",
    "desc",
    "description",
    "intro",
    "abstract",
    "digest",
    "brief",
    "standfirst",
    "dek",
    "lead",
    "teaser",
    "zhaiyao",
    "jianjie",
    "snippet",
    "subtitle",
];
/// Words in a class that make a text anything but one.
const BYLINES: &[&str] = &[
    "meta",
    "byline",
    "info",
    "author",
    "bar",
    "tags",
    "tag",
    "terms",
    "date",
    "time",
    "footer",
    "stats",
    "parts",
    "permissions",
    "caption",
    "comment",
    "comments",
    "title",
];
/// Attributes in which the address of a picture waits for a script, the larger picture first.
const LAZY: &[&str] =
    &["zoomfile", "data-original", "data-src", "data-lazy-src", "data-actualsrc", "data-echo", "data-url"];
/// Words in the address of what is no picture of the article.
const NO_PICTURES: &[&str] = &[
    "blank",
    "placeholder",
    "loading",
    "spacer",
    "grey.",
    "gray.",
    "pixel",
    "transparent",
    "avatar",
    "icon",
    "emoji",
    "smil",
    "logo",
    "/dot.",
    "none.gif",
    "static/image",
    "folder_",
    "pin_",
];

/// The elements that make up the item: `item`, and what follows it where it is only the headline of its item.
pub(super) fn parts<'a>(item: ElementRef<'a>, anchor: ElementRef<'a>) -> Vec<ElementRef<'a>> {
    let mut parts = vec![item];
    let name = item.value().name();
    if matches!(name, "dt" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "tr") && item.id() != anchor.id() {
        let after = item.next_siblings().filter_map(ElementRef::wrap).take(PARTS_MAX);
        let headless = |e: &ElementRef<'_>| {
            // Rows are items by themselves but where one has the headline and the next what is said of it.
            e.value().name() != "dt" && e.value().name() != name || (name == "tr" && is_under(*e))
        };
        parts.extend(
            after.take_while(|e| headless(e) && !matches!(e.value().name(), "h1" | "h2" | "h3" | "ul" | "nav")),
        );
    }
    parts
}

/// Whether the row `e` has nothing in its first cell, as the second row of an item has.
fn is_under(e: ElementRef<'_>) -> bool {
    e.child_elements().next().is_some_and(|cell| cell.attr("colspan").is_some() && plain::of_element(cell).is_empty())
}

/// The date in the bare text beside `anchor`, where nothing but line breaks parts it from other items.
pub(super) fn date_beside(
    item: ElementRef<'_>,
    anchor: ElementRef<'_>,
    reading: &Reading<'_>,
) -> Option<DateTime<Utc>> {
    if item.id() != anchor.id() {
        return None;
    }
    let after: String = anchor.next_siblings().take(BESIDE_MAX).map_while(in_line).collect();
    let mut before = anchor.prev_siblings().take(BESIDE_MAX).map_while(in_line);
    reading.date_if_any(&after).or_else(|| before.find_map(|t| reading.date_if_any(&t)))
}

/// The date of an item that shows nothing but the time, under a heading with the day.
pub(super) fn date_under_day(
    item: ElementRef<'_>,
    anchor: ElementRef<'_>,
    reading: &Reading<'_>,
) -> Option<DateTime<Utc>> {
    let leaves = item.descendent_elements().take(ELEMENTS_MAX).filter(|e| e.child_elements().next().is_none());
    let time = leaves.map(plain::of_element).find(|text| is_time(text))?;
    let rest = plain::of_element_without(item, &|e| e.id() == anchor.id()).replacen(&time, "", 1);
    if reading.date_if_any(&rest).is_some() {
        return None;
    }
    let above = item.parent().and_then(ElementRef::wrap);
    let before = |e: ElementRef<'_>, most: usize| -> Option<String> {
        let labels = e.prev_siblings().filter_map(ElementRef::wrap).take(most);
        let unlinked = labels.filter(|l| !l.descendent_elements().any(|a| a.value().name() == "a"));
        unlinked.map(plain::of_element).find(|text| {
            plain::width(text) <= DAY_WIDTH_MAX && !text.contains(':') && reading.date_if_any(text).is_some()
        })
    };
    let day = before(item, GROUP_MAX).or_else(|| before(above?, 1))?;
    reading.date_if_any(&format!("{day} {time}"))
}

/// Whether `text` is a time of day and nothing else.
fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().skip(1).all(|p| p.len() == 2)
        && parts.iter().all(|p| (1..=2).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
}

/// The text of `node`, unless it is a link or breaks the line.
fn in_line(node: <ElementRef<'_> as Deref>::Target) -> Option<String> {
    match node.value() {
        Node::Text(t) => Some(t.to_string()),
        Node::Element(e) => matches!(e.name(), "span" | "em" | "i" | "b" | "font" | "small" | "time" | "label")
            .then(|| ElementRef::wrap(node).map(plain::of_element).unwrap_or_default()),
        _ => Some(String::new()),
    }
}

/// The text of `parts` that sums up what `title` is the headline of; `own` tells links to the article.
pub(super) fn summary(parts: &[ElementRef<'_>], title: &str, own: &dyn Fn(ElementRef<'_>) -> bool) -> Option<String> {
    let mut best: Option<(bool, usize, String)> = None;
    let elements = || parts.iter().flat_map(|p| p.descendent_elements()).take(ELEMENTS_MAX);
    for e in elements().filter(|e| is_text_block(*e)) {
        let named = has_word(e, SUMMARIES);
        if !named && has_word(e, BYLINES) {
            continue;
        }
        let text = running_text(e, own);
        let width = plain::width(&text);
        let min = if named { NAMED_WIDTH_MIN } else { SUMMARY_WIDTH_MIN };
        let better = best.as_ref().is_none_or(|(n, w, _)| (named, width) > (*n, *w));
        if width >= min
            && better
            && !text.starts_with(title)
            && !title.starts_with(&text)
            && linked_width(e) * 2 < width.max(1) * 3
        {
            best = Some((named, width, text));
        }
    }
    let (_, _, text) = best?;
    Some(text.chars().take(SUMMARY_CHARS_MAX).collect())
}

/// The text of `e` without links on to the article, which `own` tells, and others that only follow it.
pub(super) fn running_text(e: ElementRef<'_>, own: &dyn Fn(ElementRef<'_>) -> bool) -> String {
    let text = plain::of_element_without(e, &|e| is_trailing(e, own) || is_beside_text(e));
    text.trim_end_matches([' ', '|', '·', '/', '[', ']', '-', '>', '»', '→']).trim_start().to_owned()
}

/// Whether `e` is a paragraph, by name or because its text is not in further ones.
fn is_text_block(e: ElementRef<'_>) -> bool {
    let block = |e: &ElementRef<'_>| {
        matches!(
            e.value().name(),
            "p" | "div"
                | "dd"
                | "dt"
                | "td"
                | "li"
                | "ul"
                | "ol"
                | "dl"
                | "table"
                | "section"
                | "article"
                | "figure"
                | "header"
                | "footer"
                | "h1"
                | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "aside"
                | "tr"
                | "tbody"
                | "main"
        )
    };
    let may = matches!(e.value().name(), "p" | "div" | "dd" | "td" | "span" | "a" | "section" | "blockquote");
    let holds_text = |e: &ElementRef<'_>| e.text().any(|t| !t.trim().is_empty());
    let inside = || e.descendent_elements().skip(1);
    may && inside().nth(BLOCK_ELEMENTS_MAX).is_none() && !inside().any(|inner| block(&inner) && holds_text(&inner))
}

/// Whether `e` is a link at the end of a text that is no part of it: `read on`, an author, a number of comments.
fn is_trailing(e: ElementRef<'_>, own: &dyn Fn(ElementRef<'_>) -> bool) -> bool {
    if e.value().name() != "a" {
        return false;
    }
    let text = plain::of_element(e);
    let after =
        e.next_siblings().filter_map(|n| n.value().as_text().map(|t| plain::width(&plain::collapse(t)))).sum::<usize>();
    let before = e.prev_siblings().any(|n| n.value().as_text().is_some_and(|t| !t.trim().is_empty()));
    leads_on(&text) || (before && after < SENTENCE_WIDTH_MIN && (own(e) || plain::width(&text) < SUMMARY_WIDTH_MIN))
}

/// Whether `e` is a picture's caption or a date within a text.
fn is_beside_text(e: ElementRef<'_>) -> bool {
    matches!(e.value().name(), "time" | "button" | "figcaption")
}

/// Columns that links take in `e`, but for one that is all of it.
fn linked_width(e: ElementRef<'_>) -> usize {
    let links = e.descendent_elements().skip(1).filter(|a| a.value().name() == "a");
    links.map(|a| plain::width(&plain::of_element(a))).sum()
}

fn has_word(e: ElementRef<'_>, words: &[&str]) -> bool {
    let mut own = e.value().classes().flat_map(|c| c.split(['-', '_']));
    own.any(|w| words.contains(&w.to_ascii_lowercase().as_str()))
}

/// The first picture in `item` that is more than an icon, in its largest size.
pub(super) fn image(item: ElementRef<'_>, base: &Url) -> Option<Url> {
    let pictures = item.descendent_elements().filter(|e| matches!(e.value().name(), "img" | "source"));
    pictures.filter(|e| !is_icon(*e)).find_map(|e| {
        let set = ["data-srcset", "srcset"].iter().filter_map(|name| largest(e.attr(name)?));
        let lazy = LAZY.iter().filter_map(|name| e.attr(name));
        let src = e.attr("src").filter(|_| e.value().name() == "img");
        set.chain(lazy).chain(src).filter(|u| !u.starts_with("data:") && !is_no_picture(u)).find_map(|u| link(base, u))
    })
}

/// The address in the `srcset` of `set` with the largest descriptor.
fn largest(set: &str) -> Option<&str> {
    let mut best: Option<(f64, &str)> = None;
    let mut words = set.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let bare = word.trim_end_matches(',');
        let described = words.peek().filter(|_| bare.len() == word.len()).and_then(|d| {
            d.trim_end_matches(',').strip_suffix(['w', 'x']).and_then(|number| number.parse::<f64>().ok())
        });
        if described.is_some() {
            words.next();
        }
        let size = described.unwrap_or(1.0);
        if !bare.is_empty() && best.is_none_or(|(largest, _)| size > largest) {
            best = Some((size, bare));
        }
    }
    best.map(|(_, url)| url)
}

fn is_icon(e: ElementRef<'_>) -> bool {
    let side = |name: &str| e.attr(name).and_then(|v| v.trim().trim_end_matches("px").parse::<u32>().ok());
    side("width").is_some_and(|w| w <= ICON_MAX) || side("height").is_some_and(|h| h <= ICON_MAX)
}

fn is_no_picture(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    NO_PICTURES.iter().any(|word| url.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_of_a_set_is_taken() {
        for (set, url) in [
            ("/a-320.jpg 320w, /a-960.jpg 960w", "/a-960.jpg"),
            ("/w_320,c_fit/a.jpg 1x,\n /w_640,c_fit/a.jpg 2x", "/w_640,c_fit/a.jpg"),
            ("/only.jpg", "/only.jpg"),
        ] {
            assert_eq!(largest(set), Some(url));
        }
        assert_eq!(largest(" "), None);
    }
}
