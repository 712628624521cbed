//! What is polled and watched and how it goes, as JSON.

use std::{collections::HashMap, sync::Arc};

use axum::{Json, extract};
use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use super::{
    App, Feed, State,
    asked::is_id,
    feeds::{self, Format},
    leases::{self, Leases},
    problem::{Problem, Refusals},
    query::{LIMIT_MAX, Query, shown},
    router::Shared,
    search, state,
};
use crate::store::{
    HubState, SinkRow, SourceRow, Store, SubscriptionRow, SubscriptionState, TopicCounts, Totals, VisitRow,
};

/// A source, and how it is doing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Source {
    #[serde(flatten)]
    pub(super) row: SourceRow,
    pub(super) state: State,
    /// Since when it is in that state, as far as that is known.
    pub(super) since: Option<DateTime<Utc>>,
    /// Why, and since when, in a sentence.
    pub(super) why: String,
    /// What the operator can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advice: Option<&'static str>,
    /// How it stands with its hub, if it announces one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) websub: Option<Told>,
}

/// A source's hub, and what it tells us.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Told {
    hub: String,
    topic: String,
    state: SubscriptionState,
    /// Until when it tells us what is new.
    until: Option<DateTime<Utc>>,
    last_push_at: Option<DateTime<Utc>>,
    pushes: i64,
    last_error: Option<String>,
}

impl From<SubscriptionRow> for Told {
    fn from(row: SubscriptionRow) -> Self {
        let SubscriptionRow { hub, topic, state, last_push_at, pushes, last_error, .. } = row;
        Self { hub, topic, state, until: row.expires_at, last_push_at, pushes, last_error }
    }
}

/// A topic, and where its feeds are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Topic {
    id: String,
    title: String,
    feeds: Feeds,
    /// Stories in its feed; null: it was not counted.
    stories: Option<i64>,
    /// Articles that it matched.
    articles: Option<i64>,
    /// When the newest of them was first seen; null: there is none.
    newest_at: Option<DateTime<Utc>>,
    /// How far it is matched with what is stored; absent: it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    matching: Option<Progress>,
}

/// How far a new or changed topic is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct Progress {
    /// Number of the last article that was matched.
    passed: i64,
    /// Number of the newest article.
    newest: i64,
}

/// Addresses by format.
#[derive(Debug, Serialize, ToSchema)]
struct Feeds {
    rss: Url,
    atom: Url,
    json: Url,
}

/// All of `/status`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Status {
    version: &'static str,
    started_at: DateTime<Utc>,
    uptime_s: i64,
    database: &'static str,
    /// Why it is not ready; empty: it is.
    troubles: Vec<String>,
    /// Unix seconds as an instant; absent: no visit has succeeded since the start.
    last_success_at: Option<DateTime<Utc>>,
    totals: Totals,
    /// How far what is stored is indexed for search.
    search: search::Index,
    sources: Vec<Source>,
    topics: Vec<Topic>,
    sinks: Vec<Sink>,
    leases: Leases,
    /// Our hub; absent: we are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    hub: Option<HubState>,
}

/// A sink, and how far behind the log it is.
#[derive(Debug, Serialize, ToSchema)]
struct Sink {
    #[serde(flatten)]
    row: SinkRow,
    /// Changes that it has not passed yet, whether they concern it or not.
    lag: i64,
}

