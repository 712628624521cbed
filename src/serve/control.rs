//! What an operator has done with a source. The frontier sees it at its next look, in whichever daemon.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::Utc;

use super::{
    problem::{Problem, Refusals},
    router::Shared,
    status,
};
use crate::store::Order;

type Shares = State<Arc<Shared>>;
type Id = Result<Path<String>, PathRejection>;

/// Has the listing of a source visited at once; the gap of its host, its hours and robots.txt hold all the same.
#[utoipa::path(post, path = "/api/v1/sources/{id}/poll", tag = "operate", security(("token" = [])), params(
    ("id" = String, Path, description = "Identifier of the source."),
), responses(
    (status = 202, description = "It is due; how it stands.", body = status::Source),
    (status = 409, description = "It is paused.", body = Problem, content_type = "application/problem+json"),
    Refusals,
))]
pub(super) async fn poll(state: Shares, id: Id) -> Result<Response, Problem> {
    order(state, id, Order::Poll).await
}

/// Has nothing of a source visited until it is resumed.
#[utoipa::path(post, path = "/api/v1/sources/{id}/pause", tag = "operate", security(("token" = [])), params(
    ("id" = String, Path, description = "Identifier of the source."),
), responses((status = 200, description = "How it stands now.", body = status::Source), Refusals))]
pub(super) async fn pause(state: Shares, id: Id) -> Result<Response, Problem> {
    order(state, id, Order::Pause).await
}

/// Has a source visited again.
#[utoipa::path(post, path = "/api/v1/sources/{id}/resume", tag = "operate", security(("token" = [])), params(
    ("id" = String, Path, description = "Identifier of the source."),
), responses((status = 200, description = "How it stands now.", body = status::Source), Refusals))]
pub(super) async fn resume(state: Shares, id: Id) -> Result<Response, Problem> {
    order(state, id, Order::Resume).await
}

/// Has visited what is held back of a source because most of its list seemed new.
#[utoipa::path(post, path = "/api/v1/sources/{id}/release", tag = "operate", security(("token" = [])), params(
    ("id" = String, Path, description = "Identifier of the source."),
), responses(
    (status = 200, description = "How it stands now.", body = status::Source),
    (status = 409, description = "Nothing is held back.", body = Problem, content_type = "application/problem+json"),
    Refusals,
))]
pub(super) async fn release(state: Shares, id: Id) -> Result<Response, Problem> {
    order(state, id, Order::Release).await
}

/// Counts as seen what is held back of a source.
#[utoipa::path(post, path = "/api/v1/sources/{id}/dismiss", tag = "operate", security(("token" = [])), params(
    ("id" = String, Path, description = "Identifier of the source."),
), responses(
    (status = 200, description = "How it stands now.", body = status::Source),
    (status = 409, description = "Nothing is held back.", body = Problem, content_type = "application/problem+json"),
    Refusals,
))]
pub(super) async fn dismiss(state: Shares, id: Id) -> Result<Response, Problem> {
    order(state, id, Order::Dismiss).await
}

/// Does it, and answers how the source stands then.
async fn order(State(shared): Shares, id: Id, order: Order) -> Result<Response, Problem> {
    let (app, now) = (&shared.app, Utc::now());
    let id = status::configured(app, id).await?;
    let done = app.store.order(&id, order, now).await.map_err(|e| Problem::store("an order", &e))?;
    let source = status::look_at(app, &id, now).await?;
    let source = source.ok_or_else(|| Problem::absent(format!("The source `{id}` has gone.")))?;
    if done == 0 {
        return Err(Problem::conflict(match order {
            Order::Poll if source.row.paused_at.is_some() => format!("The source `{id}` is paused; resume it first."),
            Order::Release | Order::Dismiss => format!("Nothing of the source `{id}` is held back."),
            // Somebody else gave another order, or took it out of the configuration, at the same moment.
            Order::Poll | Order::Pause | Order::Resume => format!("The source `{id}` changed meanwhile; try again."),
        }));
    }
    tracing::info!(source.id = id, order = ?order, rows = done, "an operator's order");
    let status = if order == Order::Poll { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(source)).into_response())
}
