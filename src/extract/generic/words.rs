//! What classes and ids say of an element: the words of the readability method, looked for all at once.

use std::sync::LazyLock;

use daachorse::{DoubleArrayAhoCorasick, DoubleArrayAhoCorasickBuilder};

/// Named like something beside the article.
pub(super) const UNLIKELY: u8 = 1;
/// Named like something that may hold it after all.
pub(super) const MAYBE: u8 = 2;
/// Named like an article.
pub(super) const POSITIVE: u8 = 4;
/// Named like what is none.
pub(super) const NEGATIVE: u8 = 8;
/// Named like a line that says who wrote it.
pub(super) const BYLINE: u8 = 16;

/// Bytes of a name that are read.
const NAME_BYTES_MAX: usize = 1_000;
/// What a class or id adds to a score or takes from it.
const WEIGHT: i16 = 25;

/// Each word and what it says, as published with the method.
const WORDS: &[(&str, u8)] = &[
    ("-ad-", UNLIKELY | NEGATIVE),
    ("ad-break", UNLIKELY),
    ("agegate", UNLIKELY),
    ("ai2html", UNLIKELY),
    ("and", MAYBE),
    ("article", MAYBE | POSITIVE),
    ("author", BYLINE),
    ("banner", UNLIKELY | NEGATIVE),
    ("blog", POSITIVE),
    ("body", MAYBE | POSITIVE),
    ("breadcrumbs", UNLIKELY),
    ("byline", BYLINE),
    ("column", MAYBE),
    ("com-", NEGATIVE),
    ("combx", UNLIKELY | NEGATIVE),
    ("comment", UNLIKELY | NEGATIVE),
    ("community", UNLIKELY),
    ("contact", NEGATIVE),
    ("content", MAYBE | POSITIVE),
    ("cover-wrap", UNLIKELY),
    ("dateline", BYLINE),
    ("disqus", UNLIKELY),
    ("entry", POSITIVE),
    ("extra", UNLIKELY),
    ("footer", UNLIKELY | NEGATIVE),
    ("gdpr", UNLIKELY | NEGATIVE),
    ("header", UNLIKELY),
    ("legends", UNLIKELY),
    ("main", MAYBE | POSITIVE),
    ("masthead", NEGATIVE),
    ("media", NEGATIVE),
    ("menu", UNLIKELY),
    ("meta", NEGATIVE),
    ("outbrain", NEGATIVE),
    ("page", POSITIVE),
    ("pager", UNLIKELY),
    ("pagination", UNLIKELY | POSITIVE),
    ("popup", UNLIKELY),
    ("post", POSITIVE),
    ("promo", NEGATIVE),
    ("related", UNLIKELY | NEGATIVE),
    ("remark", UNLIKELY),
    ("replies", UNLIKELY),
    ("rss", UNLIKELY),
    ("scroll", NEGATIVE),
    ("shadow", MAYBE),
    ("share", NEGATIVE),
    ("shopping", NEGATIVE),
    ("shoutbox", UNLIKELY | NEGATIVE),
    ("sidebar", UNLIKELY | NEGATIVE),
    ("skyscraper", UNLIKELY | NEGATIVE),
    ("social", UNLIKELY),
    ("sponsor", UNLIKELY | NEGATIVE),
    ("story", POSITIVE),
    ("supplemental", UNLIKELY),
    ("tags", NEGATIVE),
    ("text", POSITIVE),
    ("widget", NEGATIVE),
    ("writtenby", BYLINE),
];

static FINDER: LazyLock<Option<DoubleArrayAhoCorasick<u8>>> =
    LazyLock::new(|| DoubleArrayAhoCorasickBuilder::new().build_with_values(WORDS.iter().copied()).ok());

/// What the words in `name` say, together.
pub(super) fn said(name: &str) -> u8 {
    let Some(finder) = FINDER.as_ref() else { return 0 };
    let lower = name.bytes().take(NAME_BYTES_MAX).map(|b| b.to_ascii_lowercase());
    finder.find_overlapping_iter_from_iter(lower).fold(0, |said, found| said | found.value())
}

/// What a name that says `said` adds to the score of its element.
pub(super) fn weight(said: u8) -> i16 {
    let one = |flag: u8| if said & flag == 0 { 0 } else { WEIGHT };
    one(POSITIVE) - one(NEGATIVE)
}

#[cfg(test)]
mod tests {
    use super::{BYLINE, MAYBE, NEGATIVE, POSITIVE, UNLIKELY, said, weight};

    #[test]
    fn words_are_found_within_names_of_any_case() {
        assert_eq!(said("Article-Body"), MAYBE | POSITIVE);
        assert_eq!(said("storyComments"), POSITIVE | UNLIKELY | NEGATIVE);
        assert_eq!(said("post-byline"), POSITIVE | BYLINE);
        assert_eq!(said("正文"), 0);
        assert_eq!((weight(said("entry")), weight(said("sidebar")), weight(said("main widget"))), (25, -25, 0));
    }
}
