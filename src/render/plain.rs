//! Text made fit for XML, HTML and JSON.

use std::{borrow::Cow, fmt::Write as _, sync::LazyLock};

use regex::Regex;
use url::Url;

/// An address of mail with the brackets around it.
static MAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[<(\[（‹]?\s*(?:mailto:)?[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}\s*[>)\]）›]?").ok()
});

/// Whether `c` may stand in an XML 1.0 document and means something there: the controls that XML discourages (C1) are
/// refused as well, since HTML calls them errors, and the sign of a character that was lost, which validators take for a fault.
const fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='\u{7E}' | '\u{A0}'..='\u{FFFC}' | '\u{10000}'..)
}

/// What is printed for a character that is not known.
const UNKNOWN: char = '□';

/// `text` without the characters that XML 1.0 forbids, lines ended by `\n` as a parser would hand them on.
pub(super) fn legal(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_legal) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            '\u{FFFD}' => out.push(UNKNOWN),
            c if is_legal(c) => out.push(c),
            _ => {}
        }
    }
    Cow::Owned(out)
}

/// One line of `text`: without characters that XML forbids, white space collapsed, none at the ends.
#[must_use]
pub fn clean(text: &str) -> String {
    legal(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first `chars_max` characters of `text`; what was longer ends in an ellipsis, which is counted.
#[must_use]
pub fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().nth(chars_max).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// `text` as it may stand in HTML, in an element or between double or single quotes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in legal(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Whether a reader that guesses would take `text` for HTML: a tag that closes stands in it.
fn passes_for_html(text: &str) -> bool {
    text.split("</").skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// `text` for a place that cannot say that it is no HTML: what would pass for it has its angle brackets as quotation marks of the
/// same look, so that no reader swallows a word.
pub(super) fn unmarked(text: &str) -> Cow<'_, str> {
    if passes_for_html(text) { quoted(text).into() } else { text.into() }
}

/// `text` with its angle brackets as quotation marks.
pub(super) fn quoted(text: &str) -> String {
    text.replace('<', "‹").replace('>', "›")
}

/// `name` without addresses of mail: they are not for every subscriber to read, and libraries take a name apart at them, some in the
/// middle of a character.
pub(super) fn without_mail(name: &str) -> Cow<'_, str> {
    match &*MAIL {
        Some(mail) if name.contains('@') => clean(&mail.replace_all(name, " ")).into(),
        _ => name.into(),
    }
}

/// `xml` with `&` and `<` of texts written by number, outside of CDATA sections: so the RSS profile asks, since of `&amp;amp;` readers
/// cannot know how often it is to be read.
pub(super) fn by_number(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len() + xml.len() / 16);
    let mut rest = xml;
    while !rest.is_empty() {
        let (text, further) = rest.split_at(rest.find("<![CDATA[").unwrap_or(rest.len()));
        let (data, after) = further.split_at(further.find("]]>").unwrap_or(further.len()));
        out.push_str(&text.replace("&amp;", "&#x26;").replace("&lt;", "&#x3C;"));
        out.push_str(data);
        rest = after;
    }
    out
}

/// `text` as HTML, with every occurrence of any of `found` in `<mark>`, the longest first.
#[must_use]
pub fn mark_each(text: &str, found: &[String]) -> String {
    mark_in(text, found, escape, ("<mark>", "</mark>"))
}

/// `text`, each of its parts as `write` has it, with every occurrence of any of `found` between `marks`, the longest first.
pub(super) fn mark_in(text: &str, found: &[String], write: fn(&str) -> String, marks: (&str, &str)) -> String {
    let (mut out, mut kept, mut rest) = (String::new(), 0, text);
    while let Some(c) = rest.get(kept..).and_then(|r| r.chars().next()) {
        let here = &rest[kept..];
        match found.iter().filter(|f| !f.is_empty() && here.starts_with(f.as_str())).max_by_key(|f| f.len()) {
            Some(f) => {
                let _ = write!(out, "{}{}{}{}", write(&rest[..kept]), marks.0, write(f), marks.1);
                (rest, kept) = (&here[f.len()..], 0);
            }
            None => kept += c.len_utf8(),
        }
    }
    out + &write(rest)
}

