//! What a query is made of: terms, aliases, `min(...)` and `near(...)`.

use std::ops::Range;

use super::error::{QueryError, nearest};
use super::lexer::{Kind, NEAR_MAX, Token, number};
use super::literal::{alternative, literal};
use super::query::{Parser, Scope, joined};
use super::syntax::{Clause, Fields, Literal, Node, Shape, Term, WEIGHT_ONE};
use crate::text::Words;

/// Terms that a query may have, aliases written out.
const TERMS_MAX: usize = 4096;
/// Words of one `"a b"~n`.
const NEAR_PARTS_MAX: usize = 8;
/// How `near` is written, for hints.
const NEAR: &str = "as in `near(10, @chip, (ban OR 出口管制))`: at most ten other words between";
/// How `min` is written, for hints.
const MIN: &str = "as in `min(2, a, b, c)`: at least two of the three";

impl Parser<'_> {
    pub(super) fn term(
        &mut self,
        scope: Scope,
        token: &Token,
        start: Option<usize>,
        shape: Result<Shape, QueryError>,
    ) -> Option<Node> {
        let at = start.unwrap_or(token.at.start)..token.at.end;
        match shape {
            Ok(shape) => {
                let written = self.query[at.clone()].to_owned();
                self.leaf(at, Term { written, fields: scope.unwrap_or(Fields::TEXT), shape, weight: WEIGHT_ONE })
            }
            Err(e) => {
                // A wrong term as a whole is shown with its quotes.
                let at = if e.at == token.text { token.at.clone() } else { e.at };
                self.error(at, e.message, e.hint.unwrap_or_default());
                None
            }
        }
    }

    fn leaf(&mut self, at: Range<usize>, term: Term) -> Option<Node> {
        self.terms += 1;
        if self.terms == TERMS_MAX + 1 {
            let message = format!("more than {TERMS_MAX} terms, with aliases written out");
            self.error(at.clone(), message, "split it into several topics");
        }
        (self.terms <= TERMS_MAX).then_some(Node { at, clause: Clause::Term(term) })
    }

    pub(super) fn alias(&mut self, scope: Scope, token: &Token) -> Option<Node> {
        let name = &self.query[token.text.clone()];
        let (aliases, at) = (self.lexicon.aliases, token.at.clone());
        let Some(alternatives) = aliases.get(name).filter(|a| !a.is_empty()) else {
            let message = match aliases.get(name) {
                Some(_) => format!("the alias `@{name}` has no alternatives"),
                None => format!("there is no alias `@{name}`"),
            };
            let known = aliases.iter().filter(|(_, of)| !of.is_empty()).map(|(known, _)| known.as_str());
            let hint = nearest(name, known)
                .map_or("aliases are defined in [aliases]".into(), |n| format!("did you mean @{n}?"));
            self.error(at, message, hint);
            return None;
        };
        let mut arms = vec![];
        for written in alternatives {
            match alternative(written, &self.lexicon.words) {
                Ok(found) => {
                    let (fields, shape) = (scope.unwrap_or(Fields::TEXT), Shape::Literal(found));
                    arms.extend(self.leaf(
                        at.clone(),
                        Term { written: written.trim().to_owned(), fields, shape, weight: WEIGHT_ONE },
                    ));
                }
                Err(e) => {
                    let message = format!("the alias `@{name}` has an alternative that cannot be used: {written:?}");
                    self.error(at, message, e.to_string());
                    return None;
                }
            }
        }
        joined(arms, Clause::Or)
    }

    pub(super) fn min(&mut self, scope: Scope, name: &Token) -> Option<Node> {
        let Call { at, number: (need, number), of, given } = self.call(scope, name, MIN)?;
        if !(1..=given).contains(&need) {
            let message = format!("min needs a number from 1 to how many terms follow it, which is {given}");
            self.error(number, message, MIN);
            return None;
        }
        Some(Node { at, clause: Clause::AtLeast(need, of) })
    }

    /// `near(n, a, b)`; `start` is where the field before it begins.
    pub(super) fn near_of(&mut self, scope: Scope, start: Option<usize>, name: &Token) -> Option<Node> {
        let Call { at, number: (within, number), of, given } = self.call(scope, name, NEAR)?;
        let at = start.unwrap_or(at.start)..at.end;
        if within > NEAR_MAX {
            self.error(number, format!("near needs a number up to {NEAR_MAX}"), NEAR);
            return None;
        }
        if !(2..=NEAR_PARTS_MAX).contains(&given) {
            let message = format!("near needs from two to {NEAR_PARTS_MAX} terms after its number");
            self.error(name.at.clone(), message, NEAR);
            return None;
        }
        let mut parts = vec![];
        for node in of {
            let mut alternatives = vec![];
            match simple(&node, scope.unwrap_or(Fields::TEXT), &mut alternatives) {
                Ok(()) => parts.push(alternatives),
                Err(at) => {
                    let message = "only words, phrases, aliases, and ORs of them can be near each other";
                    self.error(at, message, NEAR);
                }
            }
        }
        // What was wrong with a term has been said.
        if parts.len() < given {
            return None;
        }
        let (written, fields) = (self.query[at.clone()].to_owned(), scope.unwrap_or(Fields::TEXT));
        let shape = Shape::Near { parts, within };
        self.leaf(at, Term { written, fields, shape, weight: WEIGHT_ONE })
    }

    /// The number and the terms in the parentheses after `name`, each of which may be a query; `hint` says how it is written.
    fn call(&mut self, scope: Scope, name: &Token, hint: &str) -> Option<Call> {
        let open = self.take(Kind::Open)?;
        let mut call = None;
        if self.deeper(&name.at) {
            let number = self.leading_number(name, hint);
            let (mut of, mut given) = (vec![], 0);
            if self.at_operand() {
                let at = self.tokens[self.next].at.clone();
                self.error(at, "a comma is missing before this", hint);
                self.or(scope);
            }
            while self.take(Kind::Comma).is_some() {
                let first = self.next;
                of.extend(self.or(scope));
                given += 1;
                if self.next == first {
                    let at = self.tokens.get(first - 1).map_or(name.at.clone(), |t| t.at.clone());
                    self.error(at, "a term is missing after this comma", "write a term, or remove the comma");
                }
            }
            let end = self.tokens.get(self.next).map_or(self.query.len(), |t| t.at.end);
            self.close(&open, false);
            call = number.map(|number| Call { at: name.at.start..end, number, of, given });
        }
        self.depth -= 1;
        call
    }

    /// The number that `min(` or `near(` begins with.
    fn leading_number(&mut self, name: &Token, hint: &str) -> Option<(usize, Range<usize>)> {
        let token = self.tokens.get(self.next).filter(|t| t.kind == Kind::Word).cloned();
        if let Some((token, n)) = token.and_then(|t| number(&self.query[t.text.clone()]).map(|n| (t, n))) {
            self.next += 1;
            return Some((n, token.at));
        }
        let message = format!("{} needs a number first", &self.query[name.at.clone()]);
        self.error(name.at.clone(), message, hint);
        // The terms are still looked at, for their own errors.
        self.or(None);
        None
    }
}

