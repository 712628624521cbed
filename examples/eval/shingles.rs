//! Two texts compared by their token 4-grams, as multisets. Tokens are words; every Han character is one.

use std::collections::HashMap;

use tidings::text::is_han;

/// Tokens of a shingle; a text of fewer is one shingle.
const TOKENS: usize = 4;

/// Shares of the shingles of two texts: in both, only in the second, only in the first. They add up to one.
#[derive(Clone, Copy)]
pub(crate) struct Overlap {
    both: f64,
    excess: f64,
    missing: f64,
}

impl Overlap {
    /// How `got` compares to `truth`.
    pub(crate) fn of(truth: &str, got: &str) -> Self {
        let (truth, got) = (tokens(truth), tokens(got));
        let (truth, got) = (shingles(&truth), shingles(&got));
        let both: usize = truth.iter().map(|(s, n)| got.get(s).map_or(0, |m| *n.min(m))).sum();
        let (truth, got) = (truth.values().sum::<usize>(), got.values().sum::<usize>());
        let whole = (truth + got - both).max(1) as f64;
        Self { both: both as f64 / whole, excess: (got - both) as f64 / whole, missing: (truth - both) as f64 / whole }
    }

    /// Share of the second text that is in the first.
    pub(crate) fn precision(self) -> f64 {
        share(self.both, self.excess)
    }

    /// Share of the first text that is in the second.
    pub(crate) fn recall(self) -> f64 {
        share(self.both, self.missing)
    }

    /// Harmonic mean of both.
    pub(crate) fn f1(self) -> f64 {
        share(2.0 * self.both, self.excess + self.missing)
    }
}

/// Overlaps of many texts.
pub(crate) struct Tally {
    sum: Overlap,
    f1: f64,
    count: usize,
}

impl FromIterator<Overlap> for Tally {
    fn from_iter<I: IntoIterator<Item = Overlap>>(overlaps: I) -> Self {
        let mut tally = Self { sum: Overlap { both: 0.0, excess: 0.0, missing: 0.0 }, f1: 0.0, count: 0 };
        for o in overlaps {
            tally.sum.both += o.both;
            tally.sum.excess += o.excess;
            tally.sum.missing += o.missing;
            tally.f1 += o.f1();
            tally.count += 1;
        }
        tally
    }
}

impl Tally {
    /// Precision of the sums.
    pub(crate) fn precision(&self) -> f64 {
        self.sum.precision()
    }

    /// Recall of the sums.
    pub(crate) fn recall(&self) -> f64 {
        self.sum.recall()
    }

    /// F1 of the sums.
    pub(crate) fn f1(&self) -> f64 {
        self.sum.f1()
    }

    /// Mean of the texts' own F1.
    pub(crate) fn mean_f1(&self) -> f64 {
        self.f1 / self.count.max(1) as f64
    }
}

fn share(part: f64, rest: f64) -> f64 {
    if part + rest > 0.0 { part / (part + rest) } else { 0.0 }
}

fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut begin = None;
    for (at, c) in text.char_indices() {
        let (han, word) = (is_han(c), c.is_alphanumeric() || c == '_');
        if (han || !word)
            && let Some(from) = begin.take()
        {
            out.push(&text[from..at]);
        }
        if han {
            out.push(&text[at..at + c.len_utf8()]);
        } else if word && begin.is_none() {
            begin = Some(at);
        }
    }
    out.extend(begin.map(|from| &text[from..]));
    out
}

fn shingles<'a>(tokens: &'a [&'a str]) -> HashMap<&'a [&'a str], usize> {
    let mut out = HashMap::new();
    for shingle in tokens.windows(TOKENS.min(tokens.len()).max(1)) {
        *out.entry(shingle).or_default() += 1;
    }
    out
}
