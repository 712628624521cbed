//! Trees to plans, and the literals without which a topic cannot match.

use std::{collections::HashMap, sync::Arc};

use super::automaton::{Hits, Part, Scanner, parts};
use super::error::QueryError;
use super::evaluate::{Leaf, Plan, Seek};
use super::query::parse;
use super::rarity::{Counts, Rarity};
use super::syntax::{Clause, Fields, Literal, Node, Shape, Term};
use super::{Lexicon, Queries, Spec, Subject, Vocabulary, evidence};
use crate::model::Match;
use crate::text::{Words, is_han};

/// Topics that one compilation takes.
const TOPICS_MAX: usize = 100_000;

/// A compiled topic.
#[derive(Debug)]
struct Topic {
    id: String,
    plan: Plan,
    leaves: Vec<Leaf>,
    threshold: f64,
}

/// All topics, compiled into one automaton.
#[derive(Clone, Debug, Default)]
pub struct Topics {
    compiled: Arc<Compiled>,
    /// By number of literal: what its rarity multiplies a score by.
    pub(super) rarity: Arc<Rarity>,
}

#[derive(Debug, Default)]
struct Compiled {
    topics: Vec<Topic>,
    scanner: Scanner,
    words: Words,
    /// How many literals there are.
    literals: usize,
    /// By number of literal: the topics that its occurrence makes worth evaluating, and in which fields.
    triggered: Vec<Vec<(u32, Fields)>>,
    queries: Arc<Queries>,
}

