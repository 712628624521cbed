//! Floor 3, the network: polite, guarded, bounded GETs.
//!
//! In: [`Settings`] and a [`Request`]. Out: [`Fetched`], or a [`Failure`] with a reason fit to show. `client` makes one
//! request, `guard` decides which addresses may be dialled, `redirect` walks hop by hop, `robots` and `rules` hold what
//! hosts ask of us, `facts` reads headers, `failure` finds the words. Deliberately absent: gaps between requests and
//! retries (the frontier's and the cadence's), cookies, proxies, any reading of a body.

mod client;
mod facts;
mod failure;
mod guard;
mod redirect;
mod robots;
mod rules;
mod unpacked;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use ipnet::IpNet;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use url::Url;

use self::client::Client;
use self::redirect::{REDIRECTS_MAX, Trail};
use self::robots::Robots;
use crate::model::{Failure, FailureKind, HttpFacts};

/// How to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Who we say we are; names a contact address. Its first word is the product token that robots.txt knows us by.
    pub user_agent: String,
    /// From first byte sent to last byte received, redirects included. A robots.txt not yet known has its own time.
    pub timeout: Duration,
    /// Largest body after decompression, in bytes.
    pub body_bytes_max: u64,
    /// Private networks that may be visited all the same.
    pub allow_networks: Vec<IpNet>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: concat!("tidings/", env!("CARGO_PKG_VERSION")).into(),
            timeout: Duration::from_secs(20),
            body_bytes_max: 15 * 1024 * 1024,
            allow_networks: vec![],
        }
    }
}

/// One polite GET.
#[derive(Clone)]
pub struct Request<'a> {
    /// What to fetch; a user and password in it are sent as basic authentication.
    pub url: &'a Url,
    /// Extra headers of the source, (name, value), sent to `url`'s origin only, not across a redirect to another.
    pub headers: &'a [(String, String)],
    /// Validator for If-None-Match.
    pub etag: Option<&'a str>,
    /// Validator for If-Modified-Since.
    pub last_modified: Option<&'a str>,
    /// Whether robots.txt is obeyed.
    pub robots: bool,
}

impl fmt::Debug for Request<'_> {
    /// Shows neither header values nor the secrets of the URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("url", &failure::shown(self.url))
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("etag", &self.etag)
            .field("last_modified", &self.last_modified)
            .field("robots", &self.robots)
            .finish()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub enum Fetched {
    /// A full body.
    Document {
        /// What HTTP said.
        http: HttpFacts,
        /// The body, decompressed.
        bytes: Vec<u8>,
    },
    /// 304.
    NotModified(HttpFacts),
}

/// The client; cheap to clone, its clones share connections and what is known of robots.txt.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: Client,
    robots: Arc<Robots>,
    timeout: Duration,
    body_bytes_max: u64,
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(pub String);

impl Fetcher {
    /// A client by `settings`.
    ///
    /// # Errors
    /// When the user agent is no header value, or TLS roots cannot be loaded.
    pub fn new(settings: &Settings) -> Result<Self, FetchError> {
        Ok(Self {
            client: Client::new(settings)?,
            robots: Arc::new(Robots::new(&settings.user_agent, settings.timeout)),
            timeout: settings.timeout,
            body_bytes_max: settings.body_bytes_max,
        })
    }

    /// One GET: guarded, conditional, bounded in time, size and redirects.
    ///
    /// # Errors
    /// Anything but a 2xx document or a 304, as a [`Failure`] whose reason is fit to show.
    pub async fn get(&self, request: Request<'_>) -> Result<Fetched, Failure> {
        if request.robots {
            self.robots.check(&self.client, request.url).await?;
        }
        match tokio::time::timeout(self.timeout, self.walk(&request)).await {
            Ok(fetched) => fetched,
            Err(_) => Err(failure::timed_out(request.url, self.timeout)),
        }
    }

    /// The Crawl-delay that the host's robots.txt asks of us, if it was read lately; at most a minute.
    #[must_use]
    pub fn crawl_delay(&self, url: &Url) -> Option<Duration> {
        self.robots.crawl_delay(url)
    }

    async fn walk(&self, request: &Request<'_>) -> Result<Fetched, Failure> {
        let (validators, secrets) = (validators(request), source_headers(request.headers)?);
        let mut trail = Trail::new(request.url, REDIRECTS_MAX);
        loop {
            let mut headers = validators.clone();
            if trail.at_origin() {
                headers.extend(secrets.clone());
            }
            let response = self.client.send(&trail.url, headers).await?;
            let (status, now) = (response.status().as_u16(), Utc::now());
            if trail.follow(status, response.headers())? {
                if request.robots {
                    self.robots.check(&self.client, &trail.url).await?;
                }
                continue;
            }
            let url = &trail.url;
            let http = facts::facts(status, url, response.headers(), now);
            let challenge = failure::is_challenge(response.headers());
            return match status {
                200..=299 if !challenge => {
                    let body = self.client.read(url, response, self.body_bytes_max).await?;
                    if body.cut {
                        return Err(Failure { status: Some(status), ..failure::too_large(url, self.body_bytes_max) });
                    }
                    let bytes = unpacked::unpacked(url, status, body.bytes, self.body_bytes_max).await?;
                    let body_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    Ok(Fetched::Document { http: HttpFacts { body_bytes, ..http }, bytes })
                }
                304 if !validators.is_empty() => Ok(Fetched::NotModified(http)),
                _ => Err(failure::status(url, status, response.headers(), now)),
            };
        }
    }
}

/// The conditional headers. They go along on every hop: it was the last one that gave them.
fn validators(request: &Request<'_>) -> HeaderMap {
    let value = |text: Option<&str>| text.and_then(|text| HeaderValue::from_str(text).ok()).filter(|v| !v.is_empty());
    let pairs = [(IF_NONE_MATCH, value(request.etag)), (IF_MODIFIED_SINCE, value(request.last_modified))];
    pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The source's own headers, their values marked as secret.
fn source_headers(headers: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let pair = |(name, value): &(String, String)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        value.set_sensitive(true);
        Some((name, value))
    };
    let bad = |name: &str| {
        let reason = format!("the source's header `{}` cannot be sent; check its name and value", name.escape_debug());
        failure::failure(FailureKind::Refused, reason)
    };
    headers.iter().map(|header| pair(header).ok_or_else(|| bad(&header.0))).collect()
}
