//! The feed of what was edited and taken down.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use chrono::Utc;
use tokio::task::spawn_blocking;

use super::{
    article::{Edit, compare},
    conditional,
    feeds::{self, ALL},
    problem::Problem,
    query::Query,
    router::Shared,
};
use crate::model::{Change, ChangeKind};
use crate::render::{EditItem, FeedFacts, edits_atom};
use crate::store::{Store, StoreError, Version};

/// Edits in the feed unless the reader asks for another number.
const EDITS: i64 = 50;

/// `/feeds/{topic}/changes.atom`.
pub(super) async fn feed(
    State(shared): State<Arc<Shared>>,
    topic: Result<Path<String>, PathRejection>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let app = &shared.app;
    let Path(topic) = topic.map_err(|_| Problem::absent("No feed has a name that is not UTF-8."))?;
    let feed = feeds::named(&topic, &shared.topics())?;
    let limit = Query::of(raw.as_deref()).limit(EDITS)?;
    let asked = Some(topic.as_str()).filter(|t| *t != ALL);
    let items = items(&app.store, asked, limit).await.map_err(|e| Problem::store("edits", &e))?;
    let base = app.address(&["feeds", &feed.id, "changes"]);
    let facts = FeedFacts::new(&feed.id, &feed.title, base, app.address(&[""]), &app.authority);
    let newest = items.iter().map(|i| i.change.at).max();
    let body = spawn_blocking(move || edits_atom(&facts, &items)).await.map_err(|_| Problem::defect())?;
    Ok(conditional::answer(&headers, "application/atom+xml; charset=utf-8", body, newest, Utc::now()))
}

async fn items(store: &Store, topic: Option<&str>, limit: i64) -> Result<Vec<EditItem>, StoreError> {
    let changes = store.edits(topic, limit).await?;
    let names: HashMap<String, String> = store.standings().await?.into_iter().map(|s| (s.id, s.name)).collect();
    let mut items = Vec::with_capacity(changes.len());
    for change in changes {
        let outlet = names.get(&change.source).unwrap_or(&change.source).clone();
        let states = states(store, &change).await?;
        let compared = spawn_blocking(move || states.map(|(old, new)| compare(&old, &new)));
        let item = match compared.await.ok().flatten() {
            Some(Edit { title, text, minor, .. }) => {
                EditItem { change, outlet, minor: minor && !text.is_empty(), title, text }
            }
            None => EditItem { change, outlet, title: vec![], text: vec![], minor: false },
        };
        items.push(item);
    }
    Ok(items)
}

/// What the article said before and after an edit; `None`: it was a takedown, or the article was deleted for its age.
async fn states(store: &Store, change: &Change) -> Result<Option<(Version, Version)>, StoreError> {
    if change.kind != ChangeKind::ArticleRevised {
        return Ok(None);
    }
    let mut versions = store.versions(change.article).await?;
    // A state began when the change was written.
    let after = versions.iter().position(|v| v.3 == change.at).filter(|n| *n > 0);
    Ok(after.map(|n| {
        let new = versions.swap_remove(n);
        (versions.swap_remove(n - 1), new)
    }))
}
