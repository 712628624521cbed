//! The readability method: which part of a page is its article.
//!
//! Paragraphs score for what they are in, by their length and commas: what they are directly in most, then what that is
//! in. Names add or take, links take. The best element is the article, with those siblings of it that are like it, less
//! what in it looks like lists of links, pictures or headings. When that is too little, the same with less strictness.
//! After Arc90's and Mozilla's Readability, whose published figures these are.

use std::ops::Range;

use super::outline::{Kind, Outline, Piece};
use super::sums::{LINKS_MAX, Sums, Unit, count, units};

/// Characters from which a paragraph scores.
const PARAGRAPH_CHARS_MIN: u32 = 25;
/// Characters for which it scores one more, and how often.
const CHARS_PER_POINT: u32 = 100;
const LENGTH_POINTS_MAX: u32 = 3;
/// Elements around a paragraph that it scores for.
const LEVELS_MAX: usize = 5;
/// Candidates that are compared.
const CANDIDATES_MAX: usize = 5;
/// Share of the best score from which a candidate is as good.
const ALTERNATIVE: f32 = 0.75;
/// So many candidates as good in one element make that the article.
const ALTERNATIVES_MIN: usize = 3;
/// Share of the article's score from which a sibling is part of it, and the least score.
const SIBLING: f32 = 0.2;
const SIBLING_SCORE_MIN: f32 = 10.0;
/// Characters from which a paragraph beside the article is part of it whatever it says.
const SIBLING_CHARS_MIN: u32 = 80;
/// Longest byline, in characters.
const BYLINE_CHARS_MAX: u32 = 100;
/// Share of the text that is links from which there is clutter.
const CLUTTERED: f32 = 0.2;
/// Commas from which nothing is taken for clutter.
const COMMAS_MIN: u32 = 10;

/// How strict an attempt is, the strictest first.
#[derive(Clone, Copy)]
struct Strictness {
    /// Whether what has the name of surroundings is none of the article.
    strips: bool,
    /// Whether names weigh.
    weighs: bool,
    /// Whether clutter goes.
    cleans: bool,
}

const ATTEMPTS: [Strictness; 4] = [
    Strictness { strips: true, weighs: true, cleans: true },
    Strictness { strips: false, weighs: true, cleans: true },
    Strictness { strips: false, weighs: false, cleans: true },
    Strictness { strips: false, weighs: false, cleans: false },
];

impl Strictness {
    /// Whether `piece`, with `sums` in it, is none of the article; `is_kept` when it is whatever it looks like.
    fn drops(self, piece: &Piece, sums: &Sums, is_root: bool, is_kept: bool) -> bool {
        let weight = if self.weighs { piece.weight } else { 0 };
        match piece.kind {
            Kind::Footer => true,
            Kind::Heading | Kind::Headline => weight < 0,
            // A cell is the layout's when the article is in it, and a table's within the article.
            Kind::Cell if !is_root => false,
            Kind::Form | Kind::Table | Kind::List | Kind::Div | Kind::Cell => {
                let is_safe = is_kept || piece.in_code || sums.is_paragraph;
                self.cleans && !is_safe && (weight < 0 || is_clutter(piece, sums, weight))
            }
            _ => false,
        }
    }
}

/// A part of a page.
pub(super) struct Grabbed {
    /// Its pieces, in order, by what it is made of.
    pub(super) ranges: Vec<Range<usize>>,
    /// Which pieces are none of it all the same, with what is in them.
    pub(super) dropped: Vec<bool>,
    /// Its characters.
    pub(super) chars: usize,
}

/// The article of `outline`, in which `parts` are none of it, of at least `chars_min` characters if there is one.
pub(super) fn grab(outline: &Outline, parts: &[bool], chars_min: usize) -> Option<Grabbed> {
    let mut best: Option<Grabbed> = None;
    for strictness in ATTEMPTS {
        let grabbed = Attempt::new(outline, parts.to_vec(), strictness).grab();
        if best.as_ref().is_none_or(|b| grabbed.chars > b.chars) {
            let is_enough = grabbed.chars >= chars_min;
            best = Some(grabbed);
            if is_enough {
                break;
            }
        }
    }
    best.filter(|b| b.chars > 0)
}

struct Attempt<'o> {
    outline: &'o Outline,
    strictness: Strictness,
    dropped: Vec<bool>,
    sums: Vec<Sums>,
    /// Scores of what paragraphs are in, and whether any was.
    scores: Vec<Option<f32>>,
    /// Those that have one.
    scored: Vec<usize>,
}

impl<'o> Attempt<'o> {
    fn new(outline: &'o Outline, dropped: Vec<bool>, strictness: Strictness) -> Self {
        let count = outline.pieces.len();
        Self {
            outline,
            strictness,
            dropped,
            sums: vec![Sums::default(); count],
            scores: vec![None; count],
            scored: Vec::new(),
        }
    }

    fn grab(mut self) -> Grabbed {
        self.strip();
        self.score();
        let ranges = match self.best() {
            Some(top) => self.with_siblings(top),
            None => std::iter::once(0..self.outline.pieces.len()).collect(),
        };
        let chars = self.clean(&ranges);
        Grabbed { ranges, dropped: self.dropped, chars }
    }

