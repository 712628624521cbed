//! What an operator has done with a source. The frontier sees it at its next look, in whichever daemon.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::Utc;

use super::{feeds, problem::Problem, router::Shared, status};
use crate::store::Order;

/// Has the listing of a source visited at once; the gap of its host, its hours and robots.txt hold all the same.
#[utoipa::path(post, path = "/api/v1/sources/{id}/poll", tag = "operate", security(("token" = [])), params(
    ("id" = String, Path, description = "Identifier of the source."),
), responses(
    (status = 202, description = "It is due; how it stands.", body = status::Source),
    (status = 404, description = "There is no such source.", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It is paused.", body = Problem, content_type = "application/problem+json"),
    (status = "4XX", description = "Without the token, or not understood.", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "The database does not answer.", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn poll(
    state: State<Arc<Shared>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    order(state, id, Order::Poll).await
}

/// Has nothing of a source visited until it is resumed.
#[utoipa::path(post, path = "/api/v1/sources/{id}/pause", tag = "operate", security(("token" = [])), params(
    ("id" = String, Path, description = "Identifier of the source."),
), responses(
    (status = 200, description = "How it stands now.", body = status::Source),
    (status = 404, description = "There is no such source.", body = Problem, content_type = "application/problem+json"),
    (status = "4XX", description = "Without the token, or not understood.", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "The database does not answer.", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn pause(
    state: State<Arc<Shared>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    order(state, id, Order::Pause).await
}

/// Has a source visited again.
#[utoipa::path(post, path = "/api/v1/sources/{id}/resume", tag = "operate", security(("token" = [])), params(
    ("id" = String, Path, description = "Identifier of the source."),
), responses(
    (status = 200, description = "How it stands now.", body = status::Source),
    (status = 404, description = "There is no such source.", body = Problem, content_type = "application/problem+json"),
    (status = "4XX", description = "Without the token, or not understood.", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "The database does not answer.", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn resume(
    state: State<Arc<Shared>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    order(state, id, Order::Resume).await
}

/// Has visited what is held back of a source because most of its list seemed new.
#[utoipa::path(post, path = "/api/v1/sources/{id}/release", tag = "operate", security(("token" = [])), params(
    ("id" = String, Path, description = "Identifier of the source."),
), responses(
    (status = 200, description = "How it stands now.", body = status::Source),
    (status = 404, description = "There is no such source.", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Nothing is held back.", body = Problem, content_type = "application/problem+json"),
    (status = "4XX", description = "Without the token, or not understood.", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "The database does not answer.", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn release(
    state: State<Arc<Shared>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    order(state, id, Order::Release).await
}

/// Counts as seen what is held back of a source.
#[utoipa::path(post, path = "/api/v1/sources/{id}/dismiss", tag = "operate", security(("token" = [])), params(
    ("id" = String, Path, description = "Identifier of the source."),
), responses(
    (status = 200, description = "How it stands now.", body = status::Source),
    (status = 404, description = "There is no such source.", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Nothing is held back.", body = Problem, content_type = "application/problem+json"),
    (status = "4XX", description = "Without the token, or not understood.", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "The database does not answer.", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn dismiss(
    state: State<Arc<Shared>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    order(state, id, Order::Dismiss).await
}

/// Does it, and answers how the source stands then.
async fn order(
    State(shared): State<Arc<Shared>>,
    id: Result<Path<String>, PathRejection>,
    order: Order,
) -> Result<Response, Problem> {
    let Path(id) = id.map_err(|_| Problem::absent("No source has a name that is not UTF-8."))?;
    let (app, now) = (&shared.app, Utc::now());
    feeds::known(app, &id).await?;
    let done = app.store.order(&id, order, now).await.map_err(|e| Problem::store("an order", &e))?;
    if done == 0 {
        return Err(match order {
            Order::Poll | Order::Pause | Order::Resume => {
                Problem::conflict(format!("The source `{id}` is paused; resume it first."))
            }
            Order::Release | Order::Dismiss => Problem::conflict(format!("Nothing of the source `{id}` is held back.")),
        });
    }
    tracing::info!(source.id = id, order = ?order, rows = done, "an operator's order");
    let source = status::look(app, now).await?.into_iter().find(|s| s.row.id == id);
    let source = source.ok_or_else(|| Problem::absent(format!("The source `{id}` has gone.")))?;
    let status = if order == Order::Poll { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(source)).into_response())
}
