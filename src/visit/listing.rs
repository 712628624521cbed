//! A visit of a source's listing.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use url::Url;
use xxhash_rust::xxh3::Xxh3;

use crate::cadence::{self, Hints};
use crate::extract;
use crate::model::{
    Announced, Announcement, Entry, Failure, Finding, Listing, ListingKind, Outcome, Pace, Problem, Source, Visit,
    address,
};
use crate::read;

use super::{
    Kit, announced, compute, finding, heal, instead,
    page::{self, Document, Got, unreadable},
};

/// Most pages of a list that are read at one visit, whatever the recipe says.
const PAGES_MAX: usize = 20;
/// Pages of a list that are read beyond those of the recipe while nothing is found that was there at the last visit.
const DEEPER_PAGES: usize = 3;
/// Most entries of one listing: the newest, where all are dated.
const ENTRIES_MAX: usize = 2000;
/// Longer content is not kept with the page's target, where it only stands in for a page that cannot be had.
const CONTENT_BYTES_MAX: usize = 64 * 1024;
/// An entry that carries at least so many characters of text is an article by itself.
const WHOLE_CHARS_MIN: usize = 600;

/// When to come back, by what the listing told; and only what is needed from here on.
pub(super) fn conclude(visit: &mut Visit, source: &Source, kit: &Kit) {
    let hints = Hints {
        entries: visit.listing.as_ref().map(|l| marked(&l.entries)).unwrap_or_default(),
        ttl_s: visit.listing.as_ref().and_then(|l| l.ttl_s),
        skip: visit.listing.as_ref().map(|l| l.skip).unwrap_or_default(),
        fresh_s: visit.http.as_ref().and_then(|h| h.fresh_s),
    };
    let now = visit.started_at;
    let plan = cadence::after_listing(&kit.cadence, source, &visit.target, &visit.outcome, &hints, now);
    visit.next_visit_at = Some(plan.next_visit_at);
    let Pace { moved, unchanged, full_at, text, .. } = std::mem::take(&mut visit.pace);
    // What could not be read is read again when it comes again.
    let text = if visit.outcome.is_success() { text } else { visit.target.past.pace.text };
    visit.pace = Pace { moved, unchanged, full_at, text, ..plan.pace };
    if visit.outcome == Outcome::Ok {
        if lied(visit, &hints) {
            visit.pace.distrusted = true;
            let message = "the server said that nothing changed though something had; it is not asked that any more";
            visit.problems.push(Problem::new("list", message));
        }
        (visit.pace.unchanged, visit.pace.full_at) = (0, Some(now));
    }
    lighten(visit);
}

/// Reads `document` into `visit`, unless it is, letter by letter, what the listing was last read from: to read it again would find
/// the same. Of one that is made of several documents the others may have changed.
pub(super) async fn take_new(visit: &mut Visit, document: Document, source: &Source, kit: &Arc<Kit>) {
    let (past, text) = (&visit.target.past, Some(text_mark(&document, source)));
    let is_all = source.recipe.list.pages.unwrap_or(1) <= 1 && source.announced == Announced::Ignore;
    if is_all && past.documents.is_empty() && past.pace.text == text {
        (visit.http, visit.charset) = (Some(document.http), Some(document.charset));
        visit.outcome = Outcome::NotModified;
        (visit.pace.unchanged, visit.pace.full_at) = (0, Some(visit.started_at));
        return;
    }
    visit.pace.text = text;
    take(visit, Arc::new(document), source, kit).await;
}

/// What tells a document, and how it is read, from another.
fn text_mark(document: &Document, source: &Source) -> u64 {
    let mut hasher = Xxh3::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    hasher.update(&source.digest());
    hasher.update(document.url.as_str().as_bytes());
    hasher.update(b"\n");
    hasher.update(document.text.as_bytes());
    hasher.digest()
}

/// Only what is needed from here on: megabytes of content would wait for the ledger twice, articles are among the findings already.
pub(super) fn lighten(visit: &mut Visit) {
    visit.listing.iter_mut().flat_map(|l| &mut l.entries).for_each(|e| e.content = None);
    visit.wanted.iter_mut().for_each(|e| drop(e.content.take_if(|c| c.len() > CONTENT_BYTES_MAX)));
    visit.skipped.iter_mut().for_each(|e| e.content = None);
}