    /// Drops what is named as surroundings, and elements with nothing in them; counts the rest.
    fn strip(&mut self) {
        let mut at = 1;
        while let Some(piece) = self.outline.pieces.get(at) {
            self.dropped[at] |= piece.is_around || (self.strictness.strips && piece.is_unlikely());
            at = if self.dropped[at] { piece.end } else { at + 1 };
        }
        let pieces = &self.outline.pieces;
        count(self.outline, 0..pieces.len(), &mut self.dropped, &mut self.sums, |at, sums| {
            let piece = &pieces[at];
            let is_byline = piece.is_byline && sums.chars > 0 && sums.chars < BYLINE_CHARS_MAX;
            let may_be_empty = !matches!(piece.kind, Kind::Div | Kind::Section | Kind::Heading | Kind::Headline);
            at > 0 && (is_byline || (!may_be_empty && sums.is_empty()))
        });
    }

    /// Scores what paragraphs are in.
    fn score(&mut self) {
        let mut at = 1;
        while let Some(piece) = self.outline.pieces.get(at) {
            if self.dropped[at] {
                at = piece.end;
                continue;
            }
            let sums = self.sums[at];
            let scores = match piece.kind {
                Kind::Section | Kind::Heading | Kind::Cell | Kind::Pre => true,
                Kind::Paragraph => !self.sums[piece.parent].is_paragraph,
                Kind::Div => sums.is_paragraph,
                _ => false,
            };
            if scores {
                self.add(piece.parent, &sums);
            } else if piece.kind == Kind::Div {
                for unit in units(self.outline, at, &self.dropped, &self.sums).iter().filter(|u| u.is_run) {
                    self.add(at, &unit.sums);
                }
            }
            at += 1;
        }
        for at in &self.scored {
            self.scores[*at] = self.scores[*at].map(|s| s * (1.0 - self.sums[*at].link_density()));
        }
    }

    /// Adds what a paragraph with `sums` in it scores to the scores of `parent` and what that is in.
    fn add(&mut self, parent: usize, sums: &Sums) {
        if sums.chars < PARAGRAPH_CHARS_MIN {
            return;
        }
        let points = (2 + sums.commas + (sums.chars / CHARS_PER_POINT).min(LENGTH_POINTS_MAX)) as f32;
        let mut at = parent;
        for level in 0..LEVELS_MAX {
            let share = match level {
                0 => 1.0,
                1 => 2.0,
                _ => level as f32 * 3.0,
            };
            let before = match self.scores[at] {
                Some(score) => score,
                None => {
                    self.scored.push(at);
                    self.initial(at)
                }
            };
            self.scores[at] = Some(before + points / share);
            if at == 0 {
                break;
            }
            at = self.outline.pieces[at].parent;
        }
    }

    /// What an element scores by itself.
    fn initial(&self, at: usize) -> f32 {
        let piece = &self.outline.pieces[at];
        let by_kind = match piece.kind {
            Kind::Div => 5.0,
            Kind::Pre | Kind::Cell | Kind::Quote => 3.0,
            Kind::Aside | Kind::List | Kind::Item | Kind::Form => -3.0,
            Kind::Heading | Kind::Headline | Kind::Header => -5.0,
            _ => 0.0,
        };
        by_kind + if self.strictness.weighs { f32::from(piece.weight) } else { 0.0 }
    }

    fn score_of(&self, at: usize) -> f32 {
        self.scores[at].unwrap_or_default()
    }

    /// The element that holds the article, unless that is all of the page.
    fn best(&self) -> Option<usize> {
        let mut candidates: Vec<usize> = self.scored.iter().copied().filter(|at| self.score_of(*at) > 0.0).collect();
        candidates.sort_by(|a, b| self.score_of(*b).total_cmp(&self.score_of(*a)));
        candidates.truncate(CANDIDATES_MAX);
        let mut top = *candidates.first().filter(|at| **at > 0)?;
        let best = self.score_of(top);
        let as_good: Vec<usize> =
            candidates[1..].iter().copied().filter(|at| self.score_of(*at) >= best * ALTERNATIVE).collect();
        if as_good.len() >= ALTERNATIVES_MIN {
            let holds = |at: usize, inner: usize| self.outline.ancestors(inner).any(|a| a == at);
            let in_common = |at: &usize| as_good.iter().filter(|a| holds(*at, **a)).count() >= ALTERNATIVES_MIN;
            top = self.outline.ancestors(top).find(in_common).unwrap_or(top);
        }
        top = self.inner(top, &as_good).unwrap_or_else(|| self.better_parent(top));
        while let parent = self.outline.pieces[top].parent
            && parent > 0
            && self.children(parent) == 1
        {
            top = parent;
        }
        Some(top)
    }

    /// The candidate in `top` that is most of its text, when `top` has many links beside.
    fn inner(&self, top: usize, as_good: &[usize]) -> Option<usize> {
        let text = |at: usize| self.sums[at].chars as f32 * (1.0 - self.sums[at].link_density());
        let is_in = |at: &&usize| **at > top && **at < self.outline.pieces[top].end;
        let most = as_good.iter().filter(is_in).copied().find(|at| text(*at) * 2.0 > text(top))?;
        (self.sums[top].link_density() >= CLUTTERED && self.sums[most].link_density() < CLUTTERED).then_some(most)
    }