impl Topics {
    /// Compiles `specs`.
    ///
    /// # Errors
    /// Every bad query, as (index in `specs`, error).
    pub fn compile(specs: &[Spec], vocabulary: &Vocabulary) -> Result<Self, Vec<(usize, QueryError)>> {
        let too_large = |index: usize| {
            let at = 0..specs.get(index).map_or(0, |s| s.query.len());
            vec![(index, QueryError::new(at, "all topics together are too many or too large", "remove some"))]
        };
        if specs.len() > TOPICS_MAX {
            return Err(too_large(TOPICS_MAX));
        }
        let lexicon = Lexicon::new(vocabulary).map_err(|wrong| {
            let reason = wrong.first().map_or_else(String::new, ToString::to_string);
            vec![(0, QueryError::new(0..0, format!("the lists of equal words cannot be used: {reason}"), "mend them"))]
        })?;
        let (mut literals, mut queries) = (Literals::default(), Queries::new());
        let (mut topics, mut triggered, mut errors) = (vec![], vec![], vec![]);
        for ((index, spec), number) in specs.iter().enumerate().zip(0..) {
            match parse(&spec.query, &lexicon) {
                Ok(node) => {
                    queries.insert(spec.id.clone(), spec.identity(&node.canonical(), vocabulary));
                    let mut leaves = Leaves { literals: &mut literals, list: vec![] };
                    let plan = leaves.plan(&node, true);
                    let leaves = leaves.list;
                    // The parser has refused every query that has no trigger.
                    let trigger = literals.trigger(&plan, &leaves).unwrap_or_default();
                    triggered.extend(trigger.atoms.into_iter().map(|(literal, fields)| (literal, (number, fields))));
                    topics.push(Topic { id: spec.id.clone(), plan, leaves, threshold: spec.threshold });
                }
                Err(found) => errors.extend(found.into_iter().map(|e| (index, e))),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let scanner = Scanner::new(&literals.list).map_err(|_| too_large(specs.len().saturating_sub(1)))?;
        let mut by_literal = vec![vec![]; literals.list.len()];
        for (literal, entry) in triggered {
            by_literal[literal as usize].push(entry);
        }
        let compiled = Compiled {
            topics,
            scanner,
            words: lexicon.words,
            literals: literals.list.len(),
            triggered: by_literal,
            queries: Arc::new(queries),
        };
        Ok(Self { compiled: Arc::new(compiled), rarity: Arc::default() })
    }

    /// The topics that match `subject`, in order of `specs`.
    #[must_use]
    pub fn matches(&self, subject: &Subject<'_>) -> Vec<Match> {
        if self.is_empty() {
            return vec![];
        }
        let (parts, hits) = self.scan(subject);
        let candidates = self.candidates(&parts, &hits);
        let topics = candidates.into_iter().filter_map(|number| self.compiled.topics.get(number as usize));
        topics
            .filter(|topic| topic.plan.holds(&topic.leaves, &parts, &hits))
            .filter_map(|topic| {
                let reasons = topic.plan.reasons(&topic.leaves, &parts, &hits);
                let score = evidence::score(&topic.leaves, &reasons, &parts, &self.rarity);
                let found = || evidence::found(&topic.id, score, &topic.leaves, &reasons, &parts);
                (score >= topic.threshold).then(found)
            })
            .collect()
    }

    fn scan<'s>(&self, subject: &Subject<'s>) -> (Vec<Part<'s>>, Hits) {
        let parts = parts(subject, &self.compiled.words);
        let hits = self.compiled.scanner.scan(&parts);
        (parts, hits)
    }

    /// Counts `subject` as one of the articles by which it is told how rare each term is.
    pub fn count(&self, subject: &Subject<'_>, counts: &mut Counts) {
        let (parts, hits) = self.scan(subject);
        counts.add_hits(self.compiled.literals, &parts, &hits);
    }

    /// The same topics, with terms counting by how rare they are among the articles of `counts`, which they counted.
    #[must_use]
    pub fn weighed_by(&self, counts: &Counts) -> Self {
        Self { compiled: self.compiled.clone(), rarity: Arc::new(counts.rarity()) }
    }

    /// Numbers of the topics of which a literal occurs that they cannot hold without.
    fn candidates(&self, parts: &[Part<'_>], hits: &Hits) -> Vec<u32> {
        let mut candidates: Vec<u32> = vec![];
        for (literal, part) in hits.found() {
            let in_field = |(_, fields): &&(u32, Fields)| fields.has(parts[part].field);
            candidates
                .extend(self.compiled.triggered[literal as usize].iter().filter(in_field).map(|(topic, _)| topic));
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    /// What its topics ask for.
    #[must_use]
    pub fn queries(&self) -> &Arc<Queries> {
        &self.compiled.queries
    }

    /// How many topics there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.compiled.topics.len()
    }

    /// Whether there are no topics.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.compiled.topics.is_empty()
    }
}

/// All literals of all topics, each once.
#[derive(Default)]
pub(super) struct Literals {
    numbers: HashMap<Literal, u32>,
    pub(super) list: Vec<Literal>,
}

/// Literals one of which must occur for a plan to hold.
#[derive(Clone, Debug, Default)]
struct Trigger {
    /// How often they can be expected to occur, in arbitrary units.
    cost: u64,
    atoms: Vec<(u32, Fields)>,
}

impl Literals {
    fn number(&mut self, literal: &Literal) -> u32 {
        if let Some(number) = self.numbers.get(literal) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.numbers.insert(literal.clone(), number);
        self.list.push(literal.clone());
        number
    }

    /// The cheapest trigger of `plan`; `None` when it can hold without any term.
    fn trigger(&self, plan: &Plan, leaves: &[Leaf]) -> Option<Trigger> {
        match plan {
            Plan::Has(leaf) => Some(self.atom(&leaves[*leaf])),
            Plan::Lacks(_) => None,
            Plan::All(of) => of.iter().filter_map(|p| self.trigger(p, leaves)).min_by_key(|t| t.cost),
            Plan::Any(of) => of.iter().map(|p| self.trigger(p, leaves)).collect::<Option<Vec<_>>>().map(united),
            Plan::AtLeast(need, of) => {
                // If `need` of n hold, one holds among any n - need + 1.
                let enough = (of.len() + 1).saturating_sub(*need);
                let mut triggers: Vec<_> = of.iter().filter_map(|p| self.trigger(p, leaves)).collect();
                triggers.sort_by_key(|t| t.cost);
                triggers.truncate(enough);
                (triggers.len() == enough).then(|| united(triggers))
            }
        }
    }

    fn atom(&self, leaf: &Leaf) -> Trigger {
        let cost = |literal: &u32| rarity(&self.list[*literal as usize], leaf.fields);
        let total = |of: &[u32]| of.iter().map(cost).fold(0, u64::saturating_add);
        let atoms: &[u32] = match &leaf.seek {
            Seek::Literal(literal) => std::slice::from_ref(literal),
            Seek::Near { parts, .. } => parts.iter().min_by_key(|of| total(of)).map_or(&[], Vec::as_slice),
        };
        Trigger { cost: total(atoms), atoms: atoms.iter().map(|literal| (*literal, leaf.fields)).collect() }
    }
}

/// How often `literal` can be expected, in arbitrary units: less with each character, of which Han ones tell more; an
/// attribute's value comes with every article of its kind.
fn rarity(literal: &Literal, fields: Fields) -> u64 {
    const HAN_BITS: u32 = 8;
    const LATIN_BITS: u32 = 3;
    const BITS_MAX: u32 = 40;
    let bits = literal.folded.chars().map(|c| if is_han(c) { HAN_BITS } else { LATIN_BITS }).sum::<u32>();
    1 << if fields.only_attributes() { BITS_MAX + 1 } else { BITS_MAX - bits.min(BITS_MAX) }
}

fn united(triggers: Vec<Trigger>) -> Trigger {
    triggers.into_iter().fold(Trigger::default(), |mut all, one| {
        all.cost = all.cost.saturating_add(one.cost);
        all.atoms.extend(one.atoms);
        all
    })
}

/// The leaves of one topic, each once.
pub(super) struct Leaves<'l> {
    pub(super) literals: &'l mut Literals,
    pub(super) list: Vec<Leaf>,
}

impl Leaves<'_> {
    /// `node`, or what it denies, with negation only at the leaves.
    pub(super) fn plan(&mut self, node: &Node, affirmed: bool) -> Plan {
        match (&node.clause, affirmed) {
            (Clause::Not(inner), _) => self.plan(inner, !affirmed),
            (Clause::And(of), true) | (Clause::Or(of), false) => Plan::All(self.plans(of, affirmed)),
            (Clause::Or(of), true) | (Clause::And(of), false) => Plan::Any(self.plans(of, affirmed)),
            (Clause::AtLeast(need, of), true) => Plan::AtLeast(*need, self.plans(of, affirmed)),
            // Fewer than `need` of n hold when n - need + 1 do not.
            (Clause::AtLeast(need, of), false) => Plan::AtLeast(of.len() + 1 - need, self.plans(of, affirmed)),
            (Clause::Term(term), true) => Plan::Has(self.leaf(term)),
            (Clause::Term(term), false) => Plan::Lacks(self.leaf(term)),
        }
    }

