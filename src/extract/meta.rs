//! What a page says of itself for machines: JSON-LD, OpenGraph, `<meta>`, `<link>`, `<html lang>`.

use std::collections::HashMap;

use scraper::{ElementRef, Html};
use url::Url;

use super::dom::{attr, collapse, text_of};
use super::linked;

/// Tags of an article, at most.
const TAGS_MAX: usize = 32;
/// Longest tag or section, in characters.
const TAG_CHARS_MAX: usize = 60;

/// Names of publication dates, the most reliable first.
const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "og:release_date",
    "datepublished",
    "publishdate",
    "publish_time",
    "pubdate",
    "pubtime",
    "publication_date",
    "weibo: article:create_at",
    "parsely-pub-date",
    "dc.date.issued",
    "dc.date",
    "sailthru.date",
    "date",
];
/// Names of dates of the last change, the most reliable first.
const MODIFIED: &[&str] =
    &["article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "lastmod"];
/// Names of the paper of origin.
const ORIGIN: &[&str] = &[
    "source",
    "contentsource",
    "article:source",
    "og:article:source",
    "mediaid",
    "original-source",
    "syndication-source",
];
/// Names of the section.
const SECTION: &[&str] =
    &["article:section", "og:article:section", "articlesection", "parsely-section", "section", "channel"];
/// Names of the author.
const AUTHOR: &[&str] = &["author", "article:author", "og:article:author", "byl", "parsely-author", "dc.creator"];

/// What a page declares of its article. Texts are as written.
#[derive(Clone, Debug, Default)]
pub(super) struct Meta {
    /// Headline of JSON-LD.
    pub(super) headline: Option<String>,
    /// `og:title`.
    pub(super) og_title: Option<String>,
    /// Name of the site.
    pub(super) site: Option<String>,
    /// Declared author.
    pub(super) author: Option<String>,
    /// Declared paper of origin.
    pub(super) origin: Option<String>,
    /// Name and address of the publisher, which is not always the site.
    pub(super) publisher: Option<(String, String)>,
    /// Declared publication dates, the most reliable first.
    pub(super) published: Vec<String>,
    /// Declared dates of the last change, the most reliable first.
    pub(super) modified: Vec<String>,
    /// Lead image.
    pub(super) image: Option<String>,
    /// Language.
    pub(super) language: Option<String>,
    /// Section of the paper.
    pub(super) section: Option<String>,
    /// Subjects.
    pub(super) tags: Vec<String>,
    /// Readers' comments, as a count.
    pub(super) comments: Option<u64>,
    /// Address that the page calls its own.
    pub(super) canonical: Option<String>,
    /// Addresses that it calls the next page.
    pub(super) next: Vec<String>,
    /// Address that its links are relative to.
    pub(super) base: Option<String>,
    /// The text of the article, with its lines.
    pub(super) body: Option<String>,
    /// Whether the page says that it is an article.
    pub(super) is_article: bool,
    /// Whether the page says that only payers read it.
    pub(super) is_paid: bool,
}

impl Meta {
    /// The address that relative links of the page, fetched from `url`, are relative to.
    pub(super) fn base(&self, url: &Url) -> Url {
        let base = self.base.as_deref().and_then(|h| url.join(h.trim()).ok());
        base.filter(|b| matches!(b.scheme(), "http" | "https")).unwrap_or(url.clone())
    }
}

/// The elements of a page that declare something, in order.
#[derive(Default)]
struct Declaring<'a> {
    metas: Vec<ElementRef<'a>>,
    links: Vec<ElementRef<'a>>,
    scripts: Vec<ElementRef<'a>>,
    properties: Vec<ElementRef<'a>>,
    tags: Vec<ElementRef<'a>>,
    base: Option<&'a str>,
    language: Option<&'a str>,
}

impl<'a> Declaring<'a> {
    fn of(doc: &'a Html) -> Self {
        let mut all = Self::default();
        for e in doc.tree.nodes().filter_map(ElementRef::wrap) {
            match e.value().name() {
                "meta" => all.metas.push(e),
                "link" => all.links.push(e),
                "script" => all.scripts.push(e),
                "base" => all.base = all.base.or_else(|| attr(e, "href")),
                "html" => all.language = all.language.or_else(|| attr(e, "lang")),
                "a" if attr(e, "rel").is_some_and(|r| r.split_ascii_whitespace().any(|r| r == "tag")) => {
                    all.tags.push(e)
                }
                _ => {}
            }
            if attr(e, "itemprop").is_some() {
                all.properties.push(e);
            }
        }
        all
    }
}

