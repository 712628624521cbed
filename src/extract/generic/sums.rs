//! What is in each piece of a page, counted from the end of the page to its beginning.

use std::ops::Range;

use super::outline::{Kind, Outline, Piece};

/// A link that stays on the page counts for so many tenths of its text.
const ANCHOR_TENTHS: u32 = 3;

/// Share of a paragraph that is links from which it is a list of links.
pub(super) const LINKS_MAX: f32 = 0.25;

/// What is in a piece, without what was dropped.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    /// Characters of text.
    pub(super) chars: u32,
    /// Tenths of characters in links.
    linked: u32,
    /// Commas.
    pub(super) commas: u32,
    /// Ends of sentences.
    pub(super) stops: u32,
    /// Paragraphs, those too that a `div` makes of what is no element of its own.
    pub(super) paragraphs: u32,
    /// Pictures.
    pub(super) images: u32,
    /// Items of lists.
    pub(super) items: u32,
    /// Characters in headings.
    headings: u32,
    /// Characters in elements that hold text.
    pub(super) prose: u32,
    /// Characters in lists.
    listed: u32,
    /// Rows, cells and headers of tables, and tables.
    rows: u32,
    cells: u32,
    headers: u32,
    tables: u32,
    /// Whether an element in it stands on lines of its own.
    has_block: bool,
    /// Whether something directly in it is no part of a line.
    has_break: bool,
    /// Whether it is a `div` that is but a paragraph.
    pub(super) is_paragraph: bool,
}

impl Sums {
    /// Share of the text that is links.
    pub(super) fn link_density(&self) -> f32 {
        if self.chars == 0 { 0.0 } else { self.linked as f32 / (self.chars as f32 * 10.0) }
    }

    /// Share of the text that is headings.
    pub(super) fn heading_density(&self) -> f32 {
        if self.chars == 0 { 0.0 } else { self.headings as f32 / self.chars as f32 }
    }

    /// Whether nearly all of the text is in lists.
    pub(super) fn is_listed(&self) -> bool {
        self.listed * 10 > self.chars * 9
    }

    /// Whether a table with this in it holds figures, not the layout of a page.
    pub(super) fn is_data(&self) -> bool {
        let columns = self.cells / self.rows.max(1);
        let big = self.rows >= 10 || columns > 4 || self.rows * columns > 10;
        self.headers > 0 || (self.tables == 0 && self.rows > 1 && columns > 1 && big)
    }

    /// Whether there is neither text nor a picture.
    pub(super) fn is_empty(&self) -> bool {
        self.chars == 0 && self.images == 0
    }

    /// Counts `inner`, a piece of the kind `kind` that is directly in this one.
    fn add(&mut self, inner: &Self, kind: Kind, is_anchor: bool) {
        let of = |is: bool, then: u32, otherwise: u32| if is { then } else { otherwise };
        self.chars += inner.chars;
        self.commas += inner.commas;
        self.stops += inner.stops;
        self.linked += match kind {
            Kind::Link => inner.chars * of(is_anchor, ANCHOR_TENTHS, 10),
            _ => inner.linked,
        };
        let is_paragraph = kind == Kind::Paragraph || inner.is_paragraph;
        self.paragraphs += inner.paragraphs + u32::from(is_paragraph);
        self.images += inner.images + u32::from(kind == Kind::Image);
        self.items += inner.items + u32::from(kind == Kind::Item);
        self.headings += of(matches!(kind, Kind::Heading | Kind::Headline), inner.chars, inner.headings);
        let holds_text = kind.is_block() || matches!(kind, Kind::Span | Kind::Item | Kind::Cell);
        self.prose += of(holds_text, inner.chars, inner.prose);
        self.listed += of(kind == Kind::List, inner.chars, inner.listed);
        self.rows += inner.rows + u32::from(kind == Kind::Row);
        self.cells += inner.cells + u32::from(kind == Kind::Cell);
        self.headers += inner.headers + u32::from(kind == Kind::Header);
        self.tables += inner.tables + u32::from(kind == Kind::Table);
        self.has_block |= inner.has_block || kind.is_block();
        self.has_break |= !(kind.is_phrase() || (kind == Kind::Link && !inner.has_break));
    }
}

