//! Tokens of what earlier versions stored, so that a search finds it: in the background, restartable, the newest first.

use crate::search;
use crate::store::{Filled, Store, StoreError, words_version};

/// Articles that are indexed in one transaction, in which nobody else writes.
const PAGE: i64 = 50;
/// Articles whose tokens are sorted in together: many at once cost less, and few wait.
const SETTLED_EVERY: usize = 500;
/// Articles after which it is said how far it is.
const TOLD_EVERY: usize = 10_000;

/// Indexes everything stored whose tokens are not of this version, a page at a time, until `stopped`; returns how many
/// articles it looked at. Does nothing where that was done.
///
/// # Errors
/// When the database fails; the next call goes on where this one stopped.
pub async fn index(store: &Store, stopped: impl Fn() -> bool) -> Result<usize, StoreError> {
    let version = words_version();
    let mut looked = 0;
    while !stopped() {
        let below = match store.search_filled(&version).await? {
            Filled::All => break,
            Filled::From(below) => below,
            Filled::No => {
                store.clear_words(&version).await?;
                continue;
            }
        };
        let mut texts = store.search_texts(below, PAGE).await?;
        // Full-text indexes are written cheaply only in the order of their rows.
        texts.reverse();
        let from = texts.first().map_or(0, |(id, ..)| *id);
        let words: Vec<_> = texts.iter().map(|(id, title, text)| (*id, search::words(title, text))).collect();
        store.fill_words(&version, &words, from).await?;
        looked += words.len();
        if from == 0 || looked % SETTLED_EVERY < words.len() {
            store.settle_words().await?;
        }
        if from == 0 {
            tracing::info!(articles = looked, "everything stored is indexed for search");
        } else if looked % TOLD_EVERY < words.len() {
            tracing::info!(articles = looked, "indexing what is stored for search");
        }
        // Folding only computes: let others on this thread run between pages.
        tokio::task::yield_now().await;
    }
    Ok(looked)
}