/// Reads what `doc` declares.
pub(super) fn read(doc: &Html) -> Meta {
    let declaring = Declaring::of(doc);
    let (named, subjects) = named(&declaring.metas);
    let get = |keys: &[&str]| keys.iter().find_map(|k| named.get(*k)).cloned();
    let all = |keys: &[&str]| keys.iter().filter_map(|k| named.get(*k)).cloned().collect::<Vec<_>>();
    let links = |rel: &'static str| {
        let related = declaring.links.iter().filter(move |e| attr(**e, "rel") == Some(rel));
        related.filter_map(|e| attr(*e, "href")).map(str::to_owned)
    };
    let link = |rel: &'static str| links(rel).next();
    let shown = Shown(&declaring.properties);
    let own = Meta {
        headline: get(&["headline"]).or_else(|| shown.text("headline")),
        og_title: get(&["og:title", "twitter:title"]),
        site: get(&["og:site_name", "application-name"]),
        author: get(AUTHOR).filter(|a| is_person(a)).or_else(|| shown.author()),
        origin: get(ORIGIN),
        publisher: None,
        published: all(PUBLISHED).into_iter().chain(shown.date()).collect(),
        modified: all(MODIFIED).into_iter().chain(shown.attribute("dateModified", "datetime")).collect(),
        image: get(&["og:image", "og:image:url", "twitter:image", "twitter:image:src", "image"])
            .or(link("image_src"))
            .or_else(|| shown.attribute("image", "src")),
        language: declaring
            .language
            .map(str::to_owned)
            .filter(|l| !l.trim().is_empty())
            .or_else(|| get(&["og:locale", "content-language", "language"])),
        section: get(SECTION).or_else(|| shown.text("articleSection")).filter(|s| is_tag(s)),
        tags: tags(
            subjects
                .into_iter()
                .chain(get(&["news_keywords", "parsely-tags", "keywords"]))
                .chain(declaring.tags.iter().take(TAGS_MAX).map(|e| text_of(*e))),
        ),
        comments: get(&["commentcount", "comment_count"])
            .or_else(|| shown.text("commentCount"))
            .and_then(|n| n.trim().parse().ok()),
        canonical: link("canonical").or_else(|| get(&["og:url"])),
        next: links("next").collect(),
        base: declaring.base.map(str::to_owned),
        body: None,
        is_article: get(&["og:type"]).is_some_and(|t| t.to_ascii_lowercase().contains("article")),
        is_paid: get(&["article:content_tier"]).is_some_and(|t| t.eq_ignore_ascii_case("locked")),
    };
    linked::read(&declaring.scripts).map_or(own.clone(), |data| merge(data, own))
}

