//! HTML to one line of plain text.

use scraper::{ElementRef, Html, Node};

use crate::text::{is_han, tame};

mod simple;

/// Elements whose text nobody sees.
const UNSEEN: [&str; 6] = ["script", "style", "noscript", "template", "head", "iframe"];
/// Elements that stand between words without being a word break themselves.
const INLINE: [&str; 18] = [
    "a", "abbr", "b", "big", "bdi", "cite", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub",
    "sup", "u",
];

/// The text of the HTML `html`: references resolved, markup gone, white space collapsed.
pub(super) fn of_html(html: &str) -> String {
    if memchr::memchr2(b'<', b'&', html.as_bytes()).is_none() {
        return collapse(html);
    }
    simple::of_html(html).unwrap_or_else(|| of_any_html(html))
}

/// [`of_html`] by the rules of browsers, for what [`simple`] does not take.
fn of_any_html(html: &str) -> String {
    let html = if has_tag(html) || html.contains("<!--") { html.to_owned() } else { html.replace('<', "&lt;") };
    let tree = Html::parse_fragment(&tame(&html));
    of_element(tree.root_element())
}

/// The text of plain text in which publishers leave references unresolved all the same.
pub(super) fn of_text(text: &str) -> String {
    if text.contains('&') { of_html(&text.replace('<', "&lt;")) } else { collapse(text) }
}

/// The seen text of `element`.
pub(super) fn of_element(element: ElementRef<'_>) -> String {
    of_element_without(element, &|_| false)
}

/// The seen text of `element` but for the elements that `left_out` holds for.
pub(super) fn of_element_without(element: ElementRef<'_>, left_out: &dyn Fn(ElementRef<'_>) -> bool) -> String {
    let mut out = String::new();
    // What is still to be read, next last; `None` is the word break after a block.
    let mut ahead = vec![Some(*element)];
    while let Some(step) = ahead.pop() {
        let Some(node) = step else {
            out.push(' ');
            continue;
        };
        match node.value() {
            Node::Text(t) => {
                out.push_str(t);
                continue;
            }
            Node::Element(e) => {
                let unseen = UNSEEN.contains(&e.name()) || ElementRef::wrap(node).is_some_and(left_out);
                if unseen && node.id() != element.id() {
                    continue;
                }
                if !INLINE.contains(&e.name()) {
                    out.push(' ');
                    ahead.push(None);
                }
            }
            _ => {}
        }
        ahead.extend(node.children().rev().map(Some));
    }
    collapse(&out)
}

/// `s` on one line, with single spaces and none around.
pub(super) fn collapse(s: &str) -> String {
    let mut words = Words::with_capacity(s.len());
    words.push(s);
    words.end()
}

/// Text that is put together on one line, with single spaces and none around.
struct Words {
    out: String,
    /// Whether a space stands between what came and what comes.
    apart: bool,
}

impl Words {
    fn with_capacity(bytes: usize) -> Self {
        Self { out: String::with_capacity(bytes), apart: false }
    }

    fn push(&mut self, s: &str) {
        let (bytes, mut word, mut at) = (s.as_bytes(), 0, 0);
        while let Some(byte) = bytes.get(at) {
            let space =
                if *byte > b' ' && *byte < 0xC2 || *byte > 0xE3 && *byte != 0xEF { 0 } else { space(&bytes[at..]) };
            if space == 0 {
                at += 1;
                continue;
            }
            self.word(&s[word..at]);
            self.apart = true;
            at += space;
            word = at;
        }
        self.word(&s[word..]);
    }

    fn push_char(&mut self, c: char) {
        self.push(c.encode_utf8(&mut [0; 4]));
    }

    fn word(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        if self.apart && !self.out.is_empty() {
            self.out.push(' ');
        }
        self.apart = false;
        self.out.push_str(word);
    }

    fn end(self) -> String {
        self.out
    }
}

/// Bytes of the white space (or zero-width space, or mark of the byte order) that `bytes` begin with; 0: there is none.
const fn space(bytes: &[u8]) -> usize {
    match bytes {
        [b'\t'..=b'\r' | b' ', ..] => 1,
        [0xC2, 0x85 | 0xA0, ..] => 2,
        [0xE1, 0x9A, 0x80, ..]
        | [0xE2, 0x80, 0x80..=0x8B | 0xA8 | 0xA9 | 0xAF, ..]
        | [0xE2, 0x81, 0x9F, ..]
        | [0xE3, 0x80, 0x80, ..]
        | [0xEF, 0xBB, 0xBF, ..] => 3,
        _ => 0,
    }
}

/// Columns that `text` takes: Han characters and kana are two wide.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| if is_han(c) || ('\u{3040}'..'\u{3100}').contains(&c) { 2 } else { 1 }).sum()
}

/// Whether `html` has something with the shape of a tag; `x < y` and `a<b` have not.
pub(super) fn has_tag(html: &str) -> bool {
    let last = html.rfind('>').unwrap_or(0);
    html[..last]
        .match_indices('<')
        .any(|(at, _)| html[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_space_counts_and_nothing_else() {
        let slow = |s: &str| {
            let words = s.split(|c: char| c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}'));
            words.filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
        };
        for c in (0..=0xFFFF).filter_map(char::from_u32) {
            let s = format!("{c}新{c}{c}x{c}");
            assert_eq!(collapse(&s), slow(&s), "{c:?}");
        }
    }

    #[test]
    fn markup_and_references_go() {
        for (html, text) in [
            ("Tom &amp; Ann&nbsp;&#8211; <b>new</b>s", "Tom & Ann – news"),
            ("<p>one</p><p>two<br>three</p>", "one two three"),
            ("<style>x{}</style>a<script>b</script>c", "ac"),
            ("if x < y and a<b", "if x < y and a<b"),
            ("\u{3000}\u{3000}新聞 \n 標題 ", "新聞 標題"),
        ] {
            assert_eq!(of_html(html), text);
        }
        assert_eq!(of_text("a <b> &amp; c"), "a <b> & c");
    }
}
