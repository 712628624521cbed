//! One batch of visits, in one transaction.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::fingerprint::{self, line_marks};
use crate::model::{
    Change, ChangeKind, FailureKind, Finding, Listing, Match, Outcome, Past, TargetKind, Visit, address,
};
use crate::search;
use crate::store::{Ended, Held, NewArticle, Store, StoreError, Stored, Tx, kept};
use crate::topic::Queries;
use crate::visit::Delivery;

use super::{
    Recorded, Settings,
    familiar::Familiar,
    flood, near,
    sift::{self, Sifted},
};

/// Writes the visits of `jobs`; returns what each came to, and the number of the newest change if any was appended.
pub(super) async fn batch(
    store: &Store,
    jobs: &[Delivery],
    settings: &Settings,
    familiar: &Mutex<Familiar>,
    now: DateTime<Utc>,
) -> Result<(Vec<Recorded>, Option<i64>), StoreError> {
    let keys: Vec<String> = jobs.iter().flat_map(|j| sift::keys(&j.visit)).collect();
    let known = store.known(&keys).await?;
    let mut sifted: Vec<Sifted<'_>> = jobs.iter().map(|j| sift::sift(&j.visit, &known)).collect();
    for (job, sifted) in jobs.iter().zip(&mut sifted) {
        let flood = flood::flood(store, &job.visit, sifted, &known).await?;
        sifted.hold(&flood);
    }
    let mut tx = store.begin().await?;
    let may_append = sifted.iter().any(|s| !s.findings.is_empty()) || jobs.iter().any(|j| is_gone(&j.visit));
    // Before anything is read that decides on changes.
    let (mut head, mut topics) = (0, HashMap::new());
    if may_append {
        tx.lock_log().await?;
        head = tx.head().await?;
        topics = tx.topics().await?.into_iter().collect();
    }
    let before = head;
    let mut all = Vec::with_capacity(jobs.len());
    for (job, sifted) in jobs.iter().zip(&sifted) {
        let mut case =
            Case { visit: &job.visit, topics: &topics, queries: &job.queries, missed: &[], settings, familiar, now };
        let missed: Vec<&str> = topics.keys().map(String::as_str).filter(|t| !case.is_current(t)).collect();
        case.missed = &missed;
        all.push(one(&mut tx, case, sifted, &mut head).await?);
    }
    let ended: Vec<Ended<'_>> = jobs.iter().zip(&all).map(|(job, recorded)| ended(&job.visit, recorded)).collect();
    tx.record_visits(&ended, now).await?;
    tx.commit().await?;
    let mut familiar = familiar.lock().unwrap_or_else(PoisonError::into_inner);
    all.iter().flat_map(|r| &r.lines).for_each(|(story, lines)| familiar.learn(*story, lines));
    Ok((all, (head > before).then_some(head)))
}

/// A visit, the topics as they are, and the queries by which it was matched: a configuration may have changed in between.
#[derive(Clone, Copy)]
struct Case<'a> {
    visit: &'a Visit,
    topics: &'a HashMap<String, Vec<u8>>,
    queries: &'a Queries,
    /// Topics with which the visit was not matched as they are now.
    missed: &'a [&'a str],
    settings: &'a Settings,
    familiar: &'a Mutex<Familiar>,
    now: DateTime<Utc>,
}

impl Case<'_> {
    fn is_current(&self, topic: &str) -> bool {
        match (self.topics.get(topic), self.queries.get(topic)) {
            (Some(now), Some(then)) => now == then,
            _ => false,
        }
    }

    /// What of `matches` still means what it says.
    fn current(&self, matches: &[Match]) -> Vec<Match> {
        matches.iter().filter(|m| self.is_current(&m.topic)).cloned().collect()
    }
}

