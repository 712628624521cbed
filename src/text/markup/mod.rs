//! Markup made safe to parse: one linear pass before any tree builder sees a page.
//!
//! In: HTML text of any kind. Out: the same text, borrowed when nothing had to go, else without the tags and attributes
//! that exceed the caps. Tree builders of the HTML standard take time that grows with depth times tags, and the
//! extractors behind them recurse; both are bounded once depth, tags, attributes and open formatting are.
//!
//! The pass keeps a model of the parser's stack of open elements (HTML standard, 13.2.6 "Tree construction"). The model
//! may count an element as open that the parser has closed, so an odd page may lose a tag; it is not to count one as
//! closed that the parser keeps open. Deliberately absent: repair of any kind, entities, a tree.

mod stack;
mod tag;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use stack::{Admission, Stack};
use tag::{Tag, class, is};

/// Bytes of a page that are looked at; the rest is cut.
const PAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Start and end tags of a page, with a surcharge for open formatting elements; the page is cut at the next one.
const TAGS_MAX: usize = 200_000;
/// Characters of a page that may begin a tag or a reference: each costs a parser a step of its own, whatever it begins.
const SIGNS_MAX: usize = 500_000;
/// The first byte of a space that does not break, and of its like.
const SPACE: u8 = 0xC2;
/// Bytes of a text without tags times its references and such spaces: the serializer looks through the rest for each.
const CROWD_MAX: usize = 1 << 30;
/// Bytes of one attribute, name and value; a longer one is dropped.
const ATTRIBUTE_BYTES_MAX: usize = 16 * 1024;
/// Attributes of one tag; a parser compares each with all before it.
const ATTRIBUTES_MAX: usize = 128;
/// Open formatting elements that cost nothing: each is copied into every block that opens while it is open.
const FORMATTING_FREE: usize = 8;

/// `html` with nesting depth, number of tags and references and size of attributes capped, so that no tree builder hangs or overflows on it.
#[must_use]
pub fn tame(html: &str) -> Cow<'_, str> {
    scan(html, None)
}

/// `html` as [`tame`] leaves it, and without what no reader of its text needs parsed, half of many a page: comments, what
/// scripts and styles hold, but for data (JSON-LD), shapes of drawings, and attributes but those with names in `attributes`.
#[must_use]
pub fn tame_text<'a>(html: &'a str, attributes: Attributes<'_>) -> Cow<'a, str> {
    scan(html, Some(attributes))
}

/// Whether an attribute of this name, in any case, is kept.
pub type Attributes<'k> = &'k dyn Fn(&str) -> bool;

fn scan<'a>(html: &'a str, text_only: Option<Attributes<'_>>) -> Cow<'a, str> {
    let end = floor_char_boundary(html, PAGE_BYTES_MAX);
    let end = memchr::memchr3_iter(b'<', b'&', SPACE, &html.as_bytes()[..end]).nth(SIGNS_MAX).unwrap_or(end);
    let mut scan =
        Scan { html: &html[..end], out: String::new(), kept_to: 0, cost: 0, stack: Stack::default(), text_only };
    let end = scan.run();
    if scan.kept_to == 0 && end == html.len() {
        return Cow::Borrowed(html);
    }
    scan.drop_range(end, end);
    Cow::Owned(scan.out)
}

/// The largest character boundary of `s` that is not above `at`.
fn floor_char_boundary(s: &str, at: usize) -> usize {
    let mut at = at.min(s.len());
    while !s.is_char_boundary(at) {
        at -= 1;
    }
    at
}

struct Scan<'a, 'k> {
    html: &'a str,
    out: String,
    /// Bytes of `html` that are copied to `out` or dropped; 0 as long as nothing was dropped.
    kept_to: usize,
    cost: usize,
    stack: Stack<'a>,
    /// Which attributes stay when comments, scripts and styles go.
    text_only: Option<Attributes<'k>>,
}