/// `url` as RFC 3986 writes it: some characters stand in addresses of the web as they are that it does not know.
pub(super) fn strict(url: &Url) -> String {
    let whole = url.as_str();
    let start = whole.find("://").and_then(|at| Some(at + 3 + whole.get(at + 3..)?.find(['/', '?', '#'])?));
    let (authority, rest) = whole.split_at(start.unwrap_or(whole.len()));
    let mut out = authority.to_owned();
    let mut in_fragment = false;
    for c in rest.chars() {
        match c {
            '[' | ']' | '|' | '^' | '\\' | '`' | '{' | '}' | '<' | '>' | '"' => {
                let _ = write!(out, "%{:02X}", u32::from(c));
            }
            '#' if in_fragment => out.push_str("%23"),
            c => {
                in_fragment |= c == '#';
                out.push(c);
            }
        }
    }
    out
}

/// `address` if it leads to the web: no other scheme is ever made a link.
#[must_use]
pub fn web(address: &str) -> Option<Url> {
    Url::parse(address).ok().filter(|u| matches!(u.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_drops_what_xml_forbids_and_keeps_han() {
        assert_eq!(clean(" 芯\u{0}片\u{FFFE}\u{FFFF}\r\n\tex\u{1B}port\u{85} "), "芯片 export");
        assert_eq!(legal("a\r\nb\rc"), "a\nb\nc");
        assert_eq!(clean("垃\u{FFFD}圾"), "垃□圾");
        assert!(matches!(legal("plain 文\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn cut_counts_characters_with_the_ellipsis() {
        assert_eq!(cut("出口管制", 4), "出口管制");
        assert_eq!(cut("出口管制令", 4), "出口管…");
        assert_eq!(cut("ab cd", 4), "ab…");
        assert_eq!(cut("ab", 0), "…");
    }

    #[test]
    fn what_passes_for_html_loses_its_brackets_where_it_cannot_be_declared() {
        assert_eq!(unmarked("港口</b> <i>x"), "港口‹/b› ‹i›x");
        assert_eq!(unmarked("a < b </ > c & <d>"), "a < b </ > c & <d>");
    }

    #[test]
    fn names_are_shown_without_addresses_of_mail() {
        for name in [
            "林知远 <lin@mail.example>",
            "林知远（lin@mail.example）",
            "mailto:lin@mail.example 林知远",
            "(l.i+n@a.b.example)林知远",
        ] {
            assert_eq!(without_mail(name), "林知远");
        }
        assert_eq!((without_mail("lin@mail.example"), without_mail("Lin @ home")), ("".into(), "Lin @ home".into()));
    }

    #[test]
    fn ampersands_are_numbered_outside_of_cdata() {
        let xml = "<a b=\"&amp;\">1 &lt; 2 &amp;amp;</a><![CDATA[ &amp; &lt; ]]><c>&gt;&amp;</c>";
        let numbered = "<a b=\"&#x26;\">1 &#x3C; 2 &#x26;amp;</a><![CDATA[ &amp; &lt; ]]><c>&gt;&#x26;</c>";
        assert_eq!(by_number(xml), numbered);
        assert_eq!((by_number(""), by_number("<![CDATA[&amp;")), (String::new(), "<![CDATA[&amp;".into()));
    }

    #[test]
    fn mark_escapes_around_and_inside() {
        assert_eq!(mark_each("a<b & a<b", &["a<b".into()]), "<mark>a&lt;b</mark> &amp; <mark>a&lt;b</mark>");
        assert_eq!(mark_each("\"x'", &[String::new()]), "&quot;x&#39;");
        let found = ["出口".into(), "出口管制".into(), String::new(), "<".into()];
        assert_eq!(
            mark_each("新<出口管制、出口", &found),
            "新<mark>&lt;</mark><mark>出口管制</mark>、<mark>出口</mark>"
        );
        assert_eq!((mark_each("", &found), mark_each("a&", &[])), (String::new(), "a&amp;".into()));
    }

    #[test]
    fn addresses_are_written_strictly() {
        let strict = |s: &str| strict(&Url::parse(s).unwrap());
        assert_eq!(
            strict("https://[::1]:8/a[1]|b?c={d}&e=^#f#g"),
            "https://[::1]:8/a%5B1%5D%7Cb?c=%7Bd%7D&e=%5E#f%23g"
        );
        assert_eq!(strict("https://a.example/%E5%8F%B0?x=1&y='2'"), "https://a.example/%E5%8F%B0?x=1&y=%272%27");
    }

    #[test]
    fn only_the_web_is_linked() {
        assert!(web("https://a.example/1").is_some());
        assert!(web("javascript:alert(1)").is_none());
        assert!(web("no address").is_none());
    }
}
