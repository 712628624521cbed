//! What a page says of itself for machines: JSON-LD, OpenGraph, `<meta>`, `<link>`, `<html lang>`.

use std::collections::HashMap;

use scraper::Html;
use serde_json::Value;
use url::Url;

use super::dom::{collapse, first, select};

/// JSON-LD blocks that are read.
const BLOCKS_MAX: usize = 16;
/// Objects of JSON-LD that are looked at.
const OBJECTS_MAX: usize = 400;

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
    /// Declared publication dates, the most reliable first.
    pub(super) published: Vec<String>,
    /// Declared dates of the last change, the most reliable first.
    pub(super) modified: Vec<String>,
    /// Lead image.
    pub(super) image: Option<String>,
    /// Language.
    pub(super) language: Option<String>,
    /// Whether the page says that it is an article.
    pub(super) is_article: bool,
    /// Whether the page says that only payers read it.
    pub(super) is_paid: bool,
}

/// The address that relative links of `doc`, fetched from `url`, are relative to.
pub(super) fn base(doc: &Html, url: &Url) -> Url {
    let href = first(doc, "base[href]").and_then(|e| e.attr("href"));
    href.and_then(|h| url.join(h.trim()).ok()).filter(|b| matches!(b.scheme(), "http" | "https")).unwrap_or(url.clone())
}

/// Reads what `doc` declares.
pub(super) fn read(doc: &Html) -> Meta {
    let mut named: HashMap<String, String> = HashMap::new();
    for e in select(doc, "meta[content]") {
        let content = collapse(e.attr("content").unwrap_or_default());
        for key in ["property", "name", "itemprop", "http-equiv"].iter().filter_map(|k| e.attr(k)) {
            if !content.is_empty() {
                named.entry(key.to_ascii_lowercase()).or_insert_with(|| content.clone());
            }
        }
    }
    let get = |keys: &[&str]| keys.iter().find_map(|k| named.get(*k)).cloned();
    let all = |keys: &[&str]| keys.iter().filter_map(|k| named.get(*k)).cloned().collect::<Vec<_>>();
    let link = |css: &str| first(doc, css).and_then(|e| e.attr("href")).map(str::to_owned);
    let own = Meta {
        headline: None,
        og_title: get(&["og:title", "twitter:title"]),
        site: get(&["og:site_name", "application-name"]),
        author: get(&["author", "article:author", "og:article:author", "byl", "parsely-author", "dc.creator"])
            .filter(|a| is_person(a)),
        origin: get(&[
            "source",
            "contentsource",
            "article:source",
            "og:article:source",
            "mediaid",
            "original-source",
            "syndication-source",
        ]),
        published: all(&[
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
        ]),
        modified: all(&[
            "article:modified_time",
            "og:article:modified_time",
            "og:updated_time",
            "datemodified",
            "lastmod",
        ]),
        image: get(&["og:image", "og:image:url", "twitter:image", "twitter:image:src", "image"])
            .or(link("link[rel=image_src]")),
        language: first(doc, "html[lang]")
            .and_then(|e| e.attr("lang"))
            .map(str::to_owned)
            .filter(|l| !l.trim().is_empty())
            .or_else(|| get(&["og:locale", "content-language", "language"])),
        is_article: get(&["og:type"]).is_some_and(|t| t.to_ascii_lowercase().contains("article")),
        is_paid: get(&["article:content_tier"]).is_some_and(|t| t.eq_ignore_ascii_case("locked")),
    };
    linked_data(doc).map_or(own.clone(), |data| merge(data, own))
}

/// What JSON-LD says before what `<meta>` says.
fn merge(data: Meta, own: Meta) -> Meta {
    Meta {
        headline: data.headline,
        og_title: own.og_title,
        site: own.site.or(data.site),
        author: data.author.or(own.author),
        origin: data.origin.or(own.origin),
        published: [data.published, own.published].concat(),
        modified: [data.modified, own.modified].concat(),
        image: own.image.or(data.image),
        language: own.language.or(data.language),
        is_article: data.is_article || own.is_article,
        is_paid: data.is_paid || own.is_paid,
    }
}

