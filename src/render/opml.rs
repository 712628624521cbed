//! OPML 2.0, by which a reader subscribes to every feed at once.

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use url::Url;

use super::{
    item::TITLE_CHARS_MAX,
    plain::{clean, cut},
};

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// As it is called.
    pub title: String,
    /// Where it is.
    pub url: Url,
    /// A page for people, not a feed.
    pub is_page: bool,
}

/// Feeds under a title.
type Group<'a> = (&'a str, &'a [Outline]);

/// OPML 2.0 of all feeds; those of each of `groups` stand in an outline of its title.
#[must_use]
pub fn opml(title: &str, feeds: &[Outline], groups: &[Group<'_>]) -> String {
    let mut writer = Writer::new(Vec::new());
    // Writing to memory cannot fail.
    if write(&mut writer, title, feeds, groups).is_err() {
        return String::new();
    }
    String::from_utf8(writer.into_inner()).unwrap_or_default()
}

fn write(w: &mut Writer<Vec<u8>>, title: &str, feeds: &[Outline], groups: &[Group<'_>]) -> std::io::Result<()> {
    w.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    w.write_event(Event::Start(BytesStart::new("opml").with_attributes([("version", "2.0")])))?;
    w.write_event(Event::Start(BytesStart::new("head")))?;
    w.write_event(Event::Start(BytesStart::new("title")))?;
    w.write_event(Event::Text(BytesText::new(&cut(&clean(title), TITLE_CHARS_MAX))))?;
    w.write_event(Event::End(BytesEnd::new("title")))?;
    w.write_event(Event::End(BytesEnd::new("head")))?;
    w.write_event(Event::Start(BytesStart::new("body")))?;
    outlines(w, feeds)?;
    for (title, feeds) in groups.iter().filter(|(_, feeds)| !feeds.is_empty()) {
        let attributes = [("text", *title), ("title", *title)];
        w.write_event(Event::Start(BytesStart::new("outline").with_attributes(attributes)))?;
        outlines(w, feeds)?;
        w.write_event(Event::End(BytesEnd::new("outline")))?;
    }
    w.write_event(Event::End(BytesEnd::new("body")))?;
    w.write_event(Event::End(BytesEnd::new("opml")))
}

fn outlines(w: &mut Writer<Vec<u8>>, feeds: &[Outline]) -> std::io::Result<()> {
    for Outline { title, url, is_page } in feeds {
        let title = cut(&clean(title), TITLE_CHARS_MAX);
        let (kind, address) = if *is_page { ("link", "url") } else { ("rss", "xmlUrl") };
        let outline = BytesStart::new("outline").with_attributes([
            ("type", kind),
            ("text", title.as_str()),
            ("title", title.as_str()),
            (address, url.as_str()),
        ]);
        w.write_event(Event::Empty(outline))?;
    }
    Ok(())
}
