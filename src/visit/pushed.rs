//! A listing that its hub sent us, read as if we had fetched it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;
use url::Url;

use crate::cadence::{self, Hints};
use crate::model::{Announcement, Failure, HttpFacts, ListingKind, Outcome, Source, Target, Visit};
use crate::read;

use super::{Kit, compute, listing, page};

/// Entries of one push that are taken: a hub that sends more sends its archive.
const ENTRIES_MAX: usize = 500;

/// What a hub sent, its signature verified, on its way to whoever reads it.
#[derive(Debug)]
pub struct Push {
    /// Identifier of the source.
    pub source: String,
    /// What was sent.
    pub sent: Sent,
    /// Told when all of it is durable; dropped when that failed.
    pub done: oneshot::Sender<()>,
}

/// A document that a hub sent.
#[derive(Debug)]
pub struct Sent {
    /// The hub, and by what it knows the feed.
    pub from: Announcement,
    /// Value of Content-Type.
    pub content_type: Option<String>,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// The visit of `target` that reading `sent` amounts to. Pages after the first, and what the listing announces, are not looked at.
///
/// # Errors
/// When it is no feed: then nothing is known of the source itself.
pub async fn pushed(
    target: Target,
    sent: Sent,
    source: &Source,
    kit: &Arc<Kit>,
    now: DateTime<Utc>,
) -> Result<Visit, Failure> {
    let mut visit = Visit::begun(target, now);
    let Sent { from, content_type, body } = sent;
    visit.http = Some(HttpFacts {
        status: 200,
        final_url: from.topic.clone(),
        content_type: content_type.clone(),
        body_bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
        // Those of the last answer: what was sent has none.
        etag: visit.target.etag.clone(),
        last_modified: visit.target.last_modified.clone(),
        ..HttpFacts::default()
    });
    let decoded = page::decoded(body, source, content_type.clone()).await?;
    visit.charset = Some(decoded.facts);
    let url: Url = from.topic.clone().unwrap_or_else(|| visit.target.url.clone());
    let (owned, text) = (source.clone(), decoded.text);
    let read = compute(move || {
        let page = read::Page { url: &url, content_type: content_type.as_deref(), text: &text };
        read::listing(page, &owned, now)
    });
    let mut found = read.await.and_then(|read| read).map_err(|p| page::unreadable(p.message))?;
    if !matches!(found.kind, ListingKind::Feed | ListingKind::JsonFeed) {
        return Err(page::unreadable("what the hub sent is no feed".into()));
    }
    found.entries.truncate(ENTRIES_MAX);
    (found.next, found.hub) = (None, from);
    listing::sort_out(&mut visit, &found.entries, found.kind, source, kit).await;
    if let Outcome::Failed(failure) = visit.outcome {
        return Err(failure);
    }
    visit.problems.append(&mut found.problems);
    let hints = Hints { entries: listing::marked(&found.entries), ..Hints::default() };
    let (next, pace) = cadence::after_push(&kit.cadence, source, &visit.target, &hints, now);
    (visit.next_visit_at, visit.pace, visit.listing) = (Some(next), pace, Some(found));
    listing::lighten(&mut visit);
    Ok(visit)
}