/// Whether a declared author is somebody: software writes its own name there, and profiles their address.
fn is_person(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !["http:", "https:", "discuz", "wordpress", "admin", "team and"].iter().any(|w| lower.contains(w))
        && name.chars().count() <= 120
}

/// The first article among the JSON-LD of `doc`.
fn linked_data(doc: &Html) -> Option<Meta> {
    for e in select(doc, r#"script[type="application/ld+json"]"#).into_iter().take(BLOCKS_MAX) {
        let text: String = e.text().collect();
        let text =
            text.trim().trim_start_matches("<!--").trim_start_matches("//<![CDATA[").trim_start_matches("<![CDATA[");
        let text = text.trim_end_matches(';').trim_end_matches("-->").trim_end_matches("//]]>").trim_end_matches("]]>");
        // Raw line breaks inside strings are the commonest fault of hand-made blocks.
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
        let mut queue = vec![&value];
        let mut seen = 0;
        while let Some(value) = queue.pop() {
            seen += 1;
            if seen > OBJECTS_MAX {
                break;
            }
            match value {
                Value::Array(items) => queue.extend(items.iter().rev()),
                Value::Object(object) if is_article(object.get("@type")) => return Some(from_object(value)),
                Value::Object(object) => {
                    queue.extend(["mainEntity", "mainEntityOfPage", "@graph"].iter().filter_map(|k| object.get(*k)))
                }
                _ => {}
            }
        }
    }
    None
}

fn is_article(kind: Option<&Value>) -> bool {
    let one = |k: &Value| {
        k.as_str().is_some_and(|k| {
            k.ends_with("Article")
                || matches!(k, "BlogPosting" | "Report" | "LiveBlogPosting" | "DiscussionForumPosting")
        })
    };
    match kind {
        Some(Value::Array(kinds)) => kinds.iter().any(one),
        Some(kind) => one(kind),
        None => false,
    }
}

fn from_object(object: &Value) -> Meta {
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(plain).filter(|s| !s.is_empty());
    let name = |key: &str| object.get(key).map(names).filter(|s| !s.is_empty());
    let site = name("publisher");
    Meta {
        headline: text("headline").or_else(|| text("name")),
        author: name("author").or_else(|| name("creator")).filter(|a| is_person(a)),
        origin: name("isBasedOn")
            .or_else(|| name("sourceOrganization"))
            .filter(|o| !o.starts_with("http") && site.as_ref() != Some(o)),
        site,
        published: text("datePublished").into_iter().chain(text("dateCreated")).collect(),
        modified: text("dateModified").into_iter().collect(),
        image: object.get("image").and_then(image),
        language: text("inLanguage"),
        is_article: true,
        is_paid: matches!(object.get("isAccessibleForFree"), Some(Value::Bool(false)))
            || text("isAccessibleForFree").is_some_and(|s| s.eq_ignore_ascii_case("false")),
        og_title: None,
    }
}

/// A text of JSON-LD, which sites escape for HTML or not.
fn plain(s: &str) -> String {
    if !s.contains('&') && !s.contains('<') {
        return collapse(s);
    }
    collapse(&super::dom::fragment(s).root_element().text().collect::<String>())
}

/// The names that a person, an organisation or a list of them goes by.
fn names(value: &Value) -> String {
    let one = |v: &Value| match v {
        Value::String(s) => Some(plain(s)),
        Value::Object(o) => {
            o.get("name").or_else(|| o.get("publisher").and_then(|p| p.get("name"))).and_then(Value::as_str).map(plain)
        }
        _ => None,
    };
    match value {
        Value::Array(items) => {
            items.iter().take(8).filter_map(one).filter(|s| !s.is_empty()).collect::<Vec<_>>().join(", ")
        }
        one_value => one(one_value).unwrap_or_default(),
    }
}

fn image(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Array(items) => {
            items.first().and_then(|i| i.as_str().or_else(|| i.get("url")?.as_str())).map(str::to_owned)
        }
        Value::Object(o) => o.get("url").or_else(|| o.get("contentUrl")).and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
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
        let meta = super::read(&dom::parse(html).unwrap());
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
        let meta = super::read(&dom::parse(html).unwrap());
        assert_eq!(meta.headline.as_deref(), Some("two lines"));
        assert_eq!(meta.author, None);
        assert!(meta.is_paid);
    }
}
