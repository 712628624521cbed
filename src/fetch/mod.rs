//! Floor 3: the network. STUB
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use crate::model::{Failure, HttpFacts};

/// How to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Who we say we are; names a contact address.
    pub user_agent: String,
    /// From first byte sent to last byte received, redirects included.
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
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// What to fetch.
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

/// The client; cheap to clone.
#[derive(Clone, Debug)]
pub struct Fetcher {}

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
        let _ = settings;
        Ok(Self {})
    }

    /// One GET: guarded, conditional, bounded in time, size and redirects.
    ///
    /// # Errors
    /// Anything but a 2xx document or a 304, as a [`Failure`] whose reason is fit to show.
    #[expect(clippy::unused_async, reason = "stub")]
    pub async fn get(&self, request: Request<'_>) -> Result<Fetched, Failure> {
        let _ = request;
        Err(Failure {
            kind: crate::model::FailureKind::Connect,
            status: None,
            reason: "stub".into(),
            retry_after_s: None,
        })
    }

    /// The Crawl-delay that the host's robots.txt asks of us, if it was read lately.
    #[must_use]
    pub fn crawl_delay(&self, url: &Url) -> Option<Duration> {
        let _ = url;
        None
    }
}
