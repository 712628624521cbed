//! What a publisher announces in `Link` headers (RFC 8288), as far as WebSub needs it (section 4).

use url::Url;

use crate::model::Announcement;

/// Links of one answer that are looked at.
const LINKS_MAX: usize = 100;
/// What the values of `Link` headers announce, seen from `base`.
#[must_use]
pub fn announced<'v>(values: impl Iterator<Item = &'v str>, base: &Url) -> Announcement {
    let mut announcement = Announcement::default();
    for link in values.flat_map(split).take(LINKS_MAX) {
        let Some((href, rest)) = link.trim_start().strip_prefix('<').and_then(|l| l.split_once('>')) else { continue };
        let rel = parts(rest, ';').into_iter().find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("rel").then(|| value.trim().trim_matches('"'))
        });
        if let Some(rel) = rel {
            announcement.take(rel, href, base);
        }
    }
    announcement
}

/// The links of one value: a comma may also stand inside of an address or of quotes.
fn split(value: &str) -> Vec<&str> {
    parts(value, ',')
}

/// `text` between those of its `separator`s that stand neither in `<>` nor in quotes.
fn parts(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut in_address) = (vec![], 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' if !in_address => quoted = !quoted,
            '<' if !quoted => in_address = true,
            '>' if !quoted => in_address = false,
            c if c == separator && !quoted && !in_address => {
                parts.extend(text.get(start..at));
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> (Option<String>, Option<String>) {
        let base = "https://a.example/news/".parse().unwrap();
        let found = announced(values.iter().copied(), &base);
        (found.hub.map(Into::into), found.topic.map(Into::into))
    }

    #[test]
    fn headers_name_hub_and_self_however_they_are_written() {
        let both = (Some("https://hub.example/".into()), Some("https://a.example/feed?x=1,2".into()));
        for values in [
            &["<https://hub.example/>; rel=\"hub\", <https://a.example/feed?x=1,2>; rel=\"self\""][..],
            &["<https://hub.example/>;rel=hub", "</feed?x=1,2>; title=\"a, b; rel=hub\"; REL=self"],
            &["<x>; rel=next, <https://hub.example/>; rel=\"preconnect HUB\", <../feed?x=1,2>; rel=\"self\""],
            &["<https://hub.example/>; rel=hub, <https://second.example/>; rel=hub, </feed?x=1,2>; rel=self"],
        ] {
            assert_eq!(read(values), both, "{values:?}");
        }
    }

    #[test]
    fn what_is_no_link_announces_nothing() {
        for value in [
            "",
            ",,;",
            "<>; rel=hub",
            "<https://hub.example/>",
            "https://hub.example/; rel=hub",
            "<javascript:1>; rel=hub",
            "<https://h",
        ] {
            assert_eq!(read(&[value]), (None, None), "{value}");
        }
        let long = format!("<https://hub.example/{}>; rel=hub", "a".repeat(1000));
        assert_eq!(read(&[&long]).0, None);
    }
}
