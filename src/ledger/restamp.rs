//! Digests made anew after a change of what they are made of, so that what is stored is still known again.

use crate::fingerprint::{VERSION, digest};
use crate::store::{Store, StoreError};

/// Articles that are read in one go.
const PAGE: i64 = 200;

/// Makes the digests of all articles those of this version, a page at a time, until `stopped`; returns how many it made. Does
/// nothing where that was done.
///
/// # Errors
/// When the database fails; the next call begins anew.
pub async fn restamp(store: &Store, stopped: impl Fn() -> bool) -> Result<usize, StoreError> {
    let version = VERSION.to_string();
    if store.digests_are_of(&version).await? {
        return Ok(0);
    }
    let (mut after, mut made) = (0, 0);
    while !stopped() {
        let texts = store.texts(after, PAGE).await?;
        let Some(last) = texts.last() else {
            store.note_digests(&version).await?;
            if made > 0 {
                tracing::info!(articles = made, "the identities of stored articles were made anew for this version");
            }
            return Ok(made);
        };
        after = last.id;
        let stamps: Vec<_> = texts.iter().map(|t| (t.id, t.story_id, digest(&t.title, &t.text))).collect();
        let mut tx = store.begin().await?;
        // Nobody decides by a digest from here to the end.
        tx.lock_log().await?;
        for (article, story, digest) in stamps {
            made += usize::from(tx.restamp(article, story, digest).await?);
        }
        tx.commit().await?;
        tokio::task::yield_now().await;
    }
    Ok(made)
}
