//! A page as a list: its elements and texts in document order, each with where what is in it ends.
//!
//! What is in an element is a range of the list and what it is in comes before it, so sums over a subtree are one pass
//! from the end, and nothing recurses.

use std::ops::Range;

use ego_tree::{NodeId, NodeRef, iter::Edge};
use scraper::{ElementRef, Html, Node};

use super::words::{self, BYLINE, MAYBE, UNLIKELY};

/// Roles of elements that are around an article.
const UNLIKELY_ROLES: &[&str] = &["menu", "menubar", "complementary", "navigation", "alert", "alertdialog", "dialog"];

/// What an element is, as far as the method tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// A paragraph.
    Paragraph,
    /// A `div`, which holds paragraphs or is one.
    Div,
    /// Any other element that stands on lines of its own and may hold an article.
    Section,
    /// Preformatted text.
    Pre,
    /// A quotation.
    Quote,
    /// A heading within an article.
    Heading,
    /// The page's own heading, which is none of its text.
    Headline,
    /// A list.
    List,
    /// An item of it.
    Item,
    /// A list of definitions, or an address.
    Aside,
    /// A table.
    Table,
    /// A row of it.
    Row,
    /// A cell of it.
    Cell,
    /// What only a table of figures has: headers, captions.
    Header,
    /// A form.
    Form,
    /// A link.
    Link,
    /// A picture.
    Image,
    /// A line break.
    Break,
    /// A footer.
    Footer,
    /// Part of a line.
    Phrase,
    /// A `span`.
    Span,
    /// Anything else.
    Other,
}

impl Kind {
    fn of(name: &str) -> Self {
        match name {
            "p" => Self::Paragraph,
            "div" => Self::Div,
            "section" => Self::Section,
            "pre" => Self::Pre,
            "blockquote" => Self::Quote,
            "h2" | "h3" | "h4" | "h5" | "h6" => Self::Heading,
            "h1" => Self::Headline,
            "ul" | "ol" => Self::List,
            "li" => Self::Item,
            "dl" | "dd" | "dt" | "address" => Self::Aside,
            "table" => Self::Table,
            "tr" => Self::Row,
            "td" => Self::Cell,
            "th" | "thead" | "tfoot" | "caption" | "col" | "colgroup" => Self::Header,
            "form" | "fieldset" => Self::Form,
            "a" => Self::Link,
            "img" => Self::Image,
            "br" => Self::Break,
            "footer" | "aside" => Self::Footer,
            "span" | "font" => Self::Span,
            "abbr" | "b" | "bdo" | "cite" | "code" | "data" | "dfn" | "em" | "i" | "kbd" | "label" | "mark"
            | "meter" | "output" | "progress" | "q" | "ruby" | "samp" | "small" | "strong" | "sub" | "sup" | "time"
            | "var" | "wbr" | "u" | "s" => Self::Phrase,
            _ => Self::Other,
        }
    }

    /// Whether a `div` with such an element in it is no paragraph.
    pub(super) fn is_block(self) -> bool {
        matches!(
            self,
            Self::Paragraph
                | Self::Div
                | Self::Pre
                | Self::Quote
                | Self::List
                | Self::Aside
                | Self::Table
                | Self::Image
        )
    }

    /// Whether it is part of a line whatever is in it.
    pub(super) fn is_phrase(self) -> bool {
        matches!(self, Self::Text | Self::Phrase | Self::Span | Self::Image | Self::Break)
    }
}

/// An element or a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// It in the tree.
    pub(super) id: NodeId,
    /// Where in the list what it is in stands; the first is in itself.
    pub(super) parent: usize,
    /// Where what is in it ends.
    pub(super) end: usize,
    /// What it is.
    pub(super) kind: Kind,
    /// What its class and id say together.
    pub(super) said: u8,
    /// What they add to its score.
    pub(super) weight: i16,
    /// Characters of a text, with a run of white space as one.
    pub(super) chars: u32,
    /// Commas of a text, Chinese ones too.
    pub(super) commas: u32,
    /// Ends of sentences in it.
    pub(super) stops: u32,
    /// Whether its role is one of the surroundings'.
    pub(super) is_around: bool,
    /// Whether it says that it names the author.
    pub(super) is_byline: bool,
    /// Whether a link leads to the page itself.
    pub(super) is_anchor: bool,
    /// Whether it is in a table or in code, where names say little.
    pub(super) in_table: bool,
    /// Whether it is in code.
    pub(super) in_code: bool,
    /// Whether it is in a figure.
    pub(super) in_figure: bool,
}

