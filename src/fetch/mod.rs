//! Floor 3, the network: polite, guarded, bounded GETs.
//!
//! In: [`Settings`] and a [`Request`]. Out: [`Fetched`], or a [`Failure`] with a reason fit to show. `client` makes one
//! request, `names` says where names lead and `guard` which addresses may be dialled, `redirect` walks hop by hop, `robots` and `rules` hold what
//! hosts ask of us, `facts` reads headers, `failure` finds the words. `hosts` and `gates` keep one request at a time to each
//! host with a gap, whoever makes it, with leave by `permits` where other processes ask it, too; `walk` brings it all together, `room` bounds what is in memory, `jar` keeps cookies.
//! `spent` tells where the time goes, `post` is for handing over instead of getting, `chance` makes words that nobody can guess. Deliberately absent: retries (the cadence's), any reading of a body.

mod budget;
mod chance;
mod client;
mod facts;
mod failure;
mod gates;
mod guard;
mod hosts;
mod jar;
mod names;
mod permits;
mod post;
mod redirect;
mod robots;
mod room;
mod rules;
mod spent;
mod unpacked;
mod walk;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

pub use self::chance::unguessable;
use self::client::Client;
pub use self::hosts::Host;
use self::hosts::Hosts;
use self::jar::Jar;
pub use self::names::Names;
use self::names::System;
pub use self::permits::{Permits, Stay, permitted};
pub use self::post::{Poster, Reply};
use self::robots::Robots;
pub use self::room::Hold;
use self::room::Room;
pub use self::spent::timed;
use self::walk::Walk;
use crate::model::{Failure, FailureKind, HttpFacts};

/// How to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Who we say we are; names a contact address. Its first word is the product token that robots.txt knows us by.
    pub user_agent: String,
    /// From first byte sent to last byte received, redirects included. A robots.txt not yet known has its own time.
    pub timeout: Duration,
    /// Longest time in which nothing at all comes.
    pub idle_timeout: Duration,
    /// Largest body after decompression, in bytes.
    pub body_bytes_max: u64,
    /// Private networks that may be visited all the same.
    pub allow_networks: Vec<IpNet>,
    /// Gap between two requests to one host.
    pub per_host_delay: Duration,
    /// What is different for single hosts, by name, or by name and port.
    pub hosts: HashMap<String, Host>,
    /// Whether the last body of a source that could not be read is kept, for who mends it.
    pub keep_failed_bodies: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: concat!("tidings/", env!("CARGO_PKG_VERSION")).into(),
            timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(10),
            body_bytes_max: 15 * 1024 * 1024,
            allow_networks: vec![],
            per_host_delay: Duration::from_secs(1),
            hosts: HashMap::new(),
            keep_failed_bodies: false,
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
    /// The proxy to be asked through; it may hold a user and a password.
    pub proxy: Option<&'a Url>,
    /// Whose cookies are kept and sent; `None`: nobody's.
    pub jar: Option<&'a str>,
    /// The only port beside 80 and 443 that is asked, here and where redirects lead; `None`: any.
    pub port: Option<u16>,
}

impl<'a> Request<'a> {
    /// A request for `url` that obeys robots.txt and carries nothing.
    #[must_use]
    pub const fn of(url: &'a Url) -> Self {
        Self { url, headers: &[], etag: None, last_modified: None, robots: true, proxy: None, jar: None, port: None }
    }
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
            .field("proxy", &self.proxy.map(failure::shown))
            .field("jar", &self.jar)
            .field("port", &self.port)
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
        /// Its share of what may be in memory at once: to be kept while the bytes or their text are.
        hold: Hold,
    },
    /// 304.
    NotModified(HttpFacts),
}

/// Sources that have a jar, and proxies that have a client, at once: more than anybody configures.
const KEPT_MAX: usize = 4096;

/// The client; cheap to clone, its clones share connections, cookies, and what is known of hosts.
#[derive(Clone)]
pub struct Fetcher {
    direct: Client,
    desk: Arc<Desk>,
}

/// What all requests share.
struct Desk {
    settings: Settings,
    names: Arc<dyn Names>,
    robots: Robots,
    hosts: Hosts,
    room: Room,
    timeout: Duration,
    body_bytes_max: u64,
    proxied: Mutex<HashMap<String, Client>>,
    jars: Arc<Mutex<HashMap<String, Arc<Jar>>>>,
}

impl fmt::Debug for Fetcher {
    /// Shows no cookie and no proxy's password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher").field("settings", &self.desk.settings).finish_non_exhaustive()
    }
}

