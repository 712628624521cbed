//! `tidings topic`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use crate::config::Settings;
use crate::ledger;
use crate::model::Match;
use crate::store::{Store, StoredText};
use crate::topic::{Clause, Counts, Question, Spec, packs};

use super::{Stop, settings, tell};

/// Articles that are read in one go.
const PAGE: i64 = 200;
/// Name of a query that has none.
const UNNAMED: &str = "query";

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Say what a topic, or a query, would match among what is stored: by day, with reasons, near misses, and what that changes.
    Test(Test),
    /// List the aliases that queries can use, or the words of one.
    Aliases {
        /// Its name.
        name: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Test {
    /// The id of a topic of the configuration.
    topic: Option<String>,
    /// A query to try; with a topic, in the place of its own.
    #[arg(long)]
    query: Option<String>,
    /// Least score of a match, in the place of the topic's own.
    #[arg(long, value_parser = score)]
    threshold: Option<f64>,
    /// Among articles first seen within this time: 12h, 30d.
    #[arg(long, default_value = "30d", value_parser = span)]
    since: Duration,
    /// Show at most so many matches, near misses, gains and losses, each.
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// Everything as JSON.
    #[arg(long)]
    json: bool,
}

fn span(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|e| format!("{e}; write 12h or 30d"))
}

fn score(text: &str) -> Result<f64, String> {
    let given = text.parse::<f64>().ok().filter(|n| (0.0..=100_000.0).contains(n));
    given.ok_or_else(|| "expected a number from 0 to 100000".into())
}

/// An article of a report.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    id: i64,
    url: String,
    source: String,
    title: String,
    first_seen_at: DateTime<Utc>,
}

impl From<&StoredText> for Told {
    fn from(t: &StoredText) -> Self {
        let (url, source, title) = (t.url.clone(), t.source_id.clone(), t.title.clone());
        Self { id: t.id, url, source, title, first_seen_at: t.first_seen_at }
    }
}

/// A match, or what was missing for one.
#[derive(Debug, Serialize)]
struct Hit {
    #[serde(flatten)]
    article: Told,
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    matched: Option<Match>,
    /// The clauses one of which was missing; none: the score was.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<Vec<String>>,
    score: f64,
}

/// What a query makes of what is stored.
#[derive(Debug, Default, Serialize)]
struct Report {
    query: String,
    since: DateTime<Utc>,
    articles: usize,
    matches: usize,
    by_day: BTreeMap<NaiveDate, usize>,
    best: Vec<Hit>,
    near_misses: usize,
    nearest: Vec<Hit>,
    /// What it matches that is not stored as matched; absent: there is no topic to compare it with.
    gained: Option<Vec<Told>>,
    /// What is stored as matched and it does not match.
    lost: Option<Vec<Told>>,
    /// The topic is still being matched with what is stored.
    behind: bool,
}

/// Tries a query, or shows aliases.
pub(super) async fn topic(path: &Path, command: &Command) -> Result<(), Stop> {
    let settings = settings(path)?;
    match command {
        Command::Aliases { name } => aliases(&settings, name.as_deref()),
        Command::Test(asked) => test(&settings, asked).await,
    }
}

fn aliases(settings: &Settings, name: Option<&str>) -> Result<(), Stop> {
    let all = &settings.vocabulary.aliases;
    let Some(name) = name else {
        for (name, words) in all {
            let from = if packs().get(name) == Some(words) { "ships with the program" } else { "of the configuration" };
            println!("@{name}: {} words, {from}", words.len());
        }
        return Ok(());
    };
    let words = all.get(name.trim_start_matches('@')).ok_or_else(|| {
        let names = all.keys().map(|n| format!("@{n}")).collect::<Vec<_>>().join(", ");
        Stop::Usage(format!("error: there is no alias `{name}`\nhint: aliases: {names}"))
    })?;
    words.iter().for_each(|word| println!("{word}"));
    Ok(())
}

/// The topic that is meant, with its query as asked for.
fn spec(settings: &Settings, asked: &Test) -> Result<Spec, Stop> {
    let mut spec = match &asked.topic {
        None if asked.query.is_some() => Spec { id: UNNAMED.into(), ..Spec::default() },
        None => {
            let hint = "name a topic of the configuration, or give any query with --query";
            return Err(Stop::Usage(format!("error: there is nothing to try\nhint: {hint}")));
        }
        Some(id) => settings.topics.iter().find(|t| t.id == *id).cloned().ok_or_else(|| {
            let ids = settings.topics.iter().map(|t| t.id.as_str()).collect::<Vec<_>>().join(", ");
            Stop::Usage(format!("error: there is no topic `{id}`\nhint: topics: {ids}; or try any query with --query"))
        })?,
    };
    if let Some(query) = &asked.query {
        spec.query.clone_from(query);
    }
    spec.threshold = asked.threshold.unwrap_or(spec.threshold);
    Ok(spec)
}