/// Marks and dates of `entries`, the newest first where that can be told.
pub(super) fn marked(entries: &[Entry]) -> Vec<(u32, Option<DateTime<Utc>>)> {
    let mut marked: Vec<_> = entries.iter().map(|e| (e.mark(), e.published, e.dated())).collect();
    if marked.iter().all(|(.., dated)| dated.is_some()) {
        marked.sort_by_key(|(.., dated)| Reverse(*dated));
    }
    marked.into_iter().map(|(mark, published, _)| (mark, published)).collect()
}

/// Whether an answer in full, asked for without validators after others that said "unchanged", has entries that are new under
/// the very validators that are known.
fn lied(visit: &Visit, hints: &Hints) -> bool {
    let (target, Some(http)) = (&visit.target, &visit.http) else { return false };
    let known = (&target.etag, &target.last_modified);
    let before = &target.past.pace.marks;
    let same = known != (&None, &None) && known == (&http.etag, &http.last_modified);
    target.past.pace.unchanged > 0 && same && !before.is_empty() && !cadence::fresh(before, &hints.entries).is_empty()
}

fn fail(visit: &mut Visit, failure: Failure) {
    visit.outcome = Outcome::Failed(failure);
}

/// Reads `document` and the pages after it into `visit`.
pub(super) async fn take(visit: &mut Visit, document: Arc<Document>, source: &Source, kit: &Arc<Kit>) {
    visit.http = Some(document.http.clone());
    visit.charset = Some(document.charset.clone());
    let now = visit.started_at;
    let mut listing = match parse(&document, source, now).await {
        Ok(listing) => listing,
        Err(reason) => return fail(visit, unreadable(reason)),
    };
    listing.hub = match listing.kind {
        // The hub of a page would send us the page.
        ListingKind::Feed | ListingKind::JsonFeed if source.websub => document.http.links.clone().or(&listing.hub),
        _ => Announcement::default(),
    };
    listing = heal::heal(listing, &document, source, &visit.target.past, now).await;
    if let Some(failure) = instead::blocked(&listing, &document).await {
        return fail(visit, failure);
    }
    // Nobody who reads on holds room that others wait for.
    let here = document.url.clone();
    drop(document);
    let pages = source.recipe.list.pages.unwrap_or(1).min(PAGES_MAX);
    // Nothing of what was there last time: what came in between may stand on the pages after this one.
    let deeper = if missed(visit, &listing) { DEEPER_PAGES } else { 0 };
    let mut seen = vec![visit.target.url.clone()];
    let mut keys: HashSet<_> = listing.entries.iter().map(place).collect();
    for n in 1..pages + deeper {
        if n >= pages && !missed(visit, &listing) {
            break;
        }
        let Some(next) = listing.next.take().filter(|n| same_host(n, &here) && !seen.contains(n)) else {
            break;
        };
        let more = match page::get(&next, (None, None), source, kit).await {
            Ok(Got::Document(document)) => parse(&Arc::new(*document), source, now).await,
            Ok(Got::NotModified(_)) => break,
            Err(failure) => Err(failure.reason),
        };
        match more {
            // Its list is gone: what is guessed there is not what stands on the first page.
            Ok(more) if more.broken.is_some() && listing.broken.is_none() => break,
            Ok(more) => append(&mut listing, more, &mut keys),
            // The first page is good: a later one that is not costs its own entries only.
            Err(reason) => {
                listing.problems.push(Problem::new("list", format!("page {next}: {reason}")));
                break;
            }
        }
        seen.push(next);
    }
    if let Err(failure) = announced::follow(visit, &mut listing, source, kit).await {
        return fail(visit, failure);
    }
    // An answer that is unchanged says nothing of the other documents that were read for it.
    if (seen.len() > 1 || !listing.documents.is_empty())
        && let Some(http) = &mut visit.http
    {
        (http.etag, http.last_modified) = (None, None);
    }
    if listing.entries.len() > ENTRIES_MAX {
        // What is cut must be the oldest: a sitemap may well begin with it. It counts as seen, for when others go.
        Entry::newest_first(&mut listing.entries);
        let message = format!("only {ENTRIES_MAX} of {} entries are taken", listing.entries.len());
        listing.problems.push(Problem::new("list", message));
        visit.skipped.extend(listing.entries.split_off(ENTRIES_MAX));
    }
    if let Some(failure) = instead::vanished(&mut listing, &visit.target.past, source) {
        return fail(visit, failure);
    }
    sort_out(visit, &listing.entries, listing.kind, source, kit).await;
    visit.problems.append(&mut listing.problems);
    visit.listing = Some(listing);
}

