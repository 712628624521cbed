//! Floor 2, WebSub (W3C Recommendation, 23 January 2018): what both of its ends have to say, without saying it.
//!
//! In: forms, headers, bodies. Out: what was asked, or why it is refused; signatures; the addresses that a publisher announces.
//! `ask` is the hub's side of a request, `form` writes what is sent, `links` reads `Link` headers, `signature` proves who sent a
//! body. Deliberately absent: HTTP, the store, a clock; who may ask for what (that is where the request comes in).

mod ask;
mod form;
mod links;
mod signature;

use std::fmt;

use url::Url;

pub use self::{
    ask::{ADDRESS_BYTES_MAX, Ask, LEASE_DEFAULT_S, LEASE_MAX_S, Mode, SECRET_BYTES_MAX},
    form::{denial, publish, request, verification},
    links::announced,
    signature::{sign, verify},
};

/// Where the hub is, below the address at which readers reach us; its subscriber's callbacks are below it.
pub const PLACE: &str = "websub";
/// The header that carries a signature.
pub const SIGNATURE: &str = "x-hub-signature";
/// Media types of what a hub distributes.
const FEEDS: [&str; 3] = ["application/rss+xml", "application/atom+xml", "application/feed+json"];

/// Who is told of what is new in our feeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether we are a hub for our own feeds; `None`: if readers reach us at a public address.
    pub hub: Option<bool>,
    /// Other hubs, which are told that there is something new and fetch it themselves.
    pub ping: Vec<Url>,
}

/// What is distributed.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// Value of Content-Type.
    pub content_type: String,
    /// The document.
    pub bytes: Vec<u8>,
}

impl Content {
    /// Whether it is a feed.
    #[must_use]
    pub fn is_feed(&self) -> bool {
        let essence = self.content_type.split(';').next().unwrap_or_default().trim();
        FEEDS.iter().any(|feed| essence.eq_ignore_ascii_case(feed))
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

/// The path of a feed of ours that `topic` is the address of, with its query, from the first `/`; `None`: it is none, as far as its address
/// can tell. `base` is where readers reach us.
#[must_use]
pub fn path_of(topic: &Url, base: &Url) -> Option<String> {
    let whole = topic.username().is_empty() && topic.password().is_none() && topic.fragment().is_none();
    if !whole || topic.origin() != base.origin() {
        return None;
    }
    let rest = topic.path().strip_prefix(base.path().trim_end_matches('/'))?;
    let file = rest.strip_prefix("/feeds/")?;
    // Nothing new in the log, nothing new in these.
    let is_told_of = !file.is_empty()
        && file != "incidents.atom"
        && file != "style.xsl"
        && !file.contains("/archive/")
        // The key of a feed is for who reads it, and topics are stored and logged.
        && !file.starts_with("_/");
    let query = topic.query().map(|q| format!("?{q}")).unwrap_or_default();
    is_told_of.then(|| format!("{rest}{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(topic: &str, base: &str) -> Option<String> {
        path_of(&topic.parse().unwrap(), &base.parse().unwrap())
    }

    #[test]
    fn topics_are_feeds_of_ours_and_nothing_else() {
        let base = "https://news.example.org/tidings";
        let good = "https://news.example.org/tidings/feeds/chip.rss?source=harbor";
        assert_eq!(path(good, base).unwrap(), "/feeds/chip.rss?source=harbor");
        assert_eq!(path(good, "https://news.example.org/tidings/"), path(good, base));
        assert_eq!(path("http://127.0.0.1:8473/feeds/all.json", "http://127.0.0.1:8473/").unwrap(), "/feeds/all.json");
        for bad in [
            "https://news.example.org/feeds/chip.rss",
            "https://news.example.org/tidings/feeds/",
            "https://news.example.org/tidings/status",
            "https://news.example.org/tidings/feeds/incidents.atom",
            "https://news.example.org/tidings/feeds/chip/archive/3.atom",
            "https://news.example.org/tidings/feeds/_/0123456789abcdef.rss",
            "https://news.example.org/tidings/feeds/../status",
            "https://news.example.org:8443/tidings/feeds/chip.rss",
            "http://news.example.org/tidings/feeds/chip.rss",
            "https://me:pw@news.example.org/tidings/feeds/chip.rss",
            "https://news.example.org/tidings/feeds/chip.rss#top",
            "https://other.example/tidings/feeds/chip.rss",
        ] {
            assert_eq!(path(bad, base), None, "{bad}");
        }
    }

    #[test]
    fn feeds_are_told_by_their_media_type() {
        let of = |content_type: &str| Content { content_type: content_type.into(), bytes: vec![] };
        assert!(of("Application/RSS+XML; charset=utf-8").is_feed() && of("application/feed+json").is_feed());
        assert!(!of("text/html").is_feed() && !of("application/json").is_feed());
    }
}
