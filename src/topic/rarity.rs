//! What is said often tells little: terms count by how rare they are.

use super::automaton::{Hits, Part};
use super::evaluate::Seek;
use super::syntax::Fields;

/// The share of articles, one in so many, in which a term occurs that counts as it is.
const USUAL: f64 = 100.0;
/// By what ten times as rare adds to the factor, or ten times as common takes from it.
const PER_DECADE: f64 = 0.5;
/// Least and largest factor.
const BOUNDS: (f64, f64) = (0.25, 2.0);

/// In how many of some articles each term of topics occurs.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    articles: u32,
    by_literal: Vec<u32>,
}

impl Counts {
    /// Adds one article, of which `hits` are in `parts`, to what is known of so many `literals`.
    pub(super) fn add_hits(&mut self, literals: usize, parts: &[Part<'_>], hits: &Hits) {
        let of_text = |part: usize| Fields::TEXT.has(parts[part].field);
        self.add(literals, hits.found().filter(|(_, part)| of_text(*part)).map(|(literal, _)| literal));
    }

    /// Adds one article in which the literals `found`, of `literals`, occur, in order.
    fn add(&mut self, literals: usize, found: impl Iterator<Item = u32>) {
        self.articles = self.articles.saturating_add(1);
        self.by_literal.resize(literals, 0);
        let mut last = None;
        for literal in found.filter(|l| last.replace(*l) != Some(*l)) {
            if let Some(count) = self.by_literal.get_mut(literal as usize) {
                *count = count.saturating_add(1);
            }
        }
    }

    /// How many articles were counted.
    #[must_use]
    pub const fn articles(&self) -> u32 {
        self.articles
    }

    pub(super) fn rarity(&self) -> Rarity {
        Rarity(self.by_literal.iter().map(|n| factor(*n, self.articles)).collect())
    }
}

/// By what each literal counts.
#[derive(Debug, Default)]
pub(super) struct Rarity(Vec<f64>);

impl Rarity {
    /// By what a term counts; that of the rarest part of several. 1 where nothing is known.
    pub(super) fn of(&self, seek: &Seek) -> f64 {
        let of = |literal: &u32| self.0.get(*literal as usize).copied().unwrap_or(1.0);
        match seek {
            Seek::Literal(literal) => of(literal),
            Seek::Near { parts, .. } => parts.iter().flatten().map(of).reduce(f64::max).unwrap_or(1.0),
        }
    }
}

/// By what a term counts that occurs in `found` of `articles`. As if a hundred more articles held it once: few
/// articles tell little.
fn factor(found: u32, articles: u32) -> f64 {
    let share = (f64::from(found) + 1.0) / (f64::from(articles) + USUAL);
    (1.0 - PER_DECADE * (share * USUAL).log10()).clamp(BOUNDS.0, BOUNDS.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_terms_count_more() {
        let near = |a: f64, b: f64| (a - b).abs() < 0.01;
        assert!(near(factor(0, 0), 1.0), "nothing is known");
        assert!(near(factor(99, 9_900), 1.0), "one in a hundred");
        assert!(near(factor(999, 9_900), 0.5), "one in ten");
        assert!(near(factor(9, 9_900), 1.5), "one in a thousand");
        assert!(near(factor(0, 1_000_000), 2.0) && near(factor(50_000, 50_000), 0.25), "bounded");
        assert!(factor(0, 3) > 1.0 && factor(0, 3) < 1.01, "three articles tell little");
    }
}
