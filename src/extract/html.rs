//! A tree as sanitised HTML: paragraphs where the text has lines, absolute links, nothing that runs or styles.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use scraper::ElementRef;
use url::Url;

use super::dom::{Step, attr, chars_in, walk};
use super::picture;
use super::plain::is_block;

/// Block elements that are kept as they are.
const BLOCKS: &[&str] = &[
    "blockquote",
    "ul",
    "ol",
    "li",
    "figure",
    "figcaption",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "td",
    "th",
    "caption",
];
/// Inline elements that are kept as they are.
const INLINES: &[&str] = &["a", "em", "strong", "b", "i", "code", "sup", "sub"];

/// The last word on what leaves this module, whatever wrote it.
static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::empty();
    let attributes: HashMap<&str, HashSet<&str>> = HashMap::from([
        ("a", HashSet::from(["href"])),
        ("img", HashSet::from(["src", "alt", "width", "height"])),
        ("td", HashSet::from(["colspan", "rowspan"])),
        ("th", HashSet::from(["colspan", "rowspan"])),
    ]);
    builder
        .tags(BLOCKS.iter().chain(INLINES).chain(&["p", "br", "img"]).copied().collect())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(attributes)
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"));
    builder
});

/// The content of `root` as sanitised HTML; links are resolved against `base`.
pub(super) fn write(root: ElementRef<'_>, base: &Url) -> String {
    let mut writer =
        Writer { base, out: String::new(), frames: vec![Frame::new("", Kind::Flow)], paragraph: false, inlines: 0 };
    let mut ends: Vec<End> = Vec::new();
    walk(root, |step| {
        match step {
            Step::Text(text) => writer.text(text),
            Step::Open(e) => ends.push(writer.open(e)),
            Step::Close(_) => {
                if let Some(end) = ends.pop() {
                    writer.close(end);
                }
            }
        }
        true
    });
    writer.end_paragraph();
    SANITISER.clean(&writer.out).to_string()
}

/// What may stand directly in an element.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Paragraphs and blocks.
    Flow,
    /// Text without paragraphs, and blocks.
    Mixed,
    /// Text only.
    Phrase,
    /// Text as it is.
    Pre,
    /// Only parts of a table or list.
    Parts,
}

struct Frame {
    tag: &'static str,
    kind: Kind,
    /// Whether anything is in it yet.
    filled: bool,
    /// Whether a line break is due before the next text.
    broken: bool,
}

impl Frame {
    const fn new(tag: &'static str, kind: Kind) -> Self {
        Self { tag, kind, filled: false, broken: false }
    }
}

/// What the end of an element asks for.
#[derive(Clone, Copy)]
enum End {
    Nothing,
    Boundary,
    Block,
    Inline(&'static str),
}

struct Writer<'b> {
    base: &'b Url,
    out: String,
    frames: Vec<Frame>,
    /// Whether a paragraph is open in the innermost frame.
    paragraph: bool,
    /// Inline elements open in that paragraph.
    inlines: usize,
}