/// What `<meta>` says, by name in lower case, the first of each; and all subjects.
fn named(metas: &[ElementRef<'_>]) -> (HashMap<String, String>, Vec<String>) {
    let (mut named, mut subjects) = (HashMap::new(), Vec::new());
    for e in metas {
        let content = collapse(attr(*e, "content").unwrap_or_default());
        let keys = ["property", "name", "itemprop", "http-equiv"].iter().filter_map(|k| attr(*e, k));
        for key in keys.filter(|_| !content.is_empty()).map(str::to_ascii_lowercase) {
            if matches!(key.as_str(), "article:tag" | "og:article:tag") {
                subjects.push(content.clone());
            }
            named.entry(key).or_insert_with(|| content.clone());
        }
    }
    (named, subjects)
}

/// Microdata: the elements that have a property.
struct Shown<'a>(&'a [ElementRef<'a>]);

impl<'a> Shown<'a> {
    fn item(&self, property: &str) -> Option<ElementRef<'a>> {
        self.0.iter().copied().find(|e| attr(*e, "itemprop") == Some(property))
    }

    fn text(&self, property: &str) -> Option<String> {
        self.item(property).map(text_of).filter(|t| !t.is_empty())
    }

    fn attribute(&self, property: &str, name: &str) -> Option<String> {
        self.item(property).and_then(|e| attr(e, name)).map(str::to_owned)
    }

    fn date(&self) -> Option<String> {
        self.attribute("datePublished", "content").or_else(|| self.attribute("datePublished", "datetime"))
    }

    fn author(&self) -> Option<String> {
        let author = self.item("author")?;
        let name = author.descendent_elements().find(|e| attr(*e, "itemprop") == Some("name")).unwrap_or(author);
        Some(text_of(name)).filter(|t| !t.is_empty() && is_person(t))
    }
}

/// What JSON-LD says before what `<meta>` says.
fn merge(data: Meta, own: Meta) -> Meta {
    Meta {
        headline: data.headline.or(own.headline),
        og_title: own.og_title,
        site: own.site.or(data.site),
        author: data.author.or(own.author),
        origin: data.origin.or(own.origin),
        publisher: data.publisher,
        published: [data.published, own.published].concat(),
        modified: [data.modified, own.modified].concat(),
        image: own.image.or(data.image),
        language: own.language.or(data.language),
        section: data.section.or(own.section),
        tags: if data.tags.is_empty() { own.tags } else { data.tags },
        comments: data.comments.or(own.comments),
        canonical: own.canonical.or(data.canonical),
        next: own.next,
        base: own.base,
        body: data.body,
        is_article: data.is_article || own.is_article,
        is_paid: data.is_paid || own.is_paid,
    }
}

/// The subjects in `lists`, each of one or several parted by commas.
pub(super) fn tags(lists: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for list in lists {
        for tag in list
            .split([',', '，', '、', ';', '；', '|'])
            .map(|t| t.trim().trim_start_matches('#'))
            .filter(|t| is_tag(t))
        {
            if tags.len() < TAGS_MAX && !tags.iter().any(|t| t == tag) {
                tags.push(tag.to_owned());
            }
        }
    }
    tags
}

/// Whether `text` can be the name of a subject or section.
pub(super) fn is_tag(text: &str) -> bool {
    let named = text.chars().any(char::is_alphabetic) && !text.contains("://") && !text.starts_with('/');
    named && text.chars().count() <= TAG_CHARS_MAX
}

/// Whether a declared author is somebody: software writes its own name there, and profiles their address.
pub(super) fn is_person(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !["http:", "https:", "discuz", "wordpress", "admin", "team and"].iter().any(|w| lower.contains(w))
        && name.chars().count() <= 120
}

#[cfg(test)]
mod tests {
    use super::super::dom;

    #[test]
    fn linked_data_comes_before_meta() {
        let html = r#"<html lang="zh-TW"><meta property="og:title" content="題 - 站"><meta name="author" content="甲">
            <meta name="source" content="乙報"><meta property="og:image" content="/a.jpg">
            <script type="application/ld+json">{"@graph":[{"@type":"WebPage"},{"@type":["NewsArticle"],"headline":"題 &amp; 目",
            "author":[{"name":"丙"},{"name":"丁"}],"datePublished":"2026-01-02T03:04:05Z","publisher":{"name":"站"}}]}</script>"#;
        let meta = super::read(&dom::parse(html, true).unwrap());
        assert_eq!(meta.headline.as_deref(), Some("題 & 目"));
        assert_eq!(meta.author.as_deref(), Some("丙, 丁"));
        assert_eq!(meta.origin.as_deref(), Some("乙報"));
        assert_eq!(meta.published, ["2026-01-02T03:04:05Z"]);
        assert_eq!((meta.image.as_deref(), meta.language.as_deref()), (Some("/a.jpg"), Some("zh-TW")));
        assert!(meta.is_article && !meta.is_paid);
    }

    #[test]
    fn broken_linked_data_is_passed_over() {
        let html = r#"<script type="application/ld+json">{"@type":</script><script type="application/ld+json">
            {"@type":"Article","headline":"two
            lines","isAccessibleForFree":"False"};</script><meta name=author content="Discuz! Team and Comsenz UI Team">"#;
        let meta = super::read(&dom::parse(html, true).unwrap());
        assert_eq!(meta.headline.as_deref(), Some("two lines"));
        assert_eq!(meta.author, None);
        assert!(meta.is_paid);
    }
}
