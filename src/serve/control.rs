//! What an operator has done with a source. The frontier sees it at its next look, in whichever daemon.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::Utc;

use super::{feeds, problem::Problem, router::Shared, status};
use crate::store::Order;

/// `/api/v1/sources/{id}/poll`: its listing is due at once; the gap of its host, its hours and robots.txt hold all the same.
pub(super) async fn poll(state: State<Arc<Shared>>, id: Path<String>) -> Result<Response, Problem> {
    order(state, id, Order::Poll).await
}

/// `/api/v1/sources/{id}/pause`: nothing of it is visited until it is resumed.
pub(super) async fn pause(state: State<Arc<Shared>>, id: Path<String>) -> Result<Response, Problem> {
    order(state, id, Order::Pause).await
}

/// `/api/v1/sources/{id}/resume`.
pub(super) async fn resume(state: State<Arc<Shared>>, id: Path<String>) -> Result<Response, Problem> {
    order(state, id, Order::Resume).await
}

/// `/api/v1/sources/{id}/release`: what is held back of it is visited.
pub(super) async fn release(state: State<Arc<Shared>>, id: Path<String>) -> Result<Response, Problem> {
    order(state, id, Order::Release).await
}

/// `/api/v1/sources/{id}/dismiss`: what is held back of it counts as seen.
pub(super) async fn dismiss(state: State<Arc<Shared>>, id: Path<String>) -> Result<Response, Problem> {
    order(state, id, Order::Dismiss).await
}

/// Does it, and answers how the source stands then.
async fn order(State(shared): State<Arc<Shared>>, Path(id): Path<String>, order: Order) -> Result<Response, Problem> {
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
