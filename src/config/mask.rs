//! Hides secrets in text that is about to be shown: byte for byte, so that every place stays where it is.

use std::ops::Range;

/// `text` with the bytes of `secrets`, of URL passwords, of `password=` parameters and of `whsec_` keys replaced by `*`. When `broken`, the
/// file could not be parsed and `secrets` may be incomplete: whatever may belong to `headers` is hidden as well.
pub(super) fn mask(text: &str, secrets: &[Range<usize>], broken: bool) -> String {
    let mut spans = secrets.to_vec();
    spans.extend(url_passwords(text));
    spans.extend(parameters(text));
    spans.extend(keys(text));
    if broken {
        spans.extend(headers(text));
    }
    let mut bytes = text.as_bytes().to_vec();
    for byte in spans.into_iter().filter_map(|s| text.get(s.clone()).map(|_| s)).flatten() {
        if !matches!(bytes[byte], b'\n' | b'\r') {
            bytes[byte] = b'*';
        }
    }
    // A carriage return before a line feed would be drawn as a character.
    String::from_utf8_lossy(&bytes).replace("\r\n", " \n")
}

/// Whether a value under this unknown name may be a secret that was meant for another.
pub(super) fn suspicious(name: &str) -> bool {
    let name = name.to_lowercase();
    ["header", "cookie", "auth", "secret", "token", "pass", "key"].iter().any(|word| name.contains(word))
}

/// Ends what a URL is in the middle of other text.
fn ends_url(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>')
}

/// What stands between `scheme://user:` and `@`. Up to the last `@`: a password that forgot to escape one is still one.
fn url_passwords(text: &str) -> Vec<Range<usize>> {
    let authority = |(i, mark): (usize, &str)| {
        let start = i + mark.len();
        let end = text[start..].find(ends_url).map_or(text.len(), |n| start + n);
        let colon = text[start..end].find(':')? + start + 1;
        let at = text[start..end].rfind('@')? + start;
        (colon < at).then_some(colon..at)
    };
    text.match_indices("://").filter_map(authority).collect()
}

/// The value of every `password=` inside a URL, as PostgreSQL addresses may have it.
fn parameters(text: &str) -> Vec<Range<usize>> {
    let value = |(i, mark): (usize, &str)| {
        let start = i + mark.len();
        start..text[start..].find(|c| ends_url(c) || c == '&').map_or(text.len(), |n| start + n)
    };
    text.match_indices("password=").map(value).collect()
}

/// What follows every `whsec_`.
fn keys(text: &str) -> Vec<Range<usize>> {
    let value = |(i, mark): (usize, &str)| {
        let start = i + mark.len();
        start..text[start..].find(ends_url).map_or(text.len(), |n| start + n)
    };
    text.match_indices("whsec_").map(value).collect()
}

/// Every value from a line that names `headers` to the next table.
fn headers(text: &str) -> Vec<Range<usize>> {
    let (mut spans, mut inside, mut at) = (vec![], false, 0);
    for line in text.split_inclusive('\n') {
        let named = ["headers", "basic_auth", "password", "secret"].iter().any(|word| line.contains(word));
        inside = named || (inside && !line.trim_start().starts_with('['));
        if inside && !(named && line.trim_start().starts_with('[')) {
            let from = line.find('=').map_or(0, |i| i + 1);
            spans.push(at + from..at + line.len());
        }
        at += line.len();
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn passwords_are_hidden_and_nothing_moves() {
        let text = "url = \"postgres://me:p@ss/word@db/x?password=秘密&a=b\" # https://a.example/@x";
        let masked = mask(text, &[], false);
        assert_eq!(masked, "url = \"postgres://me:*********@db/x?password=******&a=b\" # https://a.example/@x");
        assert_eq!(masked.len(), text.len());
    }

    #[test]
    fn a_broken_file_shows_no_header() {
        let text = "a = 1\nheaders = { Cookie = \"s=1\n\"tail\n[[topics]]\nid = \"x\"\n[sources.headers]\nX = 'y'\n";
        let masked = mask(text, &[], true);
        assert!(!masked.contains("s=1") && !masked.contains("tail") && !masked.contains('y'), "{masked}");
        assert!(masked.contains("[[topics]]\nid = \"x\"\n[sources.headers]\nX ="), "{masked}");
    }
}
