//! One request and its answer: guarded, without redirects, its body read up to a cap.
//!
//! In: a URL and headers. Out: the raw answer, then its bytes. Deliberately absent: proxies of the environment (they
//! would dial addresses that nobody checked), and redirects, which are followed hop by hop elsewhere.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Response;
use reqwest::header::{ACCEPT, CONTENT_ENCODING, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use tokio::time::timeout;
use tower::layer::layer_fn;
use tower::util::MapFuture;
use url::Url;

use super::failure::{failure, host, idle, of_body_error, of_error};
use super::guard::Guard;
use super::names::Names;
use super::room::{FREE_BYTES, Hold, Room};
use super::spent::{self, Phase};
use super::{FetchError, Settings};
use crate::model::{Failure, FailureKind};

/// The longest that making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept: for the next page of a lane. Until the next look at a listing it would only take memory
/// and one of the files that may be open, and there may be ten thousand hosts.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// Idle connections kept per host: lanes work one request at a time, a spare covers an answer left unread.
const IDLE_PER_HOST_MAX: usize = 2;
/// Bytes of the header of an answer. Above HTTP/1, the client itself stops at some hundred lines or 400 KiB.
const HEADER_BYTES_MAX: u32 = 64 * 1024;
/// Longest address that is asked for, in bytes.
const URL_BYTES_MAX: usize = 8 * 1024;
/// Body bytes reserved before any came, at most: a claimed Content-Length is no reason to allocate.
const RESERVE_BYTES_MAX: u64 = 256 * 1024;
/// What we read: pages and feeds, anything else only for want of them.
const ACCEPTED: &str = "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, \
                        application/feed+json, application/xml;q=0.9, */*;q=0.8";

/// Makes single requests.
#[derive(Clone, Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    guard: Guard,
    /// The only port beside 80 and 443 that is asked; `None`: any.
    port: Option<u16>,
    connect_timeout: Duration,
    idle_timeout: Duration,
}

/// A body, or as much of it as the cap allows.
pub(super) struct Body {
    /// The bytes, decompressed.
    pub(super) bytes: Vec<u8>,
    /// Whether there was more.
    pub(super) cut: bool,
    /// Its share of the room for bodies.
    pub(super) hold: Hold,
}

