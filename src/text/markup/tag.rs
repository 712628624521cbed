//! One tag, and what kind of element it names.

use std::ops::Range;

/// Has no content.
pub(super) const VOID: u16 = 1;
/// "Special" of the standard: an end tag of an ordinary element does not reach beyond it.
pub(super) const SPECIAL: u16 = 1 << 1;
/// Bounds the scope in which an end tag looks for its element.
pub(super) const SCOPE: u16 = 1 << 2;
/// Is reopened in every block until its end tag comes.
pub(super) const FORMATTING: u16 = 1 << 3;
/// Closes an open paragraph.
pub(super) const CLOSES_P: u16 = 1 << 4;
/// Holds text, not markup.
pub(super) const RAW: u16 = 1 << 5;
/// Belongs to a table: looks for its element in table scope.
pub(super) const TABLE: u16 = 1 << 6;
/// Ends SVG or `MathML` around it.
pub(super) const BREAKOUT: u16 = 1 << 7;
/// Formatting opened before it is not reopened in it.
pub(super) const MARKER: u16 = 1 << 8;
/// SVG or `MathML`.
pub(super) const FOREIGN: u16 = 1 << 9;
/// HTML again, inside SVG or `MathML`.
pub(super) const INTEGRATION: u16 = 1 << 10;
/// Never stands on the stack: a page has it once, however often it is written.
pub(super) const ROOT: u16 = 1 << 11;
/// Left out: turns the rest of the page into something that no article is.
pub(super) const REFUSED: u16 = 1 << 12;
/// Longest name that means anything here, in bytes.
const NAME_BYTES_MAX: usize = 16;

/// Whether `class` has `flag`.
pub(super) const fn is(class: u16, flag: u16) -> bool {
    class & flag != 0
}

/// The class of the element `name`, in any case.
pub(super) fn class(name: &str) -> u16 {
    if name.len() > NAME_BYTES_MAX {
        return 0;
    }
    let mut lower = [0; NAME_BYTES_MAX];
    let lower = &mut lower[..name.len()];
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    match &*lower {
        b"html" | b"body" | b"head" => ROOT | BREAKOUT,
        b"plaintext" | b"frameset" => REFUSED,
        b"p" => SPECIAL | CLOSES_P | BREAKOUT,
        b"div" | b"dl" | b"ol" | b"ul" | b"menu" | b"pre" | b"center" | b"blockquote" | b"h1" | b"h2" | b"h3"
        | b"h4" | b"h5" | b"h6" | b"li" | b"dd" | b"dt" => SPECIAL | CLOSES_P | BREAKOUT,
        b"address" | b"article" | b"aside" | b"details" | b"dir" | b"fieldset" | b"figcaption" | b"figure"
        | b"footer" | b"form" | b"header" | b"hgroup" | b"listing" | b"main" | b"nav" | b"section" | b"summary" => {
            SPECIAL | CLOSES_P
        }
        b"dialog" | b"search" => CLOSES_P,
        b"hr" => VOID | SPECIAL | CLOSES_P | BREAKOUT,
        b"br" | b"img" | b"embed" | b"meta" => VOID | SPECIAL | BREAKOUT,
        b"image" => VOID | SPECIAL,
        b"area" | b"base" | b"basefont" | b"bgsound" | b"col" | b"frame" | b"input" | b"keygen" | b"link"
        | b"param" | b"source" | b"track" | b"wbr" => VOID | SPECIAL,
        b"table" => SPECIAL | SCOPE | TABLE | CLOSES_P | BREAKOUT,
        b"tr" | b"tbody" | b"thead" | b"tfoot" | b"colgroup" => SPECIAL | TABLE,
        b"td" | b"th" | b"caption" => SPECIAL | SCOPE | TABLE | MARKER,
        b"template" | b"applet" | b"marquee" | b"object" => SPECIAL | SCOPE | MARKER,
        b"button" | b"select" => SPECIAL,
        b"a" | b"big" | b"font" => FORMATTING,
        b"b" | b"code" | b"em" | b"i" | b"nobr" | b"s" | b"small" | b"strike" | b"strong" | b"tt" | b"u" => {
            FORMATTING | BREAKOUT
        }
        b"span" | b"sub" | b"sup" | b"ruby" | b"var" => BREAKOUT,
        b"script" | b"style" | b"xmp" | b"iframe" | b"noembed" | b"noframes" | b"noscript" | b"textarea" => {
            RAW | SPECIAL
        }
        b"title" => RAW | SPECIAL | SCOPE | INTEGRATION,
        b"svg" | b"math" => FOREIGN,
        b"foreignobject" | b"desc" | b"annotation-xml" | b"mi" | b"mo" | b"mn" | b"ms" | b"mtext" => {
            INTEGRATION | SCOPE | SPECIAL
        }
        _ => 0,
    }
}

