//! How rare the terms of topics are, told from what is stored.

use crate::store::{Store, StoreError, StoredText};
use crate::topic::{Counts, Subject};
use crate::visit::Watched;

use super::backfill::subject;

/// The newest articles that are counted.
const ARTICLES: i64 = 5_000;
/// Articles that are read in one go.
const PAGE: i64 = 200;

/// Counts in how many of the newest articles the terms of `topics` occur, and has them count accordingly.
///
/// # Errors
/// When the database fails; then terms count as before.
pub async fn weigh(store: &Store, topics: &Watched) -> Result<(), StoreError> {
    let counted = topics.now();
    if counted.is_empty() {
        return Ok(());
    }
    let mut counts = Counts::default();
    newest(store, |subject| counted.count(subject, &mut counts)).await?;
    tracing::debug!(articles = counts.articles(), "counted how rare the terms of topics are");
    topics.weigh(&counts);
    Ok(())
}

/// Calls `each` with the newest articles, by which it is told how rare a term is.
///
/// # Errors
/// When the database fails.
pub async fn newest(store: &Store, mut each: impl FnMut(&Subject<'_>)) -> Result<(), StoreError> {
    newest_texts(store, ARTICLES, |text| each(&subject(text, ""))).await
}

/// Calls `each` with the newest `articles`, the oldest of them first.
pub(super) async fn newest_texts(
    store: &Store,
    articles: i64,
    mut each: impl FnMut(&StoredText),
) -> Result<(), StoreError> {
    let mut after = (store.newest_article().await? - articles).max(0);
    loop {
        let texts = store.texts(after, PAGE).await?;
        let Some(last) = texts.last() else { break };
        after = last.id;
        texts.iter().for_each(&mut each);
        // What is done with them only computes: let others on this thread run between pages.
        tokio::task::yield_now().await;
    }
    Ok(())
}
