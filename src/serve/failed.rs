//! The last body of a source that could not be read, for whoever mends the source. It comes from somebody else's server: it is
//! handed out to be saved, never to be shown.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::SecondsFormat;

use super::{
    problem::{Problem, Refusals},
    query::{Query, shown},
    router::Shared,
    status,
};
use crate::model::TargetKind;
use crate::store::BodyRow;

/// The last body of a source that could not be read, as a file, if such are kept; headers say what it is.
#[utoipa::path(get, path = "/api/v1/sources/{id}/body", tag = "operate", params(
    ("id" = String, Path, description = "Identifier of the source."),
    ("kind" = Option<String>, Query, description = "`listing` or `article`; whichever came last if absent."),
), responses(
    (status = 200, description = "Its bytes.", body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 404, description = "There is no such source, or no such body.", body = Problem, content_type = "application/problem+json"),
    Refusals,
))]
pub(super) async fn body(
    State(shared): State<Arc<Shared>>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Problem> {
    let kind = kind(&Query::of(raw.as_deref()))?;
    let id = status::configured(&shared.app, id).await?;
    let kept = shared.app.store.failed_body(&id, kind).await.map_err(|e| Problem::store("failed body", &e))?;
    let none = "No body of it that could not be read is kept; they are if `keep_failed_bodies` of [fetch] says so.";
    Ok(answer(&id, kept.ok_or_else(|| Problem::absent(none))?))
}

/// `kind`: of which visits; of whichever came last if absent.
fn kind(query: &Query) -> Result<Option<TargetKind>, Problem> {
    match query.get("kind") {
        None => Ok(None),
        Some("listing") => Ok(Some(TargetKind::Listing)),
        Some("article") => Ok(Some(TargetKind::Article)),
        Some(other) => Err(Problem::bad(format!("`kind` must be `listing` or `article`, not `{}`.", shown(other)))),
    }
}

/// `kept` as a file to be saved, with what is known of it in headers.
fn answer(id: &str, kept: BodyRow) -> Response {
    let at = kept.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let name = format!("attachment; filename=\"{id}-{}.bin\"", kept.kind);
    let facts = [
        ("content-type", Some("application/octet-stream".to_owned())),
        ("content-disposition", Some(name)),
        ("tidings-visit-at", Some(at)),
        ("tidings-url", Some(kept.url)),
        ("tidings-content-type", kept.content_type),
        ("tidings-whole-bytes", Some(kept.whole_bytes.to_string())),
        ("tidings-why", kept.why.map(|why| why.escape_default().to_string())),
    ];
    let mut response = kept.body.into_response();
    for (name, value) in facts {
        // What cannot stand in a header is not worth the whole answer.
        if let Some(value) = value.and_then(|v| HeaderValue::try_from(v).ok()) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    // Whatever happened to the headers above.
    response.headers_mut().entry(header::CONTENT_DISPOSITION).or_insert(HeaderValue::from_static("attachment"));
    response
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn it_is_a_file_to_be_saved_whatever_it_says_of_itself() {
        let kept = BodyRow {
            kind: "listing".into(),
            at: DateTime::UNIX_EPOCH,
            url: "https://harbor.example/list".into(),
            content_type: Some("text/html\r\nset-cookie: a=b".into()),
            why: Some("乱码\r\nx: y".into()),
            whole_bytes: 99,
            body: b"<script>".to_vec(),
        };
        let response = answer("harbor", kept);
        let of = |name: &str| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
        assert_eq!(of("content-type").as_deref(), Some("application/octet-stream"));
        assert_eq!(of("content-disposition").as_deref(), Some("attachment; filename=\"harbor-listing.bin\""));
        assert_eq!(of("tidings-url").as_deref(), Some("https://harbor.example/list"));
        assert_eq!((of("tidings-content-type"), of("set-cookie"), of("x")), (None, None, None));
        assert_eq!(of("tidings-why").as_deref(), Some("\\u{4e71}\\u{7801}\\r\\nx: y"));
        assert_eq!(of("tidings-whole-bytes").as_deref(), Some("99"));
    }

    #[test]
    fn kinds_are_those_of_visits() {
        let of = |raw| kind(&Query::of(Some(raw)));
        assert_eq!(of("").unwrap(), None);
        assert_eq!(of("kind=article").unwrap(), Some(TargetKind::Article));
        assert_eq!(of("kind=html").unwrap_err().status, 400);
    }
}
