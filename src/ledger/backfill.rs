//! New and changed topics are matched with everything stored: in the background, restartable, announced to nobody.

use std::sync::Arc;

use chrono::Utc;

use crate::model::{Match, Source};
use crate::store::{Backlog, Store, StoreError, StoredText};
use crate::topic::{Subject, Topics};

/// Articles that are matched in one go.
const PAGE: i64 = 200;
/// Articles after which it is said how far it is.
const TOLD_EVERY: usize = 10_000;

/// Matches every topic that is behind with everything stored, all of them in one pass; `source` knows the sources, `stopped`
/// ends it between two pages. Topics that are not those of `topics`, or that somebody else works on, are left alone. Returns
/// how many articles were found.
///
/// # Errors
/// When the database fails; the next call goes on where this one stopped.
pub async fn backfill(
    store: &Store,
    topics: &Topics,
    source: impl Fn(&str) -> Option<Arc<Source>>,
    stopped: impl Fn() -> bool,
) -> Result<usize, StoreError> {
    let ours = |b: &Backlog| topics.queries().get(&b.id).is_some_and(|q| q[..] == b.query_digest);
    let mut behind: Vec<Backlog> = store.backlog().await?.into_iter().filter(ours).collect();
    let names = behind.iter().map(|b| b.id.clone()).collect::<Vec<_>>().join(",");
    let (mut found, mut passed) = (0, 0);
    while let Some(from) = behind.iter().map(|b| b.backfilled_to).min().filter(|_| !stopped()) {
        let texts = store.texts(from, PAGE).await?;
        let Some(last) = texts.last().map(|t| t.id) else {
            for topic in &behind {
                // What was stored in this moment, or lowered by somebody, is the next call's.
                store.record_backfill(topic, &[], None, Utc::now()).await?;
            }
            tracing::info!(topics = names, articles = found, "topics matched with what is stored");
            break;
        };
        let matches = matching(&texts, topics, &source);
        let mut still = Vec::with_capacity(behind.len());
        for mut topic in behind {
            if topic.backfilled_to < last {
                let own: Vec<(i64, Match)> = matches
                    .iter()
                    .filter(|(article, m)| m.topic == topic.id && *article > topic.backfilled_to)
                    .cloned()
                    .collect();
                if !store.record_backfill(&topic, &own, Some(last), Utc::now()).await? {
                    continue;
                }
                found += own.len();
                topic.backfilled_to = last;
            }
            still.push(topic);
        }
        behind = still;
        passed += texts.len();
        if passed % TOLD_EVERY < texts.len() {
            tracing::info!(topics = names, passed, found, "matching topics with what is stored");
        }
        // Matching only computes: let others on this thread run between pages.
        tokio::task::yield_now().await;
    }
    Ok(found)
}

/// A stored article from the source called `source_name`, as topics see it.
#[must_use]
pub fn subject<'t>(text: &'t StoredText, source_name: &'t str) -> Subject<'t> {
    Subject {
        title: &text.title,
        text: &text.text,
        source: &text.source_id,
        source_name,
        origin: text.origin.as_deref().unwrap_or_default(),
        author: text.author.as_deref().unwrap_or_default(),
        lang: text.language.as_deref().unwrap_or_default(),
    }
}

/// Every match of `texts` as (article, match).
fn matching(texts: &[StoredText], topics: &Topics, source: &impl Fn(&str) -> Option<Arc<Source>>) -> Vec<(i64, Match)> {
    let of = |t: &StoredText| {
        let source = source(&t.source_id);
        let name = source.as_ref().map_or("", |s| s.name.as_str());
        topics.matches(&subject(t, name)).into_iter().map(|m| (t.id, m)).collect::<Vec<_>>()
    };
    texts.iter().flat_map(of).collect()
}
