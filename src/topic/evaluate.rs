//! Whether a plan holds for an article, and which of its terms made it so.

use std::{cmp::Reverse, collections::BTreeSet};

use super::automaton::{Hit, Hits, Part};
use super::syntax::Fields;

/// What to look for, by numbers of literals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seek {
    Literal(u32),
    /// All of them, with at most `within` other words or Han characters between.
    Near {
        /// The alternatives of each.
        parts: Vec<Vec<u32>>,
        within: usize,
    },
}

/// A term of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// As the query, or the alias, writes it.
    pub written: String,
    pub seek: Seek,
    pub fields: Fields,
    /// Whether what is found goes on to the end of the word.
    pub prefix: bool,
    /// By what it counts, in hundredths.
    pub weight: u32,
}

/// A query with negation only at its leaves, which are indexes. Depth is bounded by the parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    All(Vec<Plan>),
    Any(Vec<Plan>),
    AtLeast(usize, Vec<Plan>),
    Has(usize),
    Lacks(usize),
}

/// A term that holds in one part of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// Index of the leaf.
    pub leaf: usize,
    /// Index of the part.
    pub part: usize,
    /// Which of the query's required clauses it belongs to.
    pub clause: usize,
    /// The first place in the folded form, as bytes.
    pub first: (usize, usize),
    /// How often it occurs in this part.
    pub count: usize,
}

impl Plan {
    /// Whether the plan holds.
    pub(super) fn holds(&self, leaves: &[Leaf], parts: &[Part<'_>], hits: &Hits) -> bool {
        let holds = |p: &Self| p.holds(leaves, parts, hits);
        match self {
            Self::All(of) => of.iter().all(holds),
            Self::Any(of) => of.iter().any(holds),
            Self::AtLeast(need, of) => of.iter().filter(|p| holds(p)).take(*need).count() == *need,
            Self::Has(leaf) => leaves[*leaf].occurs(parts, hits),
            Self::Lacks(leaf) => !leaves[*leaf].occurs(parts, hits),
        }
    }

    /// The terms, each once per part, that are why the plan holds: those of clauses that hold, without the negated ones.
    pub(super) fn reasons(&self, leaves: &[Leaf], parts: &[Part<'_>], hits: &Hits) -> Vec<Reason> {
        let mut clauses = vec![];
        self.clauses(leaves, parts, hits, &mut clauses);
        let mut seen = BTreeSet::new();
        let mut reasons = vec![];
        for (clause, plan) in clauses.into_iter().enumerate() {
            let mut telling = vec![];
            plan.telling(leaves, parts, hits, &mut telling);
            for leaf in telling.into_iter().filter(|leaf| seen.insert(*leaf)) {
                reasons.extend(parts.iter().enumerate().filter_map(|(part, text)| {
                    let (count, first) = leaves[leaf].places(part, text, hits)?;
                    Some(Reason { leaf, part, clause, first, count })
                }));
            }
        }
        reasons
    }

    /// What had to hold together, of those alternatives that hold.
    fn clauses<'p>(&'p self, leaves: &[Leaf], parts: &[Part<'_>], hits: &Hits, out: &mut Vec<&'p Self>) {
        match self {
            Self::All(of) => out.extend(of),
            Self::Any(of) | Self::AtLeast(_, of) if of.iter().any(|p| matches!(p, Self::All(_))) => {
                for plan in of.iter().filter(|p| p.holds(leaves, parts, hits)) {
                    plan.clauses(leaves, parts, hits, out);
                }
            }
            _ => out.push(self),
        }
    }

    fn telling(&self, leaves: &[Leaf], parts: &[Part<'_>], hits: &Hits, out: &mut Vec<usize>) {
        match self {
            Self::All(of) | Self::Any(of) | Self::AtLeast(_, of) => {
                for plan in of.iter().filter(|p| p.holds(leaves, parts, hits)) {
                    plan.telling(leaves, parts, hits, out);
                }
            }
            Self::Has(leaf) => out.push(*leaf),
            Self::Lacks(_) => {}
        }
    }
}

impl Leaf {
    fn occurs(&self, parts: &[Part<'_>], hits: &Hits) -> bool {
        parts.iter().enumerate().any(|(i, part)| match &self.seek {
            Seek::Literal(literal) => self.fields.has(part.field) && !hits.of(*literal, i).is_empty(),
            Seek::Near { .. } => self.places(i, part, hits).is_some(),
        })
    }

    /// How often it occurs in a part, and where first.
    pub(super) fn places(&self, index: usize, part: &Part<'_>, hits: &Hits) -> Option<(usize, (usize, usize))> {
        if !self.fields.has(part.field) {
            return None;
        }
        match &self.seek {
            Seek::Literal(literal) => {
                let hits = hits.of(*literal, index);
                let first = hits.first()?;
                let end = if self.prefix { part.word_end(first.end) } else { first.end };
                Some((hits.len(), (first.start, end)))
            }
            Seek::Near { parts, within } => {
                let hits_of = |alternatives: &Vec<u32>| {
                    let mut of: Vec<Hit> = alternatives.iter().flat_map(|l| hits.of(*l, index)).copied().collect();
                    // Of those that begin at one place the longest leaves the least between.
                    of.sort_unstable_by_key(|h| (h.start, Reverse(h.end)));
                    of.dedup_by_key(|h| h.start);
                    of
                };
                let of: Vec<_> = parts.iter().map(hits_of).collect();
                let windows = near(&of, *within, part);
                windows.first().map(|first| (windows.len(), *first))
            }
        }
    }
}

/// The stretches, one for each place they can begin at, that hold one hit of each list and few enough other words.
fn near(of: &[Vec<Hit>], within: usize, part: &Part<'_>) -> Vec<(usize, usize)> {
    let mut next = vec![0; of.len()];
    let mut windows = vec![];
    // Each round moves one list on by one, so there are no more rounds than hits.
    loop {
        let Some(now) = of.iter().zip(&next).map(|(hits, i)| hits.get(*i)).collect::<Option<Vec<_>>>() else {
            return windows;
        };
        let Some((first, start)) = now.iter().map(|h| h.start).enumerate().min_by_key(|(_, start)| *start) else {
            return windows;
        };
        let end = now.iter().map(|h| h.end).max().unwrap_or(start);
        let own = own_units(&now, part);
        if part.units(start..end).saturating_sub(own) <= within {
            windows.push((start, end));
        }
        next[first] += 1;
    }
}

/// How many words and Han characters `hits` cover together; those of two that overlap count once.
fn own_units(hits: &[&Hit], part: &Part<'_>) -> usize {
    let mut ranges: Vec<(usize, usize)> = hits.iter().map(|h| (h.start, h.end)).collect();
    ranges.sort_unstable();
    let (mut done, mut units) = (0, 0);
    for (start, end) in ranges {
        units += part.units(start.max(done)..end.max(done));
        done = done.max(end);
    }
    units
}
