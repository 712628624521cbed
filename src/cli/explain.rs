//! `tidings explain`.

use std::path::Path;

use chrono::Utc;
use serde::Serialize;
use url::Url;

use crate::daemon::make_kit;
use crate::ledger;
use crate::model::{Source, address};
use crate::store::{Store, StoredText};
use crate::topic::{Clause, Counts, Explanation, Shape};
use crate::visit::{As, Look, look};

use super::{Stop, settings, tell, topic};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The address of an article. One that is not stored is fetched, and not stored.
    url: String,
    /// Only this topic.
    #[arg(long)]
    topic: Option<String>,
    /// Everything as JSON.
    #[arg(long)]
    json: bool,
}

/// Topics up to which it is counted how rare their terms are; of more, scores are as if nothing was known of that.
const COUNTED_MAX: usize = 20;

/// What one topic makes of the article.
#[derive(Debug, Serialize)]
struct Said {
    topic: String,
    /// Whether it is stored as matched; absent: the article is not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<bool>,
    #[serde(flatten)]
    explanation: Explanation,
}

/// Explains an article by every topic.
pub(super) async fn explain(path: &Path, arguments: &Arguments) -> Result<(), Stop> {
    let settings = settings(path)?;
    let asked = |id: &str| arguments.topic.as_deref().is_none_or(|t| t == id);
    let specs: Vec<_> = settings.topics.iter().filter(|t| asked(&t.id)).collect();
    if specs.is_empty() {
        let ids = settings.topics.iter().map(|t| t.id.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Stop::Usage(format!("error: there is no such topic in {}\nhint: topics: {ids}", path.display())));
    }
    let store = Store::open(&settings.database_url).await?;
    // As it is shown, or as it is known: links of one article differ in what does not matter.
    let key = Url::parse(&arguments.url).map_or_else(|_| arguments.url.clone(), |url| address::canonical(&url));
    let found = match store.text_at(&arguments.url).await? {
        Some(found) => Some(found),
        None => store.text_at(&key).await?,
    };
    let mut questions = vec![];
    for spec in specs {
        questions.push((spec.id.clone(), topic::question(spec, &settings)?, Counts::default()));
    }
    // Where there are many topics the counting takes longer than it is worth.
    if questions.len() <= COUNTED_MAX {
        ledger::newest(&store, |subject| questions.iter_mut().for_each(|(_, q, counts)| q.count(subject, counts)))
            .await?;
    }
    let stored = match &found {
        Some(text) => Some(store.topics_of_article(text.id).await?),
        None => None,
    };
    store.close().await;
    let text = match found {
        Some(text) => text,
        None => Box::pin(fetched(&settings, &arguments.url)).await?,
    };
    let name = settings.sources.iter().find(|s| s.id == text.source_id).map_or("", |s| s.name.as_str());
    let mut said = vec![];
    for (topic, mut question, counts) in questions {
        question.weigh(&counts);
        let stored = stored.as_ref().map(|s| s.contains(&topic));
        said.push(Said { topic, stored, explanation: question.explain(&ledger::subject(&text, name)) });
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&said)?);
        return Ok(());
    }
    println!("{}", tell::headline(&text.source_id, &text.title, &text.url));
    if stored.is_none() {
        println!("It is not stored; it was fetched just now.");
    }
    said.iter().for_each(print);
    Ok(())
}

/// The article at `url`, which is visited as that of the source on its host.
async fn fetched(settings: &crate::config::Settings, url: &str) -> Result<StoredText, Stop> {
    let absent = || Stop::Usage(format!("error: no stored article has the address {url}, and it is none to fetch"));
    let url: Url = url.parse().map_err(|_| absent())?;
    let near = settings.sources.iter().find(|s| s.url.host_str() == url.host_str());
    let source = near.map_or_else(|| Source::at("none", url.clone()), |near| Source::clone(near));
    let kit = std::sync::Arc::new(make_kit(settings)?);
    let Look { visit, .. } = Box::pin(look(&url, &source, As::Article, &[], &kit, Utc::now())).await;
    let Some(finding) = visit.findings.into_iter().next() else {
        let reason = visit.outcome.reason().unwrap_or("there is no article on it").to_owned();
        return Err(anyhow::anyhow!("{url} is not stored, and could not be fetched: {reason}").into());
    };
    let d = finding.draft;
    Ok(StoredText {
        id: 0,
        story_id: 0,
        source_id: source.id,
        url: url.into(),
        title: d.title,
        text: d.text,
        author: d.author,
        origin: d.origin,
        language: d.language,
        first_seen_at: Utc::now(),
    })
}

fn print(said: &Said) {
    let told = &said.explanation;
    let verdict = match (&told.matched, told.tree.holds) {
        (Some(_), _) => format!("matches, score {:.1}", told.score),
        (None, true) => {
            format!("does not match: its score {:.1} is below the threshold {}", told.score, told.threshold)
        }
        (None, false) => match told.tree.short {
            1 => "does not match: one clause short".into(),
            n => format!("does not match: {n} clauses short"),
        },
    };
    println!("\n{} {verdict}", said.topic);
    if said.stored.is_some_and(|s| s != told.matched.is_some()) {
        println!("  (it is stored otherwise: the query has changed since, or its terms counted otherwise then)");
    }
    clause(&told.tree, 1);
}

/// One line for a clause, then those in it, deeper by one.
fn clause(c: &Clause, depth: usize) {
    let mark = if c.holds { "yes" } else { "no " };
    let indent = "  ".repeat(depth);
    let what = match c.shape {
        Shape::All => "all of:".into(),
        Shape::Any => "any of:".into(),
        Shape::AtLeast(n) => format!("at least {n} of:"),
        Shape::Not => "not:".into(),
        Shape::Alias => format!("{} ({} of its {} words)", c.written, c.of.len(), c.among),
        Shape::Term => c.written.clone(),
    };
    println!("{indent}{mark} {what}");
    for e in &c.found {
        println!("{indent}      {}", tell::evidence(e));
    }
    c.of.iter().for_each(|inner| clause(inner, depth + 1));
}
