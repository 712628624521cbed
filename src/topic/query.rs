//! Tokens to a tree, or every error that can be found.
//!
//! ```text
//! or      = and { "OR" and }
//! and     = unary { [ "AND" ] unary }
//! unary   = { "NOT" | "-" } primary
//! primary = basic [ "^" number ]
//! basic   = "(" or ")" | field ":" primary | "min" "(" number { "," or } ")" | "near" "(" number { "," or } ")" | @alias | word | phrase [ "~" number ]
//! ```

use std::ops::Range;

use super::Lexicon;
use super::error::QueryError;
use super::lexer::{Kind, Token, is_quote, tokens};
use super::literal::literal;
use super::operand::near;
use super::syntax::{Clause, Fields, Node, Shape};

/// Bytes that a query may have.
const QUERY_BYTES_MAX: usize = 8192;
/// Parentheses, fields and NOTs inside each other.
const NESTING_MAX: usize = 64;
/// Errors reported of one query.
const ERRORS_MAX: usize = 20;

/// The tree of `query`, aliases written out.
///
/// # Errors
/// When the query cannot be used; all that is wrong with it, by place, at least one.
pub(super) fn parse(query: &str, lexicon: &Lexicon<'_>) -> Result<Node, Vec<QueryError>> {
    if query.len() > QUERY_BYTES_MAX {
        let message = format!("the query is longer than {QUERY_BYTES_MAX} bytes");
        let at = query.floor_char_boundary(QUERY_BYTES_MAX)..query.len();
        return Err(vec![QueryError::new(at, message, "use aliases, or split it into several topics")]);
    }
    let (tokens, errors) = tokens(query);
    let mut parser = Parser { query, lexicon, tokens, next: 0, errors, depth: 0, terms: 0, abandoned: false };
    let node = parser.query();
    // A clause that was dropped as wrong may be the one that bounds the query.
    let sound = node.as_ref().filter(|_| parser.errors.is_empty());
    if let Some(at) = sound.and_then(Node::open_to_everything) {
        let hint = "add a term that must occur, as in `chip AND NOT sports`";
        parser.errors.push(QueryError::new(at, "this could match every article: it only excludes", hint));
    }
    let mut errors = parser.errors;
    errors.sort_by_key(|e| (e.at.start, e.at.end));
    errors.dedup_by(|b, a| a.at == b.at);
    errors.truncate(ERRORS_MAX);
    match node {
        Some(node) if errors.is_empty() => Ok(node),
        _ => Err(errors),
    }
}

pub(super) struct Parser<'q> {
    pub(super) query: &'q str,
    pub(super) lexicon: &'q Lexicon<'q>,
    pub(super) tokens: Vec<Token>,
    pub(super) next: usize,
    errors: Vec<QueryError>,
    pub(super) depth: usize,
    pub(super) terms: usize,
    /// Set when the rest of the query is not looked at, so that nothing is said of it.
    abandoned: bool,
}

/// What stands around a clause: the field it is inside of.
pub(super) type Scope = Option<Fields>;

