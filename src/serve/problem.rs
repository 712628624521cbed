//! Errors as answers: problem details (RFC 9457).

use std::{collections::BTreeMap, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder},
};

use crate::store::StoreError;

/// Seconds after which a reader may try again when the store or the server is overloaded.
const RETRY_AFTER_S: u64 = 10;
/// Identifiers named in a problem; more would be noise.
const KNOWN_MAX: usize = 100;

/// An error as the client is told it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// The status in words.
    title: &'static str,
    pub(super) status: u16,
    /// What is wrong with this request.
    pub(super) detail: String,
    /// What could have been asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    known: Vec<String>,
    /// Of a cursor from before what is kept: the number of the oldest change that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    oldest: Option<i64>,
    /// Said in the header.
    #[serde(skip)]
    retry_after_s: Option<u64>,
    /// By which ways of showing who one is it would be answered; said in the header.
    #[serde(skip)]
    ways: &'static [&'static str],
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self {
            title,
            status: status.as_u16(),
            detail: detail.into(),
            known: Vec::new(),
            oldest: None,
            retry_after_s: None,
            ways: &[],
        }
    }

    /// A request that cannot be understood.
    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Nothing is there.
    pub(super) fn absent(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Who asks may not; the token would let them, sent in one of `ways`.
    pub(super) fn unauthorized(detail: impl Into<String>, ways: &'static [&'static str]) -> Self {
        Self { ways, ..Self::new(StatusCode::UNAUTHORIZED, detail) }
    }

    /// Nobody may.
    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// What is asked does not go with how things stand.
    pub(super) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// It was there, and is not coming back.
    pub(super) fn gone(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, detail)
    }

    /// More is sent than is read.
    pub(super) fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// What is sent is of another kind than what is read.
    pub(super) fn media(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// The method has no meaning here.
    pub(super) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Nothing here answers to that method.")
    }

    /// Changes after `since` were forgotten for their age; `oldest` is the number of the first that was not.
    pub(super) fn forgotten(since: i64, oldest: i64) -> Self {
        let detail = format!(
            "Changes after {since} were deleted for their age. The oldest that is kept is {oldest}: what came between is \
             missed, and `since={}` goes on from there.",
            oldest - 1
        );
        Self { oldest: Some(oldest), ..Self::new(StatusCode::GONE, detail) }
    }

    /// The address is too long.
    pub(super) fn long_address(bytes_max: usize) -> Self {
        Self::new(StatusCode::URI_TOO_LONG, format!("Addresses have at most {bytes_max} bytes."))
    }

    /// The body is too long.
    pub(super) fn long_body(bytes_max: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("Bodies have at most {bytes_max} bytes."))
    }

    /// The client asked for it too often; it may in `wait`.
    pub(super) fn too_often(wait: Duration) -> Self {
        let seconds = wait.as_secs() + 1;
        let detail = format!("That was asked too often; try again in {seconds} s.");
        Self { retry_after_s: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail) }
    }

    /// A defect of ours.
    pub(super) fn defect() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "The request met a defect of the server; its log says which.")
    }

    /// Too much is asked at once.
    pub(super) fn busy(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// The store did not answer. The client is not told how it is reached; the log is, here and only here.
    pub(super) fn store(what: &'static str, error: &StoreError) -> Self {
        tracing::error!(error = %error, what, "the database could not be read for a request");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "The database does not answer; try again shortly.")
    }

    /// Its status.
    pub(super) fn code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The same, naming what could have been asked for.
    pub(super) fn known(mut self, known: impl IntoIterator<Item = String>) -> Self {
        self.known = known.into_iter().take(KNOWN_MAX).collect();
        self
    }
}

/// What any request may be answered with instead, for the document.
pub(super) struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let problem = |said: &str| {
            let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            RefOr::T(ResponseBuilder::new().description(said).content("application/problem+json", body).build())
        };
        let all = [
            ("4XX", "It is not understood, not there, or not for who asks: without the token, or too often."),
            ("500", "The server met a defect of its own."),
            ("503", "Too much is asked at once, or the database does not answer."),
        ];
        all.map(|(status, said)| (status.to_owned(), problem(said))).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code();
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        let overloaded = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_S);
        if let Some(seconds) = self.retry_after_s.or(overloaded) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        for way in self.ways {
            response.headers_mut().append(header::WWW_AUTHENTICATE, HeaderValue::from_static(way));
        }
        response
    }
}
