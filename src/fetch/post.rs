//! One request to an address of the operator's, or one that somebody asks us to tell something: guarded like a visit, without
//! redirects, its answer reduced to what decides.
//!
//! In: an address, headers, a body. Out: status, Retry-After, and where it is wanted the beginning of the body. Deliberately
//! absent: retries, robots.txt (nothing is read), redirects: who signs for one receiver must not be sent on to another.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use url::Url;

use super::facts::retry_after_s;
use super::failure::{failure, host, of_error};
use super::guard::Guard;
use super::names::System;
use super::{FetchError, Settings};
use crate::model::{Failure, FailureKind};

/// The longest that making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of the header of an answer. Before HTTP/2, the client itself stops at some hundred lines.
const HEADER_BYTES_MAX: u32 = 64 * 1024;
/// Bytes of an answer that are read: for the connection to be used again, or for the few that matter.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Bytes of it that are kept, for receivers that say there what their status does not.
const KEPT_BYTES_MAX: usize = 16 * 1024;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Seconds that it asks to be left alone, at most 7 days.
    pub retry_after_s: Option<u64>,
    /// Where it sends us, if anywhere.
    pub location: Option<Url>,
    /// The beginning of its body, at most 64 KiB.
    pub body: Vec<u8>,
}

/// Makes single requests without a visit's politeness; cheap to clone, its clones share connections.
#[derive(Clone, Debug)]
pub struct Poster {
    http: reqwest::Client,
    guard: Guard,
}

impl Poster {
    /// A client by `settings`: who we are, and which networks are allowed.
    ///
    /// # Errors
    /// When the user agent is no header value, or TLS roots cannot be loaded.
    pub fn new(settings: &Settings) -> Result<Self, FetchError> {
        let user_agent = HeaderValue::from_str(&settings.user_agent)
            .map_err(|_| FetchError("fetch.user_agent must be one line of ASCII text".into()))?;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Guard::new(&settings.allow_networks, Arc::new(System));
        let http = reqwest::Client::builder()
            .tls_backend_rustls()
            .user_agent(user_agent)
            .default_headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("*/*"))]))
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .dns_resolver(guard.clone())
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_max_header_list_size(HEADER_BYTES_MAX)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(1)
            .build()
            .map_err(|e| FetchError(format!("the HTTP client could not be made: {e}")))?;
        Ok(Self { http, guard })
    }

    /// Whether `host` has only addresses that may be dialled, for clients of other protocols.
    ///
    /// # Errors
    /// When it has none, or one in a private network that is not allowed.
    pub async fn may_reach(&self, host: &str, port: u16) -> Result<(), Failure> {
        self.guard.check_name(host, port).await.map_err(|reason| failure(FailureKind::Refused, reason))
    }

    /// Sends `json` to `url` with extra headers, (name, value), whose values are never shown.
    ///
    /// # Errors
    /// When no answer came within `timeout`, or the address may not be dialled; the reason names the host, never more.
    pub async fn post(
        &self,
        url: &Url,
        headers: &[(&'static str, &str)],
        json: Vec<u8>,
        timeout: Duration,
    ) -> Result<Reply, Failure> {
        let mut reply = self.send(url, "application/json", headers, json, timeout).await?;
        reply.body.truncate(KEPT_BYTES_MAX);
        Ok(reply)
    }

    /// Sends `body` of the media type `content_type` to `url` with extra headers, (name, value), whose values are never shown.
    ///
    /// # Errors
    /// When no answer came within `timeout`, or the address may not be dialled; the reason names the host, never more.
    pub async fn send(
        &self,
        url: &Url,
        content_type: &str,
        headers: &[(&'static str, &str)],
        body: impl Into<reqwest::Body>,
        timeout: Duration,
    ) -> Result<Reply, Failure> {
        let mut map = HeaderMap::new();
        for (name, value) in [("content-type", content_type)].iter().chain(headers) {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| failure(FailureKind::Refused, format!("the header {name} cannot be sent")))?;
            value.set_sensitive(*name != CONTENT_TYPE.as_str());
            map.append(HeaderName::from_static(name), value);
        }
        self.exchange(url, self.http.post(url.clone()).headers(map).body(body), timeout).await
    }

    /// Asks `url`, once.
    ///
    /// # Errors
    /// When no answer came within `timeout`, or the address may not be dialled; the reason names the host, never more.
    pub async fn ask(&self, url: &Url, timeout: Duration) -> Result<Reply, Failure> {
        self.exchange(url, self.http.get(url.clone()), timeout).await
    }

    async fn exchange(&self, url: &Url, request: reqwest::RequestBuilder, timeout: Duration) -> Result<Reply, Failure> {
        self.guard.check_literal(url).map_err(|e| failure(FailureKind::Refused, e.to_string()))?;
        let exchange = async {
            let mut response = request.send().await.map_err(|e| of_error(url, &e, CONNECT_TIMEOUT))?;
            let location = response.headers().get(LOCATION).and_then(|l| url.join(l.to_str().ok()?).ok());
            let mut reply = Reply {
                status: response.status().as_u16(),
                retry_after_s: retry_after_s(response.headers(), Utc::now()),
                location,
                body: vec![],
            };
            // The status is the answer: how its body ends is nobody's concern.
            while let Ok(Some(chunk)) = response.chunk().await {
                let room = ANSWER_BYTES_MAX - reply.body.len();
                reply.body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                if chunk.len() > room {
                    break;
                }
            }
            Ok(reply)
        };
        let late = || {
            let waited = humantime::format_duration(timeout);
            failure(FailureKind::Timeout, format!("{} gave no complete answer within {waited}", host(url)))
        };
        tokio::time::timeout(timeout, Box::pin(exchange)).await.unwrap_or_else(|_| Err(late()))
    }
}