/// A page of sources.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sources {
    /// By their identifiers.
    sources: Vec<Source>,
    /// `cursor` of the next request; null: that was all.
    next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Visits {
    visits: Vec<VisitRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Topics {
    topics: Vec<Topic>,
}

/// Everything about the daemon at this moment.
#[utoipa::path(get, path = "/status", tag = "operate", responses(
    (status = 200, description = "Sources, topics, sinks and totals.", body = Status),
    Refusals,
))]
pub(super) async fn status(extract::State(shared): extract::State<Arc<Shared>>) -> Result<Json<Status>, Problem> {
    let (app, now) = (&shared.app, Utc::now());
    let sources = look(app, now).await?;
    let (behind, counts) = (behind(app).await?, counts(&shared).await?);
    let totals = app.store.totals(now).await.map_err(|e| Problem::store("totals", &e))?;
    let sinks = app.store.sinks().await.map_err(|e| Problem::store("sinks", &e))?;
    let leases = leases::look(app, now).await?;
    let hub = match app.is_hub() {
        true => Some(app.store.hub_state().await.map_err(|e| Problem::store("hub", &e))?),
        false => None,
    };
    let lag = |row: &SinkRow| (totals.changes - row.cursor).max(0);
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        started_at: app.started_at,
        uptime_s: (now - app.started_at).num_seconds().max(0),
        database: match app.store {
            Store::Postgres(_) => "postgres",
            Store::Sqlite(_) => "sqlite",
        },
        troubles: app.pulse.troubles(now, app.settings.bounds()),
        last_success_at: app.pulse.last_success().and_then(|s| DateTime::from_timestamp(s, 0)),
        totals,
        search: search::index(app).await?,
        sources,
        topics: addressed(app, &shared.topics(), &behind, &counts),
        sinks: sinks.into_iter().map(|row| Sink { lag: lag(&row), row }).collect(),
        leases,
        hub,
    }))
}

/// What is polled, and how it is doing.
#[utoipa::path(get, path = "/api/v1/sources", tag = "read", params(
    ("limit" = Option<i64>, Query, description = "Sources in one answer; 500 if absent.", minimum = 1, maximum = 500),
    ("cursor" = Option<String>, Query, description = "`next` of the answer before."),
), responses(
    (status = 200, description = "A page of sources.", body = Sources),
    Refusals,
))]
pub(super) async fn sources(
    extract::State(shared): extract::State<Arc<Shared>>,
    extract::RawQuery(raw): extract::RawQuery,
) -> Result<Json<Sources>, Problem> {
    let query = Query::of(raw.as_deref());
    let limit = usize::try_from(query.limit(LIMIT_MAX)?).unwrap_or_default();
    let mut sources = look(&shared.app, Utc::now()).await?;
    sources.sort_by(|a, b| a.row.id.cmp(&b.row.id));
    sources.retain(|s| query.get("cursor").is_none_or(|last| s.row.id.as_str() > last));
    let more = sources.len() > limit;
    sources.truncate(limit);
    let next = sources.last().filter(|_| more).map(|s| s.row.id.clone());
    Ok(Json(Sources { sources, next }))
}

/// The last visits of a source, the newest first: what came, and how it was read.
#[utoipa::path(get, path = "/api/v1/sources/{id}/visits", tag = "read", params(
    ("id" = String, Path, description = "Identifier of the source."),
), responses(
    (status = 200, description = "Its last visits.", body = Visits),
    (status = 404, description = "There is no such source.", body = Problem, content_type = "application/problem+json"),
    Refusals,
))]
pub(super) async fn visits(
    extract::State(shared): extract::State<Arc<Shared>>,
    id: Result<extract::Path<String>, extract::rejection::PathRejection>,
) -> Result<Json<Visits>, Problem> {
    let id = configured(&shared.app, id).await?;
    let visits = shared.app.store.visits(&id, None).await.map_err(|e| Problem::store("visits", &e))?;
    Ok(Json(Visits { visits }))
}

/// What is watched, where its feeds are, and how much it matched. The last one is no topic: it is every story.
#[utoipa::path(get, path = "/api/v1/topics", tag = "read", responses(
    (status = 200, description = "Every topic.", body = Topics),
    Refusals,
))]
pub(super) async fn topics(extract::State(shared): extract::State<Arc<Shared>>) -> Json<Topics> {
    // What topics there are is known without the database.
    let (behind, counts) = (behind(&shared.app).await.unwrap_or_default(), counts(&shared).await.unwrap_or_default());
    Json(Topics { topics: addressed(&shared.app, &shared.topics(), &behind, &counts) })
}

/// Every source as it stands.
pub(super) async fn look(app: &App, now: DateTime<Utc>) -> Result<Vec<Source>, Problem> {
    let rows = app.store.sources().await.map_err(|e| Problem::store("sources", &e))?;
    let told = app.store.subscriptions().await.map_err(|e| Problem::store("subscriptions", &e))?;
    let mut told: HashMap<String, Told> = told.into_iter().map(|row| (row.source_id.clone(), row.into())).collect();
    let with_hub = |source: Source| Source { websub: told.remove(&source.row.id), ..source };
    Ok(rows.into_iter().map(|row| stand(row, now)).map(with_hub).collect())
}