/// The listing that `document` is.
pub(super) async fn parse(document: &Arc<Document>, source: &Source, now: DateTime<Utc>) -> Result<Listing, String> {
    let (document, source) = (document.clone(), source.clone());
    compute(move || {
        let page = read::Page {
            url: &document.url,
            content_type: document.http.content_type.as_deref(),
            text: &document.text,
        };
        read::listing(page, &source, now)
    })
    .await
    .and_then(|read| read)
    .map_err(|p| p.message)
}

/// What tells an entry from the others of its listing.
pub(super) fn place(entry: &Entry) -> (String, Option<String>) {
    (address::canonical(&entry.link), entry.part.clone())
}

fn append(listing: &mut Listing, more: Listing, keys: &mut HashSet<(String, Option<String>)>) {
    listing.entries.extend(more.entries.into_iter().filter(|e| keys.insert(place(e))));
    listing.next = more.next;
    listing.problems.extend(more.problems);
}

/// Whether entries may have come and gone since the last visit: the listing has none that was there then.
fn missed(visit: &Visit, listing: &Listing) -> bool {
    let marks: Vec<u32> = listing.entries.iter().map(Entry::mark).collect();
    cadence::has_gap(&visit.target, &marks)
}

fn same_host(a: &Url, b: &Url) -> bool {
    a.host_str() == b.host_str()
}

/// Which entries are articles by themselves, which have a page to be visited, and which only count as seen.
pub(super) async fn sort_out(visit: &mut Visit, entries: &[Entry], kind: ListingKind, source: &Source, kit: &Arc<Kit>) {
    let mut entries = entries.to_vec();
    let is_first = visit.target.last_success_at.is_none() && visit.target.id != 0;
    let taken = if is_first { source.first_visit } else { usize::MAX };
    if entries.len() > taken {
        Entry::newest_first(&mut entries);
    }
    let is_feed = matches!(kind, ListingKind::Feed | ListingKind::JsonFeed);
    let (owned, kit) = (source.clone(), kit.clone());
    let sorted = compute(move || {
        let mut places: HashMap<String, usize> = HashMap::new();
        for entry in &entries {
            *places.entry(address::canonical(&entry.link)).or_default() += 1;
        }
        let (mut findings, mut wanted, mut skipped) = (vec![], vec![], vec![]);
        for (n, mut entry) in entries.into_iter().enumerate() {
            let draft = whole(&entry, is_feed, &owned);
            // Release notes and status reports: many articles behind one address.
            if draft.is_some() && places.get(&address::canonical(&entry.link)).is_some_and(|n| *n > 1) {
                let own = || entry.guid.clone().filter(|g| *g != entry.link.as_str()).or_else(|| entry.title.clone());
                entry.part = entry.part.take().or_else(own);
            }
            match draft {
                _ if n >= taken => skipped.push(entry),
                // It is nowhere else, and says nothing here.
                None if entry.part.is_some() => {}
                Some(draft) => findings.push(Finding { part: entry.part, ..finding(draft, false, &owned, &kit) }),
                None => wanted.push(entry),
            }
        }
        // Oldest first, so that the newest gets the highest number in the log.
        findings.reverse();
        wanted.reverse();
        (findings, wanted, skipped)
    })
    .await;
    match sorted {
        Ok((findings, wanted, skipped)) => {
            (visit.findings, visit.wanted) = (findings, wanted);
            visit.skipped.extend(skipped);
        }
        Err(problem) => fail(visit, unreadable(problem.message)),
    }
}

/// The article that `entry` is by itself, if its page need not be visited.
fn whole(entry: &Entry, is_feed: bool, source: &Source) -> Option<crate::model::Draft> {
    match source.full_text {
        _ if entry.part.is_some() => extract::from_entry(entry, source),
        Some(true) => None,
        Some(false) => extract::from_entry(entry, source),
        None if is_feed && entry.content.is_some() => {
            extract::from_entry(entry, source).filter(|d| d.text.chars().count() >= WHOLE_CHARS_MIN)
        }
        None => None,
    }
}
