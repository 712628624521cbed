//! What an entry says: summary, content, image.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use url::Url;

use super::super::{plain, reading::link, xml::Element};

/// (summary as plain text, content as HTML). A description with markup is both: it may have links and pictures.
pub(super) fn read(item: &Element<'_>) -> (Option<String>, Option<String>) {
    const CONTENTS: &[&str] = &["content:encoded", "content", "fullitem", "xhtml:body", "body", "atom:content"];
    const SUMMARIES: &[&str] = &[
        "description",
        "summary",
        "dc:description",
        "atom:summary",
        "itunes:summary",
        "media:description",
        "abstract",
    ];
    let html = |c| if is_text(c) { Some(html_of(c)) } else { decoded(c).map(Cow::Owned) };
    let content = item.first(CONTENTS).and_then(html).filter(|c| !c.trim().is_empty());
    let described = item.first(SUMMARIES);
    let summary = described.map(plain_of).filter(|s| !s.is_empty());
    let content = content.or_else(|| described.and_then(html).filter(|html| plain::has_tag(html)));
    (summary, content.map(Cow::into_owned))
}

/// Whether an Atom content is text of any kind rather than an image or a document in base64.
fn is_text(e: &Element<'_>) -> bool {
    let kind = e.attr("type").unwrap_or("html").to_ascii_lowercase();
    let is_text = matches!(kind.as_str(), "html" | "text" | "plain" | "xhtml" | "")
        || kind.starts_with("text/")
        || kind.ends_with("xml");
    is_text && e.attr("mode") != Some("base64")
}

/// Whether the text of `e` is text to be read as it stands: Atom's default, which RSS does not have.
fn is_plain(e: &Element<'_>) -> bool {
    matches!(e.attr("type"), Some("text" | "text/plain")) && e.attr("mode") != Some("escaped")
}

/// The content of `e` as HTML.
fn html_of<'a>(e: &'a Element<'_>) -> Cow<'a, str> {
    if matches!(e.attr("type"), Some("xhtml" | "application/xhtml+xml")) {
        Cow::Owned(e.inner_xhtml())
    } else if is_plain(e) {
        Cow::Owned(e.inner_xhtml().replace('\n', "<br>"))
    } else {
        e.inner_html()
    }
}

/// The content of `e` as plain text; empty when it is encoded as something else.
pub(super) fn plain_of(e: &Element<'_>) -> String {
    if !is_text(e) {
        return decoded(e).map(|html| plain::of_html(&html)).unwrap_or_default();
    }
    if is_plain(e) { plain::of_text(&e.text()) } else { plain::of_html(&html_of(e)) }
}

/// What `e` holds in base64, if that is text.
fn decoded(e: &Element<'_>) -> Option<String> {
    let kind = e.attr("type").unwrap_or_default();
    if kind.starts_with("image/") || kind.starts_with("audio/") || kind.starts_with("video/") {
        return None;
    }
    let bytes = STANDARD.decode(e.text().split_whitespace().collect::<String>()).ok()?;
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

/// The lead image.
pub(super) fn image(item: &Element<'_>, base: &Url) -> Option<Url> {
    let groups = || std::iter::once(item).chain(item.all(&["media:group"]));
    let is_image = |e: &&Element<'_>| {
        let url = e.attr("url").or_else(|| e.attr("href")).unwrap_or_default().to_ascii_lowercase();
        let by_name = [".jpg", ".jpeg", ".png", ".webp", ".gif"]
            .iter()
            .any(|x| url.split('?').next().is_some_and(|u| u.ends_with(x)));
        match (e.attr("type"), e.attr("medium")) {
            (Some(kind), _) => kind.starts_with("image/"),
            (None, Some(medium)) => medium == "image",
            (None, None) => by_name,
        }
    };
    let at = |e: &Element<'_>| link(base, e.attr("url").or_else(|| e.attr("href"))?);
    groups()
        .flat_map(|g| g.all(&["media:content"]))
        .filter(is_image)
        .chain(item.all(&["enclosure"]).filter(is_image))
        .chain(item.all(&["link"]).filter(|l| l.attr("rel") == Some("enclosure")).filter(is_image))
        .chain(groups().flat_map(|g| g.all(&["media:thumbnail"])))
        .chain(item.all(&["itunes:image"]))
        .find_map(at)
        .or_else(|| item.first(&["image"]).and_then(|i| link(base, &i.text_of(&["url"])?)))
}
