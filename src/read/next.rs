//! The next page of a list, by the page's own word for it or by the number after the current one.

use scraper::ElementRef;
use url::Url;

use super::{
    page::{Doc, elements},
    plain,
    reading::link,
};

/// Texts and labels of the link to the next page; in lower case, without brackets and arrows around.
const WORDS: &[&str] = &[
    "下一页",
    "下一頁",
    "下页",
    "下頁",
    "后一页",
    "後一頁",
    "后页",
    "後頁",
    "next",
    "next page",
    "go to next page",
    "older",
    "older posts",
    "older entries",
    "older articles",
    "more stories",
    "load more",
    "show more",
    "加载更多",
    "載入更多",
    "查看更多",
    "更多文章",
    "more posts",
];
/// Texts that are no more than an arrow: believed where the address counts pages too.
const ARROWS: &[&str] = &[">", ">>", "›", "»", "››", "→", "&gt;", "▶", "＞"];
/// Words in a class that name the link to the next page.
const NAMES: &[&str] = &["nxt", "next", "nextpage", "pagenext"];
/// Words in a class that name the current page's number.
const CURRENT: &[&str] = &["current", "active", "cur", "on", "thisclass", "selected", "now", "here", "dq", "hover"];
/// Elements around a number among which the other numbers are.
const PAGER_LEVELS: usize = 3;
/// Elements of a pager looked at.
const PAGER_ELEMENTS_MAX: usize = 200;
/// The largest number of a page that is believed.
const NUMBER_MAX: u32 = 10_000;
/// A longer text is more than a number.
const NUMBER_BYTES_MAX: usize = 12;

/// The page after the one at `here`.
pub(super) fn find(doc: &Doc, here: &Url) -> Option<Url> {
    declared(doc, here).or_else(|| named(doc, here)).or_else(|| numbered(doc, here))
}

/// Where `anchor` leads, if to another page of the site of `here`.
///
/// Addresses are compared as they are: where pages are counted from zero, `page=1` is the second one.
pub(super) fn leads(doc: &Doc, anchor: ElementRef<'_>, here: &Url) -> Option<Url> {
    let bare = |url: &Url| url.as_str().split('#').next().unwrap_or_default().to_owned();
    link(&doc.base, anchor.attr("href")?).filter(|to| to.host_str() == here.host_str() && bare(to) != bare(here))
}

fn declared(doc: &Doc, here: &Url) -> Option<Url> {
    elements(&doc.html, "link")
        .chain(elements(&doc.html, "a"))
        .filter(|e| e.attr("rel").is_some_and(|rel| rel.split_whitespace().any(|r| r.eq_ignore_ascii_case("next"))))
        .find_map(|e| leads(doc, e, here))
}

/// By text, label or class of the link.
fn named(doc: &Doc, here: &Url) -> Option<Url> {
    elements(&doc.html, "a").find_map(|a| {
        let text = plain::of_element(a).to_lowercase();
        let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
        let labels = [a.attr("aria-label"), a.attr("title")].into_iter().flatten().map(str::to_lowercase);
        let said = WORDS.contains(&bare) || labels.into_iter().any(|l| WORDS.contains(&l.trim()));
        let arrow = ARROWS.contains(&text.trim()) || has_word(a, NAMES);
        let begins = ["next ", "下一页", "下一頁", "older "].iter().any(|start| bare.starts_with(start));
        if !said && !arrow && !begins {
            return None;
        }
        let to = leads(doc, a, here)?;
        // A carousel goes on too, and `more` may lead anywhere.
        (counts_pages(&to, here) || (said && in_pager(a) && !bare.contains(['更', 'm']))).then_some(to)
    })
}

/// By the number after the current page's, which is no link or is marked.
fn numbered(doc: &Doc, here: &Url) -> Option<Url> {
    elements(&doc.html, "a").find_map(|a| {
        let number = number(a).filter(|n| *n >= 2)?;
        let to = leads(doc, a, here).filter(|to| counts_pages(to, here))?;
        let around = a.ancestors().filter_map(ElementRef::wrap).take(PAGER_LEVELS);
        let is_current = |e: ElementRef<'_>| {
            let marked =
                has_word(e, CURRENT) || e.parent().and_then(ElementRef::wrap).is_some_and(|p| has_word(p, CURRENT));
            self::number(e) == Some(number - 1) && (marked || (e.value().name() != "a" && !holds_link(e)))
        };
        let mut pagers = around.filter(|p| !matches!(p.value().name(), "body" | "html" | "main"));
        let said_before = a.prev_sibling().and_then(|n| last_number(n.value().as_text()?)) == Some(number - 1);
        (said_before || pagers.any(|p| p.descendent_elements().take(PAGER_ELEMENTS_MAX).any(is_current))).then_some(to)
    })
}

