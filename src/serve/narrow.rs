//! A query of the reader's own, tried on the newest stories of a feed, as topics would match them.

use std::collections::HashMap;

use tokio::task::spawn_blocking;

use super::{problem::Problem, router::Shared};
use crate::model::{Match, StoryItem};
use crate::store::{Place, Scope, Store, StoredText};
use crate::topic::{Question, Spec, Subject, Vocabulary};

/// Queries that are tried at once; more wait their turn.
pub(super) const QUERIES_MAX: usize = 2;
/// Stories that a query is tried on, the newest.
pub(super) const STORIES_TRIED: i64 = 1_000;
/// Stories whose texts are in memory at once.
const AT_ONCE: usize = 100;

/// Those of `places` that the query matches, the newest `limit`, with what was found; each has the match as its first.
pub(super) async fn narrow(
    shared: &Shared,
    query: &str,
    scope: Scope<'_>,
    places: &[Place],
    limit: usize,
) -> Result<Vec<StoryItem>, Problem> {
    let vocabulary = shared.app.vocabulary.borrow().clone();
    let spec = Spec { id: query.to_owned(), query: query.to_owned(), ..Spec::default() };
    let mut question = compiled(spec, vocabulary).await?;
    let store = &shared.app.store;
    let names = names(store).await?;
    let (mut kept, mut found) = (vec![], HashMap::new());
    for some in places.chunks(AT_ONCE) {
        let texts = store.story_texts(scope, some).await.map_err(|e| Problem::store("texts", &e))?;
        let names = names.clone();
        let tried = spawn_blocking(move || {
            let matches = tried(&question, &texts, &names);
            (question, matches)
        });
        let (back, matches) = tried.await.map_err(|_| Problem::defect())?;
        question = back;
        found.extend(matches);
        kept.extend(some.iter().filter(|p| found.contains_key(&p.story)).copied());
        if kept.len() >= limit {
            break;
        }
    }
    kept.truncate(limit);
    let mut stories = store.stories(scope, &kept).await.map_err(|e| Problem::store("feed", &e))?;
    for story in &mut stories {
        if let Some(m) = found.remove(&story.lead.story) {
            story.matches.insert(0, m);
        }
    }
    Ok(stories)
}

/// The query made ready; what is wrong with it is told.
async fn compiled(spec: Spec, vocabulary: Vocabulary) -> Result<Question, Problem> {
    let ready = spawn_blocking(move || Question::new(&spec, &vocabulary)).await.map_err(|_| Problem::defect())?;
    ready.map_err(|errors| {
        let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Problem::bad(format!("`q`: {}", all.join("; ")))
    })
}

async fn names(store: &Store) -> Result<HashMap<String, String>, Problem> {
    let rows = store.standings().await.map_err(|e| Problem::store("sources", &e))?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

fn tried(question: &Question, texts: &[StoredText], names: &HashMap<String, String>) -> Vec<(i64, Match)> {
    let matched = texts.iter().filter_map(|t| {
        let subject = Subject {
            title: &t.title,
            text: &t.text,
            source: &t.source_id,
            source_name: names.get(&t.source_id).map_or("", String::as_str),
            origin: t.origin.as_deref().unwrap_or_default(),
            author: t.author.as_deref().unwrap_or_default(),
            lang: t.language.as_deref().unwrap_or_default(),
        };
        Some((t.story_id, question.explain(&subject).matched?))
    });
    matched.collect()
}
