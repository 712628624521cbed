//! Documents beside the feeds of stories: troubles, edits, lists. They are kept, packed and told apart like those.

use std::sync::Arc;

use axum::{http::HeaderMap, response::Response};
use chrono::{DateTime, Utc};
use tokio::task::spawn_blocking;

use super::{
    coding::{Coding, Packed},
    conditional::{self, Said, tag},
    problem::Problem,
    router::Shared,
    shelf::Kept,
};

/// What is known of a document without putting it together.
pub(super) struct About {
    pub(super) content_type: &'static str,
    /// All that decides its bytes, in any words.
    pub(super) of: String,
    /// The newest instant that it shows.
    pub(super) newest: Option<DateTime<Utc>>,
}

/// The document that `make` puts together, unless it is kept: 304, or in the coding that is asked for.
pub(super) async fn answer(
    shared: &Shared,
    headers: &HeaderMap,
    about: About,
    make: impl Future<Output = Result<String, Problem>>,
) -> Result<Response, Problem> {
    let About { content_type, of, newest } = about;
    let key = format!("{content_type} {}", blake3::hash(of.as_bytes()));
    let slot = shared.shelf.slot(&key);
    let wanted = Coding::asked(headers);
    // Whoever takes its turn puts it together, and the others wait for that.
    let turn = slot.turn.lock().await;
    let (kept, body) = match slot.last().and_then(|kept| Some((kept.body.clone()?, kept))) {
        Some((body, kept)) => (kept, body),
        None => {
            let body = make.await?;
            let mut kept = Kept::new(tag(body.as_bytes()), false, shared.shelf.head());
            let body = Arc::new(Packed::new(body));
            (kept.newest, kept.body) = (newest, Some(Arc::clone(&body)));
            shared.shelf.keep(&key, &slot, kept.clone());
            (kept, body)
        }
    };
    let (coding, now) = (body.fit(wanted), Utc::now());
    let said = Said { content_type, tag: &kept.tag, newest: kept.newest, cache: conditional::CACHE_CONTROL };
    if let Some(unchanged) = conditional::unchanged(headers, &said, coding, now) {
        return Ok(unchanged);
    }
    if body.get(coding).is_none() {
        pack(&body, coding).await?;
        shared.shelf.keep(&key, &slot, kept.clone());
    }
    drop(turn);
    Ok(conditional::whole(&said, coding, body.get(coding).ok_or_else(Problem::defect)?, now))
}

/// Packs `body`, which takes time that the other requests of this thread need not wait for.
pub(super) async fn pack(body: &Arc<Packed>, coding: Coding) -> Result<(), Problem> {
    let body = Arc::clone(body);
    let packed = spawn_blocking(move || body.pack(body.fit(coding)).map(drop));
    packed.await.ok().and_then(Result::ok).ok_or_else(|| {
        tracing::error!("a document could not be packed");
        Problem::defect()
    })
}
