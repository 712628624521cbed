//! One article: its text, who else ran it, why it matched, and what edits changed.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::task::spawn_blocking;
use url::Url;
use utoipa::ToSchema;

use super::{
    problem::{Problem, Refusals},
    router::Shared,
};
use crate::model::{Match, Outlet, StoryItem};
use crate::render::{Piece, diff, is_minor};
use crate::store::Version;

/// Revisions that are compared; of more the oldest are left out.
const REVISIONS_MAX: i64 = 20;

/// An article as `/api/v1/articles/{id}` shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Article {
    id: i64,
    story: i64,
    source: String,
    url: Url,
    title: String,
    text: String,
    html: String,
    published_at: Option<DateTime<Utc>>,
    modified_at: Option<DateTime<Utc>>,
    author: Option<String>,
    origin: Option<String>,
    language: Option<String>,
    image: Option<Url>,
    /// The address that the page names as its own.
    canonical: Option<Url>,
    section: Option<String>,
    tags: Vec<String>,
    /// How many comments it had when it was read.
    comments: Option<u64>,
    first_seen_at: DateTime<Utc>,
    revision: i64,
    /// Every outlet of the story.
    outlets: Vec<Outlet>,
    /// Topics that match the story, and why.
    matches: Vec<Match>,
    /// What edits changed, the newest first.
    edits: Vec<Edit>,
}

/// How one state of an article became the next.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Edit {
    /// The revision that it led to.
    pub(super) revision: i64,
    /// When it was seen.
    pub(super) seen_at: DateTime<Utc>,
    /// A correction of a few characters.
    pub(super) minor: bool,
    pub(super) title: Vec<Piece>,
    pub(super) text: Vec<Piece>,
}

/// One article: its text, who else ran it, why it matched, and what edits changed.
#[utoipa::path(get, path = "/api/v1/articles/{id}", tag = "read", params(
    ("id" = i64, Path, description = "Number of the article."),
), responses(
    (status = 200, description = "The article.", body = Article),
    (status = 404, description = "There is no such article, or it was deleted for its age.", body = Problem,
        content_type = "application/problem+json"),
    Refusals,
))]
pub(super) async fn article(
    State(shared): State<Arc<Shared>>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<Article>, Problem> {
    let (found, edits) = found(&shared, id).await?;
    Ok(Json(shown(found, edits)))
}

/// An article with its story, and what edits changed in it, the newest first.
pub(super) async fn found(
    shared: &Shared,
    id: Result<Path<i64>, PathRejection>,
) -> Result<(StoryItem, Vec<Edit>), Problem> {
    let Path(id) = id.map_err(|_| Problem::absent("Articles have whole numbers."))?;
    let store = &shared.app.store;
    let Some(found) = store.article(id).await.map_err(|e| Problem::store("article", &e))? else {
        return Err(Problem::absent(format!("No article has the number {id}, or it was deleted for its age.")));
    };
    let versions = store.versions(id, REVISIONS_MAX + 1).await.map_err(|e| Problem::store("versions", &e))?;
    let edits = spawn_blocking(move || edits(&versions)).await.map_err(|e| {
        tracing::error!(error = %e, "edits of an article could not be compared");
        Problem::defect()
    })?;
    Ok((found, edits))
}

fn shown(found: StoryItem, edits: Vec<Edit>) -> Article {
    let (lead, d) = (found.lead.clone(), found.lead.draft);
    Article {
        id: lead.id,
        story: lead.story,
        source: lead.source,
        edits,
        url: d.url,
        title: d.title,
        text: d.text,
        html: d.html,
        published_at: d.published,
        modified_at: d.modified,
        author: d.author,
        origin: d.origin,
        language: d.language,
        image: d.image,
        canonical: d.canonical,
        section: d.section,
        tags: d.tags,
        comments: d.comments,
        first_seen_at: lead.first_seen_at,
        revision: lead.revision,
        outlets: found.outlets,
        matches: found.matches,
    }
}

/// What led from each of `versions`, the oldest first, to the next; the newest first.
fn edits(versions: &[Version]) -> Vec<Edit> {
    let steps = versions.iter().zip(versions.iter().skip(1)).rev();
    steps.map(|(old, new)| compare(old, new)).collect()
}

/// How `new` came from `old`.
pub(super) fn compare(old: &Version, new: &Version) -> Edit {
    let (title, text) = (diff(&old.1, &new.1), diff(&old.2, &new.2));
    let minor = is_minor(&title) && is_minor(&text);
    Edit { revision: new.0, seen_at: new.3, minor, title, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Fate;

    #[test]
    fn edits_are_told_newest_first_with_what_they_changed() {
        let at = |s: i64| DateTime::from_timestamp(1_780_000_000 + s, 0).unwrap();
        let versions = [
            (1, "港口复工".into(), "渡轮周五恢复运营".into(), at(0)),
            (2, "港口复工".into(), "渡轮周日恢复运营".into(), at(5)),
            (3, "港口复工，票价上涨".into(), "渡轮周日恢复运营，票价从今天起上涨两成，学生不受影响".into(), at(9)),
        ];
        let found = edits(&versions);
        assert_eq!(found.iter().map(|e| (e.revision, e.minor)).collect::<Vec<_>>(), [(3, false), (2, true)]);
        assert_eq!(found[1].seen_at, at(5));
        assert_eq!(found[1].title, [Piece { fate: Fate::Kept, text: "港口复工".into() }]);
        assert!(edits(&versions[..1]).is_empty());
    }
}
