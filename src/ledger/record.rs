//! One batch of visits, in one transaction.

use chrono::{DateTime, Utc};

use crate::model::{Change, ChangeKind, FailureKind, Finding, Outcome, TargetKind, Visit, address};
use crate::store::{NewArticle, Store, StoreError, Tx, kept};

use super::{
    Recorded,
    sift::{self, Sifted},
};

/// Writes `visits`; returns what each came to, and the number of the newest change if any was appended.
pub(super) async fn batch(
    store: &Store,
    visits: &[&Visit],
    now: DateTime<Utc>,
) -> Result<(Vec<Recorded>, Option<i64>), StoreError> {
    let keys: Vec<String> = visits.iter().flat_map(|v| sift::keys(v)).collect();
    let known = store.known(&keys).await?;
    let sifted: Vec<Sifted<'_>> = visits.iter().map(|v| sift::sift(v, &known)).collect();
    let mut tx = store.begin().await?;
    let may_append = sifted.iter().any(|s| !s.findings.is_empty()) || visits.iter().any(|v| is_gone(v));
    // Before anything is read that decides on changes.
    let mut head = 0;
    if may_append {
        tx.lock_log().await?;
        head = tx.head().await?;
    }
    let before = head;
    let mut all = Vec::with_capacity(visits.len());
    for (visit, sifted) in visits.iter().zip(&sifted) {
        all.push(one(&mut tx, visit, sifted, &mut head, now).await?);
    }
    tx.commit().await?;
    Ok((all, (head > before).then_some(head)))
}

async fn one(
    tx: &mut Tx,
    visit: &Visit,
    sifted: &Sifted<'_>,
    head: &mut i64,
    now: DateTime<Utc>,
) -> Result<Recorded, StoreError> {
    let mut recorded = Recorded::default();
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
    for (key, finding) in &sifted.findings {
        let new = article(tx, visit, key, finding, head, &mut recorded, now).await?;
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
    target(tx, visit).await?;
    if let Some(listing) = &visit.listing {
        let seen = i64::try_from(listing.entries.len()).unwrap_or(i64::MAX);
        tx.record_listing(visit.target.id, seen, entries_new, now).await?;
    }
    Ok(recorded)
}

/// How the visit ended; validators are those of the last full answer.
async fn target(tx: &mut Tx, visit: &Visit) -> Result<(), StoreError> {
    let t = &visit.target;
    match &visit.http {
        Some(http) if visit.outcome == Outcome::Ok => {
            tx.record_target(visit, http.etag.as_deref(), http.last_modified.as_deref()).await
        }
        _ => tx.record_target(visit, t.etag.as_deref(), t.last_modified.as_deref()).await,
    }
}

/// Stores a finding as an article, a revision, or nothing; whether it is a new article.
async fn article(
    tx: &mut Tx,
    visit: &Visit,
    key: &str,
    finding: &Finding,
    head: &mut i64,
    recorded: &mut Recorded,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let source = visit.target.source.as_str();
    let new = NewArticle {
        source,
        target: finding.from_page.then_some(visit.target.id),
        key,
        draft: &finding.draft,
        digest: finding.digest,
    };
    let number = *head + 1;
    let (kind, story, id, is_new) = if let Some(stored) = tx.article(key).await? {
        let same = stored.digest == finding.digest.as_bytes() && stored.title == finding.draft.title;
        let stale = if finding.from_page { same && stored.from_page } else { same || stored.from_page };
        if stored.source_id != source || stale {
            return Ok(false);
        }
        // The page itself, after what a listing said of it, is the same article told in full: no revision.
        let keep = stored.from_page == finding.from_page;
        tx.revise_article(&stored, new, keep, now).await?;
        tx.add_digest(finding.digest, stored.story_id).await?;
        (keep.then_some(ChangeKind::ArticleRevised), stored.story_id, stored.id, false)
    } else if let Some(story) = tx.story_of(finding.digest).await? {
        let joined = !tx.has_outlet(story, source).await?;
        let id = tx.add_article(story, new, now).await?;
        (joined.then_some(ChangeKind::StoryJoined), story, id, true)
    } else {
        let story = tx.add_story(number, now).await?;
        tx.add_digest(finding.digest, story).await?;
        let id = tx.add_article(story, new, now).await?;
        (Some(ChangeKind::StoryNew), story, id, true)
    };
    recorded.articles_new += usize::from(is_new);
    let newly = tx.set_matches(id, story, &finding.matches, number, now).await?;
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
            topics: finding.matches.iter().map(|m| m.topic.clone()).collect(),
            at: kept(now),
        };
        tx.append(&change).await?;
        *head = number;
        recorded.changes.push(change);
    }
    Ok(is_new)
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
    let Some(mut change) = tx.take_down(visit.target.id, now).await? else { return Ok(()) };
    change.number = *head + 1;
    change.topics = tx.topics_of(change.article).await?;
    tx.append(&change).await?;
    *head = change.number;
    recorded.changes.push(change);
    Ok(())
}
