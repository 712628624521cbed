//! What an address tells of the page it leads to.

use url::Url;

/// Names of folders and beginnings of names of files that lists of articles are at, not articles.
const SECTIONS: &[&str] = &[
    "list",
    "lists",
    "index",
    "tag",
    "tags",
    "category",
    "categories",
    "cat",
    "author",
    "authors",
    "user",
    "users",
    "member",
    "members",
    "memberlist",
    "people",
    "profile",
    "space",
    "forum",
    "forums",
    "board",
    "search",
    "login",
    "register",
    "about",
    "contact",
    "privacy",
    "subscribe",
    "newsletter",
    "newsletters",
    "channel",
    "column",
    "page",
    "help",
    "archive",
    "archives",
    "contributors",
    "comments",
    "rss",
    "feed",
];
/// Parameters whose number names a section or a person.
const SECTION_IDS: &[&str] = &["catid", "fid", "cid", "gid", "uid", "typeid", "classid", "forumid", "userid"];
/// Values of parameters that make a page a section.
const SECTION_VALUES: &[&str] =
    &["list", "lists", "forumdisplay", "space", "tag", "search", "viewprofile", "profile", "member"];
/// Short parameters whose number names an article.
const ARTICLE_IDS: &[&str] = &["t", "p", "a", "n", "story", "article", "news"];
/// Digits from which a number in a path is an article's.
const DIGITS_MIN: usize = 4;
/// Hyphens from which a name is a headline.
const HYPHENS_MIN: usize = 3;

/// Whether `url` looks like one article rather than a section: a number, a date or a long slug.
pub(super) fn is_article(url: &Url) -> bool {
    if is_section(url) {
        return false;
    }
    let path = url.path();
    let file = path.rsplit('/').find(|s| !s.is_empty()).unwrap_or_default();
    let digits = path.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    let numbered = url.query_pairs().any(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let named = (name.ends_with("id") && !SECTION_IDS.contains(&name.as_str()))
            || (ARTICLE_IDS.contains(&name.as_str()) && value.len() >= 2);
        named && !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit())
    });
    let page = [".html", ".htm", ".shtml"].iter().any(|end| file.ends_with(end));
    let slug = file.matches('-').count() >= HYPHENS_MIN;
    numbered || digits >= DIGITS_MIN || slug || (page && digits >= 1)
}

/// Whether `url` says of itself that it is a list, a person or a form.
pub(super) fn is_section(url: &Url) -> bool {
    let mut segments: Vec<String> =
        url.path().split('/').filter(|s| !s.is_empty()).map(str::to_ascii_lowercase).collect();
    let file = segments.pop().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let word = stem.split(['-', '_']).next().unwrap_or_default();
    // A slug may well begin with such a word.
    let by_file = SECTIONS.contains(&stem)
        || (SECTIONS.contains(&word) && stem[word.len()..].chars().all(|c| !c.is_ascii_alphabetic()))
        || stem.starts_with("space-");
    let by_folder = segments.last().is_some_and(|folder| {
        // `archives/4120.html` and `forum/viewtopic.php` are articles.
        !matches!(folder.as_str(), "archive" | "archives" | "forum" | "forums" | "board" | "index" | "page" | "news")
            && SECTIONS.contains(&folder.as_str())
    });
    let by_script = file.ends_with(".php") && ["memberlist", "u.php", "user"].iter().any(|s| file.starts_with(s));
    by_file && !has_article_id(url)
        || by_folder
        || by_script
        || url.query_pairs().any(|(_, value)| SECTION_VALUES.contains(&value.as_ref()))
}

