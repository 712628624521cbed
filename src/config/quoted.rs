//! From a place inside a string to the place in the file where it is written.

use std::ops::Range;

/// The bytes of the file that write the bytes `inner` of `value`; `raw` is how the file writes `value`, quotes included, and
/// begins at byte `start`. Falls back to the whole of `raw` when the two cannot be brought together.
pub(super) fn locate(raw: &str, start: usize, value: &str, inner: &Range<usize>) -> Range<usize> {
    let whole = start..start + raw.len();
    let Some(map) = spell(raw, value) else { return whole };
    // A place past the end, as an unfinished query has, is the closing quote.
    let edge = |at: usize| map.partition_point(|(decoded, _)| *decoded <= at).checked_sub(1).map(|i| map[i].1);
    let (Some(from), Some(to)) = (edge(inner.start), edge(inner.end.saturating_sub(1).max(inner.start))) else {
        return whole;
    };
    start + from.start..start + to.end
}

/// Bytes of `raw` that write one character.
#[derive(Clone, Copy)]
struct Written {
    start: usize,
    end: usize,
}

/// For every character of `value`, its first byte and where in `raw` it is written; last, the closing quotes. `None` when
/// reading `raw` by the rules of TOML does not give `value`.
fn spell(raw: &str, value: &str) -> Option<Vec<(usize, Written)>> {
    let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|q| raw.starts_with(q))?;
    // A string of a broken file need not end with its quotes.
    let close = raw.strip_suffix(quotes)?.len();
    if close < quotes.len() {
        return None;
    }
    let escapes = quotes.starts_with('"');
    let mut at = quotes.len();
    if quotes.len() == 3 {
        let rest = &raw[at..close];
        at += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
    }
    let (mut map, mut decoded) = (vec![], 0);
    while at < close {
        let rest = &raw[at..close];
        let c = rest.chars().next()?;
        let (c, bytes) = if c == '\\' && escapes { escape(rest)? } else { (Some(c), c.len_utf8()) };
        if let Some(c) = c {
            if !value.get(decoded..)?.starts_with(c) {
                return None;
            }
            map.push((decoded, Written { start: at, end: at + bytes }));
            decoded += c.len_utf8();
        }
        at += bytes;
    }
    map.push((decoded, Written { start: close, end: raw.len() }));
    (decoded == value.len()).then_some(map)
}

/// What the escape at the start of `rest` writes, and its bytes; a line ending escaped away writes nothing.
fn escape(rest: &str) -> Option<(Option<char>, usize)> {
    let kind = rest[1..].chars().next()?;
    let hex = |digits: usize| {
        let number = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
        Some((Some(char::from_u32(number)?), 2 + digits))
    };
    match kind {
        'b' => Some((Some('\u{8}'), 2)),
        't' => Some((Some('\t'), 2)),
        'n' => Some((Some('\n'), 2)),
        'f' => Some((Some('\u{c}'), 2)),
        'r' => Some((Some('\r'), 2)),
        'e' => Some((Some('\u{1b}'), 2)),
        '"' | '\\' => Some((Some(kind), 2)),
        'x' => hex(2),
        'u' => hex(4),
        'U' => hex(8),
        _ if kind.is_whitespace() => Some((None, rest.len() - rest[1..].trim_start().len())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::locate;

    #[track_caller]
    fn shows(raw: &str, value: &str, part: &str, written: &str) {
        let at = value.find(part).unwrap();
        let found = locate(raw, 100, value, &(at..at + part.len()));
        assert_eq!(&raw[found.start - 100..found.end - 100], written);
    }

    #[test]
    fn every_way_to_write_a_string() {
        shows("'芯片 AND oops'", "芯片 AND oops", "oops", "oops");
        shows(r#""芯片 \"a\" b""#, r#"芯片 "a" b"#, r#""a""#, r#"\"a\""#);
        shows(r#""\u82af\U00007247 x""#, "芯片 x", "片 x", r"\U00007247 x");
        shows("'''\nline\n'芯' OR'''", "line\n'芯' OR", "OR", "OR");
        shows("\"\"\"a \\\n   b c\"\"\"", "a b c", "b", "b");
    }

    #[test]
    fn the_end_is_the_closing_quote_and_nonsense_is_the_whole() {
        assert_eq!(locate("'a OR'", 0, "a OR", &(4..4)), 5..6);
        assert_eq!(locate("'a OR'", 0, "other", &(0..1)), 0..6);
        assert_eq!(locate("'", 7, "", &(0..9)), 7..8);
        assert_eq!(locate(r#""\q""#, 0, "q", &(0..1)), 0..4);
        assert_eq!(locate("'芯片", 0, "芯片", &(0..3)), 0..7, "it does not end with its quotes");
    }
}
