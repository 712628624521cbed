//! Laws: nothing panics, every range is in the query, and the engine agrees with the obvious way to do it.

use proptest::prelude::*;

use super::{aliases, body, spec};
use crate::text::{fold, is_han};
use crate::topic::query::parse;
use crate::topic::syntax::{Clause, Literal, Node, Shape};
use crate::topic::{Lexicon, Spec, Topics, Vocabulary, check_alias};

const TOKENS: [&str; 29] = [
    "a",
    "芯片",
    "晶片",
    "chip",
    "chi*",
    "\"a b\"",
    "\"a 芯片\"~2",
    "(",
    ")",
    "AND",
    "OR",
    "NOT",
    "-",
    "title:",
    "source:",
    "@chip",
    "@no",
    "min(",
    "near(",
    "2",
    ",",
    "*",
    "^2",
    "~",
    "\"",
    "（",
    "「",
    "」",
    "é",
];
const WORDS: [&str; 8] = ["a", "b", "ab", "芯片", "晶", "片", "5g", "5"];

fn checked(query: &str) {
    match parse(query, &Lexicon::new(&aliases()).unwrap()) {
        Ok(node) => assert!(node.open_to_everything().is_none()),
        Err(errors) => {
            assert!(!errors.is_empty(), "{query}");
            for e in errors {
                assert!(query.get(e.at.clone()).is_some(), "{query}: {e:?}");
            }
        }
    }
    if let Err(e) = check_alias(query) {
        assert!(query.get(e.at.clone()).is_some(), "{query}: {e:?}");
    }
}

/// A query over [`WORDS`] that is grammatical, though it may be refused as matching everything.
fn queries() -> impl Strategy<Value = String> {
    let word = prop::sample::select(&WORDS[..]);
    let leaf = prop_oneof![
        4 => word.clone().prop_map(str::to_owned),
        1 => prop::sample::select(vec!["ab*", "5g*", "芯*", "\"a b\"", "\"b 芯片\"", "\"ab 5g*\""]).prop_map(str::to_owned),
        1 => (word.clone(), word.clone(), 0..4usize)
            .prop_filter_map("must differ", |(a, b, n)| (a != b).then(|| format!("\"{a} {b}\"~{n}"))),
        1 => (word.clone(), word.clone(), word, 0..4usize)
            .prop_map(|(a, b, c, n)| format!("near({n}, ({a} OR ab*), ({b} OR {c}))")),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|of| format!("({})", of.join(" AND "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|of| format!("({})", of.join(" OR "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|of| format!("min(2, {})", of.join(", "))),
            inner.prop_map(|of| format!("NOT {of}")),
        ]
    })
}

fn texts() -> impl Strategy<Value = String> {
    let pieces = vec!["a", "b", "ab", "abc", "芯", "片", "芯片", "晶", "5g", "5", " ", " ", " ", "\n", ", "];
    prop::collection::vec(prop::sample::select(pieces), 0..24).prop_map(|of| of.concat())
}

fn parts_words(c: Option<char>) -> bool {
    c.is_none_or(|c| c == ' ' || is_han(c))
}

/// Where `literal` occurs in `text`, found by trying every place.
fn places(literal: &Literal, text: &str) -> Vec<(usize, usize)> {
    let wanted = literal.folded.as_str();
    let starts = text.char_indices().map(|(i, _)| i).filter(|i| text[*i..].starts_with(wanted));
    starts
        .map(|i| (i, i + wanted.len()))
        .filter(|(start, end)| {
            let left = wanted.starts_with(is_han) || parts_words(text[..*start].chars().next_back());
            let right = literal.prefix || wanted.ends_with(is_han) || parts_words(text[*end..].chars().next());
            left && right
        })
        .collect()
}

fn all_places(alternatives: &[Literal], text: &str) -> Vec<(usize, usize)> {
    alternatives.iter().flat_map(|literal| places(literal, text)).collect()
}

/// Words and Han characters that begin in `text[from..to]`.
fn units(text: &str, from: usize, to: usize) -> usize {
    let begins = |i: usize, c: char| c != ' ' && (is_han(c) || parts_words(text[..i].chars().next_back()));
    text[from..to].char_indices().filter(|(i, c)| begins(from + i, *c)).count()
}

fn naive(node: &Node, text: &str) -> bool {
    match &node.clause {
        Clause::And(of) => of.iter().all(|n| naive(n, text)),
        Clause::Or(of) => of.iter().any(|n| naive(n, text)),
        Clause::Not(inner) => !naive(inner, text),
        Clause::AtLeast(need, of) => of.iter().filter(|n| naive(n, text)).count() >= *need,
        Clause::Term(term) => match &term.shape {
            Shape::Literal(literal) => !places(literal, text).is_empty(),
            Shape::Near { parts, within } => all_places(&parts[0], text).iter().any(|a| {
                all_places(&parts[1], text).iter().any(|b| {
                    let apart = units(text, a.0, a.1) + units(text, b.0, b.1);
                    let twice = (a.0.max(b.0), a.1.min(b.1));
                    let own = apart - if twice.0 < twice.1 { units(text, twice.0, twice.1) } else { 0 };
                    units(text, a.0.min(b.0), a.1.max(b.1)).saturating_sub(own) <= *within
                })
            }),
        },
    }
}

proptest! {
    #[test]
    fn no_string_makes_the_parser_panic(query in ".{0,80}") {
        checked(&query);
    }

    #[test]
    fn no_tokens_make_the_parser_panic(tokens in prop::collection::vec(prop::sample::select(&TOKENS[..]), 0..30), spaced: bool) {
        checked(&tokens.join(if spaced { " " } else { "" }));
    }

    #[test]
    fn the_engine_agrees_with_trying_everything(
        queries in prop::collection::vec(queries(), 1..12),
        texts in prop::collection::vec(texts(), 1..6),
    ) {
        let none = Vocabulary::default();
        let lexicon = Lexicon::new(&none).unwrap();
        let (specs, nodes): (Vec<Spec>, Vec<Node>) = queries
            .iter()
            .enumerate()
            .filter_map(|(n, q)| Some((Spec { id: n.to_string(), ..spec(q) }, parse(q, &lexicon).ok()?)))
            .unzip();
        let topics = Topics::compile(&specs, &none).unwrap();
        for text in &texts {
            let folded = fold(text);
            let expected: Vec<_> =
                specs.iter().zip(&nodes).filter(|(_, n)| naive(n, folded.as_str())).map(|(s, _)| s.id.clone()).collect();
            let found = topics.matches(&body(text));
            prop_assert_eq!(found.iter().map(|m| m.topic.clone()).collect::<Vec<_>>(), expected, "{:?} on {:?}", specs, text);
            for m in found {
                prop_assert!(!m.evidence.is_empty() && m.score > 0.0);
                prop_assert!(m.evidence.iter().all(|e| text.contains(&e.found) || e.found.contains(' ')), "{:?}", m);
            }
        }
    }
}