/// The topic made ready, or every mistake in its query, each shown where it is.
pub(super) fn question(spec: &Spec, settings: &Settings) -> Result<Question, Stop> {
    Question::new(spec, &settings.vocabulary).map_err(|errors| {
        let shown = errors.iter().map(|e| {
            let before = spec.query.get(..e.at.start).unwrap_or_default();
            let wrong = spec.query.get(e.at.clone()).unwrap_or_default();
            let marks = "^".repeat(tell::width(wrong).max(1));
            format!("error: {e}\n  {}\n  {}{marks}", spec.query, " ".repeat(tell::width(before)))
        });
        Stop::Usage(shown.collect::<Vec<_>>().join("\n"))
    })
}

async fn test(settings: &Settings, asked: &Test) -> Result<(), Stop> {
    let spec = spec(settings, asked)?;
    let mut question = question(&spec, settings)?;
    let span = TimeDelta::from_std(asked.since).unwrap_or(TimeDelta::MAX);
    let since = Utc::now().checked_sub_signed(span).unwrap_or_default().max(DateTime::UNIX_EPOCH);
    let store = Store::open(&settings.database_url).await?;
    let mut report = Report { query: spec.query.clone(), since, ..Report::default() };
    let stored: Option<BTreeSet<i64>> = match &asked.topic {
        Some(id) => Some(store.matched(id, since).await?.into_iter().collect()),
        None => None,
    };
    report.behind = store.backlog().await?.iter().any(|b| Some(&b.id) == asked.topic.as_ref());
    (report.gained, report.lost) = (stored.as_ref().map(|_| vec![]), stored.as_ref().map(|_| vec![]));
    let mut counts = Counts::default();
    ledger::newest(&store, |subject| question.count(subject, &mut counts)).await?;
    question.weigh(&counts);
    let mut after = 0;
    loop {
        let texts = store.texts_since(after, since, PAGE).await?;
        let Some(last) = texts.last() else { break };
        after = last.id;
        texts.iter().for_each(|text| report.add(text, &question, settings, stored.as_ref()));
        report.keep(asked.limit);
    }
    store.close().await;
    if asked.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        report.print(asked.limit);
    }
    Ok(())
}

impl Report {
    fn add(&mut self, text: &StoredText, question: &Question, settings: &Settings, stored: Option<&BTreeSet<i64>>) {
        self.articles += 1;
        let name = settings.sources.iter().find(|s| s.id == text.source_id).map_or("", |s| s.name.as_str());
        let found = question.explain(&ledger::subject(text, name));
        let is_stored = stored.is_some_and(|s| s.contains(&text.id));
        let changed = match found.matched.is_some() {
            true if !is_stored => self.gained.as_mut(),
            false if is_stored => self.lost.as_mut(),
            _ => None,
        };
        if let Some(changed) = changed {
            changed.push(text.into());
        }
        let missing = found.near_miss().map(|of| of.into_iter().map(shown).collect::<Vec<_>>());
        let hit = Hit { article: text.into(), missing, score: found.score, matched: found.matched };
        if hit.matched.is_some() {
            self.matches += 1;
            *self.by_day.entry(text.first_seen_at.date_naive()).or_default() += 1;
            self.best.push(hit);
        } else if hit.missing.is_some() {
            self.near_misses += 1;
            self.nearest.push(hit);
        }
    }

    /// Keeps the best of what was found.
    fn keep(&mut self, limit: usize) {
        for hits in [&mut self.best, &mut self.nearest] {
            hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.article.id.cmp(&b.article.id)));
            hits.truncate(limit);
        }
    }

    fn print(&self, limit: usize) {
        println!("{}", self.query);
        println!("{} of {} articles first seen since {}", self.matches, self.articles, self.since.format("%F %H:%M"));
        let most = self.by_day.values().copied().max().unwrap_or(0);
        for (day, count) in &self.by_day {
            println!("  {day} {count:>6} {}", "#".repeat((count * 40).div_ceil(most.max(1))));
        }
        self.best.iter().for_each(|hit| {
            println!(
                "\n{:.1}  {}",
                hit.score,
                tell::headline(&hit.article.source, &hit.article.title, &hit.article.url)
            );
            hit.matched.iter().flat_map(|m| &m.evidence).for_each(|e| println!("      {}", tell::evidence(e)));
        });
        if self.near_misses > 0 {
            println!("\n{} near misses, one clause short:", self.near_misses);
        }
        for hit in &self.nearest {
            println!("  {}", tell::headline(&hit.article.source, &hit.article.title, &hit.article.url));
            let missing = hit.missing.as_deref().unwrap_or_default().join("   or   ");
            match missing.is_empty() {
                true => println!("      scores {:.1}, below the threshold", hit.score),
                false => println!("      missing: {missing}"),
            }
        }
        for (what, articles) in [("gained", &self.gained), ("lost", &self.lost)] {
            let Some(articles) = articles else { continue };
            println!("\n{} {what} against what is stored as matched", articles.len());
            for told in articles.iter().take(limit) {
                println!("  {}", tell::headline(&told.source, &told.title, &told.url));
            }
        }
        if self.behind {
            println!(
                "\nThe daemon is still matching this topic with what is stored: what is gained may be only on its way."
            );
        }
    }
}

/// A clause in the words of its query.
fn shown(clause: &Clause) -> String {
    clause.written.clone()
}
