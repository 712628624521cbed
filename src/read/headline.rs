//! What a link shows as the headline of where it leads.

use scraper::ElementRef;

use super::{plain, reading::Reading};

/// Words in a class that make an element a headline.
const TITLES: &[&str] = &["title", "subject", "headline", "hed", "tit", "tt", "ttl", "bt", "biaoti", "xst", "caption"];
/// Ancestors of a link that may be the heading it stands in.
const HEADING_LEVELS: usize = 3;
/// A text that is cut without a sign of it is at least so wide.
const CUT_WIDTH_MIN: usize = 12;
/// A link with several lines of together at least this width is a card.
const CARD_WIDTH_MIN: usize = 60;
/// Elements of a card among which its lines are.
const LINES_MAX: usize = 40;
/// Han characters and letters left of a date's words that make its text more than a date.
const DATE_REST_MAX: usize = 4;
/// A wider text with a date in it is a headline all the same.
const DATE_WIDTH_MAX: usize = 32;

/// What links to an article say beside its headline; in lower case, without brackets and arrows around.
const ONWARD: &[&str] = &[
    "阅读全文",
    "閱讀全文",
    "阅读更多",
    "閱讀更多",
    "查看全文",
    "查看详情",
    "查看詳情",
    "查看更多",
    "继续阅读",
    "繼續閱讀",
    "详细",
    "詳細",
    "全文",
    "更多",
    "看更多",
    "了解更多",
    "more",
    "read more",
    "continue reading",
    "read on",
    "read article",
    "read the full story",
    "full story",
    "read full article",
    "learn more",
    "details",
    "permalink",
    "comments",
    "leave a comment",
    "评论",
    "評論",
    "发表评论",
    "留言",
    "新窗口打开",
    "開啟新窗口",
];

/// The text of a link, and how sure it is that it is a headline.
#[derive(Clone, Debug)]
pub(super) struct Headline {
    pub(super) text: String,
    pub(super) rank: Rank,
}

/// How sure it is that a text is a headline, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The description of a picture, or a `title` alone.
    Described,
    /// The text of a link.
    Text,
    /// A link whose name is that of a headline.
    Named,
    /// A link in a heading, or one with a heading in it.
    Heading,
}

impl Headline {
    pub(super) fn is_heading(&self) -> bool {
        self.rank == Rank::Heading
    }
}

/// The headline that `anchor` shows: a heading inside, else its text, else what its `title` says in full.
pub(super) fn headline(anchor: ElementRef<'_>) -> Option<String> {
    shown(anchor).map(|h| h.text)
}

/// [`headline`] for a link that need not show one: `None` for dates, numbers and words that lead on to the article.
pub(super) fn headline_of(anchor: ElementRef<'_>, reading: &Reading<'_>) -> Option<Headline> {
    shown(anchor).filter(|h| !leads_on(&h.text) && !is_date(&h.text, reading))
}

fn shown(anchor: ElementRef<'_>) -> Option<Headline> {
    let inside = || anchor.descendent_elements().skip(1);
    let heading = inside().find(|e| is_heading(*e));
    let named = heading.or_else(|| inside().find(|e| is_named(*e))).or_else(|| first_line(anchor));
    let text = plain::of_element_without(named.unwrap_or(anchor), &is_dateline);
    let full = anchor.attr("title").map(plain::collapse).unwrap_or_default();
    if text.is_empty() {
        let alt = || anchor.descendent_elements().find_map(|e| e.attr("alt")).map(plain::collapse);
        let text = Some(full).filter(|f| !f.is_empty()).or_else(alt).filter(|a| !a.is_empty())?;
        return Some(Headline { text, rank: Rank::Described });
    }
    let stands_in = || anchor.ancestors().take(HEADING_LEVELS).filter_map(ElementRef::wrap);
    let alone = |e: &ElementRef<'_>| e.descendent_elements().filter(|a| a.value().name() == "a").count() <= 2;
    let rank = if heading.is_some() || stands_in().any(|e| is_heading(e)) {
        Rank::Heading
    } else if inside().any(is_named) || is_named(anchor) || stands_in().any(|e| is_named(e) && alone(&e)) {
        Rank::Named
    } else {
        Rank::Text
    };
    Some(Headline { text: whole(text, full), rank })
}

