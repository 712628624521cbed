//! What no reader of XML would take, made readable before it is read.

use std::borrow::Cow;

/// How a section of character data begins.
const CDATA: &str = "<![CDATA[";
/// A longer name is no end tag that lost its end.
const NAME_BYTES_MAX: usize = 40;

/// `text` without characters that XML forbids, with every `<` that begins no markup escaped and open ends closed.
pub(in crate::read) fn clean(text: &str) -> Cow<'_, str> {
    let legal = if may_be_illegal(text) { Cow::Owned(text.replace(is_illegal, "")) } else { Cow::Borrowed(text) };
    match escape_strays(&legal) {
        Some(mended) => Cow::Owned(mended),
        None => legal,
    }
}

/// Characters outside XML 1.0's `Char`, and the replacement for what was no character.
const fn is_illegal(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// A quick look: `false` when no character of `text` is one of them.
fn may_be_illegal(text: &str) -> bool {
    let control = |b: &u8| *b < b' ' && !matches!(*b, b'\t' | b'\n' | b'\r');
    text.as_bytes().iter().any(control) || text.contains('\u{FFFE}') || text.contains('\u{FFFF}')
}

/// `None` when there is nothing to mend.
fn escape_strays(text: &str) -> Option<String> {
    let mut out = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(found) = text[at..].find('<') {
        let open = at + found;
        let rest = &text[open..];
        match end_of_markup(rest) {
            End::After(len) => at = open + len,
            End::Mended { keep, skip, with } => {
                out.push_str(&text[kept..open + keep]);
                out.push_str(with);
                at = open + keep + skip;
                kept = at;
            }
            End::Missing(close) => {
                // Cut off inside: what came so far is kept.
                out.push_str(&text[kept..]);
                out.push_str(close);
                return Some(out);
            }
            End::Cut => {
                out.push_str(&text[kept..open]);
                return Some(out);
            }
        }
    }
    if kept == 0 {
        return None;
    }
    out.push_str(&text[kept..]);
    Some(out)
}

enum End {
    /// Markup of this many bytes.
    After(usize),
    /// Markup of which the first `keep` bytes stay and the next `skip` give way to `with`.
    Mended { keep: usize, skip: usize, with: &'static str },
    /// Never closed; this would close it.
    Missing(&'static str),
    /// Never closed, and nothing in it is worth keeping.
    Cut,
}

impl End {
    /// No markup at all.
    const STRAY: Self = Self::Mended { keep: 0, skip: 1, with: "&lt;" };

    /// Markup of this many bytes that is better not there.
    const fn drop(len: usize) -> Self {
        Self::Mended { keep: 0, skip: len, with: "" }
    }
}

/// What begins with the `<` that `rest` begins with.
fn end_of_markup(rest: &str) -> End {
    let closed = |close: &str, from: usize| rest[from..].find(close).map(|n| from + n + close.len());
    if rest.starts_with(CDATA) {
        let end = closed("]]>", CDATA.len());
        // Written with a space in it, the end of a section is none, and what follows would be swallowed.
        let broken = rest[..end.unwrap_or(rest.len())].find("]] >").filter(|at| rest[at + 4..].starts_with("</"));
        return match broken {
            Some(at) => End::Mended { keep: at + 2, skip: 1, with: "" },
            None => end.map_or(End::Missing("]]>"), End::After),
        };
    }
    if CDATA.starts_with(rest) {
        return End::Cut;
    }
    if rest.starts_with("<!--") {
        return closed("-->", 4).map_or(End::Cut, End::drop);
    }
    // Instructions may lack their last `?`.
    if rest.starts_with("<?") || rest.get(..9).is_some_and(|d| d.eq_ignore_ascii_case("<!DOCTYPE")) {
        return closed(">", 2).map_or(End::Cut, End::drop);
    }
    let name = rest.as_bytes().get(1).copied().unwrap_or(b' ');
    let name = if name == b'/' { rest.as_bytes().get(2).copied().unwrap_or(b' ') } else { name };
    if !(name.is_ascii_alphabetic() || name == b'_' || name >= 0x80) {
        return End::STRAY;
    }
    end_of_tag(rest)
}

/// Whether `tag` is `</` and a name.
fn is_end_tag(tag: &str) -> bool {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_');
    tag.strip_prefix("</").is_some_and(|name| name.len() <= NAME_BYTES_MAX && name.bytes().all(is_name))
}

/// A tag ends at the first `>` outside quotes; a `<` before that means that it never was a tag, or never ended.
fn end_of_tag(rest: &str) -> End {
    let (mut quote, mut open_quote) = (None, 0);
    for (i, b) in rest.bytes().enumerate().skip(1) {
        match (quote, b) {
            (None, b'>') => return End::After(i + 1),
            // An end tag that only lacks its last character is one.
            (None, b'<') if is_end_tag(&rest[..i]) => return End::Mended { keep: i, skip: 0, with: ">" },
            (None, b'<') => return End::STRAY,
            (None, b'"' | b'\'') if rest[..i].trim_end().ends_with('=') => (quote, open_quote) = (Some(b), i),
            (Some(q), _) if q == b => quote = None,
            _ => {}
        }
    }
    // A quote that never closes: the tag may still end at the next `>`.
    match rest[open_quote..].find('>').filter(|_| quote.is_some()) {
        Some(n) => End::After(open_quote + n + 1),
        None => End::Cut,
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn sound_markup_is_left_alone() {
        for sound in ["<a b='>'>x &amp; y</a>", "<a><![CDATA[ 1 < 2 ]]></a>", "<新 名=\"x\"/>"] {
            assert!(matches!(clean(sound), std::borrow::Cow::Borrowed(_)), "{sound}");
        }
    }

    #[test]
    fn what_is_unsound_is_mended() {
        for (broken, mended) in [
            ("<a>1 < 2</a>", "<a>1 &lt; 2</a>"),
            ("<a>x <y</a>", "<a>x &lt;y</a>"),
            ("<a>x</a<b>y</b>", "<a>x</a><b>y</b>"),
            ("<a><![CDATA[x]] ></a><b/>", "<a><![CDATA[x]]></a><b/>"),
            ("<a>x<![CD", "<a>x"),
            ("<a>x\u{1}\u{8}y</a>", "<a>xy</a>"),
            ("<a><![CDATA[cut o", "<a><![CDATA[cut o]]>"),
            ("<a>text<b hre", "<a>text"),
            ("<a><!-- x -- y --></a>", "<a></a>"),
            ("<?xml version='1.0' encoding='gbk'?><a/>", "<a/>"),
            ("<a b=\"c></a>", "<a b=\"c></a>"),
        ] {
            assert_eq!(clean(broken), mended, "{broken}");
        }
    }
}