impl<'a> Scan<'a, '_> {
    /// Leaves `html[from..to]` out of what is kept.
    fn drop_range(&mut self, from: usize, to: usize) {
        if from >= self.kept_to {
            self.out.push_str(&self.html[self.kept_to..from]);
            self.kept_to = to;
        }
    }

    /// Walks the page; returns where it ends.
    fn run(&mut self) -> usize {
        let html = self.html;
        let mut at = 0;
        while let Some(found) = html[at..].find('<') {
            let open = at + found;
            if let Some(end) = self.crowded(at, open) {
                return end;
            }
            at = match html.as_bytes().get(open + 1) {
                Some(b'!') => self.declaration(open),
                Some(b'?') => bogus_comment_end(html, open + 2),
                Some(b'/') => match html.as_bytes().get(open + 2) {
                    Some(b) if b.is_ascii_alphabetic() => {
                        let Some(next) = self.tag(open) else { return open };
                        next
                    }
                    _ => bogus_comment_end(html, open + 2),
                },
                Some(b) if b.is_ascii_alphabetic() => {
                    let Some(next) = self.tag(open) else { return open };
                    next
                }
                _ => open + 1,
            };
        }
        self.crowded(at, html.len()).unwrap_or(html.len())
    }

    /// Where the text between `from` and `to` is to end, if that is before `to`.
    fn crowded(&self, from: usize, to: usize) -> Option<usize> {
        let count_max = CROWD_MAX / (to - from).max(1);
        memchr::memchr2_iter(b'&', SPACE, &self.html.as_bytes()[from..to]).nth(count_max).map(|at| from + at)
    }

    /// Passes the comment, CDATA section or doctype at `open`.
    fn declaration(&mut self, open: usize) -> usize {
        let rest = &self.html[open + 2..];
        if rest.starts_with("--") {
            let end = comment_end(self.html, open + 4);
            if self.text_only.is_some() {
                self.drop_range(open, end);
            }
            return end;
        }
        if rest.starts_with("[CDATA[") && self.stack.has_foreign() {
            let end = self.html[open..].find("]]>").map_or(self.html.len(), |i| open + i + 3);
            // Inside SVG this is text, inside HTML in SVG a comment that ends at the first `>`: only what reads
            // alike both ways may stay.
            let inner = self.html[open + 9..end].trim_end_matches("]]>");
            if inner.contains(['<', '>']) {
                self.drop_range(open, end);
            }
            return end;
        }
        bogus_comment_end(self.html, open + 2)
    }

    /// Passes the tag at `open`, and what a raw text element holds; `None` when the page is to end before it.
    fn tag(&mut self, open: usize) -> Option<usize> {
        let tag = Tag::read(self.html, open);
        self.cost += 1 + self.stack.formatting_open().saturating_sub(FORMATTING_FREE);
        if self.cost > TAGS_MAX {
            return None;
        }
        let class = class(tag.name);
        let has_foreign = self.stack.has_foreign();
        if has_foreign && tag.self_closing && class == 0 && self.text_only.is_some() {
            self.drop_range(tag.start, tag.end);
            return Some(tag.end);
        }
        let raw = !tag.closing && is(class, tag::RAW) && !(has_foreign && tag.self_closing);
        let admission = if tag.closing {
            self.stack.close(tag.name, class)
        } else if is(class, tag::REFUSED) {
            Admission::Refused
        } else if raw && !has_foreign {
            Admission::Granted
        } else {
            self.stack.open(&tag, class, &self.html[open..tag.end])
        };
        if admission == Admission::Refused {
            self.drop_range(tag.start, tag.end);
        } else {
            self.drop_attributes(&tag);
        }
        Some(if raw { self.raw_text(&tag, has_foreign) } else { tag.end })
    }

    /// Leaves attributes of `tag` out that are too large or not asked for.
    fn drop_attributes(&mut self, tag: &Tag<'a>) {
        let html = self.html;
        let is_idle =
            |range: &Range<usize>| self.text_only.is_some_and(|kept| !kept(tag::attribute_name(&html[range.clone()])));
        let idle: Vec<Range<usize>> = tag.attributes().iter().filter(|r| is_idle(r)).cloned().collect();
        let mut ranges: Vec<Range<usize>> = tag.oversized(ATTRIBUTE_BYTES_MAX, ATTRIBUTES_MAX).collect();
        ranges.extend(idle);
        ranges.sort_unstable_by_key(|r| r.start);
        ranges.into_iter().for_each(|r| self.drop_range(r.start, r.end));
    }

    /// Passes the content of the raw text element that `tag` opens.
    fn raw_text(&mut self, tag: &Tag<'a>, has_foreign: bool) -> usize {
        let close = tag::raw_text_end(self.html, tag.end, tag.name);
        if has_foreign {
            // In SVG the content is markup, in HTML text: only what reads alike both ways may stay.
            if self.html[tag.end..close].contains('<') {
                self.drop_range(tag.end, close);
            }
            return close;
        }
        if self.text_only.is_some() && matches!(tag.name.len(), 5 | 6) && is_code(tag, self.html) {
            self.drop_range(tag.end, close);
        }
        if close == self.html.len() { close } else { Tag::read(self.html, close).end }
    }
}

/// Whether what the raw text element `tag` holds is a script or style, and no data.
fn is_code(tag: &Tag<'_>, html: &str) -> bool {
    let is = |name: &str| tag.name.eq_ignore_ascii_case(name);
    is("style") || (is("script") && !html[tag.start..tag.end].to_ascii_lowercase().contains("json"))
}

/// Where a comment that begins before `from` ends.
fn comment_end(html: &str, from: usize) -> usize {
    let rest = &html[from..];
    if rest.starts_with('>') {
        return from + 1;
    }
    if rest.starts_with("->") {
        return from + 2;
    }
    let plain = rest.find("-->").map(|i| i + 3);
    // `--!>` ends a comment too; looked for only up to the plain end, which keeps the pass linear.
    let odd = rest[..plain.unwrap_or(rest.len())].find("--!>").map(|i| i + 4);
    odd.or(plain).map_or(html.len(), |i| from + i)
}

/// Where what the standard calls a bogus comment ends.
fn bogus_comment_end(html: &str, from: usize) -> usize {
    html[from..].find('>').map_or(html.len(), |i| from + i + 1)
}
