//! What a document is, by what it says rather than by what its server says of it.

/// Root tags are looked for in the first this many bytes.
const SNIFF_BYTES_MAX: usize = 64 * 1024;

/// What a document is, and where its root begins, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// JSON Feed.
    Json(usize),
    /// RSS, RDF, Atom.
    Feed(usize),
    /// A sitemap or an index of sitemaps.
    Sitemap(usize),
    /// An outline of feeds and links.
    Opml(usize),
    /// A page for people.
    Html,
    /// Nothing but white space.
    Empty,
    /// Text that is none of these.
    Unknown,
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Json(_) | Self::Feed(_) => "feed",
            Self::Sitemap(_) => "sitemap",
            Self::Opml(_) => "outline",
            Self::Html => "page",
            Self::Empty | Self::Unknown => "document of no known kind",
        }
    }
}

/// What `text` is. `content_type` only decides for text without any tag that tells.
pub(super) fn of(text: &str, content_type: Option<&str>) -> Kind {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{FEFF}' | '\0'));
    if start.is_empty() {
        return Kind::Empty;
    }
    if start.starts_with('{') && start.contains("\"items\"") {
        return Kind::Json(text.len() - start.len());
    }
    let mut end = text.len().min(SNIFF_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    roots(&text[..end]).unwrap_or_else(|| {
        let is_html = content_type.is_some_and(|t| t.to_ascii_lowercase().contains("html"));
        let has_links = text.contains("<a ") || text.contains("<A ");
        if is_html || has_links { Kind::Html } else { Kind::Unknown }
    })
}

/// Where in a page of HTML a whole feed stands, as when a proxy wraps it.
pub(super) fn feed_within(text: &str) -> Option<usize> {
    let has_entries = |rest: &str| rest.contains("<item") || rest.contains("<entry");
    ["<rss", "<rdf:RDF", "<feed"].iter().filter_map(|root| text.find(root)).min().filter(|at| has_entries(&text[*at..]))
}

/// The kind that the first telling tag of `head` names. Comments are passed over: they quote tags.
fn roots(head: &str) -> Option<Kind> {
    let (mut at, mut is_html) = (0, false);
    while let Some(found) = head[at..].find('<') {
        let open = at + found;
        let rest = &head[open + 1..];
        if rest.starts_with("!--") {
            let Some(end) = rest.find("-->") else { break };
            at = open + 1 + end;
            continue;
        }
        let name: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '!' | '_' | '-'))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let local = name.rsplit(':').next().unwrap_or_default();
        match local {
            "rss" | "feed" | "rdf" | "channel" | "entry" => return Some(Kind::Feed(open)),
            "opml" => return Some(Kind::Opml(open)),
            "urlset" | "sitemapindex" => return Some(Kind::Sitemap(open)),
            "html" | "body" | "head" => return Some(Kind::Html),
            // A template of pages that a feed was made from leaves its document type.
            "!doctype" if rest[8..].trim_start().get(..4).is_some_and(|d| d.eq_ignore_ascii_case("html")) => {
                is_html = true;
                at = open + 1;
            }
            _ if is_html && rest.starts_with(|c: char| c.is_ascii_alphabetic()) => break,
            _ => at = open + 1,
        }
    }
    is_html.then_some(Kind::Html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_decides() {
        for (text, kind) in [
            ("\u{feff}<?xml version='1.0'?>\n<rss version='2.0'>", Kind::Feed(25)),
            ("<b>Warning</b>: x in y\n<feed xmlns='a'>", Kind::Feed(23)),
            ("<!-- <html> --><rdf:RDF>", Kind::Feed(15)),
            ("<?xml version='1.0'?><urlset>", Kind::Sitemap(21)),
            ("<s:sitemapindex>", Kind::Sitemap(0)),
            ("<!DOCTYPE html><p>", Kind::Html),
            ("<!DOCTYPE html><p>see <rss>", Kind::Html),
            ("<!DOCTYPE html>\n<rss>", Kind::Feed(16)),
            ("<HTML><body>see <rss>", Kind::Html),
            (" {\"version\": \"https://jsonfeed.org/version/1\", \"items\": []}", Kind::Json(1)),
            ("<p><a href='/x'>x</a>", Kind::Html),
            (" \n", Kind::Empty),
            ("plain words", Kind::Unknown),
        ] {
            assert_eq!(of(text, None), kind, "{text}");
        }
        assert_eq!(of("<p>nothing", Some("text/html")), Kind::Html);
    }
}
