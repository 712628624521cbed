//! Where news of a listing can be asked for instead of looking for it (WebSub, section 4).

use serde::{Deserialize, Serialize};
use url::Url;

/// A longer address is no address, in bytes.
const HREF_BYTES_MAX: usize = 1000;

/// Where news of a feed can be asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Announcement {
    /// The hub, the first that is named.
    pub hub: Option<Url>,
    /// What the feed calls itself, by which the hub knows it.
    pub topic: Option<Url>,
}

impl Announcement {
    /// Whether nothing is announced.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.hub.is_none() && self.topic.is_none()
    }

    /// `self`, with what `other` says where it says nothing.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self { hub: self.hub.or_else(|| other.hub.clone()), topic: self.topic.or_else(|| other.topic.clone()) }
    }

    /// Takes a link with these relations, seen from `base`; the first of each kind wins.
    pub fn take(&mut self, rel: &str, href: &str, base: &Url) {
        let url = || {
            let fits = (1..=HREF_BYTES_MAX).contains(&href.trim().len());
            let url = fits.then(|| base.join(href.trim()).ok()).flatten();
            url.filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host() && u.as_str().len() <= HREF_BYTES_MAX)
        };
        for rel in rel.split_ascii_whitespace() {
            if rel.eq_ignore_ascii_case("hub") {
                self.hub = self.hub.take().or_else(url);
            } else if rel.eq_ignore_ascii_case("self") {
                self.topic = self.topic.take().or_else(url);
            }
        }
    }
}
