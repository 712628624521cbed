//! Feeds that a list page announces, read with it or in its place; sitemaps that an index names, and feeds that an outline
//! lists, read for it.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use url::Url;

use crate::model::{Announced, Failure, Listing, ListingKind, Problem, Source, SourceKind, Visit};

use super::{
    Kit,
    listing::{parse, place},
    page::{self, Got, unreadable},
};

/// Feeds of one page that are tried.
const FEEDS_MAX: usize = 3;
/// Sitemaps of one index that are read at one visit.
const SITEMAPS_MAX: usize = 4;
/// Feeds of one outline that are.
const OUTLINED_MAX: usize = 16;

/// Adds to `listing` what it announces, as far as the source wants that. What a document holds that is read for the first
/// time, beyond what a source's first visit takes, counts as seen: it is put into `visit.skipped`.
///
/// # Errors
/// When the listing is an index of sitemaps, or an outline of feeds, none of which can be had.
pub(super) async fn follow(
    visit: &mut Visit,
    listing: &mut Listing,
    source: &Source,
    kit: &Arc<Kit>,
) -> Result<(), Failure> {
    let (mut read, mut failed) = (0, None);
    let (what, most) = match listing.kind {
        ListingKind::Opml => ("feed", OUTLINED_MAX),
        _ => ("sitemap", SITEMAPS_MAX),
    };
    if listing.kind == ListingKind::Opml && listing.children.len() > most {
        let message = format!("only the first {most} of {} feeds are read; make each a source", listing.children.len());
        listing.problems.push(Problem::new("list", message));
    }
    for child in listing.children.clone().iter().take(most) {
        match get(child, source, kit, visit.started_at).await {
            Ok(more) => {
                read += 1;
                let more = held(visit, listing, child, more, source);
                merge(listing, more);
            }
            Err(failure) => {
                listing.problems.push(Problem::new("list", format!("{what} {child}: {}", failure.reason)));
                failed = Some(failure);
            }
        }
    }
    if let Some(failure) = failed.filter(|_| read == 0 && listing.entries.is_empty()) {
        return Err(failure);
    }
    let is_page = matches!(listing.kind, ListingKind::Portal | ListingKind::Recipe);
    // A page came where a feed was asked for: the one that it announces is what was meant.
    let wanted = if source.kind == SourceKind::Feed { Announced::Prefer } else { source.announced };
    if wanted == Announced::Ignore || !is_page {
        return Ok(());
    }
    // What is said below articles is no news.
    let feeds = listing.feeds.clone();
    for feed in feeds.iter().filter(|f| !f.path().contains("comment")).take(FEEDS_MAX) {
        match get(feed, source, kit, visit.started_at).await {
            Ok(found) if found.entries.is_empty() => {}
            Ok(found) => {
                let found = held(visit, listing, feed, found, source);
                if wanted == Announced::Merge {
                    merge(listing, found);
                } else {
                    prefer(visit, listing, found);
                }
                return Ok(());
            }
            Err(failure) => {
                listing.problems.push(Problem::new("list", format!("announced feed {feed}: {}", failure.reason)));
            }
        }
    }
    Ok(())
}

async fn get(url: &Url, source: &Source, kit: &Arc<Kit>, now: DateTime<Utc>) -> Result<Listing, Failure> {
    match page::get(url, (None, None), source, kit).await? {
        Got::Document(document) => parse(&Arc::new(*document), source, now).await.map_err(unreadable),
        Got::NotModified(_) => Err(unreadable("it says unchanged without being asked".into())),
    }
}

/// `found`, which is what `document` holds; of one that was never read before, what a first visit takes.
fn held(visit: &mut Visit, listing: &mut Listing, document: &Url, mut found: Listing, source: &Source) -> Listing {
    let name = document.to_string();
    let is_new = !visit.target.past.documents.contains(&name);
    listing.documents.push(name);
    // The very first visit takes what it takes of everything together.
    if is_new && visit.target.last_success_at.is_some() && found.entries.len() > source.first_visit {
        found.entries.sort_by_key(|e| Reverse(e.dated()));
        visit.skipped.extend(found.entries.split_off(source.first_visit));
    }
    found
}

/// Puts `found` in the place of the page's entries. Those count as seen: where the feed fails once they are no news.
fn prefer(visit: &mut Visit, listing: &mut Listing, found: Listing) {
    let told: HashSet<_> = found.entries.iter().map(place).collect();
    let page = std::mem::replace(&mut listing.entries, found.entries);
    visit.skipped.extend(page.into_iter().filter(|e| !told.contains(&place(e))));
    (listing.kind, listing.next, listing.ttl_s, listing.broken) = (found.kind, None, found.ttl_s, None);
    listing.problems.extend(found.problems);
}

/// Adds the entries of `more` that `listing` lacks, and to the others what they lack.
fn merge(listing: &mut Listing, more: Listing) {
    let mut places: HashMap<_, usize> = listing.entries.iter().enumerate().map(|(n, e)| (place(e), n)).collect();
    for entry in more.entries {
        match places.get(&place(&entry)).and_then(|n| listing.entries.get_mut(*n)) {
            Some(first) => first.fill(entry),
            None => {
                places.insert(place(&entry), listing.entries.len());
                listing.entries.push(entry);
            }
        }
    }
    listing.problems.extend(more.problems);
}