/// What is directly in a `div`: an element of its own, or a run of text and parts of lines, which is a paragraph.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// Its pieces.
    pub(super) range: Range<usize>,
    /// Whether it is a run.
    pub(super) is_run: bool,
    /// What is in it.
    pub(super) sums: Sums,
}

/// Counts what is in each piece of `range` but the `dropped`; `judge` says of each that is no text whether it is dropped
/// too, given what is in it.
pub(super) fn count(
    outline: &Outline,
    range: Range<usize>,
    dropped: &mut [bool],
    sums: &mut [Sums],
    judge: impl Fn(usize, &Sums) -> bool,
) {
    sums[range.clone()].fill(Sums::default());
    for at in range.clone().rev() {
        if dropped[at] {
            continue;
        }
        let piece = &outline.pieces[at];
        if piece.kind == Kind::Text {
            let Piece { chars, commas, stops, .. } = *piece;
            sums[at] = Sums { chars, commas, stops, ..Sums::default() };
        } else {
            if piece.kind == Kind::Div {
                sums[at] = as_div(outline, at, dropped, sums);
            }
            dropped[at] = judge(at, &sums[at]);
            if dropped[at] {
                continue;
            }
        }
        if at > range.start && piece.parent >= range.start {
            let inner = sums[at];
            sums[piece.parent].add(&inner, piece.kind, piece.is_anchor);
        }
    }
}

/// What is in the `div` at `at`, with its runs as paragraphs.
fn as_div(outline: &Outline, at: usize, dropped: &[bool], sums: &[Sums]) -> Sums {
    let mut whole = sums[at];
    let (mut runs, mut others, mut lone) = (0, 0, None);
    for unit in units(outline, at, dropped, sums) {
        if unit.is_run {
            runs += 1;
        } else {
            others += 1;
            lone = Some(outline.pieces[unit.range.start].kind);
        }
    }
    let (is_text, one) = (whole.link_density() < LINKS_MAX, runs + others == 1);
    let wraps = one && is_text && lone == Some(Kind::Paragraph);
    whole.is_paragraph = wraps || (runs == 0 && !whole.has_block) || (one && is_text && runs == 1);
    // The paragraph that it wraps, or is, is counted as itself.
    whole.paragraphs -= u32::from(wraps);
    whole.paragraphs += if whole.is_paragraph { 0 } else { runs };
    whole
}

/// What is directly in the piece at `at`, parted where two line breaks follow each other.
pub(super) fn units(outline: &Outline, at: usize, dropped: &[bool], sums: &[Sums]) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut run: Option<Unit> = None;
    let mut breaks = 0;
    for child in outline.children(at, dropped) {
        let piece = &outline.pieces[child];
        let is_phrase = piece.kind.is_phrase() || (piece.kind == Kind::Link && !sums[child].has_break);
        if !is_phrase {
            units.extend(run.take());
            breaks = 0;
            units.push(Unit { range: child..piece.end, is_run: false, sums: sums[child] });
            continue;
        }
        let is_blank = piece.kind == Kind::Text && piece.chars == 0;
        breaks = if piece.kind == Kind::Break {
            breaks + 1
        } else if is_blank {
            breaks
        } else {
            0
        };
        if breaks > 1 {
            units.extend(run.take());
        } else if let Some(run) = &mut run {
            run.range.end = piece.end;
            run.sums.add(&sums[child], piece.kind, piece.is_anchor);
        } else if !is_blank && breaks == 0 {
            let mut begun = Unit { range: child..piece.end, is_run: true, sums: Sums::default() };
            begun.sums.add(&sums[child], piece.kind, piece.is_anchor);
            run = Some(begun);
        }
    }
    units.extend(run);
    units
}
