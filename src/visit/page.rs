//! Fetching one document and turning its bytes into text.

use std::sync::Arc;

use url::Url;

use crate::fetch::{Fetched, Hold, Request};
use crate::model::{CharsetFacts, FailedBody, Failure, FailureKind, HttpFacts, Source};
use crate::text;

use super::{Kit, compute, compute_here};

/// A page whose share of unreadable characters is above this was decoded wrongly.
const GARBLED_MAX: f64 = 0.05;

/// A document that is decoded at once: to have another thread do it takes longer than that, up to here.
const SHORT_BYTES_MAX: usize = 16 * 1024;

/// A document as text.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) url: Url,
    pub(super) http: HttpFacts,
    pub(super) text: String,
    pub(super) charset: CharsetFacts,
    /// Kept for as long as the text is.
    _hold: Hold,
}

/// What a fetch gave.
#[derive(Debug)]
pub(super) enum Got {
    /// A document, decoded.
    Document(Box<Document>),
    /// 304.
    NotModified(Box<HttpFacts>),
}

/// Fetches `url` for `source`; validators are sent when given.
pub(super) async fn get(
    url: &Url,
    validators: (Option<&str>, Option<&str>),
    source: &Source,
    kit: &Arc<Kit>,
) -> Result<Got, Failure> {
    load(url, validators, source, kit, &mut None).await
}

/// The same; `body` is what came, if such is kept, whether it could be read or not.
pub(super) async fn load(
    url: &Url,
    validators: (Option<&str>, Option<&str>),
    source: &Source,
    kit: &Arc<Kit>,
    body: &mut Option<FailedBody>,
) -> Result<Got, Failure> {
    let request = Request {
        url,
        headers: if carries(source, url) { &source.headers } else { &[] },
        etag: validators.0,
        last_modified: validators.1,
        robots: source.robots,
        proxy: source.proxy.as_ref(),
        jar: source.cookies.then_some(source.id.as_str()),
        port: source.url.port_or_known_default(),
    };
    let (http, bytes, hold) = match kit.fetcher.get(request).await? {
        Fetched::NotModified(http) => return Ok(Got::NotModified(Box::new(http))),
        Fetched::Document { http, bytes, hold } => (http, bytes, hold),
    };
    if kit.fetcher.keeps_failed_bodies() {
        *body = Some(FailedBody {
            url: http.final_url.clone().unwrap_or_else(|| url.clone()),
            content_type: http.content_type.clone(),
            bytes: bytes.iter().take(FailedBody::BYTES_MAX).copied().collect(),
            whole_bytes: http.body_bytes,
        });
    }
    let decoded = decoded(bytes, source, http.content_type.clone()).await?;
    let url = http.final_url.clone().unwrap_or_else(|| url.clone());
    Ok(Got::Document(Box::new(Document { url, http, text: decoded.text, charset: decoded.facts, _hold: hold })))
}

/// `bytes` as text, if they are any.
pub(super) async fn decoded(
    bytes: Vec<u8>,
    source: &Source,
    content_type: Option<String>,
) -> Result<text::Decoded, Failure> {
    let is_short = bytes.len() <= SHORT_BYTES_MAX;
    let setting = source.charset.clone();
    let decode = move || text::decode(&bytes, setting.as_deref(), content_type.as_deref());
    let decoded = if is_short { compute_here(decode) } else { compute(decode).await };
    let decoded = decoded.map_err(|p| unreadable(p.message))?;
    if decoded.facts.garbled > GARBLED_MAX {
        let reason = format!(
            "the document is garbled when read as {}; set `charset` of the source to what it really is",
            decoded.facts.used
        );
        return Err(Failure { kind: FailureKind::Garbled, ..unreadable(reason) });
    }
    Ok(decoded)
}

/// Whether the source's own headers, which may be secret, go along to `url`: only to the origin that the user gave them for,
/// and to the same host by https. A listing may link anywhere.
fn carries(source: &Source, url: &Url) -> bool {
    let safer =
        source.url.scheme() == "http" && url.scheme() == "https" && url.port().is_none() && source.url.port().is_none();
    source.url.origin() == url.origin() || (safer && source.url.host() == url.host())
}

pub(super) fn unreadable(reason: String) -> Failure {
    Failure { kind: FailureKind::Unreadable, status: None, reason, retry_after_s: None }
}