/// The page as a list.
pub(super) struct Outline {
    /// All of it, the page's body first.
    pub(super) pieces: Vec<Piece>,
}

impl Outline {
    /// The outline of `doc`.
    pub(super) fn of(doc: &Html) -> Self {
        let root = *doc.root_element();
        let top = root.children().find(|n| n.value().as_element().is_some_and(|e| e.name() == "body")).unwrap_or(root);
        let mut pieces: Vec<Piece> = Vec::new();
        let mut open = 0;
        for edge in top.traverse() {
            match edge {
                Edge::Open(node) => {
                    let Some(piece) = piece(node, open, pieces.get(open)) else { continue };
                    pieces.push(Piece { end: pieces.len() + 1, ..piece });
                    if node.value().is_element() {
                        open = pieces.len() - 1;
                    }
                }
                Edge::Close(node) if node.value().is_element() => {
                    let end = pieces.len();
                    pieces[open].end = end;
                    open = pieces[open].parent;
                }
                Edge::Close(_) => {}
            }
        }
        Self { pieces }
    }

    /// What is directly in the piece `at` and not `dropped`.
    pub(super) fn children<'a>(&'a self, at: usize, dropped: &'a [bool]) -> impl Iterator<Item = usize> + 'a {
        self.tops(at + 1..self.pieces[at].end).filter(|c| !dropped[*c])
    }

    /// What the piece `at` is in, the nearest first, without the page's body.
    pub(super) fn ancestors(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(self.pieces[at].parent), |p| Some(self.pieces[*p].parent)).take_while(|p| *p > 0)
    }

    /// The pieces in `range` that are in no other of it.
    pub(super) fn tops(&self, range: Range<usize>) -> impl Iterator<Item = usize> {
        let next = move |at: usize| Some(at).filter(|at| *at < range.end);
        std::iter::successors(next(range.start), move |at| next(self.pieces[*at].end))
    }
}

fn piece(node: NodeRef<'_, Node>, parent: usize, outer: Option<&Piece>) -> Option<Piece> {
    let mut piece = Piece {
        id: node.id(),
        parent,
        end: 0,
        kind: Kind::Text,
        said: 0,
        weight: 0,
        chars: 0,
        commas: 0,
        stops: 0,
        is_around: false,
        is_byline: false,
        is_anchor: false,
        in_table: outer.is_some_and(|o| o.in_table || o.kind == Kind::Table),
        in_code: outer.is_some_and(|o| o.in_code),
        in_figure: outer.is_some_and(|o| o.in_figure),
    };
    if let Node::Text(text) = node.value() {
        (piece.chars, piece.commas, piece.stops) = measured(text);
        return Some(piece);
    }
    let e = ElementRef::wrap(node)?.value();
    piece.kind = Kind::of(e.name());
    piece.in_code |= e.name() == "code";
    piece.in_figure |= e.name() == "figure";
    for (name, value) in e.attrs() {
        match name {
            "class" | "id" => {
                let said = words::said(value);
                piece.said |= said;
                piece.weight += words::weight(said);
            }
            "role" => piece.is_around = UNLIKELY_ROLES.contains(&value),
            "rel" => piece.is_byline |= value == "author",
            "itemprop" => piece.is_byline |= value.contains("author"),
            "href" => piece.is_anchor = value.starts_with('#'),
            _ => {}
        }
    }
    piece.is_byline |= piece.said & BYLINE != 0;
    Some(piece)
}

/// Characters, commas and ends of sentences of `text`.
fn measured(text: &str) -> (u32, u32, u32) {
    let (mut chars, mut commas, mut stops) = (0_u32, 0, 0);
    let (mut gap, mut stopped) = (false, false);
    for c in text.chars() {
        if c.is_whitespace() {
            stops += u32::from(std::mem::take(&mut stopped));
            gap = true;
            continue;
        }
        chars += 1 + u32::from(gap && chars > 0);
        gap = false;
        stopped = c == '.';
        match c {
            ',' | '，' | '、' | '،' | '﹐' | '､' => commas += 1,
            '。' | '！' | '？' => stops += 1,
            _ => {}
        }
    }
    (chars, commas, stops + u32::from(stopped))
}

impl Piece {
    /// Whether its name says that it is beside the article.
    pub(super) fn is_unlikely(&self) -> bool {
        let named = self.said & UNLIKELY != 0 && self.said & MAYBE == 0;
        named && !self.in_table && !self.in_code && self.kind != Kind::Link
    }
}
