//! The HTML that most feeds hold, to text in one pass: paragraphs, links and images, well formed. What is anything else is left
//! to the real parser; a test holds that both say the same.

use super::{
    super::reference::{NAME_BYTES_MAX, named},
    INLINE, Words,
};

/// Elements that stand for themselves.
const VOID: [&str; 3] = ["br", "hr", "img"];
/// Elements that make a word break where they begin and end, and may hold each other and themselves.
const NESTING: [&str; 8] = ["div", "ul", "ol", "blockquote", "section", "article", "figure", "center"];
/// Elements that make one too, and end by themselves where another begins: only one at a time is simple.
const LINES: [&str; 13] = ["p", "li", "dt", "dd", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "figcaption"];

/// Deeper markup is not simple.
const DEPTH_MAX: usize = 64;

/// The text of `html`, or `None` when it is not simple enough to be certain.
pub(super) fn of_html(html: &str) -> Option<String> {
    let mut out = Words::with_capacity(html.len());
    let (mut rest, mut open) = (html, vec![]);
    while let Some(at) = memchr::memchr2(b'<', b'&', rest.as_bytes()) {
        out.push(&rest[..at]);
        rest = &rest[at..];
        let len = if rest.starts_with('&') { reference(rest, &mut out)? } else { tag(rest, &mut open, &mut out)? };
        rest = &rest[len..];
    }
    out.push(rest);
    Some(out.end())
}

/// Writes what the reference at the beginning of `rest` stands for; its length.
fn reference(rest: &str, out: &mut Words) -> Option<usize> {
    let end = rest.bytes().take(NAME_BYTES_MAX + 2).position(|b| b == b';')?;
    let name = &rest[1..end];
    match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            out.push_char(
                char::from_u32(code)
                    .filter(|c| *c >= ' ' && !('\u{7F}'..'\u{A0}').contains(c) && !is_no_character(*c))?,
            );
        }
        None => out.push(&named(name)?),
    }
    Some(end + 1)
}

const fn is_no_character(c: char) -> bool {
    (c as u32) & 0xFFFE == 0xFFFE || matches!(c, '\u{FDD0}'..='\u{FDEF}')
}

/// Writes the word break that the tag at the beginning of `rest` makes, if any, and keeps account of what is `open`; its length.
fn tag(rest: &str, open: &mut Vec<&'static str>, out: &mut Words) -> Option<usize> {
    let closes = rest[1..].starts_with('/');
    let inside = &rest[1 + usize::from(closes)..];
    let written = &inside[..inside.bytes().position(|b| !b.is_ascii_alphanumeric())?];
    let find = |names: &'static [&str]| names.iter().copied().find(|n| n.eq_ignore_ascii_case(written));
    let end = end_after(rest)?;
    if find(&VOID).is_some() {
        out.push(" ");
        return Some(end).filter(|_| !closes);
    }
    let (inline, line) = (find(&INLINE), find(&LINES));
    let name = inline.or(line).or_else(|| find(&NESTING))?;
    if inline.is_none() {
        out.push(" ");
    }
    if closes {
        return (open.pop() == Some(name)).then_some(end);
    }
    // What a browser would close by itself, and what it would put elsewhere.
    let crowded = match (inline, line) {
        (Some(name), _) => open.contains(&name),
        (_, Some("p")) => open.contains(&"p"),
        (_, Some(_)) => open.iter().any(|o| LINES.contains(o)),
        _ => open.iter().any(|o| LINES.contains(o) || INLINE.contains(o)),
    };
    open.push(name);
    (!crowded && !rest[..end].ends_with("/>") && open.len() < DEPTH_MAX).then_some(end)
}

/// Length of the tag that `rest` begins with, if its quotes are where attributes have them and no `<` is in it.
fn end_after(rest: &str) -> Option<usize> {
    let (mut quote, mut before) = (None, b' ');
    for (at, b) in rest.bytes().enumerate().skip(1) {
        match quote {
            Some(q) if q == b => quote = None,
            Some(_) => {}
            None => match b {
                b'>' => return Some(at + 1),
                b'<' => return None,
                b'"' | b'\'' if before == b'=' => quote = Some(b),
                b'"' | b'\'' => return None,
                _ => {}
            },
        }
        before = b;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::of_any_html;
    use super::*;

    #[test]
    fn what_is_simple_is_read_as_a_browser_reads_it() {
        for html in [
            "<p>港口 &amp; 貨輪</p><p>二<br/>三<br>四</p>",
            "<a href=\"/x?a=1&amp;b='2'\" title='a > b'>新</a>聞&nbsp;<b>一</b>",
            "&#x65B0;&#32862; &mdash; &lt;b&gt; 1 &gt; 0",
            "<DIV CLASS=x>甲</DIV><img src=a.jpg alt='x'>乙",
        ] {
            assert_eq!(of_html(html).as_deref(), Some(of_any_html(html).as_str()), "{html}");
        }
    }

    #[test]
    fn what_is_not_is_left_to_the_parser() {
        for html in [
            "<script>a</script>",
            "a < b",
            "<p",
            "x &amp y",
            "<!-- c -->",
            "<table>x<tr></table>",
            "<a b\"c>",
            "&#128;",
            "<svg><p>",
        ] {
            assert_eq!(of_html(html), None, "{html}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn both_say_the_same(pieces in proptest::collection::vec(prop_oneof![
            "[ a-c新聞\u{3000}\n]{0,4}", Just("<p>".to_owned()), Just("</p>".to_owned()), Just("<br>".to_owned()),
            Just("<b>".to_owned()), Just("</b>".to_owned()), Just("<a href='x>y'>".to_owned()), Just("</a>".to_owned()),
            Just("&amp;".to_owned()), Just("&lt;".to_owned()), Just("&nbsp;".to_owned()), Just("&#65;".to_owned()),
            Just("<li>".to_owned()), Just("</ul>".to_owned()), Just("<hr/>".to_owned()), Just("</div >".to_owned()),
            Just("<h1>".to_owned()), Just("</h2>".to_owned()), Just("<pre>".to_owned()), Just("<dd>".to_owned()),
            Just("</br>".to_owned()), Just("</p>".to_owned()), Just("&x".to_owned()), Just(">".to_owned()), Just("'".to_owned()),
            Just("<img a=b c>".to_owned()), Just("</font>".to_owned()), Just("<blockquote\n>".to_owned()),
        ], 0..24)) {
            let html = pieces.concat();
            if let Some(text) = of_html(&html) {
                prop_assert_eq!(text, of_any_html(&html), "{}", html);
            }
        }
    }
}