/// Whether a parameter of `url` numbers an article: engines serve all there is by `index.php` and `forum.php`.
fn has_article_id(url: &Url) -> bool {
    url.query_pairs().any(|(name, value)| {
        let name = name.to_ascii_lowercase();
        (name.ends_with("id") || ARTICLE_IDS.contains(&name.as_str()))
            && !SECTION_IDS.contains(&name.as_str())
            && !value.is_empty()
            && value.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Whether `url` leads out of the site by way of who counts the readers.
pub(super) fn is_advert(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let by_host = ["ad.", "ads.", "adv.", "click.", "track."].iter().any(|start| host.starts_with(start));
    let of_adverts = |s: &str| {
        matches!(s, "ad" | "ads" | "adv" | "advert" | "adclick" | "adserver" | "sponsor" | "sponsored" | "promo")
    };
    let passes = |s: &str| matches!(s, "go" | "goto" | "jump" | "out" | "redirect" | "click" | "link" | "away");
    let mut segments = url.path().split('/').map(|s| s.split('.').next().unwrap_or_default());
    let onward = url.query().is_some_and(|q| q.contains("http:") || q.contains("http%3A") || q.contains("https%3A"));
    by_host || segments.clone().any(of_adverts) || (onward && segments.any(passes))
}

/// Whether `host` is the site of `home` or one of its subdomains, or the other way round.
pub(super) fn is_of_site(host: &str, home: &str) -> bool {
    let bare = |h: &str| h.strip_prefix("www.").unwrap_or(h).to_owned();
    let (host, home) = (bare(host), bare(home));
    let parent = |h: &str| h.split_once('.').map(|(_, p)| p.to_owned()).filter(|p| p.contains('.'));
    host == home || parent(&host).is_some_and(|p| p == home || Some(p) == parent(&home)) || parent(&home) == Some(host)
}

/// Host and folder of `url`, or the script that tells pages apart by its parameters.
pub(super) fn folder(url: &Url) -> String {
    let path = url.path().trim_end_matches('/');
    let folder = if url.query().is_some() { path } else { path.rsplit_once('/').map_or("", |(folder, _)| folder) };
    format!("{}{folder}", url.host_str().unwrap_or_default())
}

/// The pattern that addresses of one kind on one site share: numbers, words and slugs by what they are.
pub(super) fn pattern(url: &Url) -> String {
    let mut out = String::new();
    for segment in url.path().split('/').filter(|s| !s.is_empty()) {
        let (stem, extension) = segment.rsplit_once('.').unwrap_or((segment, ""));
        let digits = stem.contains(|c: char| c.is_ascii_digit());
        let letters = stem.contains(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '_'));
        let kind = match (stem.matches('-').count(), digits, letters) {
            (HYPHENS_MIN.., _, true) => "slug",
            (_, true, true) => "mixed",
            (_, true, false) => "number",
            _ => "word",
        };
        out.push_str(&format!("/{kind}.{extension}"));
    }
    let mut names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    names.sort_unstable();
    format!("{out}?{}", names.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(rest: &str) -> Url {
        Url::parse("https://news.example/").unwrap().join(rest).unwrap()
    }

    #[test]
    fn articles_are_told_from_sections() {
        for article in [
            "/china/content/2026-11/22/content_77300.htm",
            "/view/5023.html",
            "thread-88120-1-1.html",
            "forum.php?mod=viewthread&tid=12",
            "forum/viewtopic.php?f=4&t=1200",
            "index.php?m=content&c=index&a=show&catid=9&id=1420",
            "/index.php/news/310-old-cinema-to-become-a-school",
            "/2026/11/a-page-of-many-words/",
            "/archives/4120.html",
            "/about-the-price-of-salt-this-year",
        ] {
            assert!(is_article(&url(article)), "{article}");
        }
        for section in [
            "/guoji/list-6-1.html",
            "/list/12.html",
            "index_2.html",
            "forum-38-1.html",
            "space-uid-12.html",
            "forum.php?mod=forumdisplay&fid=38",
            "memberlist.php?mode=viewprofile&u=22",
            "/category/harbour-and-sea-and-more/",
            "/tag/2026",
            "index.php?m=content&c=index&a=lists&catid=9",
        ] {
            assert!(!is_article(&url(section)), "{section}");
        }
    }

    #[test]
    fn adverts_are_told() {
        for advert in ["/ad/click?id=7", "https://ads.example/x/1", "/jump?to=https%3A%2F%2Fshop.example"] {
            assert!(is_advert(&url(advert)), "{advert}");
        }
        assert!(!is_advert(&url("/go/2026/11/12.html")));
    }
}