/// `name(number, a, b)`.
struct Call {
    at: Range<usize>,
    number: (usize, Range<usize>),
    of: Vec<Node>,
    /// How many terms were given, those that are wrong included.
    given: usize,
}

/// Adds the literals that `node` has the choice of to `out`; where it is no such choice, its place.
fn simple(node: &Node, fields: Fields, out: &mut Vec<Literal>) -> Result<(), Range<usize>> {
    match &node.clause {
        Clause::Or(of) => of.iter().try_for_each(|n| simple(n, fields, out)),
        Clause::Term(Term { shape: Shape::Literal(literal), weight: WEIGHT_ONE, fields: own, .. })
            if *own == fields =>
        {
            if !out.contains(literal) {
                out.push(literal.clone());
            }
            Ok(())
        }
        _ => Err(node.at.clone()),
    }
}

/// The parts of a phrase with `~n`, split where its writer wrote spaces: folding leaves none between Han words.
pub(super) fn near(inner: &str, start: usize, within: usize, words: &Words) -> Result<Shape, QueryError> {
    let mut parts: Vec<Vec<Literal>> = vec![];
    for word in inner.split_whitespace() {
        let offset = start + (word.as_ptr() as usize - inner.as_ptr() as usize);
        let part = literal(word, offset, words)?;
        if parts.iter().any(|known| known[0] == part) {
            let at = offset..offset + word.len();
            return Err(QueryError::new(at, "the words of a `~` phrase must differ", "remove this one"));
        }
        parts.push(vec![part]);
    }
    let at = start..start + inner.len();
    match parts.len() {
        0 | 1 => {
            Err(QueryError::new(at, "`~` needs two or more words in the quotes", "write a space between the words"))
        }
        2..=NEAR_PARTS_MAX => Ok(Shape::Near { parts, within }),
        _ => Err(QueryError::new(at, format!("more than {NEAR_PARTS_MAX} words with `~`"), "write fewer words")),
    }
}