impl Client {
    /// A client by `settings`, through `proxy` if there is one.
    pub(super) fn new(settings: &Settings, proxy: Option<&Url>, names: Arc<dyn Names>) -> Result<Self, FetchError> {
        let user_agent = HeaderValue::from_str(&settings.user_agent)
            .ok()
            .filter(|value| !value.is_empty() && settings.user_agent.is_ascii())
            .ok_or_else(|| FetchError("fetch.user_agent must be one line of ASCII text".into()))?;
        // Only the first provider of a process is kept; whichever it is serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Guard::new(&settings.allow_networks, names);
        let guard = proxy.map_or(guard.clone(), |proxy| guard.but_for(proxy));
        let connect_timeout = CONNECT_TIMEOUT.min(settings.timeout);
        let builder = reqwest::Client::builder();
        let builder = match proxy.map(|proxy| reqwest::Proxy::all(proxy.as_str())) {
            None => builder.no_proxy(),
            Some(Ok(proxy)) => builder.proxy(proxy),
            Some(Err(_)) => return Err(FetchError("the source's proxy cannot be used; check its address".into())),
        };
        let http = builder
            .tls_backend_rustls()
            .user_agent(user_agent)
            .default_headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(ACCEPTED))]))
            .redirect(Policy::none())
            .referer(false)
            .dns_resolver(guard.clone())
            .connect_timeout(connect_timeout)
            .connector_layer(layer_fn(|connector| MapFuture::new(connector, connecting)))
            .http2_max_header_list_size(HEADER_BYTES_MAX)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .build()
            .map_err(|e| {
                let cause = std::error::Error::source(&e).map_or_else(|| e.to_string(), ToString::to_string);
                FetchError(format!(
                    "the HTTP client could not be made: {cause}; see that CA certificates are installed"
                ))
            })?;
        Ok(Self { http, guard, port: None, connect_timeout, idle_timeout: settings.idle_timeout })
    }

    /// The same for what a source leads to: beside 80 and 443 it asks only `port`, if one is given.
    pub(super) fn within(&self, port: Option<u16>) -> Self {
        Self { port, ..self.clone() }
    }

    /// Whether the port of `url` may be asked.
    ///
    /// # Errors
    /// When it may not: a page must not have us knock wherever it likes.
    pub(super) fn check_port(&self, url: &Url) -> Result<(), Failure> {
        let port = url.port_or_known_default();
        if self.port.is_none() || matches!(port, Some(80 | 443)) || port == self.port {
            return Ok(());
        }
        let reason = format!(
            "{} was not contacted: beside 80 and 443, only the port in a source's own address is asked for what it leads to",
            host(url)
        );
        Err(failure(FailureKind::Refused, reason))
    }

    /// Sends one GET. User and password of `url` go as basic authentication.
    ///
    /// # Errors
    /// When the address may not be dialled, or no answer came.
    pub(super) async fn send(&self, url: &Url, headers: HeaderMap) -> Result<Response, Failure> {
        if !matches!(url.scheme(), "http" | "https") {
            let reason = format!("`{}:` addresses are not fetched, only http and https", url.scheme());
            return Err(failure(FailureKind::Refused, reason));
        }
        if url.as_str().len() > URL_BYTES_MAX {
            let reason = format!("the address at {} is longer than {URL_BYTES_MAX} bytes", host(url));
            return Err(failure(FailureKind::Refused, reason));
        }
        self.guard.check_literal(url).map_err(|e| failure(FailureKind::Refused, e.to_string()))?;
        let mut url = url.clone();
        url.set_fragment(None);
        let sent = self.http.get(url.clone()).headers(headers).send().await;
        let response = sent.map_err(|e| of_error(&url, &e, self.connect_timeout))?;
        let header_bytes: usize =
            response.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if header_bytes > HEADER_BYTES_MAX as usize {
            let reason = format!("the header of {} is larger than {HEADER_BYTES_MAX} bytes", host(&url));
            return Err(Failure { status: Some(response.status().as_u16()), ..failure(FailureKind::TooLarge, reason) });
        }
        Ok(response)
    }

    /// Reads the body of an answer from `url`, at most `cap_bytes` and one chunk of it being in memory; a large one only when
    /// there is `room`.
    ///
    /// # Errors
    /// When the connection breaks before the body is whole, the bytes do not decompress, or there is no room for long.
    pub(super) async fn read(
        &self,
        url: &Url,
        mut response: Response,
        cap_bytes: u64,
        room: &Room,
    ) -> Result<Body, Failure> {
        // The client strips the encodings that it undoes; what is left would reach the readers as noise.
        let encoding =
            response.headers().get(CONTENT_ENCODING).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
        if let Some(encoding) = encoding.filter(|e| !e.trim().is_empty() && !e.trim().eq_ignore_ascii_case("identity"))
        {
            let encoding: String = encoding.chars().take(40).collect();
            let reason =
                format!("{} sent a body encoded as `{}`, which was not asked for", host(url), encoding.escape_debug());
            return Err(failure(FailureKind::Unreadable, reason));
        }
        let claimed_bytes = response.content_length().unwrap_or(0).min(cap_bytes).min(RESERVE_BYTES_MAX);
        let mut bytes = Vec::with_capacity(usize::try_from(claimed_bytes).unwrap_or(0));
        let cap = usize::try_from(cap_bytes).unwrap_or(usize::MAX);
        let (mut hold, expected) = (Hold::default(), response.content_length().map_or(cap_bytes, |n| n.min(cap_bytes)));
        loop {
            if bytes.len() as u64 >= FREE_BYTES / 2 {
                room.hold(&mut hold, url, expected).await?;
            }
            let Ok(chunk) = timeout(self.idle_timeout, response.chunk()).await else {
                return Err(idle(url, self.idle_timeout));
            };
            match chunk {
                Ok(Some(chunk)) if chunk.len() > cap - bytes.len() => {
                    bytes.extend_from_slice(&chunk[..cap - bytes.len()]);
                    return Ok(Body { bytes, cut: true, hold });
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => return Ok(Body { bytes, cut: false, hold }),
                Err(e) => return Err(of_body_error(url, &e, self.connect_timeout)),
            }
        }
    }
}

/// Making a connection, with its time taken.
async fn connecting<T>(connection: impl Future<Output = T>) -> T {
    spent::spend(Phase::Connect, connection).await
}
