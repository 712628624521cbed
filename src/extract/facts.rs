//! Facts of an article that are shown beside it or declared: its own address, its section, how many commented, and
//! whose it is when a site says that another published it.

use url::Url;

use super::dom::{text_of, text_within};
use super::index::{COUNT, Index, TRAIL};
use super::meta::{self, Meta};
use super::plain;

/// Elements beside a headline that are read for a count of comments.
const ELEMENTS_MAX: usize = 40;
/// Longest text of such an element, in characters.
const CHARS_MAX: usize = 240;
/// Steps of a trail that are read.
const TRAIL_MAX: usize = 12;
/// First steps of such a trail.
const HOMES: &[&str] = &[
    "home",
    "homepage",
    "首页",
    "首頁",
    "主页",
    "主頁",
    "门户",
    "門戶",
    "网站首页",
    "網站首頁",
    "新闻首页",
    "news home",
];
/// What counts of comments are called.
const COMMENTS: &[&str] =
    &["评论", "評論", "留言", "跟贴", "跟帖", "回复", "回覆", "回應", "条评论", "comments", "comment"];

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Address that the page calls its own.
    pub(super) canonical: Option<Url>,
    /// Section of the paper.
    pub(super) section: Option<String>,
    /// Readers' comments, as a count.
    pub(super) comments: Option<u64>,
    /// Publisher, when the site is another's.
    pub(super) origin: Option<String>,
}

/// Reads the facts of a stripped page, fetched from `url`.
pub(super) fn read(index: &Index<'_>, meta: &Meta, url: &Url, base: &Url) -> Facts {
    Facts {
        canonical: meta.canonical.as_deref().and_then(|c| canonical(c, url, base)),
        section: meta.section.clone().or_else(|| section(index)),
        comments: meta.comments.or_else(|| comments(index)),
        origin: publisher(meta, url),
    }
}

/// The declared address, unless it is the site's front page.
fn canonical(declared: &str, url: &Url, base: &Url) -> Option<Url> {
    let mut to = super::web(base, declared)?;
    to.set_fragment(None);
    (to.path() != "/" || to.query().is_some() || url.path() == "/").then_some(to)
}

/// The first step of the trail that leads to the article that is not the front page.
fn section(index: &Index<'_>) -> Option<String> {
    let steps = index
        .called(TRAIL)
        .take(1)
        .flat_map(|t| t.descendent_elements().collect::<Vec<_>>())
        .filter(|e| e.value().name() == "a")
        .take(TRAIL_MAX)
        .map(text_of);
    let mut named = steps.filter(|s| meta::is_tag(s) && !HOMES.contains(&s.to_lowercase().as_str()));
    named.next()
}

fn comments(index: &Index<'_>) -> Option<u64> {
    let short = index.beside_headline(COUNT, ELEMENTS_MAX).filter_map(|e| text_within(e, CHARS_MAX));
    short.filter(|t| t.contains(|c: char| c.is_ascii_digit())).find_map(|t| counted(&t))
}

/// The count of comments in `text`: `評論( 12 )`, `评论：12`, `12 comments`, `12 条评论`.
fn counted(text: &str) -> Option<u64> {
    let text = text.to_lowercase();
    let number = |digits: &str| digits.replace(',', "").parse().ok();
    let is_digit = |c: char| c.is_ascii_digit() || c == ',';
    COMMENTS.iter().find_map(|word| {
        let at = text.find(word)?;
        let behind = text[at + word.len()..].trim_start_matches([' ', ':', '：', '(', '（', '[', '数', '數']);
        let behind = &behind[..behind.find(|c| !is_digit(c)).unwrap_or(behind.len())];
        let before = text[..at].trim_end_matches([' ', '条', '條', '个', '個', '则', '則']);
        let before = &before[before.trim_end_matches(is_digit).len()..];
        number(behind).or_else(|| number(before))
    })
}

/// The declared publisher, when its address and its name are both not the site's.
fn publisher(meta: &Meta, url: &Url) -> Option<String> {
    let (name, address) = meta.publisher.as_ref()?;
    let site = plain::domain(url.host_str()?);
    let elsewhere = plain::host(address).is_some_and(|h| plain::domain(h) != site);
    let letters = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let (own, theirs) = (letters(meta.site.as_deref().unwrap_or_default()), letters(name));
    let alike = own.is_empty() || own.contains(&theirs) || theirs.contains(&own) || letters(&site).contains(&theirs);
    (elsewhere && !alike).then(|| name.clone())
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn comments_are_counted_as_they_are_written() {
        for (text, n) in [
            ("來源:海報 | 評論( 12 )", Some(12)),
            ("查看: 71 | 评论: 3 | 原作者: 甲", Some(3)),
            ("1,024 Comments", Some(1024)),
            ("共 5 条评论", Some(5)),
            ("發表評論", None),
            ("No comments yet", None),
        ] {
            assert_eq!(counted(text), n, "{text}");
        }
    }
}