/// A start or end tag as written.
pub(super) struct Tag<'a> {
    /// Where its `<` is.
    pub(super) start: usize,
    /// Just behind its `>`.
    pub(super) end: usize,
    /// Its name as written.
    pub(super) name: &'a str,
    /// Whether it is an end tag.
    pub(super) closing: bool,
    /// Whether it ends in `/>`.
    pub(super) self_closing: bool,
    /// Where its attributes are, each with name and value.
    attributes: Vec<Range<usize>>,
}

const fn is_space(b: u8) -> bool {
    matches!(b, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

/// Where the first byte from `from` on is that `stops`.
fn until(bytes: &[u8], from: usize, stops: impl Fn(u8) -> bool) -> usize {
    bytes[from..].iter().position(|b| stops(*b)).map_or(bytes.len(), |i| from + i)
}

impl<'a> Tag<'a> {
    /// Reads the tag whose `<` is at `start`.
    pub(super) fn read(html: &'a str, start: usize) -> Self {
        let bytes = html.as_bytes();
        let closing = bytes.get(start + 1) == Some(&b'/');
        let name_at = start + 1 + usize::from(closing);
        let mut at = until(bytes, name_at, |b| is_space(b) || matches!(b, b'/' | b'>'));
        let name = &html[name_at..at];
        let mut attributes = Vec::new();
        let mut self_closing = false;
        loop {
            at = until(bytes, at, |b| !is_space(b));
            let from = at;
            match bytes.get(at) {
                None => break,
                Some(b'>') => {
                    at += 1;
                    break;
                }
                Some(b'/') => {
                    at += 1;
                    self_closing = bytes.get(at) == Some(&b'>');
                    continue;
                }
                Some(_) => at = until(bytes, at + 1, |b| is_space(b) || matches!(b, b'/' | b'>' | b'=')),
            }
            let named_to = at;
            at = until(bytes, at, |b| !is_space(b));
            if bytes.get(at) != Some(&b'=') {
                attributes.push(from..named_to);
                continue;
            }
            at = until(bytes, at + 1, |b| !is_space(b));
            at = match bytes.get(at) {
                Some(&quote @ (b'"' | b'\'')) => {
                    memchr::memchr(quote, &bytes[at + 1..]).map_or(bytes.len(), |i| at + 1 + i + 1)
                }
                _ => until(bytes, at, |b| is_space(b) || b == b'>'),
            };
            attributes.push(from..at);
        }
        Self { start, end: at, name, closing, self_closing, attributes }
    }

    /// The attributes that are longer than `bytes_max`, and those beyond the first `count_max`.
    pub(super) fn oversized(&self, bytes_max: usize, count_max: usize) -> impl Iterator<Item = Range<usize>> {
        let too_much = move |(n, range): &(usize, &Range<usize>)| *n >= count_max || range.len() > bytes_max;
        self.attributes.iter().enumerate().filter(too_much).map(|(_, range)| range.clone())
    }

    /// Where its attributes are.
    pub(super) fn attributes(&self) -> &[Range<usize>] {
        &self.attributes
    }
}

/// The name of the attribute written `attribute`.
pub(super) fn attribute_name(attribute: &str) -> &str {
    // What comes first is the name's, whatever it is.
    let end = until(attribute.as_bytes(), 1, |b| is_space(b) || b == b'=').min(attribute.len());
    &attribute[..end]
}

/// Where the end tag of the raw text element `name` begins, whose content begins at `from`.
pub(super) fn raw_text_end(html: &str, from: usize, name: &str) -> usize {
    let script = name.eq_ignore_ascii_case("script");
    // "Script data double escaped": `<!--` then `<script` makes the next `</script` an ordinary text.
    let (mut escaped, mut doubly) = (false, false);
    let mut at = from;
    while let Some(found) = html[at..].find(if script { &['<', '-'][..] } else { &['<'][..] }) {
        at += found;
        let rest = &html[at..];
        if script && rest.starts_with("<!--") {
            escaped = true;
            // The dashes may be those of `-->` too.
            at += 2;
        } else if script && rest.starts_with("-->") {
            (escaped, doubly) = (false, false);
            at += 3;
        } else if names(rest, "</", name) {
            if !doubly {
                return at;
            }
            doubly = false;
            at += 2;
        } else {
            doubly |= escaped && script && names(rest, "<", name);
            at += 1;
        }
    }
    html.len()
}

/// Whether `rest` begins with `opening` and `name` as a whole word.
fn names(rest: &str, opening: &str, name: &str) -> bool {
    let (o, n) = (opening.len(), name.len());
    let bytes = rest.as_bytes();
    bytes.starts_with(opening.as_bytes())
        && bytes.get(o..o + n).is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes()))
        && bytes.get(o + n).is_some_and(|&b| is_space(b) || matches!(b, b'/' | b'>'))
}