async fn one(tx: &mut Tx, case: Case<'_>, sifted: &Sifted<'_>, head: &mut i64) -> Result<Recorded, StoreError> {
    let mut recorded = Recorded::default();
    let Case { visit, now, .. } = case;
    let source = &visit.target.source;
    let mut entries_new = 0;
    for (key, entry) in &sifted.wanted {
        let host = address::lane(&entry.link);
        if tx.add_target(source, key, &host, entry, now, Some(visit.started_at)).await? {
            recorded.targets_new += 1;
            entries_new += 1;
        }
    }
    for (key, entry) in &sifted.skipped {
        entries_new += i64::from(tx.add_target(source, key, &address::lane(&entry.link), entry, now, None).await?);
    }
    for (key, entry) in &sifted.held {
        let entry = entry.at(visit);
        recorded.held += usize::from(tx.hold_target(source, key, &address::lane(&entry.link), &entry, now).await?);
    }
    for (key, finding) in &sifted.findings {
        let new = article(tx, case, key, finding, head, &mut recorded).await?;
        if new && !finding.from_page && visit.target.kind == TargetKind::Listing {
            // Remembered beyond the article's own life, so that it does not come back as new.
            let entry = crate::model::Entry::at(finding.draft.url.clone());
            tx.add_target(source, key, &address::lane(&entry.link), &entry, now, None).await?;
            entries_new += 1;
        }
    }
    if is_gone(visit) {
        gone(tx, visit, head, &mut recorded, now).await?;
    }
    recorded.entries_new = entries_new;
    if let Some(listing) = &visit.listing {
        let held = Held {
            seen: i64::try_from(listing.entries.len()).unwrap_or(i64::MAX),
            new: entries_new,
            shapes: shapes(listing),
            documents: documents(visit, listing),
            news_every_s: (entries_new > 0).then(|| news_every_s(&visit.target.past, now)).flatten(),
        };
        tx.record_listing(visit.target.id, &held, now).await?;
        if visit.outcome == Outcome::Ok {
            tx.announce(source, &listing.hub, now).await?;
        }
    }
    Ok(recorded)
}

/// What the links of `listing` look like, most frequent first, if it was read as its source says.
fn shapes(listing: &Listing) -> Option<Vec<String>> {
    const SHAPES_MAX: usize = 8;
    if listing.broken.is_some() || listing.entries.is_empty() {
        return None;
    }
    let mut counts: HashMap<String, usize> = HashMap::new();
    for entry in &listing.entries {
        *counts.entry(address::shape(&entry.link)).or_default() += 1;
    }
    let mut shapes: Vec<(String, usize)> = counts.into_iter().collect();
    shapes.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    Some(shapes.into_iter().take(SHAPES_MAX).map(|(shape, _)| shape).collect())
}

/// Every other document that was ever read for the listing, the newest last, if there is one more.
fn documents(visit: &Visit, listing: &Listing) -> Option<Vec<String>> {
    const DOCUMENTS_MAX: usize = 200;
    let mut all = visit.target.past.documents.clone();
    let known = all.len();
    all.extend(listing.documents.iter().filter(|d| !visit.target.past.documents.contains(d)).cloned());
    let more = all.len() > known;
    let first = all.len().saturating_sub(DOCUMENTS_MAX);
    more.then(|| all.split_off(first))
}

/// Seconds between two arrivals of something new, now that there is one: the last ones count most.
fn news_every_s(past: &Past, now: DateTime<Utc>) -> Option<i64> {
    const WEIGHT: i64 = 5;
    let gap = (now - past.last_new_at?).num_seconds().max(1);
    Some(past.news_every_s.map_or(gap, |every| every + (gap - every) / WEIGHT))
}

/// How `visit` ended; validators are those of the last full answer.
fn ended<'a>(visit: &'a Visit, recorded: &Recorded) -> Ended<'a> {
    let t = &visit.target;
    let (etag, last_modified) = match &visit.http {
        // 304 says nothing of them; a text that is known already may come under others.
        Some(http) if visit.outcome.is_success() && http.status != 304 => {
            (http.etag.as_deref(), http.last_modified.as_deref())
        }
        _ => (t.etag.as_deref(), t.last_modified.as_deref()),
    };
    let Recorded { entries_new, articles_new, .. } = *recorded;
    Ended { visit, etag, last_modified, entries_new, articles_new }
}