impl Writer<'_> {
    fn kind(&self) -> Kind {
        self.frames.last().map_or(Kind::Flow, |f| f.kind)
    }

    fn end_paragraph(&mut self) {
        if self.paragraph {
            self.out.truncate(self.out.trim_end_matches([' ', '\u{3000}', '\u{a0}']).len());
            self.out.push_str("</p>\n");
            self.paragraph = false;
        }
    }

    /// The end of a line of text, as a block or `<br>` makes it.
    fn boundary(&mut self) {
        if self.inlines > 0 {
            self.out.push_str("<br>");
            return;
        }
        match self.kind() {
            Kind::Flow => self.end_paragraph(),
            Kind::Pre => self.out.push('\n'),
            Kind::Parts => {}
            Kind::Mixed | Kind::Phrase => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.broken = frame.filled;
                }
            }
        }
    }

    /// Makes room for text or a picture; whether there may be any.
    fn begin_text(&mut self) -> bool {
        if self.kind() == Kind::Parts {
            return false;
        }
        if self.kind() == Kind::Flow && !self.paragraph {
            self.out.push_str("<p>");
            self.paragraph = true;
        }
        if let Some(frame) = self.frames.last_mut() {
            if frame.broken {
                self.out.push_str("<br>");
            }
            (frame.filled, frame.broken) = (true, false);
        }
        true
    }

    fn text(&mut self, text: &str) {
        if self.kind() == Kind::Pre {
            if let Some(frame) = self.frames.last_mut() {
                frame.filled = true;
            }
            return self.escape(text);
        }
        let starts = match self.kind() {
            Kind::Flow => !self.paragraph,
            _ => self.frames.last().is_none_or(|f| !f.filled || f.broken),
        };
        let text = if starts { text.trim_start() } else { text };
        if text.is_empty() || !self.begin_text() {
            return;
        }
        let mut spaced = false;
        let mut collapsed = String::with_capacity(text.len());
        for c in text.chars() {
            let space = matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c' | '\u{a0}');
            if !space {
                collapsed.push(c);
            } else if !spaced {
                collapsed.push(' ');
            }
            spaced = space;
        }
        self.escape(&collapsed);
    }

    fn escape(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                c => self.out.push(c),
            }
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        self.escape(value);
        self.out.push('"');
    }

    fn open(&mut self, e: ElementRef<'_>) -> End {
        let name = if e.value().name() == "h1" { "h2" } else { e.value().name() };
        if name == "br" {
            self.boundary();
            return End::Nothing;
        }
        if name == "img" {
            self.image(e);
            return End::Nothing;
        }
        let blocks = matches!(self.kind(), Kind::Flow | Kind::Mixed | Kind::Parts) && self.inlines == 0;
        if let Some(tag) = BLOCKS.iter().find(|b| **b == name).filter(|_| blocks)
            && self.fits(tag)
        {
            self.open_block(tag, e);
            return End::Block;
        }
        if is_block(name) || matches!(name, "td" | "th") {
            self.boundary();
            return End::Boundary;
        }
        match INLINES.iter().find(|i| **i == name) {
            Some(tag) if self.kind() != Kind::Pre && is_plain_inline(e) => self.open_inline(tag, e),
            _ => End::Nothing,
        }
    }

    /// Whether the block `tag` may stand in the innermost frame.
    fn fits(&self, tag: &str) -> bool {
        let parent = self.frames.last().map_or("", |f| f.tag);
        match tag {
            "li" => matches!(parent, "ul" | "ol"),
            "tr" => matches!(parent, "table" | "thead" | "tbody" | "tfoot"),
            "td" | "th" => parent == "tr",
            "thead" | "tbody" | "tfoot" | "caption" => parent == "table",
            "figcaption" => parent == "figure",
            _ => self.kind() != Kind::Parts,
        }
    }

    fn open_block(&mut self, tag: &'static str, e: ElementRef<'_>) {
        self.end_paragraph();
        if let Some(frame) = self.frames.last_mut() {
            (frame.filled, frame.broken) = (true, false);
        }
        self.out.push('<');
        self.out.push_str(tag);
        if matches!(tag, "td" | "th") {
            for name in ["colspan", "rowspan"] {
                if let Some(n) = attr(e, name).and_then(|v| v.trim().parse::<u16>().ok()).filter(|n| *n > 1) {
                    self.attribute(name, &n.to_string());
                }
            }
        }
        self.out.push('>');
        let kind = match tag {
            "blockquote" => Kind::Flow,
            "li" | "td" | "th" | "figure" => Kind::Mixed,
            "ul" | "ol" | "table" | "thead" | "tbody" | "tfoot" | "tr" => Kind::Parts,
            "pre" => Kind::Pre,
            _ => Kind::Phrase,
        };
        self.frames.push(Frame::new(tag, kind));
    }

    fn open_inline(&mut self, tag: &'static str, e: ElementRef<'_>) -> End {
        let href = attr(e, "href").and_then(|h| self.base.join(h.trim()).ok());
        let href = href.filter(|u| matches!(u.scheme(), "http" | "https" | "mailto"));
        if (tag == "a" && href.is_none()) || !self.begin_text() {
            return End::Nothing;
        }
        self.out.push('<');
        self.out.push_str(tag);
        if let Some(href) = href.filter(|_| tag == "a") {
            self.attribute("href", href.as_str());
        }
        self.out.push('>');
        self.inlines += 1;
        End::Inline(tag)
    }

    fn image(&mut self, img: ElementRef<'_>) {
        let Some(src) = picture::address(img, self.base) else { return };
        if self.kind() == Kind::Pre || !self.begin_text() {
            return;
        }
        self.out.push_str("<img");
        self.attribute("src", src.as_str());
        self.attribute("alt", attr(img, "alt").unwrap_or_default().trim());
        for name in ["width", "height"] {
            if let Some(n) = attr(img, name).and_then(|v| v.trim().trim_end_matches("px").parse::<u32>().ok()) {
                self.attribute(name, &n.to_string());
            }
        }
        self.out.push('>');
    }

    fn close(&mut self, end: End) {
        match end {
            End::Nothing => {}
            End::Boundary => self.boundary(),
            End::Inline(tag) => {
                self.inlines -= 1;
                self.out.push_str("</");
                self.out.push_str(tag);
                self.out.push('>');
            }
            End::Block => {
                self.end_paragraph();
                if let Some(frame) = self.frames.pop() {
                    self.out.push_str("</");
                    self.out.push_str(frame.tag);
                    self.out.push_str(if matches!(frame.tag, "td" | "th") { ">" } else { ">\n" });
                }
            }
        }
    }
}

/// Whether an inline element holds something to show, and no block.
fn is_plain_inline(e: ElementRef<'_>) -> bool {
    let mut shows = false;
    for inner in e.descendent_elements() {
        let name = inner.value().name();
        if is_block(name) || matches!(name, "td" | "th") {
            return false;
        }
        shows |= name == "img";
    }
    shows || chars_in(e) > 0
}
