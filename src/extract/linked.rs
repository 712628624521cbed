//! What a page says of its article as linked data (JSON-LD, schema.org).

use scraper::ElementRef;
use serde_json::Value;

use super::dom::{attr, collapse};
use super::meta::{self, Meta, is_person};

/// JSON-LD blocks that are read.
const BLOCKS_MAX: usize = 16;
/// Objects of JSON-LD that are looked at.
const OBJECTS_MAX: usize = 400;
/// Keywords that are read.
const KEYWORDS_MAX: usize = 64;

/// The first article among the JSON-LD of the `scripts` of a page.
pub(super) fn read(scripts: &[ElementRef<'_>]) -> Option<Meta> {
    let is_data = |e: &&ElementRef<'_>| attr(**e, "type") == Some("application/ld+json");
    for e in scripts.iter().filter(is_data).take(BLOCKS_MAX) {
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
        publisher: site.clone().zip(object.get("publisher").and_then(address)),
        site,
        published: text("datePublished").into_iter().chain(text("dateCreated")).collect(),
        modified: text("dateModified").into_iter().collect(),
        image: object.get("image").and_then(image),
        language: text("inLanguage").or_else(|| name("inLanguage")),
        section: name("articleSection").filter(|s| meta::is_tag(s)),
        tags: meta::tags(object.get("keywords").map(keywords).unwrap_or_default()),
        comments: object.get("commentCount").and_then(count).or_else(|| comments(object.get("interactionStatistic")?)),
        canonical: object.get("mainEntityOfPage").and_then(address).or_else(|| text("url")),
        body: object.get("articleBody").and_then(Value::as_str).map(lines).filter(|b| !b.is_empty()),
        is_article: true,
        is_paid: matches!(object.get("isAccessibleForFree"), Some(Value::Bool(false)))
            || text("isAccessibleForFree").is_some_and(|s| s.eq_ignore_ascii_case("false")),
        og_title: None,
        next: vec![],
        base: None,
    }
}

/// A text of several lines, of which those between tags are lines too.
fn lines(s: &str) -> String {
    let text = if s.contains('<') && s.contains('>') || s.contains('&') {
        let doc = super::dom::fragment(&s.replace('\n', "<br>"));
        super::plain::lines(doc.root_element(), &[]).into_iter().map(|l| l.text).collect::<Vec<_>>()
    } else {
        s.split('\n').map(collapse).filter(|l| !l.is_empty()).collect()
    };
    text.join("\n")
}

/// The address that a thing has, or is.
fn address(value: &Value) -> Option<String> {
    let of = value.get("url").or_else(|| value.get("@id")).unwrap_or(value);
    of.as_str().filter(|a| a.starts_with("http")).map(str::to_owned)
}

fn keywords(value: &Value) -> Vec<String> {
    match value {
        Value::String(s) => vec![plain(s)],
        Value::Array(items) => items.iter().take(KEYWORDS_MAX).filter_map(Value::as_str).map(plain).collect(),
        _ => vec![],
    }
}

fn count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The count of comments among the counts of what readers did.
fn comments(statistics: &Value) -> Option<u64> {
    let all: &[Value] = statistics.as_array().map_or(std::slice::from_ref(statistics), Vec::as_slice);
    let is_comment = |s: &&Value| s.get("interactionType").is_some_and(|t| t.to_string().contains("CommentAction"));
    all.iter().find(is_comment).and_then(|s| count(s.get("userInteractionCount")?))
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