/// Stores a finding as an article, a revision, or nothing; whether it is a new article.
async fn article(
    tx: &mut Tx,
    case: Case<'_>,
    key: &str,
    finding: &Finding,
    head: &mut i64,
    recorded: &mut Recorded,
) -> Result<bool, StoreError> {
    let Case { visit, now, .. } = case;
    let source = visit.target.source.as_str();
    let new = NewArticle {
        source,
        target: finding.from_page.then_some(visit.target.id),
        key,
        draft: &finding.draft,
        digest: finding.digest,
    };
    let number = *head + 1;
    let marks = line_marks(&finding.draft.text);
    let told = case.familiar.lock().unwrap_or_else(PoisonError::into_inner).told(finding, &marks);
    let sketch = told.sketch.as_ref();
    let (kind, story, id, is_new) = if let Some(stored) = tx.article(key).await? {
        let same = is_same(tx, &stored, finding).await?;
        let stale = if finding.from_page { same && stored.from_page } else { same || stored.from_page };
        if stored.source_id != source || stale {
            return Ok(false);
        }
        // The page itself, after what a listing said of it, is the same article told in full: no revision.
        let keep = stored.from_page == finding.from_page;
        tx.revise_article(&stored, new, keep, now).await?;
        tx.add_digest(finding.digest, stored.story_id).await?;
        // An edit is found by what it was before: else each would leave bands.
        tx.note_likeness(stored.id, None, sketch, !keep, now).await?;
        (keep.then_some(ChangeKind::ArticleRevised), stored.story_id, stored.id, false)
    } else if let Some(story) = tx.story_of(finding.digest).await? {
        let (kind, id) = join(tx, story, new, now).await?;
        tx.note_likeness(id, Some("equal"), sketch, true, now).await?;
        (kind, story, id, true)
    } else if let Some(near) = near::near(tx, source, finding, &told, case.familiar, case.settings, now).await? {
        let (_, id) = join(tx, near.story, new, now).await?;
        // Also by an outlet that is on it already: it is another text.
        let kind = Some(ChangeKind::StoryJoined);
        tx.add_digest(finding.digest, near.story).await?;
        tx.note_likeness(id, Some(&near.reason()), sketch, true, now).await?;
        (kind, near.story, id, true)
    } else {
        let story = tx.add_story(number, now).await?;
        tx.add_digest(finding.digest, story).await?;
        let id = tx.add_article(story, new, now).await?;
        tx.note_likeness(id, Some("new"), sketch, true, now).await?;
        (Some(ChangeKind::StoryNew), story, id, true)
    };
    tx.set_words(id, &search::words(&finding.draft.title, &finding.draft.text)).await?;
    recorded.articles_new += usize::from(is_new);
    recorded.lines.push((story, marks));
    let matches = case.current(&finding.matches);
    let newly = tx.set_matches(id, story, &matches, number, now).await?;
    for topic in case.missed {
        tx.leave_to_backfill(topic, id).await?;
    }
    // A feed that gains a story must show in the log, whatever brought it about.
    let fallback = if is_new { ChangeKind::StoryJoined } else { ChangeKind::ArticleRevised };
    if let Some(kind) = kind.or_else(|| (!newly.is_empty()).then_some(fallback)) {
        let change = Change {
            number,
            kind,
            story,
            article: id,
            source: source.into(),
            title: finding.draft.title.clone(),
            url: finding.draft.url.to_string(),
            topics: matches.into_iter().map(|m| m.topic).collect(),
            at: kept(now),
        };
        tx.append(&change).await?;
        *head = number;
        recorded.changes.push(change);
    }
    Ok(is_new)
}

/// Whether `finding` is what is stored. A digest of another version says nothing of the text: then it is made anew.
async fn is_same(tx: &mut Tx, stored: &Stored, finding: &Finding) -> Result<bool, StoreError> {
    let title = stored.title == finding.draft.title;
    if stored.digest.first() == finding.digest.as_bytes().first() {
        return Ok(title && stored.digest == finding.digest.as_bytes());
    }
    let anew = fingerprint::digest(&stored.title, &tx.text(stored.id).await?);
    tx.restamp(stored.id, stored.story_id, anew).await?;
    Ok(title && anew == finding.digest)
}

/// Adds an article to a story that is told already; the change is that another outlet has it.
async fn join(
    tx: &mut Tx,
    story: i64,
    new: NewArticle<'_>,
    now: DateTime<Utc>,
) -> Result<(Option<ChangeKind>, i64), StoreError> {
    let joined = !tx.has_outlet(story, new.source).await?;
    let id = tx.add_article(story, new, now).await?;
    Ok((joined.then_some(ChangeKind::StoryJoined), id))
}

/// Whether the visit says that an article was taken down: gone twice, or for good.
fn is_gone(visit: &Visit) -> bool {
    visit.target.kind == TargetKind::Article
        && visit.next_visit_at.is_none()
        && matches!(&visit.outcome, Outcome::Failed(f) if f.kind == FailureKind::NotFound)
}

async fn gone(
    tx: &mut Tx,
    visit: &Visit,
    head: &mut i64,
    recorded: &mut Recorded,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for mut change in tx.take_down(visit.target.id, now).await? {
        change.number = *head + 1;
        change.topics = tx.topics_of(change.article).await?;
        tx.append(&change).await?;
        *head = change.number;
        recorded.changes.push(change);
    }
    Ok(())
}