impl Desk {
    /// The gap that the host of `url` is owed.
    fn gap(&self, url: &Url) -> Duration {
        self.hosts.gap(url, self.robots.crawl_delay(url))
    }

    fn jar(&self, name: &str) -> Arc<Jar> {
        let mut jars = self.jars.lock().unwrap_or_else(PoisonError::into_inner);
        if jars.len() >= KEPT_MAX && !jars.contains_key(name) {
            jars.clear();
        }
        jars.entry(name.to_owned()).or_default().clone()
    }

    fn client_through(&self, proxy: &Url) -> Result<Client, FetchError> {
        let mut proxied = self.proxied.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = proxied.get(proxy.as_str()) {
            return Ok(client.clone());
        }
        if proxied.len() >= KEPT_MAX {
            proxied.clear();
        }
        let client = Client::new(&self.settings, Some(proxy), Arc::clone(&self.names))?;
        proxied.insert(proxy.to_string(), client.clone());
        Ok(client)
    }
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
        Self::asking(settings, Arc::new(System))
    }

    /// The same, with `names` asked where names lead instead of the machine's own resolver.
    ///
    /// # Errors
    /// When the user agent is no header value, or TLS roots cannot be loaded.
    pub fn asking(settings: &Settings, names: Arc<dyn Names>) -> Result<Self, FetchError> {
        let room = Room::new(settings.body_bytes_max);
        let desk = Desk {
            robots: Robots::new(&settings.user_agent, settings.timeout, room.clone()),
            hosts: Hosts::new(settings.per_host_delay, &settings.hosts),
            room,
            timeout: settings.timeout,
            body_bytes_max: settings.body_bytes_max,
            settings: settings.clone(),
            names: Arc::clone(&names),
            proxied: Mutex::default(),
            jars: Arc::default(),
        };
        Ok(Self { direct: Client::new(settings, None, names)?, desk: Arc::new(desk) })
    }

    /// A client by `settings` in the place of `old`: with its turns at hosts, its cookies, and what it knows of robots.txt.
    ///
    /// # Errors
    /// When the user agent is no header value, or TLS roots cannot be loaded.
    pub fn after(settings: &Settings, old: &Self) -> Result<Self, FetchError> {
        let mut new = Self::asking(settings, Arc::clone(&old.desk.names))?;
        if let Some(desk) = Arc::get_mut(&mut new.desk) {
            let none = Hosts::new(settings.per_host_delay, &settings.hosts);
            desk.hosts = none.after(&old.desk.hosts);
            desk.jars = Arc::clone(&old.desk.jars);
            let robots = Robots::new(&settings.user_agent, settings.timeout, desk.room.clone());
            desk.robots = robots.after(&old.desk.robots);
        }
        Ok(new)
    }

    /// One GET: guarded, in its turn, conditional, bounded in time, size and redirects.
    ///
    /// # Errors
    /// Anything but a 2xx document or a 304, as a [`Failure`] whose reason is fit to show.
    pub async fn get(&self, request: Request<'_>) -> Result<Fetched, Failure> {
        let proxied = match request.proxy {
            Some(proxy) => {
                let client = self.desk.client_through(proxy);
                Some(client.map_err(|e| failure::failure(FailureKind::Refused, e.to_string()))?)
            }
            None => None,
        };
        let jar = request.jar.map(|name| self.desk.jar(name));
        let client = proxied.as_ref().unwrap_or(&self.direct).within(request.port);
        Box::pin(Walk { desk: &self.desk, client, jar, request: &request }.go()).await
    }

    /// Runs `work` while nobody of this process asks `host` for anything; it is told how much is left of the gap after who did last.
    pub async fn undisturbed<T>(&self, host: &str, work: impl AsyncFnOnce(Duration) -> T) -> T {
        self.desk.hosts.undisturbed(host, work).await
    }

    /// Whether bodies that cannot be read are to be kept.
    #[must_use]
    pub fn keeps_failed_bodies(&self) -> bool {
        self.desk.settings.keep_failed_bodies
    }

    /// What hands over by the same settings.
    ///
    /// # Errors
    /// When TLS roots cannot be loaded.
    pub fn poster(&self) -> Result<Poster, FetchError> {
        Poster::new(&self.desk.settings)
    }

    /// The gap that the host of `url` is owed: ours, the one set for it, or the longer one that its robots.txt asks for.
    #[must_use]
    pub fn gap(&self, url: &Url) -> Duration {
        self.desk.gap(url)
    }
}
