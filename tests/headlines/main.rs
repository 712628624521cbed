//! The shipped topic on three sets of invented news, each written without knowledge of it: on what it is about, nearly, and not at
//! all; in Simplified, in Traditional and in English. Its words were chosen with the first two in sight; the third was looked at once
//! they were chosen, and changed nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use tidings::{
    config,
    topic::{Question, Subject, Topics},
};

/// Headlines with the first sentences.
const HEADLINES: &str = include_str!("headlines.jsonl");
/// Whole short articles, the near ones nearer.
const ARTICLES: &str = include_str!("articles.jsonl");

#[derive(Deserialize)]
struct Headline {
    label: String,
    script: String,
    title: String,
    opening: String,
}

/// Hits, misses and false alarms.
#[derive(Default)]
struct Score(f64, f64, f64);

impl Score {
    fn precision(&self) -> f64 {
        self.0 / (self.0 + self.2)
    }

    fn recall(&self) -> f64 {
        self.0 / (self.0 + self.1)
    }
}

/// Items of all lengths.
const THIRD: &str = include_str!("third.jsonl");

/// Precision and recall of the shipped topic on `lines`; prints both by script, and what it gets wrong.
fn measured(lines: &str) -> (f64, f64) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml");
    let settings = config::load(&path, &BTreeMap::new()).unwrap_or_else(|e| panic!("{e}"));
    let topics = Topics::compile(&settings.topics[..1], &settings.vocabulary).unwrap();
    let question = Question::new(&settings.topics[0], &settings.vocabulary).unwrap();
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let mut wrong = vec![];
    for (n, line) in lines.lines().enumerate() {
        let item: Headline = serde_json::from_str(line).unwrap();
        let subject = Subject { title: &item.title, text: &item.opening, ..Subject::default() };
        let found = !topics.matches(&subject).is_empty();
        assert_eq!(found, question.explain(&subject).matched.is_some(), "{}", item.title);
        for group in ["all".into(), item.script.clone(), format!("half {}", n % 2)] {
            let score = scores.entry(group).or_default();
            match (item.label == "on", found) {
                (true, true) => score.0 += 1.0,
                (true, false) => score.1 += 1.0,
                (false, true) => score.2 += 1.0,
                (false, false) => {}
            }
        }
        if found != (item.label == "on") {
            wrong.push(format!("{} {} {}: {} | {}", n % 2, item.label, item.script, item.title, item.opening));
        }
    }
    println!("{}", wrong.join("\n"));
    for (group, score) in &scores {
        println!("{group}: precision {:.3}, recall {:.3}", score.precision(), score.recall());
    }
    let all = &scores["all"];
    (all.precision(), all.recall())
}

#[test]
fn the_shipped_topic_finds_headlines_of_what_it_is_about() {
    let (precision, recall) = measured(HEADLINES);
    assert!(precision >= 0.95 && recall >= 0.95, "{precision:.3} {recall:.3}");
}

#[test]
fn the_shipped_topic_finds_articles_of_what_it_is_about() {
    let (precision, recall) = measured(ARTICLES);
    assert!(precision >= 0.95 && recall >= 0.95, "{precision:.3} {recall:.3}");
}

#[test]
fn the_shipped_topic_finds_what_it_was_not_made_for() {
    let (precision, recall) = measured(THIRD);
    assert!(precision >= 0.95 && recall >= 0.95, "{precision:.3} {recall:.3}");
}