    /// The nearest element around `top` that scores more, when scores do not fall much on the way to it.
    fn better_parent(&self, top: usize) -> usize {
        let mut last = self.score_of(top);
        let least = last / 3.0;
        for parent in self.outline.ancestors(top) {
            let Some(score) = self.scores[parent] else { continue };
            if score < least {
                break;
            }
            if score > last {
                return parent;
            }
            last = score;
        }
        top
    }

    /// Elements directly in the piece at `at`, with runs of text in a `div` as such.
    fn children(&self, at: usize) -> usize {
        let units = units(self.outline, at, &self.dropped, &self.sums);
        if self.outline.pieces[at].kind == Kind::Div {
            return units.len();
        }
        self.outline.children(at, &self.dropped).filter(|c| self.outline.pieces[*c].kind != Kind::Text).count()
    }

    /// The pieces of the article: `top` and those of its siblings that are like it.
    fn with_siblings(&self, top: usize) -> Vec<Range<usize>> {
        let parent = self.outline.pieces[top].parent;
        let score = self.score_of(top);
        let least = (score * SIBLING).max(SIBLING_SCORE_MIN);
        let belongs = |unit: &Unit| {
            let at = unit.range.start;
            let (piece, sums) = (&self.outline.pieces[at], &unit.sums);
            if at == top {
                return true;
            }
            if let Some(own) = self.scores[at].filter(|s| *s > 0.0 && !unit.is_run) {
                return own >= least;
            }
            let is_paragraph = unit.is_run || piece.kind == Kind::Paragraph || sums.is_paragraph;
            let density = sums.link_density();
            is_paragraph
                && ((sums.chars > SIBLING_CHARS_MIN && density < LINKS_MAX)
                    || (sums.chars > 0 && density == 0.0 && sums.stops > 0))
        };
        let units = units(self.outline, parent, &self.dropped, &self.sums);
        let may_be_run = self.outline.pieces[parent].kind == Kind::Div;
        units
            .into_iter()
            .filter(|u| (may_be_run || !u.is_run || u.range.contains(&top)) && belongs(u))
            .map(|u| u.range)
            .collect()
    }

    /// Drops what in `ranges` looks like none of an article; how many characters that leaves.
    fn clean(&mut self, ranges: &[Range<usize>]) -> usize {
        let pieces = &self.outline.pieces;
        let (in_data, holds) = (self.in_data(), self.holding_candidates());
        let mut chars = 0;
        for range in ranges {
            // A run is several pieces side by side.
            for at in self.outline.tops(range.clone()) {
                let judge = |piece: usize, sums: &Sums| {
                    let (is_root, is_kept) = (piece == at, in_data[piece] || holds[piece]);
                    self.strictness.drops(&pieces[piece], sums, is_root, is_kept)
                };
                count(self.outline, at..pieces[at].end, &mut self.dropped, &mut self.sums, judge);
                chars += if self.dropped[at] { 0 } else { self.sums[at].chars as usize };
            }
        }
        chars
    }

    /// Which pieces score about as much as the best, or hold one that does.
    fn holding_candidates(&self) -> Vec<bool> {
        let best = self.scored.iter().map(|at| self.score_of(*at)).fold(0.0, f32::max);
        let mut holds = vec![false; self.outline.pieces.len()];
        for at in self.scored.iter().filter(|at| self.score_of(**at) >= best * ALTERNATIVE) {
            holds[*at] = true;
            for outer in self.outline.ancestors(*at) {
                if std::mem::replace(&mut holds[outer], true) {
                    break;
                }
            }
        }
        holds
    }

    /// Which pieces are a table of figures or in one.
    fn in_data(&self) -> Vec<bool> {
        let mut inside = vec![false; self.outline.pieces.len()];
        for (at, piece) in self.outline.pieces.iter().enumerate() {
            inside[at] = inside[piece.parent] || (piece.kind == Kind::Table && self.sums[at].is_data());
        }
        inside
    }
}

/// Whether `piece`, with `sums` in it and a name of this weight, is more likely none of the article.
fn is_clutter(piece: &Piece, sums: &Sums, weight: i16) -> bool {
    if sums.commas >= COMMAS_MIN {
        return false;
    }
    let in_figure = piece.in_figure;
    let is_list = piece.kind == Kind::List || sums.is_listed();
    let density = sums.link_density();
    let pictures = sums.images > 1 && sums.paragraphs * 2 < sums.images && !in_figure;
    let headings = sums.heading_density() < 0.9
        && sums.chars < PARAGRAPH_CHARS_MIN
        && (sums.images == 0 || sums.images > 2)
        && !in_figure;
    let items = sums.items > sums.paragraphs + 100;
    let linked = weight < 25 && density > CLUTTERED;
    (!is_list && (pictures || items || headings || linked))
        || (weight >= 25 && density > 0.5)
        || (sums.images == 0 && sums.prose == 0)
}
