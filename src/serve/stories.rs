//! Stories as JSON: by pages, and one with its articles.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, RawQuery, State, rejection::PathRejection},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked, changes,
    problem::{Problem, Refusals},
    query::{LIMIT_MAX, Query, shown},
    router::Shared,
    status,
};
use crate::model::{Match, Outlet};
use crate::store::{StoryPart, StoryRow};

/// Stories in one answer, if the reader does not ask for another number.
const LIMIT: i64 = 50;

/// A page of stories.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Stories {
    /// Newest first.
    stories: Vec<Story>,
    /// `cursor` of the next request; null: that was all.
    next: Option<String>,
}

/// A story as its lead, the article that was seen first, tells it.
#[derive(Debug, Serialize, ToSchema)]
struct Story {
    id: i64,
    /// Number of the change that brought it into this list.
    number: i64,
    /// Number of the lead.
    lead: i64,
    source: String,
    url: String,
    title: String,
    origin: Option<String>,
    language: Option<String>,
    published_at: Option<DateTime<Utc>>,
    first_seen_at: DateTime<Utc>,
    /// When the lead's present state was first seen.
    revised_at: DateTime<Utc>,
    /// Every outlet that ran it, in order of first sight.
    outlets: Vec<Outlet>,
    /// Topics that matched it, and why.
    matches: Vec<Match>,
}

/// A story with its articles.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StoryWhole {
    id: i64,
    /// Number of the change with which it began.
    number: i64,
    title: String,
    first_seen_at: DateTime<Utc>,
    /// Topics that matched any of its articles; why stands with each article.
    topics: Vec<String>,
    /// First seen first, of very many the first 500.
    articles: Vec<Part>,
}

/// An article of a story.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StoryArticle)]
struct Part {
    id: i64,
    /// It was seen first.
    lead: bool,
    source: String,
    /// Name of the outlet.
    outlet: String,
    url: String,
    title: String,
    /// How it came to the story: `new`, `equal`, `copy …`, `split`; null: before that was kept.
    joined: Option<String>,
    author: Option<String>,
    origin: Option<String>,
    language: Option<String>,
    published_at: Option<DateTime<Utc>>,
    first_seen_at: DateTime<Utc>,
    /// When its present state was first seen.
    revised_at: DateTime<Utc>,
    revision: i64,
    /// When it was taken down; null: it was not.
    gone_at: Option<DateTime<Utc>>,
    /// Topics that matched it, and why.
    matches: Vec<Match>,
}

/// Stories, the newest first.
#[utoipa::path(get, path = "/api/v1/stories", tag = "read", params(
    ("topic" = Option<String>, Query, description = "Only stories of this topic."),
    ("source" = Option<String>, Query, description = "Only stories that this source ran."),
    ("limit" = Option<i64>, Query, description = "Stories in one answer; 50 if absent.", minimum = 1, maximum = 500),
    ("cursor" = Option<String>, Query, description = "`next` of the answer before."),
), responses(
    (status = 200, description = "A page of stories.", body = Stories),
    Refusals,
))]
pub(super) async fn stories(
    State(shared): State<Arc<Shared>>,
    RawQuery(raw): RawQuery,
) -> Result<Json<Stories>, Problem> {
    let query = Query::of(raw.as_deref());
    let limit = query.limit(LIMIT)?;
    let topic = query.get("topic").map(|topic| changes::known(&shared, topic)).transpose()?;
    let source = query.get("source");
    if let Some(source) = source.filter(|s| !asked::is_id(s)) {
        return Err(Problem::bad(format!("`{}` is no identifier of a source.", shown(source))));
    }
    let below = query.cursor()?.unwrap_or(i64::MAX);
    let rows = shared.app.store.story_page(topic.as_deref(), source, below, limit).await;
    let rows = rows.map_err(|e| Problem::store("stories", &e))?;
    if let Some(source) = source.filter(|_| rows.is_empty()) {
        status::name(&shared.app, source).await?;
    }
    let is_full = i64::try_from(rows.len()).is_ok_and(|n| n >= limit.min(LIMIT_MAX));
    let next = rows.last().filter(|_| is_full).map(|last| last.lead.number.to_string());
    Ok(Json(Stories { stories: rows.into_iter().map(story).collect(), next }))
}

/// One story, with its articles.
#[utoipa::path(get, path = "/api/v1/stories/{id}", tag = "read", params(
    ("id" = i64, Path, description = "Number of the story."),
), responses(
    (status = 200, description = "The story.", body = StoryWhole),
    (status = 404, description = "There is no such story, or nothing is left of it.", body = Problem,
        content_type = "application/problem+json"),
    Refusals,
))]
pub(super) async fn one(
    State(shared): State<Arc<Shared>>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<StoryWhole>, Problem> {
    let Path(id) = id.map_err(|_| Problem::absent("Stories have whole numbers."))?;
    let found = shared.app.store.story(id).await.map_err(|e| Problem::store("story", &e))?;
    let Some((number, parts)) = found else {
        return Err(Problem::absent(format!("No story has the number {id}, or all of it was deleted for its age.")));
    };
    let mut topics: Vec<String> = parts.iter().flat_map(|p| p.matches.iter().map(|m| m.topic.clone())).collect();
    topics.sort_unstable();
    topics.dedup();
    let title = parts.first().map(|p| p.title.clone()).unwrap_or_default();
    let first_seen_at = parts.first().map(|p| p.first_seen_at).unwrap_or_default();
    let articles = parts.into_iter().enumerate().map(|(n, p)| part(n == 0, p)).collect();
    Ok(Json(StoryWhole { id, number, title, first_seen_at, topics, articles }))
}

fn story(row: StoryRow) -> Story {
    let lead = row.lead;
    Story {
        id: lead.story_id,
        number: lead.number,
        lead: lead.id,
        source: lead.source_id,
        url: lead.url,
        title: lead.title,
        origin: lead.origin,
        language: lead.language,
        published_at: lead.published_at,
        first_seen_at: lead.first_seen_at,
        revised_at: lead.revised_at,
        outlets: row.outlets,
        matches: row.matches,
    }
}

fn part(lead: bool, p: StoryPart) -> Part {
    Part {
        id: p.id,
        lead,
        source: p.source_id,
        outlet: p.outlet,
        url: p.url,
        title: p.title,
        joined: p.joined,
        author: p.author,
        origin: p.origin,
        language: p.language,
        published_at: p.published_at,
        first_seen_at: p.first_seen_at,
        revised_at: p.revised_at,
        revision: p.revision,
        gone_at: p.gone_at,
        matches: p.matches,
    }
}
