//! New and changed topics are matched with everything stored: in the background, restartable, announced to nobody.

use std::sync::Arc;

use chrono::Utc;

use crate::model::{Match, Source};
use crate::store::{Backlog, Store, StoreError, StoredText};
use crate::topic::{Subject, Topics};

/// Articles that are matched in one go.
const PAGE: i64 = 200;

/// Matches every topic that is behind with everything stored; `name_of` knows the sources. Returns how many stories were found.
///
/// # Errors
/// When the database fails; the next call goes on where this one stopped.
pub async fn backfill(
    store: &Store,
    topics: &Arc<Topics>,
    source: impl Fn(&str) -> Option<Source>,
) -> Result<usize, StoreError> {
    let mut found = 0;
    for mut behind in store.backlog().await? {
        let mut here = 0;
        loop {
            let texts = store.texts(behind.backfilled_to, PAGE).await?;
            let Some(last) = texts.last().map(|t| t.id) else { break };
            let matches = matching(&behind, &texts, topics, &source);
            here += matches.len();
            store.record_backfill(&behind, &matches, Some(last), Utc::now()).await?;
            behind.backfilled_to = last;
            // Matching only computes: let others on this thread run between pages.
            tokio::task::yield_now().await;
        }
        store.record_backfill(&behind, &[], None, Utc::now()).await?;
        tracing::info!(topic.id = behind.id, articles = here, "topic matched with what is stored");
        found += here;
    }
    Ok(found)
}

fn matching(
    behind: &Backlog,
    texts: &[StoredText],
    topics: &Topics,
    source: &impl Fn(&str) -> Option<Source>,
) -> Vec<(i64, i64, Match)> {
    let of = |t: &StoredText| {
        let name = source(&t.source_id).map(|s| s.name).unwrap_or_default();
        let subject = Subject {
            title: &t.title,
            text: &t.text,
            source: &t.source_id,
            source_name: &name,
            origin: t.origin.as_deref().unwrap_or_default(),
            author: t.author.as_deref().unwrap_or_default(),
            lang: t.language.as_deref().unwrap_or_default(),
        };
        let found = topics.matches(&subject).into_iter().find(|m| m.topic == behind.id)?;
        Some((t.id, t.story_id, found))
    };
    texts.iter().filter_map(of).collect()
}
