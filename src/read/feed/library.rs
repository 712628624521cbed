//! Entries as feed-rs reads them, to fill gaps of the mended tree beside it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::{model, parser};
use url::Url;

use crate::model::Entry;

use super::{
    super::{
        plain,
        reading::{Reading, link},
    },
    people,
};

/// The entries of `text`, a whole feed from its root tag on, in document order.
///
/// # Errors
/// When feed-rs takes it for no feed, in a sentence.
pub(super) fn read(text: &str, reading: &Reading<'_>) -> Result<Vec<model::Entry>, String> {
    let parser = parser::Builder::new()
        .base_uri(Some(reading.page.url.as_str()))
        .sanitize_content(false)
        // An entry without an identifier has none: made ones would differ from visit to visit.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(reading.dates())
        .build();
    match catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes()))) {
        Ok(Ok(feed)) => Ok(feed.entries),
        Ok(Err(e)) => Err(e.to_string()),
        Err(_) => Err("it broke down".into()),
    }
}

/// Fills what `entry`, which the tree gave, lacks and `found` has.
pub(super) fn over(entry: &mut Entry, found: model::Entry) {
    let given = |text: Option<model::Text>| text.map(|t| plain_of(&t)).filter(|t| !t.is_empty());
    let names = found.authors.iter().filter_map(|p| people::named(p.name.as_deref()?)).collect::<Vec<_>>();
    // A picture or a document comes as it is, in base64.
    let is_text =
        |c: &model::Content| c.content_type.ty() == "text" || c.content_type.subty().as_str().ends_with("xml");
    let body = found.content.filter(is_text).and_then(|c| c.body).filter(|b| !b.trim().is_empty());
    entry.guid = entry.guid.take().or_else(|| Some(found.id.trim().to_owned()).filter(|id| !id.is_empty()));
    entry.title = entry.title.take().or_else(|| given(found.title));
    // It repeats the publication as an update, which says nothing.
    entry.updated = entry.updated.or_else(|| found.updated.filter(|u| Some(*u) != found.published));
    entry.published = entry.published.or(found.published);
    entry.author = entry.author.take().or_else(|| Some(names.join(", ")).filter(|n| !n.is_empty()));
    entry.origin = entry.origin.take().or_else(|| found.source.as_deref().and_then(people::named));
    entry.summary = entry.summary.take().or_else(|| given(found.summary));
    entry.content = entry.content.take().or(body);
    entry.image = entry.image.take().or_else(|| found.media.iter().find_map(image));
    entry.language = entry.language.take().or(found.language);
}

/// Where `entry` leads, when the tree found no link.
pub(super) fn link_of(entry: &model::Entry, base: &Url, page: &Url) -> Option<Url> {
    let leads = |l: &&model::Link| l.target.is_none() && matches!(l.rel.as_deref(), None | Some("alternate"));
    // It takes a link that is empty for one to the feed itself.
    entry.links.iter().filter(leads).find_map(|l| link(base, &l.href)).filter(|url| url != page)
}

fn image(object: &model::MediaObject) -> Option<Url> {
    let is_image = |c: &&model::MediaContent| c.content_type.as_ref().is_some_and(|t| t.ty() == "image");
    let whole = object.content.iter().filter(is_image).find_map(|c| c.url.clone());
    whole.or_else(|| object.thumbnails.iter().find_map(|t| Url::parse(&t.image.uri).ok()))
}

fn plain_of(text: &model::Text) -> String {
    // Titles of RSS are declared plain and written as HTML.
    plain::of_html(&text.content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Source, SourceKind};
    use crate::read::Page;

    #[test]
    fn sound_feeds_are_read_dates_by_our_own_rules_and_identifiers_never_made() {
        let url: Url = "https://news.example/feed".parse().unwrap();
        let source = Source {
            name: "S".into(),
            kind: SourceKind::Feed,
            time_zone: chrono_tz::Asia::Hong_Kong,
            ..Source::at("s", url.clone())
        };
        let now = chrono::DateTime::from_timestamp(1_796_000_000, 0).unwrap();
        let reading = Reading::new(Page { url: &url, content_type: None, text: "" }, &source, now);
        let text = "<rss version=\"2.0\"><channel><title>T</title>\
            <item><title>昨日</title><pubDate>2026年11月20日 08:00</pubDate></item>\
            <item><title>B</title><link>https://news.example/2</link><guid>g2</guid></item></channel></rss>";
        let entries = read(text, &reading).unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].published.unwrap().to_rfc3339(), "2026-11-20T00:00:00+00:00");
        assert_eq!(entries.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["", "g2"]);
        assert!(read("<html><body/></html>", &reading).is_err());
    }
}
