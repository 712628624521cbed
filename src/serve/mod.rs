//! Floor 5: feeds, change log, status, pages: reads only. STUB
use std::{net::SocketAddr, time::Duration};

use url::Url;

/// How to serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where readers reach us; absent: `http://` and the address listened on.
    pub public_url: Option<Url>,
    /// Whether feed items carry the full sanitised content, or the excerpt only.
    pub full_content: bool,
    /// Items in a feed, if the reader does not ask for another number.
    pub items: i64,
    /// `/readyz` fails when no visit succeeded for this long though some were due.
    pub ready_within: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8473)),
            public_url: None,
            full_content: true,
            items: 50,
            ready_within: Duration::from_secs(30 * 60),
        }
    }
}
