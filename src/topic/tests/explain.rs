//! Clause by clause what holds, what is missing, and by what terms count.

use super::{aliases, body, spec};
use crate::topic::{Counts, Explanation, Question, Shape, Spec, Subject, Topics, Vocabulary};

fn explained(query: &str, text: &str) -> Explanation {
    Question::new(&spec(query), &aliases()).unwrap_or_else(|e| panic!("{query}: {e:?}")).explain(&body(text))
}

/// What was missing of `query` in `text`.
fn missing(query: &str, text: &str) -> Option<Vec<String>> {
    explained(query, text).near_miss().map(|of| of.iter().map(|c| c.written.clone()).collect())
}

#[test]
fn the_tree_says_what_held_and_what_did_not() {
    let told = explained("@chip AND (出口管制 OR \"entity list\") AND NOT source:sports", "先進晶片與 entity list");
    assert!(told.matched.is_some() && told.tree.holds);
    let [chip, list, sports] = &told.tree.of[..] else { panic!("{:#?}", told.tree) };
    assert_eq!((chip.written.as_str(), chip.shape, chip.among, chip.of.len()), ("@chip", Shape::Alias, 4, 1));
    assert_eq!(chip.of[0].found[0].found, "晶片");
    assert_eq!((list.written.as_str(), list.shape), ("(出口管制 OR \"entity list\")", Shape::Any));
    assert_eq!(list.of.iter().map(|c| c.holds).collect::<Vec<_>>(), [false, true]);
    assert_eq!((sports.written.as_str(), sports.shape, sports.holds), ("NOT source:sports", Shape::Not, true));
    assert!(!sports.of[0].holds);
}

#[test]
fn an_article_one_clause_short_is_a_near_miss() {
    assert_eq!(missing("@chip AND 出口管制", "芯片"), Some(vec!["出口管制".into()]));
    assert_eq!(missing("@chip AND 出口管制", "出口管制"), Some(vec!["@chip".into()]));
    assert_eq!(missing("@chip AND 出口管制", "芯片的出口管制"), None, "it matches");
    assert_eq!(missing("@chip AND 出口管制", "天氣"), None, "nothing occurs");
    assert_eq!(missing("@chip AND 出口管制 AND 荷兰", "芯片"), None, "two are missing");
    assert_eq!(missing("芯片 NOT 薯片", "芯片与薯片"), Some(vec!["NOT 薯片".into()]));
    assert_eq!(missing("min(2, a, b, c)", "b"), Some(vec!["a".into(), "c".into()]));
    assert_eq!(missing("min(3, a, b, c)", "b"), None);
    assert_eq!(missing("(a AND b) OR (c AND d)", "c"), Some(vec!["d".into()]));
    assert_eq!(missing("(a AND b) OR c", "x"), None, "an alternative of which nothing occurs");
    assert_eq!(missing("(a AND b AND d) OR c", "a"), None);
    assert_eq!(missing("a AND (b OR c)", "a"), Some(vec!["(b OR c)".into()]));
    assert_eq!(missing("a AND (b OR (c AND d))", "a d"), Some(vec!["c".into()]), "the nearest alternative");
    assert_eq!(missing("source:wire AND a", "x"), None, "a source alone is nothing");
}

#[test]
fn a_score_below_the_threshold_is_a_near_miss_without_a_clause() {
    let strict = Spec { threshold: 2.5, ..spec("chip") };
    let question = Question::new(&strict, &aliases()).unwrap();
    let told = question.explain(&body("chip"));
    assert!(told.matched.is_none() && told.tree.holds && (told.score - 2.0).abs() < 1e-9, "{told:?}");
    assert_eq!(told.near_miss(), Some(vec![]));
    let title = Subject { title: "chip", ..Subject::default() };
    assert!(question.explain(&title).matched.is_some());
    let topics = Topics::compile(&[strict], &aliases()).unwrap();
    assert!(topics.matches(&body("chip")).is_empty());
    assert_eq!(topics.matches(&title).len(), 1);
}

fn score(query: &str, subject: &Subject<'_>) -> f64 {
    let found = Topics::compile(&[spec(query)], &aliases()).unwrap().matches(subject);
    found.first().unwrap_or_else(|| panic!("{query}")).score
}

#[test]
fn title_over_opening_over_body() {
    let late = format!("{} chip", "words ".repeat(60));
    let [title, opening, body] = [
        Subject { title: "chip", ..Subject::default() },
        Subject { text: "chip", ..Subject::default() },
        Subject { text: &late, ..Subject::default() },
    ]
    .map(|s| score("chip", &s));
    assert!(title > opening && opening > body && body > 0.0, "{title} {opening} {body}");
}

#[test]
fn weights_multiply_what_a_term_counts() {
    let one = score("chip", &body("chip"));
    let near = |query: &str, by: f64| {
        let weighed = score(query, &body("chip"));
        assert!((weighed - one * by).abs() < 1e-9, "{query}: {weighed} is not {by} times {one}");
    };
    near("chip^3", 3.0);
    near("chip＾２．５", 2.5);
    near("(chip OR x)^2", 2.0);
    near("(chip^2 OR x)^2", 4.0);
    near("@chip^0.5", 0.5);
    near("body:chip^4", 4.0);
    near("\"chip\"^2", 2.0);
    near("chip*^2", 2.0);
    near("min(1, chip^3, x)", 3.0);
    near("chip^0", 0.0);
    assert!((score("\"a b\"~3^2", &body("b a")) - 2.0 * score("\"a b\"~3", &body("b a"))).abs() < 1e-9);
}

#[test]
fn a_weight_is_part_of_what_is_asked() {
    let digest = |query: &str| spec(query).digest(&aliases());
    assert_eq!(digest("chip^1"), digest("chip"));
    assert_ne!(digest("chip^2"), digest("chip"));
    assert_eq!(digest("(a b)^2"), digest("b^2 a^2"));
    let strict = Spec { threshold: 1.5, ..spec("chip") };
    assert_ne!(strict.digest(&aliases()), digest("chip"));
}

#[test]
fn rare_terms_count_more_once_articles_were_counted() {
    let topics = Topics::compile(&[spec("chip OR 出口管制")], &aliases()).unwrap();
    let mut counts = Counts::default();
    for n in 0..1_000 {
        topics.count(&body(if n % 2 == 0 { "chip chip" } else { "weather" }), &mut counts);
    }
    assert_eq!(counts.articles(), 1_000);
    let weighed = topics.weighed_by(&counts);
    let of = |topics: &Topics, text: &str| topics.matches(&body(text))[0].score;
    assert!((of(&topics, "chip") - of(&topics, "出口管制")).abs() < 1e-9);
    assert!(of(&weighed, "出口管制") > 2.0 * of(&weighed, "chip"));
    assert!(of(&weighed, "chip") < of(&topics, "chip"));
}

#[test]
fn words_called_equal_are_one_in_queries_and_texts() {
    let vocabulary = Vocabulary { same: vec![vec!["晶圆代工".into(), "硅片代工".into()]], ..aliases() };
    let found = |query: &str, text: &str| {
        Topics::compile(&[spec(query)], &vocabulary)
            .unwrap()
            .matches(&body(text))
            .first()
            .map(|m| m.evidence[0].clone())
    };
    assert_eq!(found("硅片代工", "台灣的晶圓代工").unwrap().found, "晶圓代工");
    assert_eq!(found("晶圆代工", "硅片代工").unwrap().excerpt, "硅片代工");
    assert_ne!(spec("a").digest(&vocabulary), spec("a").digest(&aliases()));
}
