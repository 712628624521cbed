//! The shape of a query: a tree of clauses, aliases written out.

use std::ops::Range;

use crate::model::Field;

/// Which parts of an article a term is looked for in, as a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fields(u8);

/// Names that can stand before a colon, each with what it means.
pub(super) const FIELDS: [(&str, Fields); 6] = [
    ("title", Fields::one(Field::Title)),
    ("body", Fields::one(Field::Body)),
    ("source", Fields::one(Field::Source)),
    ("origin", Fields::one(Field::Origin)),
    ("author", Fields::one(Field::Author)),
    ("lang", Fields::one(Field::Lang)),
];

impl Fields {
    /// Title and body: where a term without a field is looked for.
    pub(super) const TEXT: Self = Self(1 << Field::Title as u8 | 1 << Field::Body as u8);

    pub(super) const fn one(field: Field) -> Self {
        Self(1 << field as u8)
    }

    pub(super) const fn has(self, field: Field) -> bool {
        self.0 & (1 << field as u8) != 0
    }

    /// Whether no part of the text proper is among them.
    pub(super) const fn only_attributes(self) -> bool {
        self.0 & Self::TEXT.0 == 0
    }
}

/// A folded word or phrase; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Literal {
    /// Folded text, without spaces at its ends.
    pub folded: String,
    /// Whether the last word may go on. Never set when it ends in Han, where it would change nothing.
    pub prefix: bool,
}

/// How a term is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    /// As one literal.
    Literal(Literal),
    /// As several literals close to each other, in any order.
    Near {
        /// Two or more, each of one or more alternatives.
        parts: Vec<Vec<Literal>>,
        /// How many other words or Han characters may stand between the parts altogether.
        within: usize,
    },
}

/// Largest weight of a term in weighted groups, in hundredths.
const WEIGHT_MAX: u32 = 10_000;
/// Weight of a term that names none, in hundredths.
pub(super) const WEIGHT_ONE: u32 = 100;

/// A leaf of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// As the query writes it; for an alias, as the alias writes this alternative.
    pub written: String,
    pub fields: Fields,
    pub shape: Shape,
    /// By what it counts in the score, in hundredths.
    pub weight: u32,
}

/// A clause and its place in the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub at: Range<usize>,
    pub clause: Clause,
}

/// What a clause asks for. Depth is bounded by the parser, so recursion over it is safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clause {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    AtLeast(usize, Vec<Node>),
    Term(Term),
}

impl Node {
    /// The smallest clause at fault if the query holds for an article in which none of its terms occurs.
    ///
    /// A query without inner negation is monotone in "occurs" and "does not occur", so the one case in which no term
    /// occurs decides whether it can be true without any positive term.
    pub(super) fn open_to_everything(&self) -> Option<Range<usize>> {
        self.holds_of_nothing().then(|| self.culprit())
    }

    fn holds_of_nothing(&self) -> bool {
        match &self.clause {
            Clause::And(of) => of.iter().all(Self::holds_of_nothing),
            Clause::Or(of) => of.iter().any(Self::holds_of_nothing),
            Clause::Not(inner) => !inner.holds_of_nothing(),
            Clause::AtLeast(need, of) => of.iter().filter(|n| n.holds_of_nothing()).count() >= *need,
            Clause::Term(_) => false,
        }
    }

    fn culprit(&self) -> Range<usize> {
        match &self.clause {
            Clause::Or(of) => of.iter().find(|n| n.holds_of_nothing()).map_or(self.at.clone(), Self::culprit),
            _ => self.at.clone(),
        }
    }

    /// A text that is equal for queries that ask for the same thing in another order or notation.
    pub(super) fn canonical(&self) -> String {
        let list = |name: &str, of: &[Self]| {
            let mut parts: Vec<_> = of.iter().map(Self::canonical).collect();
            parts.sort_unstable();
            format!("{name}({})", parts.join(","))
        };
        match &self.clause {
            Clause::And(of) => list("and", of),
            Clause::Or(of) => list("or", of),
            Clause::Not(inner) => format!("not({})", inner.canonical()),
            Clause::AtLeast(need, of) => list(&format!("min{need}"), of),
            Clause::Term(Term { fields, shape, weight, .. }) => {
                let weight = if *weight == WEIGHT_ONE { String::new() } else { format!("^{weight}") };
                match shape {
                    Shape::Literal(literal) => format!("{}:{}{weight}", fields.0, literal.canonical()),
                    Shape::Near { parts, within } => {
                        let alternatives = |of: &Vec<Literal>| {
                            let mut of: Vec<_> = of.iter().map(Literal::canonical).collect();
                            of.sort_unstable();
                            of.join("|")
                        };
                        let mut parts: Vec<_> = parts.iter().map(alternatives).collect();
                        parts.sort_unstable();
                        format!("{}:near{within}({}){weight}", fields.0, parts.join(","))
                    }
                }
            }
        }
    }

    /// Multiplies the weight of every term in it by `hundredths`, up to a bound.
    pub(super) fn weigh(&mut self, hundredths: u32) {
        match &mut self.clause {
            Clause::And(of) | Clause::Or(of) | Clause::AtLeast(_, of) => {
                of.iter_mut().for_each(|n| n.weigh(hundredths))
            }
            Clause::Not(inner) => inner.weigh(hundredths),
            Clause::Term(term) => term.weight = (term.weight.saturating_mul(hundredths) / WEIGHT_ONE).min(WEIGHT_MAX),
        }
    }
}

impl Literal {
    fn canonical(&self) -> String {
        format!("\"{}\"{}", self.folded, if self.prefix { "*" } else { "" })
    }
}