    fn plans(&mut self, of: &[Node], affirmed: bool) -> Vec<Plan> {
        of.iter().map(|node| self.plan(node, affirmed)).collect()
    }

    /// The number of the leaf that `term` is.
    pub(super) fn leaf(&mut self, term: &Term) -> usize {
        let seek = match &term.shape {
            Shape::Literal(literal) => Seek::Literal(self.literals.number(literal)),
            Shape::Near { parts, within } => {
                let mut numbers = |of: &Vec<Literal>| of.iter().map(|l| self.literals.number(l)).collect();
                let parts = parts.iter().map(&mut numbers).collect();
                Seek::Near { parts, within: *within }
            }
        };
        let prefix = matches!(&term.shape, Shape::Literal(literal) if literal.prefix);
        let is_known = |l: &Leaf| l.seek == seek && l.fields == term.fields && l.weight == term.weight;
        self.list.iter().position(is_known).unwrap_or_else(|| {
            let (written, fields, weight) = (term.written.clone(), term.fields, term.weight);
            self.list.push(Leaf { written, seek, fields, prefix, weight });
            self.list.len() - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `queries` an article with `text` from source `wire` makes worth evaluating.
    fn candidates(queries: &[String], text: &str) -> usize {
        let aliases = super::super::Aliases::from([("chip".into(), vec!["芯片".into(), "chip*".into()])]);
        let spec = |query: &String| Spec { query: query.clone(), ..Spec::default() };
        let specs: Vec<_> = queries.iter().map(spec).collect();
        let topics = Topics::compile(&specs, &aliases.into()).unwrap();
        let (parts, hits) = topics.scan(&Subject { text, source: "wire", ..Subject::default() });
        topics.candidates(&parts, &hits).len()
    }

    #[test]
    fn only_topics_whose_literals_occur_are_evaluated() {
        let many = |form: &str| (0..500).map(|n| form.replace('#', &n.to_string())).collect::<Vec<_>>();
        assert_eq!(candidates(&many("@chip AND \"subject #\""), "chip chips 芯片 subject 7"), 1);
        assert_eq!(candidates(&many("source:wire AND 主題#"), "主題12"), 1);
        assert_eq!(candidates(&many("(a OR 很長的主題) AND 主題#"), "a 主題12"), 1);
        assert_eq!(candidates(&many("min(2, a, chip, 主題#)"), "chip"), 500);
        assert_eq!(candidates(&many("min(3, a, chip, 主題#)"), "a a a 主題12"), 1);
        assert_eq!(candidates(&many("title:主題#"), "主題12"), 0);
    }
}