/// The first of several lines in a link that is a whole card: the headline, after what is no longer than a section's name.
fn first_line(anchor: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let is_block = |e: &ElementRef<'_>| matches!(e.value().name(), "p" | "div" | "strong" | "li" | "dd" | "dt" | "td");
    if plain::width(&plain::of_element(anchor)) < CARD_WIDTH_MIN {
        return None;
    }
    let blocks = anchor.descendent_elements().skip(1).filter(is_block).take(LINES_MAX);
    let lines: Vec<ElementRef<'_>> = blocks
        .filter(|e| !e.descendent_elements().skip(1).any(|inner| is_block(&inner)) && !is_dateline(*e))
        .filter(|e| plain::width(&plain::of_element(*e)) >= CUT_WIDTH_MIN)
        .collect();
    if lines.len() > 1 { lines.first().copied() } else { None }
}

/// `text`, or what it is the beginning of, as `full` says.
fn whole(text: String, full: String) -> String {
    let shown = text.trim_end_matches(['.', '…', ' ']);
    let marked = text.ends_with("..") || text.ends_with('…');
    let Some(rest) = full.strip_prefix(shown).filter(|rest| !rest.is_empty()) else { return text };
    // Some put more than the headline into `title`: its date, the name of the site.
    let goes_on =
        rest.trim_start().starts_with(char::is_alphabetic) && !rest.contains(['|', '_', ':', '：', '\n', '(', '（']);
    let only_headline = plain::width(&text) >= CUT_WIDTH_MIN && goes_on;
    if marked || only_headline { full } else { text }
}

fn is_heading(e: ElementRef<'_>) -> bool {
    matches!(e.value().name(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Whether a class of `e` calls it a headline.
fn is_named(e: ElementRef<'_>) -> bool {
    let named =
        |c: &str| c.split(['-', '_']).any(|w| TITLES.contains(&w)) || c.ends_with("title") || c.ends_with("Title");
    e.value().classes().any(named)
}

/// Whether `e` says by name or class that it holds a date, which is no part of the headline it stands in.
fn is_dateline(e: ElementRef<'_>) -> bool {
    let mut words = e.value().classes().flat_map(|c| c.split(['-', '_']));
    e.value().name() == "time" || words.any(|w| matches!(w, "date" | "time" | "datetime" | "pubtime" | "pubdate"))
}

/// Whether `text` only says that the article, or more of it, is behind the link.
pub(super) fn leads_on(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let counted = bare.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ' || c == '条' || c == '條');
    let onward = |word: &&str| {
        let rest = bare.strip_prefix(*word);
        // `Continue reading: the headline`
        rest.is_some_and(|rest| {
            rest.is_empty()
                || (word.len() >= "read more".len() && word.is_ascii() && !rest.starts_with(char::is_alphabetic))
        })
    };
    bare.is_empty()
        || ONWARD.iter().any(|word| onward(word) || counted == *word || counted.strip_suffix('s') == Some(word))
}

/// Whether `text` is a date and hardly anything else.
fn is_date(text: &str, reading: &Reading<'_>) -> bool {
    const WORDS: &str = "年月日号號時时分钟鐘小秒前天昨今上下午刚剛周星期一二三四五六";
    let rest = text.chars().filter(|c| c.is_alphabetic() && !WORDS.contains(*c));
    let months = text.split(|c: char| !c.is_alphabetic()).filter(|w| w.len() >= 3 && w.is_ascii()).map(str::len).sum();
    let letters = rest.count().saturating_sub(months);
    let digits = text.contains(|c: char| c.is_ascii_digit());
    plain::width(text) <= DATE_WIDTH_MAX
        && letters <= DATE_REST_MAX
        && (months == 0 || text.split_whitespace().count() <= 6)
        && (reading.date_if_any(text).is_some() || (digits && letters == 0 && months == 0))
}
