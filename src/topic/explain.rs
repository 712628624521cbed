//! Why a topic matched an article or did not, clause by clause, and what was missing.

use serde::Serialize;

use super::automaton::{Hits, Part, Scanner, parts};
use super::compile::{Leaves, Literals};
use super::error::QueryError;
use super::evaluate::{Leaf, Plan, Reason};
use super::evidence;
use super::query::parse;
use super::rarity::{Counts, Rarity};
use super::syntax::{self, Fields, Node};
use super::{Lexicon, Spec, Subject, Vocabulary};
use crate::model::{Evidence, Match};
use crate::text::Words;

/// Clauses named as missing.
const MISSING_MAX: usize = 4;

/// One topic, made ready to be explained.
#[derive(Debug)]
pub struct Question {
    spec: Spec,
    node: Node,
    plan: Plan,
    leaves: Vec<Leaf>,
    /// By place of the term in the tree, first to last: its leaf.
    terms: Vec<usize>,
    scanner: Scanner,
    /// How many literals there are.
    literals: usize,
    words: Words,
    rarity: Rarity,
}

/// What a clause asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Every clause in it.
    All,
    /// One of the clauses in it.
    Any,
    /// One of the alternatives of an alias.
    Alias,
    /// At least so many of the clauses in it.
    AtLeast(usize),
    /// That the clause in it does not hold.
    Not,
    /// A word, phrase or prefix.
    Term,
}

/// One clause of a query, and what became of it in an article.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Clause {
    /// As the query writes it.
    pub written: String,
    /// What it asks for.
    pub shape: Shape,
    /// Whether it holds.
    pub holds: bool,
    /// How many of its clauses would have to be otherwise for it to hold; 0 when it holds.
    pub short: usize,
    /// Of a term: what was found, by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Evidence>,
    /// How many clauses are in it.
    #[serde(skip_serializing_if = "is_zero")]
    pub among: usize,
    /// The clauses in it; of an alias only those that hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<Clause>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// What a topic makes of an article.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The match; `None` when there is none.
    #[serde(rename = "match")]
    pub matched: Option<Match>,
    /// What the terms that occur score.
    pub score: f64,
    /// Least score of a match.
    pub threshold: f64,
    /// The query.
    pub tree: Clause,
}

impl Question {
    /// Makes `spec` ready.
    ///
    /// # Errors
    /// Everything that is wrong with the query.
    pub fn new(spec: &Spec, vocabulary: &Vocabulary) -> Result<Self, Vec<QueryError>> {
        let wrong = |reason: String| vec![QueryError::new(0..spec.query.len(), reason, "use fewer terms")];
        let lexicon = Lexicon::new(vocabulary).map_err(|w| wrong(format!("equal words: {}", w[0])))?;
        let node = parse(&spec.query, &lexicon)?;
        let mut literals = Literals::default();
        let mut leaves = Leaves { literals: &mut literals, list: vec![] };
        let plan = leaves.plan(&node, true);
        let mut terms = vec![];
        each_term(&node, &mut |term| terms.push(leaves.leaf(term)));
        let leaves = leaves.list;
        let scanner = Scanner::new(&literals.list).map_err(|_| wrong("the query is too large".into()))?;
        let literals = literals.list.len();
        Ok(Self {
            spec: spec.clone(),
            node,
            plan,
            leaves,
            terms,
            scanner,
            literals,
            words: lexicon.words,
            rarity: Rarity::default(),
        })
    }

    /// Counts `subject` as one of the articles by which it is told how rare each term is.
    pub fn count(&self, subject: &Subject<'_>, counts: &mut Counts) {
        let parts = parts(subject, &self.words);
        counts.add_hits(self.literals, &parts, &self.scanner.scan(&parts));
    }

    /// Has terms count by how rare they are among the articles of `counts`, which this counted.
    pub fn weigh(&mut self, counts: &Counts) {
        self.rarity = counts.rarity();
    }

    /// What the topic makes of `subject`, as [`Topics`](super::Topics) do that counted the same articles.
    #[must_use]
    pub fn explain(&self, subject: &Subject<'_>) -> Explanation {
        let parts = parts(subject, &self.words);
        let hits = self.scanner.scan(&parts);
        let reasons = self.plan.reasons(&self.leaves, &parts, &hits);
        let score = evidence::score(&self.leaves, &reasons, &parts, &self.rarity);
        let threshold = self.spec.threshold;
        let holds = self.plan.holds(&self.leaves, &parts, &hits) && score >= threshold;
        let mut case = Case { question: self, parts: &parts, hits: &hits, next: 0 };
        Explanation {
            matched: holds.then(|| evidence::found(&self.spec.id, score, &self.leaves, &reasons, &parts)),
            score,
            threshold,
            tree: case.clause(&self.node),
        }
    }
}

