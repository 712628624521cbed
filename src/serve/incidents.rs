//! Changes in the states of sources: noticed, told in the log, and shown as a feed.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{RawQuery, State as Of},
    http::HeaderMap,
    response::Response,
};
use chrono::{DateTime, Utc};

use super::{
    State,
    bulletin::{self, About},
    feeds::Format,
    problem::Problem,
    query::Query,
    router::Shared,
    state::state,
};
use crate::render::{FeedFacts, IncidentItem, incidents_atom};
use crate::store::{Incident, Store, StoreError};

/// Changes in the feed unless the reader asks for another number.
const INCIDENTS: i64 = 50;
/// Name of the feed in its address.
const ID: &str = "incidents";

/// Looks at how every source is doing at `now`, notes what changed, and tells so in the log.
///
/// # Errors
/// When the database fails; the next look notices the same.
pub async fn notice(store: &Store, now: DateTime<Utc>) -> Result<Vec<Incident>, StoreError> {
    let sources = store.standings().await?;
    let states = sources.iter().map(|row| {
        let (state, why) = state(row, now);
        (row.id.clone(), state.as_str(), why)
    });
    let changed = store.note_states(&states.collect::<Vec<_>>(), now).await?;
    for incident in &changed {
        let Incident { source_id, was, state, why, .. } = incident;
        let was = was.as_deref().unwrap_or_default();
        match State::parse(state).is_some_and(|s| s < State::Waiting) {
            true => tracing::warn!(source.id = source_id, was, state, "{source_id} is {state}: {why}"),
            false => tracing::info!(source.id = source_id, was, state, "{source_id} is {state}"),
        }
    }
    Ok(changed)
}

/// `/feeds/incidents.atom`.
pub(super) async fn feed(
    Of(shared): Of<Arc<Shared>>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let app = &shared.app;
    let limit = Query::of(raw.as_deref()).limit(INCIDENTS)?;
    let found = app.store.incidents(limit).await.map_err(|e| Problem::store("incidents", &e))?;
    let sources = app.store.standings().await.map_err(|e| Problem::store("sources", &e))?;
    let names: HashMap<&str, &str> = sources.iter().map(|s| (s.id.as_str(), s.name.as_str())).collect();
    let (base, home) = (app.address(&["feeds", ID]), app.address(&[""]));
    let facts = FeedFacts::new(ID, "tidings: the states of sources", base, home, &app.authority);
    let newest = found.iter().map(|i| i.at).max();
    let items: Vec<IncidentItem> = found
        .into_iter()
        .map(|i| IncidentItem {
            number: i.id,
            source: names.get(i.source_id.as_str()).map_or(i.source_id.clone(), ToString::to_string),
            at: i.at,
            advice: State::parse(&i.state).and_then(State::advice),
            states: (i.was.unwrap_or_default(), i.state),
            why: i.why,
        })
        .collect();
    let of = format!("{:?}", (ID, &facts, &items));
    let about = About { content_type: Format::Atom.content_type(), of, newest };
    bulletin::answer(&shared, &headers, about, async { Ok(incidents_atom(&facts, &items)) }).await
}
