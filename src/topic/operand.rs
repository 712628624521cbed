//! What a query is made of: terms, aliases and `min(...)`.

use std::ops::Range;

use super::error::{QueryError, nearest};
use super::lexer::{Kind, Token, number};
use super::literal::{alternative, literal};
use super::query::{Parser, Scope, joined};
use super::syntax::{Clause, Fields, Literal, Node, Shape, Term};

/// Terms that a query may have, aliases written out.
const TERMS_MAX: usize = 4096;
/// Words of one `"a b"~n`.
const NEAR_PARTS_MAX: usize = 8;
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
                self.leaf(at, Term { written, fields: scope.unwrap_or(Fields::TEXT), shape })
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
        let (aliases, at) = (self.aliases, token.at.clone());
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
            match alternative(written) {
                Ok(found) => {
                    let (fields, shape) = (scope.unwrap_or(Fields::TEXT), Shape::Literal(found));
                    arms.extend(self.leaf(at.clone(), Term { written: written.trim().to_owned(), fields, shape }));
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
        let open = self.take(Kind::Open)?;
        let mut node = None;
        if self.deeper(&name.at) {
            let need = self.least(name);
            let mut of = vec![];
            let mut given = 0;
            if self.at_operand() {
                let at = self.tokens[self.next].at.clone();
                self.error(at, "a comma is missing before this", MIN);
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
            let at = name.at.start..end;
            match need {
                Some((need, number)) if !(1..=given).contains(&need) => {
                    let message = format!("min needs a number from 1 to how many terms follow it, which is {given}");
                    self.error(number, message, MIN);
                }
                Some((need, _)) => node = Some(Node { at, clause: Clause::AtLeast(need, of) }),
                None => {}
            }
        }
        self.depth -= 1;
        node
    }

    /// The number that `min(` begins with.
    fn least(&mut self, name: &Token) -> Option<(usize, Range<usize>)> {
        let token = self.tokens.get(self.next).filter(|t| t.kind == Kind::Word).cloned();
        if let Some((token, n)) = token.and_then(|t| number(&self.query[t.text.clone()]).map(|n| (t, n))) {
            self.next += 1;
            return Some((n, token.at));
        }
        self.error(name.at.clone(), "min needs a number first", MIN);
        // The terms are still looked at, for their own errors.
        self.or(None);
        None
    }
}

/// The parts of a phrase with `~n`, split where its writer wrote spaces: folding leaves none between Han words.
pub(super) fn near(inner: &str, start: usize, within: usize) -> Result<Shape, QueryError> {
    let mut parts: Vec<Literal> = vec![];
    for word in inner.split_whitespace() {
        let offset = start + (word.as_ptr() as usize - inner.as_ptr() as usize);
        let part = literal(word, offset)?;
        if parts.contains(&part) {
            let at = offset..offset + word.len();
            return Err(QueryError::new(at, "the words of a `~` phrase must differ", "remove this one"));
        }
        parts.push(part);
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