/// Calls `f` with each term in the tree, first to last.
fn each_term<'n>(node: &'n Node, f: &mut impl FnMut(&'n syntax::Term)) {
    match &node.clause {
        syntax::Clause::And(of) | syntax::Clause::Or(of) | syntax::Clause::AtLeast(_, of) => {
            of.iter().for_each(|n| each_term(n, f));
        }
        syntax::Clause::Not(inner) => each_term(inner, f),
        syntax::Clause::Term(term) => f(term),
    }
}

struct Case<'c> {
    question: &'c Question,
    parts: &'c [Part<'c>],
    hits: &'c Hits,
    /// How many terms were passed.
    next: usize,
}

impl Case<'_> {
    fn clause(&mut self, node: &Node) -> Clause {
        let written = self.question.spec.query.get(node.at.clone()).unwrap_or_default().to_owned();
        let (shape, of) = match &node.clause {
            syntax::Clause::Term(term) => return self.term(&term.written),
            syntax::Clause::Not(inner) => (Shape::Not, vec![self.clause(inner)]),
            syntax::Clause::And(of) => (Shape::All, self.clauses(of)),
            syntax::Clause::AtLeast(need, of) => (Shape::AtLeast(*need), self.clauses(of)),
            syntax::Clause::Or(of) if of.iter().all(|n| n.at == of[0].at) => (Shape::Alias, self.clauses(of)),
            syntax::Clause::Or(of) => (Shape::Any, self.clauses(of)),
        };
        let short = match shape {
            Shape::Not => usize::from(of[0].holds),
            Shape::AtLeast(need) => {
                let mut short: Vec<usize> = of.iter().map(|c| c.short).collect();
                short.sort_unstable();
                short.iter().take(need).sum()
            }
            Shape::Any | Shape::Alias => of.iter().map(|c| c.short).min().unwrap_or(1),
            Shape::All | Shape::Term => of.iter().map(|c| c.short).sum(),
        };
        let among = of.len();
        let of = of.into_iter().filter(|c| shape != Shape::Alias || c.holds).collect();
        Clause { written, shape, holds: short == 0, short, found: vec![], among, of }
    }

    fn clauses(&mut self, of: &[Node]) -> Vec<Clause> {
        of.iter().map(|n| self.clause(n)).collect()
    }

    fn term(&mut self, written: &str) -> Clause {
        let index = self.question.terms[self.next];
        self.next += 1;
        let leaf = &self.question.leaves[index];
        let places = self.parts.iter().enumerate().filter_map(|(part, text)| {
            let (count, first) = leaf.places(part, text, self.hits)?;
            Some((Reason { leaf: index, part, clause: 0, first, count }, text))
        });
        let found: Vec<Evidence> = places.map(|(reason, text)| evidence::piece(leaf, &reason, text)).collect();
        let (holds, short) = (!found.is_empty(), usize::from(found.is_empty()));
        Clause { written: written.to_owned(), shape: Shape::Term, holds, short, found, among: 0, of: vec![] }
    }
}

impl Explanation {
    /// What was missing, when the article is one clause short of a match, or its score is below the threshold: then nothing
    /// is named. `None` when it matches, when more is missing, or when nothing of what was asked for occurs in its text.
    #[must_use]
    pub fn near_miss(&self) -> Option<Vec<&Clause>> {
        let below = self.tree.holds && self.tree.is_told();
        if self.matched.is_some() || !(below || self.tree.is_near()) {
            return None;
        }
        let mut missing = vec![];
        self.tree.missing(&mut missing);
        missing.truncate(MISSING_MAX);
        Some(missing)
    }
}

impl Clause {
    /// Whether a term that should occur does, in title or text.
    fn is_told(&self) -> bool {
        let of_text = |e: &Evidence| Fields::TEXT.has(e.field);
        self.shape != Shape::Not && (self.found.iter().any(of_text) || self.of.iter().any(Self::is_told))
    }

    /// Whether one clause is missing of clauses that belong together, of which something occurs.
    fn is_near(&self) -> bool {
        self.short == 1
            && match self.shape {
                Shape::All | Shape::AtLeast(_) => self.is_told(),
                Shape::Any => self.of.iter().any(Self::is_near),
                Shape::Alias | Shape::Not | Shape::Term => false,
            }
    }

    /// The smallest clauses any one of which would have made this hold, which is one short.
    fn missing<'c>(&'c self, out: &mut Vec<&'c Self>) {
        let inner: Vec<&Self> = match self.shape {
            Shape::All | Shape::AtLeast(_) => self.of.iter().filter(|c| c.short == 1).collect(),
            // Alternatives of which nothing occurs are no near miss.
            Shape::Any => self.of.iter().filter(|c| c.is_near()).collect(),
            Shape::Alias | Shape::Not | Shape::Term => vec![],
        };
        if inner.is_empty() && !self.holds {
            out.push(self);
        }
        inner.into_iter().for_each(|c| c.missing(out));
    }
}