/// The source `id` as it stands; `None`: it is not configured.
pub(super) async fn look_at(app: &App, id: &str, now: DateTime<Utc>) -> Result<Option<Source>, Problem> {
    let row = app.store.source(id).await.map_err(|e| Problem::store("a source", &e))?;
    let told = app.store.subscription_of(id).await.map_err(|e| Problem::store("a subscription", &e))?;
    Ok(row.map(|row| Source { websub: told.map(Into::into), ..stand(row, now) }))
}

/// The identifier that a path names, if a source of the configuration has it; else it is said which there are.
pub(super) async fn configured(
    app: &App,
    id: Result<extract::Path<String>, extract::rejection::PathRejection>,
) -> Result<String, Problem> {
    let extract::Path(id) = id.map_err(|_| Problem::absent("No source has a name that is not UTF-8."))?;
    name(app, &id).await.map(|_| id)
}

/// The name of the source `id`; one that nobody configured is a mistyped one, and it is said which there are.
pub(super) async fn name(app: &App, id: &str) -> Result<String, Problem> {
    let store = &app.store;
    // What cannot be one is not asked for: it may hold what a database refuses.
    if is_id(id)
        && let Some(name) = store.source_name(id).await.map_err(|e| Problem::store("a source", &e))?
    {
        return Ok(name);
    }
    let rows = store.standings().await.map_err(|e| Problem::store("sources", &e))?;
    Err(Problem::absent(format!("No source is called `{}`.", shown(id))).known(rows.into_iter().map(|r| r.id)))
}

/// A source as it stands.
pub(super) fn stand(row: SourceRow, now: DateTime<Utc>) -> Source {
    let (state, why) = state(&row, now);
    Source { since: state::since(&row, state), row, state, why, advice: state.advice(), websub: None }
}

/// The topics that are still being matched with what is stored.
async fn behind(app: &App) -> Result<HashMap<String, Progress>, Problem> {
    let behind = app.store.backlog().await.map_err(|e| Problem::store("backlog", &e))?;
    if behind.is_empty() {
        return Ok(HashMap::new());
    }
    let newest = app.store.newest_article().await.map_err(|e| Problem::store("newest article", &e))?;
    Ok(behind.into_iter().map(|b| (b.id, Progress { passed: b.backfilled_to, newest })).collect())
}

/// How much each topic matched.
async fn counts(shared: &Shared) -> Result<HashMap<String, TopicCounts>, Problem> {
    let topics: Vec<String> = shared.topics().iter().map(|t| t.id.clone()).collect();
    shared.app.store.topic_counts(&topics).await.map_err(|e| Problem::store("counts of topics", &e))
}

fn addressed(
    app: &App,
    topics: &[Feed],
    behind: &HashMap<String, Progress>,
    counts: &HashMap<String, TopicCounts>,
) -> Vec<Topic> {
    let at = |id: &str, format: Format| app.feed(id, format.extension());
    feeds::list(topics)
        .into_iter()
        .map(|f| {
            let feeds =
                Feeds { rss: at(&f.id, Format::Rss), atom: at(&f.id, Format::Atom), json: at(&f.id, Format::Json) };
            let counts = counts.get(&f.id);
            Topic {
                stories: counts.map(|c| c.stories),
                articles: counts.map(|c| c.articles),
                newest_at: counts.and_then(|c| c.newest_at),
                matching: behind.get(&f.id).copied(),
                id: f.id,
                title: f.title,
                feeds,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::row;

    #[test]
    fn a_source_keeps_its_fields_and_gains_its_state() {
        let mut r = row("harbor");
        (r.failures, r.reason) = (2, Some("no route".into()));
        let said = serde_json::to_value(stand(r, DateTime::UNIX_EPOCH)).unwrap();
        assert_eq!((said["id"].as_str(), said["state"].as_str()), (Some("harbor"), Some("failing")));
        assert_eq!(said["reason"], "no route");
        assert_eq!(said["why"], "no route (2 failed visits, has never answered well)");
    }
}
