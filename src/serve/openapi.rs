//! What the API is, for programs: `OpenAPI` 3.1, made from the handlers and the types that they answer with.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{
    article, changes, control, failed,
    problem::{Problem, Refusals},
    search, status, stories, stream,
};

/// Everything under `/api/v1`, and `/status`.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "tidings",
        description = "What a tidings daemon has stored, and how it is doing. Errors are problem details (RFC 9457). Lists go on \
            with `cursor`, which is the `next` of the page before. Parameters that are not known are ignored, empty ones count \
            as absent.",
    ),
    tags(
        (name = "read", description = "Stories, articles, the change log, and what is polled and watched."),
        (name = "operate", description = "How the daemon is doing."),
    ),
    paths(
        article::article,
        changes::changes,
        stream::stream,
        stories::stories,
        stories::one,
        search::search,
        status::sources,
        status::visits,
        failed::body,
        control::poll,
        control::pause,
        control::resume,
        control::release,
        control::dismiss,
        status::topics,
        status::status,
        document,
    ),
    // Who is on the daemon's machine reads without a token, and everybody if the settings say so.
    security((), ("token" = [])),
    components(schemas(Problem, crate::model::Change)),
    modifiers(&Opened),
)]
struct Api;

/// What opens orders, and reading from other machines.
struct Opened;

impl Modify for Opened {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        document.components.get_or_insert_default().add_security_scheme("token", bearer);
    }
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "operate", responses(
    (status = 200, description = "The document.", body = Object),
    Refusals,
))]
pub(super) async fn document() -> Response {
    let body = Api::openapi().to_json().unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_api_is_in_the_document() {
        let routes = include_str!("router.rs").split(".route(").skip(1);
        let mut routes: Vec<(&str, &str)> =
            routes.filter_map(|r| r.trim_start().strip_prefix('"')?.split_once("\",")).collect();
        routes.retain(|(path, _)| path.starts_with("/api/") || *path == "/status");
        let document = serde_json::to_value(Api::openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        assert!(routes.len() >= 11, "{routes:?}");
        for (path, handlers) in &routes {
            let told = paths.get(*path).unwrap_or_else(|| panic!("{path} is not in the document"));
            for method in ["get", "post", "put", "delete", "patch"] {
                // Up to the next route, or to the layers after the last one.
                let handlers = handlers.split("layer(").next().unwrap_or_default();
                let is_routed = handlers.contains(&format!("{method}("));
                assert_eq!(told.get(method).is_some(), is_routed, "{method} {path}");
            }
        }
        for path in paths.keys() {
            assert!(routes.iter().any(|(routed, _)| routed == path), "{path} is in the document alone");
        }
    }

    #[test]
    fn every_answer_is_described_and_errors_have_one_shape() {
        let document = serde_json::to_value(Api::openapi()).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for operation in methods.as_object().unwrap().values() {
                assert!(operation["summary"].is_string(), "{path}");
                for refusal in ["4XX", "503"] {
                    assert!(operation["responses"][refusal].is_object(), "{path} {refusal}");
                }
                for (status, answer) in operation["responses"].as_object().unwrap() {
                    let kind = answer["content"].as_object().unwrap().keys().next().unwrap();
                    assert_eq!(kind == "application/problem+json", !status.starts_with('2'), "{path} {status}");
                }
            }
        }
        assert_eq!(document["openapi"], "3.1.0");
    }
}
