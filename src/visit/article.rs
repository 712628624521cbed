//! A visit of an article page.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::cadence;
use crate::extract;
use crate::model::{Draft, FailureKind, Outcome, Problem, Source, Target, Visit, address};

use super::{
    Kit, compute, finding,
    page::{self, Document, Got},
};

/// Most pages of one article.
const PAGES_MAX: usize = 20;

/// When to come back, if at all, and what stands in for a page that cannot be had.
pub(super) async fn conclude(visit: &mut Visit, source: &Source, kit: &Arc<Kit>) {
    visit.next_visit_at = cadence::after_article(&kit.cadence, &visit.target, &visit.outcome, visit.started_at)
        .map(|at| cadence::opens_at(source, at));
    if visit.outcome == Outcome::Ok {
        visit.pace.unchanged = 0;
    }
    fall_back(visit, source, kit).await;
}

/// Extracts the article of `document` and the pages after it into `visit`.
pub(super) async fn take(visit: &mut Visit, document: Document, source: &Source, kit: &Arc<Kit>) {
    visit.http = Some(document.http.clone());
    visit.charset = Some(document.charset.clone());
    let first = match parse(document, &visit.target, source, visit.started_at).await {
        Ok(draft) => draft,
        Err(reason) => {
            visit.outcome = Outcome::NotArticle { reason };
            return;
        }
    };
    let mut seen = vec![address::canonical(&first.url)];
    let mut rest: Vec<Draft> = vec![];
    while seen.len() < PAGES_MAX {
        let Some(next) = rest.last().unwrap_or(&first).next.clone() else { break };
        let key = address::canonical(&next);
        if next.host_str() != first.url.host_str() || seen.contains(&key) {
            break;
        }
        seen.push(key);
        let more = match page::get(&next, (None, None), source, kit).await {
            Ok(Got::Document(document)) => parse(*document, &visit.target, source, visit.started_at).await,
            Ok(Got::NotModified(_)) => break,
            Err(failure) => Err(failure.reason),
        };
        match more {
            Ok(draft) => rest.push(draft),
            Err(reason) => {
                visit.problems.push(Problem::new("article", format!("page {next}: {reason}")));
                break;
            }
        }
    }
    let (owned, with) = (source.clone(), kit.clone());
    match compute(move || finding(extract::join(first, rest), true, &owned, &with)).await {
        Ok(found) => visit.findings.push(found),
        Err(problem) => visit.outcome = Outcome::NotArticle { reason: problem.message },
    }
}

async fn parse(document: Document, target: &Target, source: &Source, now: DateTime<Utc>) -> Result<Draft, String> {
    let (source, entry) = (source.clone(), target.entry.clone());
    compute(move || {
        let page = extract::Page { url: &document.url, text: &document.text };
        extract::article(page, entry.as_ref(), &source, now)
    })
    .await
    .map_err(|p| p.message)
    .and_then(|read| read)
}

/// A page that cannot be had does not lose the article: what the listing said of it stands in, until the page can be had.
async fn fall_back(visit: &mut Visit, source: &Source, kit: &Arc<Kit>) {
    let stands_in = match &visit.outcome {
        Outcome::NotArticle { .. } => true,
        Outcome::Failed(f) if f.kind == FailureKind::NotFound => false,
        Outcome::Failed(f) => {
            // To wait would not help with these.
            let is_kept_out = matches!(f.kind, FailureKind::Blocked | FailureKind::Robots | FailureKind::Refused);
            is_kept_out || visit.next_visit_at.is_none()
        }
        Outcome::Ok | Outcome::NotModified => false,
    };
    let Some(entry) = visit.target.entry.clone().filter(|_| stands_in) else { return };
    let (owned, with) = (source.clone(), kit.clone());
    let found =
        compute(move || extract::from_entry(&entry, &owned).map(|draft| finding(draft, false, &owned, &with))).await;
    match found {
        Ok(found) => visit.findings.extend(found),
        Err(problem) => visit.problems.push(problem),
    }
}