/// The number that is all that `e` shows.
fn number(e: ElementRef<'_>) -> Option<u32> {
    let mut shown = String::new();
    for text in e.text() {
        shown.push_str(text.trim());
        if shown.len() > NUMBER_BYTES_MAX {
            return None;
        }
    }
    shown.trim_matches(['[', ']', ' ', '·']).parse().ok().filter(|n| (1..=NUMBER_MAX).contains(n))
}

/// The number that `text` ends with.
fn last_number(text: &str) -> Option<u32> {
    let text = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    text.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn holds_link(e: ElementRef<'_>) -> bool {
    let mut around = e.ancestors().take(2).filter_map(ElementRef::wrap);
    e.descendent_elements().any(|a| a.value().name() == "a") || around.any(|a| a.value().name() == "a")
}

fn has_word(e: ElementRef<'_>, words: &[&str]) -> bool {
    let mut own = e.value().classes().flat_map(|c| c.split(['-', '_']));
    own.any(|w| words.contains(&w.to_ascii_lowercase().as_str()))
}

/// Whether `a` stands in what is named as a pager, or beside a number of a page.
fn in_pager(a: ElementRef<'_>) -> bool {
    let mut around = a.ancestors().take(PAGER_LEVELS).filter_map(ElementRef::wrap);
    around.any(|e| {
        let words = e.value().classes().chain(e.value().id()).flat_map(|c| c.split(['-', '_']));
        words.map(str::to_ascii_lowercase).any(|w| {
            w.starts_with("page")
                || w.starts_with("pagi")
                || matches!(w.as_str(), "pg" | "pages" | "nav" | "navigation" | "fanye" | "pgs")
        }) || e.child_elements().any(|c| number(c).is_some())
    })
}

/// Whether `to` differs from `here` only in what may be a page's number.
fn counts_pages(to: &Url, here: &Url) -> bool {
    const KEYS: [&str; 14] = [
        "page",
        "p",
        "pg",
        "paged",
        "pageno",
        "page_no",
        "pagenum",
        "cp",
        "start",
        "offset",
        "pn",
        "curpage",
        "pageindex",
        "from",
    ];
    if to.host_str() != here.host_str() {
        return false;
    }
    let is_key = |name: &str| {
        let name = name.to_ascii_lowercase();
        KEYS.contains(&name.as_str()) || name.ends_with("page")
    };
    let rest = |url: &Url| {
        let mut rest: Vec<String> =
            url.query_pairs().filter(|(n, _)| !is_key(n)).map(|(n, v)| format!("{n}={v}")).collect();
        rest.sort_unstable();
        rest
    };
    let counted = to.query_pairs().any(|(n, v)| is_key(&n) && v.bytes().all(|b| b.is_ascii_digit()));
    if stem(to.path()) == stem(here.path()) && counted {
        return rest(to) == rest(here);
    }
    let to_stem = numberless(to.path());
    let bare = stem(here.path());
    let here_stems = [numberless(here.path()), bare.rsplit_once('.').map_or(bare, |(head, _)| head).to_owned()];
    let in_folder = ["/page/", "/page-"].iter().any(|word| to.path().contains(word));
    to.path() != here.path() && (here_stems.contains(&to_stem) || in_folder)
}

fn stem(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.strip_suffix("/index.html").or_else(|| path.strip_suffix("/index.htm")).unwrap_or(path)
}

/// `path` without what numbers its page: `list_12_2.html` and `list_12.html` are one, and `index_2.html` and `index.html`.
fn numberless(path: &str) -> String {
    let path = stem(path);
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let name = file.rsplit_once('.').map_or(file, |(name, _)| name);
    // The number after the last separator is a page's, or the list's own where it is the only one.
    let numbered = |name: &str| {
        name.rsplit_once(['_', '-'])
            .filter(|(_, n)| n.bytes().all(|b| b.is_ascii_digit()))
            .map(|(head, _)| head.to_owned())
    };
    let head = numbered(name)
        .unwrap_or_else(|| if name.bytes().all(|b| b.is_ascii_digit()) { String::new() } else { name.to_owned() });
    match head.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "index" | "list" | "default" => folder.to_owned(),
        _ if head.is_empty() => folder.to_owned(),
        _ => format!("{folder}/{head}"),
    }
}
