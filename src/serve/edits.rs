//! The feed of what was edited and taken down.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use tokio::task::spawn_blocking;

use super::{
    article::{Edit, compare},
    bulletin::{self, About},
    feeds::{self, ALL, Format},
    problem::Problem,
    query::Query,
    router::Shared,
};
use crate::model::{Change, ChangeKind};
use crate::render::{EditItem, FeedFacts, bounded, edits_atom};
use crate::store::{Store, StoreError};

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
    let store = &app.store;
    let changes = store.edits(asked, limit).await.map_err(|e| Problem::store("edits", &e))?;
    let names = store.standings().await.map_err(|e| Problem::store("sources", &e))?;
    let names: HashMap<String, String> = names.into_iter().map(|s| (s.id, s.name)).collect();
    let outlet = |c: &Change| names.get(&c.source).unwrap_or(&c.source).clone();
    let outlets: Vec<String> = changes.iter().map(outlet).collect();
    let base = app.address(&["feeds", &feed.id, "changes"]);
    let facts = FeedFacts::new(&feed.id, &feed.title, base, app.address(&[""]), &app.authority);
    let about = About {
        content_type: Format::Atom.content_type(),
        of: format!("{:?}", ("edits", &facts, &changes, &outlets)),
        newest: changes.iter().map(|c| c.at).max(),
    };
    let make = Box::pin(async {
        let items = items(store, changes, outlets).await.map_err(|e| Problem::store("edits", &e))?;
        spawn_blocking(move || edits_atom(&facts, &items)).await.map_err(|_| Problem::defect())
    });
    bulletin::answer(&shared, &headers, about, make).await
}

async fn items(store: &Store, changes: Vec<Change>, outlets: Vec<String>) -> Result<Vec<EditItem>, StoreError> {
    let mut items = Vec::with_capacity(changes.len());
    for (change, outlet) in changes.into_iter().zip(outlets) {
        // What the article said before and after; nothing of a takedown, or when the article was deleted for its age.
        let states = match change.kind {
            ChangeKind::ArticleRevised => store.step(change.article, change.at).await?,
            _ => None,
        };
        let compared = spawn_blocking(move || states.map(|(old, new)| compare(&old, &new)));
        let item = match compared.await.ok().flatten() {
            Some(Edit { title, text, minor, .. }) => {
                EditItem { change, outlet, minor: minor && !text.is_empty(), title, text: bounded(text) }
            }
            None => EditItem { change, outlet, title: vec![], text: vec![], minor: false },
        };
        items.push(item);
    }
    Ok(items)
}
