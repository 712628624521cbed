//! JSON Feed (versions 1 and 1.1, <https://www.jsonfeed.org/>) to entries.

use serde_json::Value;

use crate::model::{Announcement, Entry, Listing, ListingKind, Problem};

use super::{
    feed::SHARED_BYTES_MAX,
    plain,
    reading::{ENTRIES_MAX, Reading, link, short},
};

/// Reads the feed that `text` is.
///
/// # Errors
/// When it is no JSON, or has no list of items.
pub(super) fn read(text: &str, mut reading: Reading<'_>) -> Result<Listing, Problem> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let feed = values
        .next()
        .unwrap_or(Ok(Value::Null))
        .map_err(|e| Problem::new("feed", format!("the feed is no valid JSON: {e}")))?;
    if !text[values.byte_offset()..].trim_matches(|c: char| c.is_whitespace() || c == '\0').is_empty() {
        reading.problem("feed", "something follows the end of the JSON");
    }
    let Some(items) = feed.get("items").and_then(Value::as_array) else {
        return Err(Problem::new("feed", "the JSON has no list of `items`"));
    };
    let next = string(&feed, &["next_url"]).and_then(|url| link(reading.page.url, &url));
    let shared = |s: &String| s.len() <= SHARED_BYTES_MAX;
    let (author, language) = (author(&feed).filter(shared), string(&feed, &["language"]).filter(shared));
    let entries = items
        .iter()
        .take(ENTRIES_MAX + 1)
        .enumerate()
        .filter_map(|(n, item)| {
            let Some(mut entry) = entry(item, &mut reading) else {
                let which = string(item, &["title", "id"]).unwrap_or_else(|| (n + 1).to_string());
                reading.problem("entry", format!("entry `{}` has no link and says nothing", short(&which)));
                return None;
            };
            entry.author = entry.author.or_else(|| author.clone());
            entry.language = entry.language.or_else(|| language.clone());
            Some(entry)
        })
        .collect();
    let mut hub = Announcement::default();
    let is_websub = |h: &&Value| string(h, &["type"]).is_some_and(|t| t.eq_ignore_ascii_case("websub"));
    let hubs = feed.get("hubs").and_then(Value::as_array).into_iter().flatten().filter(is_websub);
    let links = hubs.filter_map(|h| string(h, &["url"])).map(|url| ("hub", url));
    for (rel, href) in links.chain(string(&feed, &["feed_url"]).map(|url| ("self", url))) {
        hub.take(rel, &href, reading.page.url);
    }
    let title = string(&feed, &["title"]).map(|t| plain::of_text(&t));
    Ok(Listing { title, next, hub, ..reading.listing(ListingKind::JsonFeed, entries) })
}

fn entry(item: &Value, reading: &mut Reading<'_>) -> Option<Entry> {
    let base = reading.page.url;
    let guid = string(item, &["id"]);
    let href = string(item, &["url", "external_url"]).or_else(|| guid.clone().filter(|g| g.starts_with("http")));
    let own = href.and_then(|href| link(base, &href));
    let mut entry = Entry::at(own.clone().unwrap_or_else(|| base.clone()));
    entry.title = string(item, &["title"]).map(|t| plain::of_text(&t)).filter(|t| !t.is_empty());
    entry.published = string(item, &["date_published"]).and_then(|raw| reading.date(&raw));
    entry.updated = string(item, &["date_modified"]).and_then(|raw| reading.date(&raw));
    entry.author = author(item);
    entry.summary = string(item, &["summary"]).map(|s| plain::of_text(&s));
    let text = || string(item, &["content_text"]).map(|t| quick_xml::escape::partial_escape(t).replace('\n', "<br>"));
    entry.content = string(item, &["content_html"]).or_else(text);
    entry.image = string(item, &["image", "banner_image"]).and_then(|i| link(base, &i));
    entry.language = string(item, &["language"]);
    if own.is_none() {
        let says = entry.title.as_ref().or(entry.summary.as_ref()).or(entry.content.as_ref())?;
        entry.part = Some(guid.as_ref().unwrap_or(says).clone());
    }
    entry.guid = guid;
    Some(entry)
}

/// The first of `keys` that holds a string that is not blank, or a number.
fn string(value: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match value.get(key)? {
        Value::String(s) if !s.trim().is_empty() => Some(s.trim().to_owned()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    })
}

fn author(value: &Value) -> Option<String> {
    let many = value.get("authors").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<String> = many.chain(value.get("author")).filter_map(|a| string(a, &["name"])).collect();
    names.first()?;
    Some(names.join(", "))
}