impl Parser<'_> {
    pub(super) fn peek(&self) -> Option<Kind> {
        self.tokens.get(self.next).map(|t| t.kind)
    }

    pub(super) fn take(&mut self, kind: Kind) -> Option<Token> {
        let token = self.tokens.get(self.next).filter(|t| t.kind == kind).cloned();
        self.next += usize::from(token.is_some());
        token
    }

    pub(super) fn error(&mut self, at: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        if !self.abandoned {
            self.errors.push(QueryError::new(at, message, hint));
        }
    }

    pub(super) fn at_operand(&self) -> bool {
        self.peek().is_some_and(|k| !matches!(k, Kind::Close | Kind::Comma | Kind::And | Kind::Or))
    }

    fn query(&mut self) -> Option<Node> {
        if self.tokens.is_empty() {
            if self.errors.is_empty() {
                self.error(0..self.query.len(), "the query is empty", "write a word that must occur");
            }
            return None;
        }
        let mut node = None;
        while self.next < self.tokens.len() {
            let found = self.or(None);
            node = node.or(found);
            if let Some(token) = self.take(Kind::Close) {
                self.error(token.at, "this parenthesis closes nothing", "remove it, or write the opening one");
            } else if let Some(token) = self.take(Kind::Comma) {
                self.stray_comma(token.at);
            }
        }
        node
    }

    fn stray_comma(&mut self, at: Range<usize>) {
        let hint = "write AND or OR, or put a term with a comma in quotes";
        self.error(at, "a comma can only stand inside min(...) or near(...)", hint);
    }

    pub(super) fn or(&mut self, scope: Scope) -> Option<Node> {
        let mut arms = vec![];
        let mut operator = None;
        loop {
            arms.extend(self.and(scope, operator));
            let Some(token) = self.take(Kind::Or) else { break };
            operator = Some(token.at);
        }
        joined(arms, Clause::Or)
    }

    /// `operator` is the OR that this stands right of.
    fn and(&mut self, scope: Scope, operator: Option<Range<usize>>) -> Option<Node> {
        let mut parts = vec![];
        let (mut pending, mut seen) = (operator, false);
        loop {
            if self.at_operand() {
                parts.extend(self.unary(scope));
                (pending, seen) = (None, true);
            } else if let Some(token) = self.take(Kind::And) {
                match pending.replace(token.at.clone()) {
                    Some(before) => self.dangling(before, "right"),
                    None if !seen => self.dangling(token.at, "left"),
                    None => {}
                }
            } else {
                break;
            }
        }
        match (pending, self.tokens.get(self.next)) {
            (Some(before), _) => self.dangling(before, "right"),
            (None, Some(token)) if !seen && token.kind == Kind::Or => self.dangling(token.at.clone(), "left"),
            _ => {}
        }
        joined(parts, Clause::And)
    }

    fn dangling(&mut self, at: Range<usize>, side: &str) {
        let message = format!("{} needs a term on its {side}", &self.query[at.clone()]);
        self.error(at, message, "to look for the word itself, put it in quotes");
    }

    /// Enters one more level, or gives up on the query.
    pub(super) fn deeper(&mut self, at: &Range<usize>) -> bool {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            let message = format!("nested more than {NESTING_MAX} deep");
            self.error(at.clone(), message, "split it into several topics");
            (self.abandoned, self.next) = (true, self.tokens.len());
        }
        self.depth <= NESTING_MAX
    }

    fn unary(&mut self, scope: Scope) -> Option<Node> {
        let Some(token) = self.take(Kind::Not).or_else(|| self.take(Kind::Minus)) else {
            return self.primary(scope, None);
        };
        if !self.at_operand() {
            self.dangling(token.at, "right");
            return None;
        }
        let inner = if self.deeper(&token.at) { self.unary(scope) } else { None };
        self.depth -= 1;
        if let Some(weight) = self.tokens.get(self.next - 1).filter(|t| matches!(t.kind, Kind::Weight(_))).cloned() {
            let hint = "remove it: a term that must not occur adds nothing to the score";
            self.error(weight.at, "what is excluded has no weight", hint);
        }
        inner.map(|n| Node { at: token.at.start..n.at.end, clause: Clause::Not(Box::new(n)) })
    }

    /// `start` is where the field before the term begins, so that the term is shown with it.
    fn primary(&mut self, scope: Scope, start: Option<usize>) -> Option<Node> {
        let node = self.basic(scope, start);
        let Some(Token { kind: Kind::Weight(weight), at, .. }) = self.tokens.get(self.next).cloned() else {
            return node;
        };
        self.next += 1;
        node.map(|mut node| {
            node.weigh(weight);
            Node { at: node.at.start..at.end, ..node }
        })
    }

    fn basic(&mut self, scope: Scope, start: Option<usize>) -> Option<Node> {
        let token = self.tokens.get(self.next)?.clone();
        self.next += 1;
        match token.kind {
            Kind::Open => self.group(scope, &token),
            Kind::Min => self.min(scope, &token),
            Kind::NearOf => self.near_of(scope, start, &token),
            Kind::Field(fields) => self.field(scope, fields, &token),
            Kind::Alias => self.alias(scope, &token),
            Kind::Word | Kind::Phrase => {
                let words = &self.lexicon.words;
                let shape = literal(&self.query[token.text.clone()], token.text.start, words).map(Shape::Literal);
                self.term(scope, &token, start, shape)
            }
            Kind::Near(within) => {
                let shape = near(&self.query[token.text.clone()], token.text.start, within, &self.lexicon.words);
                self.term(scope, &token, start, shape)
            }
            _ => None,
        }
    }

    fn group(&mut self, scope: Scope, open: &Token) -> Option<Node> {
        let mut node = None;
        if self.deeper(&open.at) {
            let first = self.next;
            loop {
                let found = self.or(scope);
                node = node.or(found);
                let Some(token) = self.take(Kind::Comma) else { break };
                self.stray_comma(token.at);
            }
            let empty = self.next == first;
            self.close(open, empty);
            let end = self.tokens[self.next - 1].at.end;
            node = node.map(|n| Node { at: open.at.start..end, ..n });
        }
        self.depth -= 1;
        node
    }

    /// Expects the end of what `open` began.
    pub(super) fn close(&mut self, open: &Token, empty: bool) {
        let swallowed = |t: &Token| t.kind == Kind::Bad && self.query[t.at.clone()].starts_with(is_quote);
        let quote_open = self.tokens.last().is_some_and(swallowed);
        match self.take(Kind::Close) {
            Some(close) if empty => {
                self.error(open.at.start..close.at.end, "nothing stands in these parentheses", "write a term in them");
            }
            Some(_) => {}
            // The closing one may be what an unclosed quote has swallowed.
            None if quote_open => {}
            None => self.error(open.at.clone(), "this parenthesis is never closed", "write `)` where it ends"),
        }
    }

    fn field(&mut self, scope: Scope, fields: Fields, token: &Token) -> Option<Node> {
        let name = &self.query[token.at.clone()];
        match self.peek() {
            Some(Kind::Not | Kind::Minus) => {
                let message = format!("`{name}` needs a term right after it");
                self.error(token.at.clone(), message, format!("write NOT before `{name}`"));
                return None;
            }
            _ if !self.at_operand() => {
                let message = format!("`{name}` needs a term right after it");
                self.error(token.at.clone(), message, "to look for the word itself, put it in quotes");
                return None;
            }
            _ => {}
        }
        if scope.is_some() {
            let message = "a field cannot stand inside another field";
            self.error(token.at.clone(), message, "close the parentheses of the other field first");
        }
        let node = if self.deeper(&token.at) { self.primary(Some(fields), Some(token.at.start)) } else { None };
        self.depth -= 1;
        node
    }
}

/// Several nodes as one clause; one is itself.
pub(super) fn joined(mut nodes: Vec<Node>, clause: fn(Vec<Node>) -> Clause) -> Option<Node> {
    let last = nodes.last()?.at.end;
    if nodes.len() == 1 {
        return nodes.pop();
    }
    Some(Node { at: nodes[0].at.start..last, clause: clause(nodes) })
}
