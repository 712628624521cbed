//! Changes in the states of sources and sinks: noticed, told in the log, and shown as a feed.

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
    sinks::{Standing, standing},
    state::state,
};
use crate::render::{FeedFacts, IncidentItem, incidents_atom};
use crate::store::{Incident, Store, StoreError};

/// Changes in the feed unless the reader asks for another number.
const INCIDENTS: i64 = 50;
/// Incidents of sinks are numbered so far above those of sources where both stand together.
const SINKS_APART: i64 = 500_000;
/// Name of the feed in its address.
const ID: &str = "incidents";

/// Looks at how every source and every sink is doing at `now`, notes what changed, and tells so in the log. What changed of
/// sources comes first.
///
/// # Errors
/// When the database fails; the next look notices the same.
pub async fn notice(store: &Store, now: DateTime<Utc>) -> Result<Vec<Incident>, StoreError> {
    let sources = store.standings().await?;
    let states = sources.iter().map(|row| {
        let (state, why) = state(row, now);
        (row.id.clone(), state.as_str(), why)
    });
    let mut changed = store.note_states(&states.collect::<Vec<_>>(), now).await?;
    for incident in &changed {
        let Incident { about: source_id, was, state, why, .. } = incident;
        let was = was.as_deref().unwrap_or_default();
        match State::parse(state).is_some_and(|s| s < State::Waiting) {
            true => tracing::warn!(source.id = source_id, was, state, "{source_id} is {state}: {why}"),
            false => tracing::info!(source.id = source_id, was, state, "{source_id} is {state}"),
        }
    }
    changed.extend(notice_sinks(store, now).await?);
    Ok(changed)
}

async fn notice_sinks(store: &Store, now: DateTime<Utc>) -> Result<Vec<Incident>, StoreError> {
    let sinks = store.sinks().await?;
    let states = sinks.iter().map(|row| {
        let (state, why) = standing(row, now);
        (row.id.clone(), state.as_str(), why)
    });
    let changed = store.note_sink_states(&states.collect::<Vec<_>>(), now).await?;
    for incident in &changed {
        let Incident { about: sink_id, was, state, why, .. } = incident;
        let was = was.as_deref().unwrap_or_default();
        match Standing::parse(state).is_some_and(|s| s < Standing::Ok) {
            true => tracing::warn!(sink.id = sink_id, was, state, "the sink {sink_id} is {state}: {why}"),
            false => tracing::info!(sink.id = sink_id, was, state, "the sink {sink_id} is {state}"),
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
    let failed = |e| Problem::store("incidents", &e);
    let found = app.store.incidents(limit).await.map_err(failed)?;
    let of_sinks = app.store.sink_incidents(limit).await.map_err(failed)?;
    let sources = app.store.standings().await.map_err(|e| Problem::store("sources", &e))?;
    let names: HashMap<&str, &str> = sources.iter().map(|s| (s.id.as_str(), s.name.as_str())).collect();
    let (base, home) = (app.address(&["feeds", ID]), app.address(&[""]));
    let facts = FeedFacts::new(ID, "tidings: the states of sources and sinks", base, home, &app.authority);
    let of_sources = found.into_iter().map(|i| IncidentItem {
        tag: i.id.to_string(),
        about: names.get(i.about.as_str()).map_or(i.about.clone(), ToString::to_string),
        advice: State::parse(&i.state).and_then(State::advice),
        ..item(i)
    });
    let of_sinks = of_sinks.into_iter().map(|i| IncidentItem {
        // So that readers see none of these at the very instant of one of those.
        number: i.id + SINKS_APART,
        tag: format!("sink/{}", i.id),
        about: format!("The sink {}", i.about),
        advice: Standing::parse(&i.state).and_then(Standing::advice),
        ..item(i)
    });
    let mut items: Vec<IncidentItem> = of_sources.chain(of_sinks).collect();
    items.sort_by_key(|i| std::cmp::Reverse((i.at, i.number)));
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let newest = items.iter().map(|i| i.at).max();
    let of = format!("{:?}", (ID, &facts, &items));
    let about = About { content_type: Format::Atom.content_type(), of, newest };
    bulletin::answer(&shared, &headers, about, async { Ok(incidents_atom(&facts, &items)) }).await
}

/// What is the same of all.
fn item(i: Incident) -> IncidentItem {
    let states = (i.was.unwrap_or_default(), i.state);
    IncidentItem { number: i.id, tag: String::new(), about: i.about, at: i.at, states, why: i.why, advice: None }
}
