//! Labels of encodings, where documents and headers write them.

use encoding_rs::{BIG5, Encoding, GBK, REPLACEMENT, UTF_8, X_USER_DEFINED};

/// Bytes of a document in which a declaration is looked for; scripts before it are long on some sites.
pub(super) const HEAD_BYTES_MAX: usize = 64 << 10;
/// Bytes of one declaration.
const TAG_BYTES_MAX: usize = 1 << 10;
/// Bytes of a label; the longest that WHATWG knows has 19.
const LABEL_BYTES_MAX: usize = 40;

/// Labels that occur and that WHATWG does not know.
const ALIASES: &[(&str, &Encoding)] = &[
    ("cp936", GBK),
    ("ms936", GBK),
    ("windows-936", GBK),
    ("euc-cn", GBK),
    ("gb2312-80", GBK),
    ("gb-18030", encoding_rs::GB18030),
    ("cp950", BIG5),
    ("ms950", BIG5),
    ("windows-950", BIG5),
    ("big-5", BIG5),
    ("big5hkscs", BIG5),
    ("utf8mb4", UTF_8),
];

/// The encoding that `label` names: WHATWG's labels and a few more. None for those that decode to nothing.
pub(super) fn resolve(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().to_ascii_lowercase();
    let known = |label: &str| {
        let alias = ALIASES.iter().find(|(alias, _)| *alias == label).map(|(_, encoding)| *encoding);
        Encoding::for_label(label.as_bytes()).or(alias)
    };
    known(&label)
        .or_else(|| known(&label.replace(['_', ' '], "-")))
        .filter(|encoding| *encoding != REPLACEMENT && *encoding != X_USER_DEFINED)
}

/// The label in the value of a Content-Type header.
pub(super) fn of_header(content_type: &str) -> Option<String> {
    after(content_type.as_bytes(), b"charset").map(|(label, _)| label)
}

/// The label that the document declares: of the XML declaration or the first `<meta>` that has one. Comments, scripts
/// and styles are passed over.
pub(super) fn of_document(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(HEAD_BYTES_MAX)];
    let mut at = 0;
    while let Some(open) = find(&head[at..], b"<") {
        at += open;
        let rest = &head[at..];
        let tag = &rest[..rest.len().min(TAG_BYTES_MAX)];
        let tag = &tag[..find(tag, b">").unwrap_or(tag.len())];
        let label = if begins(tag, b"<?xml") {
            after(tag, b"encoding").map(|(label, _)| label)
        } else if begins(tag, b"<meta") {
            of_meta(tag)
        } else {
            None
        };
        if label.is_some() {
            return label;
        }
        let skipped: Option<&[u8]> =
            [(b"<!--".as_slice(), b"-->".as_slice()), (b"<script", b"</script"), (b"<style", b"</style")]
                .into_iter()
                .find_map(|(start, end)| begins(tag, start).then_some(end));
        at += match skipped {
            // One that never ends swallows the rest.
            Some(end) => find(rest, end)?,
            None => 1,
        };
    }
    None
}

/// Not the word `charset` in a description: only as an attribute, or in the content of an `http-equiv`.
fn of_meta(tag: &[u8]) -> Option<String> {
    let (label, at) = after(tag, b"charset")?;
    let own = find(&tag[..at], b"content").is_none();
    (own || find(tag, b"http-equiv").is_some()).then_some(label)
}

/// The label after `key` and `=`, whatever quotes stand around it, and where `key` stands.
fn after(text: &[u8], key: &[u8]) -> Option<(String, usize)> {
    let mut from = 0;
    while let Some(found) = find(&text[from..], key) {
        let at = from + found;
        from = at + key.len();
        let joined =
            at.checked_sub(1).and_then(|i| text.get(i)).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-');
        let Some(value) = text[from..].trim_ascii_start().strip_prefix(b"=").filter(|_| !joined) else { continue };
        let value = value.strip_prefix(b"&quot;").unwrap_or(value);
        let is_label = |b: &u8| b.is_ascii_alphanumeric() || b"-_.:".contains(b);
        let start = value.iter().position(is_label).filter(|start| !value[..*start].contains(&b';'));
        let label = value[start.unwrap_or(value.len())..].iter().take_while(|b| is_label(b)).take(LABEL_BYTES_MAX);
        let label: String = label.map(|b| char::from(*b)).collect();
        if !label.is_empty() {
            return Some((label, at));
        }
    }
    None
}

fn begins(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|t| t.eq_ignore_ascii_case(start))
}

/// Where `needle`, in lower case, first stands in `text` in any case.
fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|w| w.eq_ignore_ascii_case(needle))
}
