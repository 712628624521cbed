//! Feeds that a list page announces, read with it or in its place; sitemaps that an index names, read for it.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use url::Url;

use crate::model::{Announced, Entry, Listing, ListingKind, Problem, Source, address};

use super::{
    Kit,
    listing::parse,
    page::{self, Got},
};

/// Feeds of one page that are tried.
const FEEDS_MAX: usize = 3;
/// Sitemaps of one index that are read at one visit.
const SITEMAPS_MAX: usize = 4;

/// `listing` with what it announces, as far as the source wants that.
pub(super) async fn follow(mut listing: Listing, source: &Source, kit: &Arc<Kit>, now: DateTime<Utc>) -> Listing {
    if !listing.children.is_empty() {
        for child in listing.children.clone().iter().take(SITEMAPS_MAX) {
            match get(child, source, kit, now).await {
                Ok(more) => merge(&mut listing, more),
                Err(reason) => listing.problems.push(Problem::new("list", format!("sitemap {child}: {reason}"))),
            }
        }
    }
    let is_page = matches!(listing.kind, ListingKind::Portal | ListingKind::Recipe);
    if source.announced == Announced::Ignore || !is_page {
        return listing;
    }
    // What is said below articles is no news.
    let feeds = listing.feeds.clone();
    for feed in feeds.iter().filter(|f| !f.path().contains("comment")).take(FEEDS_MAX) {
        match get(feed, source, kit, now).await {
            Ok(found) if found.entries.is_empty() => {}
            Ok(found) if source.announced == Announced::Prefer => {
                (listing.kind, listing.entries, listing.next) = (found.kind, found.entries, None);
                (listing.ttl_s, listing.broken) = (found.ttl_s, None);
                listing.problems.extend(found.problems);
                return listing;
            }
            Ok(found) => {
                merge(&mut listing, found);
                return listing;
            }
            Err(reason) => listing.problems.push(Problem::new("list", format!("announced feed {feed}: {reason}"))),
        }
    }
    listing
}

async fn get(url: &Url, source: &Source, kit: &Arc<Kit>, now: DateTime<Utc>) -> Result<Listing, String> {
    tokio::time::sleep(kit.gap(url)).await;
    match page::get(url, (None, None), source, kit).await {
        Ok(Got::Document(document)) => parse(*document, source, now).await,
        Ok(Got::NotModified(_)) => Err("it says unchanged without being asked".into()),
        Err(failure) => Err(failure.reason),
    }
}

/// Adds the entries of `more` that `listing` lacks, and to the others what they lack.
fn merge(listing: &mut Listing, more: Listing) {
    let key = |e: &Entry| (address::canonical(&e.link), e.part.clone());
    let mut places: HashMap<_, usize> = listing.entries.iter().enumerate().map(|(n, e)| (key(e), n)).collect();
    for entry in more.entries {
        match places.get(&key(&entry)).and_then(|n| listing.entries.get_mut(*n)) {
            Some(first) => first.fill(entry),
            None => {
                places.insert(key(&entry), listing.entries.len());
                listing.entries.push(entry);
            }
        }
    }
    listing.problems.extend(more.problems);
}
