//! The next page of the same article.

use scraper::Html;
use url::Url;

use super::dom::{attr, select, text_within};
use super::index::Index;
use super::meta::Meta;

/// Texts of the link to the next page.
const NEXT: &[&str] = &["下一页", "下一頁", "下页", "下頁", "后一页", "後一頁", "next page", "next", ">", "›", "»"];
/// Characters of the text of such a link, with brackets.
const LINK_CHARS_MAX: usize = 16;
/// Query keys that number the pages of one article.
const PAGE_KEYS: &[&str] = &["page", "p", "pg", "pageno", "page_no", "pagenum", "cp"];
/// The largest page number that is believed.
const PAGE_MAX: u32 = 500;

/// The next page of the article at `url`: the recipe's link, `rel=next`, or a pager's link to the page after this one.
pub(super) fn next(
    doc: &Html,
    index: &Index<'_>,
    meta: &Meta,
    recipe: Option<&str>,
    url: &Url,
    base: &Url,
) -> Option<Url> {
    let link = |href: Option<&str>| {
        let mut to = base.join(href?.trim()).ok().filter(|u| matches!(u.scheme(), "http" | "https"))?;
        to.set_fragment(None);
        Some(to)
    };
    if let Some(css) = recipe
        && let Some(to) = select(doc, css).into_iter().find_map(|e| link(e.attr("href")))
    {
        // A recipe knows its site; only leaving it or staying put would be wrong.
        return (same_host(url, &to) && to != *url).then_some(to);
    }
    let follow = |href: Option<&str>| link(href).filter(|to| follows(url, to));
    let marked = index.links.iter().filter(|a| attr(**a, "rel") == Some("next"));
    let mut declared = meta.next.iter().map(String::as_str).map(Some).chain(marked.map(|a| attr(*a, "href")));
    declared.find_map(follow).or_else(|| {
        index.links.iter().find_map(|a| {
            // Most links are headlines.
            let text = text_within(*a, LINK_CHARS_MAX)?.to_lowercase();
            let is_next = NEXT.contains(&text.trim_matches(['[', ']', ' ']));
            is_next.then(|| follow(attr(*a, "href"))).flatten()
        })
    })
}

/// Whether both are on one host; a `<base>` may still name the scheme that a site has left.
fn same_host(a: &Url, b: &Url) -> bool {
    a.host() == b.host()
}

/// Whether `to` is the page of the article at `here` that comes after it.
fn follows(here: &Url, to: &Url) -> bool {
    let ((here_rest, here_page), (to_rest, to_page)) = (split_query(here), split_query(to));
    if !same_host(here, to) || here_rest != to_rest {
        return false;
    }
    let ((here_stem, here_kind), (to_stem, to_kind)) = (split_extension(here.path()), split_extension(to.path()));
    if here_stem == to_stem && here_kind == to_kind {
        return to_page.is_some_and(|n| n <= PAGE_MAX && n == here_page.unwrap_or(1) + 1);
    }
    to_kind == here_kind
        && here_page == to_page
        && ['_', '-', '/'].iter().any(|&separator| {
            let Some((head, n)) = split_number(to_stem, separator) else { return false };
            // Page two of an unnumbered first page, or one more behind an article's number: `12_3`, `33-2`, `x/page/3`.
            let first = n == 2 && head.trim_end_matches("/page") == here_stem;
            let counted = head.ends_with(|c: char| c.is_ascii_digit()) || head.ends_with("/page");
            first || (counted && split_number(here_stem, separator) == Some((head, n - 1)))
        })
}

/// The query of `url` without its page number, and the number.
fn split_query(url: &Url) -> (Vec<String>, Option<u32>) {
    let mut page = None;
    let mut rest: Vec<String> = Vec::new();
    for (key, value) in url.query_pairs() {
        match value.parse() {
            Ok(n) if PAGE_KEYS.contains(&key.to_ascii_lowercase().as_str()) => page = Some(n),
            _ => rest.push(format!("{key}={value}")),
        }
    }
    rest.sort_unstable();
    (rest, page)
}

/// `path` and its extension.
fn split_extension(path: &str) -> (&str, &str) {
    let path = path.trim_end_matches('/');
    path.rsplit_once('.').filter(|(_, extension)| !extension.contains('/')).unwrap_or((path, ""))
}

/// `stem` without a page number at its end, and the number.
fn split_number(stem: &str, separator: char) -> Option<(&str, u32)> {
    let (head, tail) = stem.rsplit_once(separator)?;
    let n = tail.parse().ok().filter(|n| (1..=PAGE_MAX).contains(n) && !tail.starts_with('0'))?;
    Some((head, n))
}

#[cfg(test)]
mod tests {
    use super::super::{dom, meta};
    use super::Index;

    fn next(url: &str, html: &str) -> Option<String> {
        let url = url.parse().unwrap();
        {
            let doc = dom::parse(html, true).unwrap();
            super::next(&doc, &Index::of(&doc), &meta::read(&doc), None, &url, &url)
        }
        .map(|u| u.to_string())
    }

    #[test]
    fn pagers_of_one_article_are_followed() {
        for (here, href) in [
            ("https://a.example/view?id=7", "/view?id=7&page=2"),
            ("https://a.example/view?id=7&page=2", "/view?page=3&id=7"),
            ("https://a.example/n/77.html", "77_2.html"),
            ("https://a.example/n/77_2.html", "77_3.html"),
            ("https://a.example/article-33-1.html", "article-33-2.html"),
            ("https://a.example/n/some-story/", "/n/some-story/page/2/"),
        ] {
            let html = format!("<a href='{href}'>下一頁</a>");
            let expected = url::Url::parse(here).unwrap().join(href).unwrap().to_string();
            assert_eq!(next(here, &html), Some(expected), "{here}");
        }
        assert!(next("https://a.example/v?id=7", "<link rel=next href='/v?id=7&page=2'>").is_some());
    }

    #[test]
    fn a_recipe_is_believed_on_its_own_site() {
        let url = "https://a.example/v/1".parse().unwrap();
        let doc = dom::parse("<a class=n href=/v/odd>x</a><a class=out href=https://b.example/>x</a>", true).unwrap();
        let (index, meta) = (Index::of(&doc), meta::read(&doc));
        let next = |css| super::next(&doc, &index, &meta, css, &url, &url);
        assert_eq!(next(Some("a.n")).map(|u| u.to_string()).as_deref(), Some("https://a.example/v/odd"));
        assert_eq!(next(Some("a.out")), None);
    }

    #[test]
    fn other_articles_are_not() {
        for href in
            ["/view?id=8", "/view?id=7", "/view?id=7&page=3", "https://b.example/view?id=7&page=2", "javascript:;"]
        {
            assert_eq!(next("https://a.example/view?id=7", &format!("<a href='{href}'>Next page</a>")), None, "{href}");
        }
        assert_eq!(
            next("https://a.example/n/77.html", "<a rel=next href=78.html>next</a><a href=77_2.html>more</a>"),
            None
        );
    }
}
