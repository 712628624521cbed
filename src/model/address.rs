//! Addresses: the canonical form that identifies an article, and the host whose lane visits it.

use url::Url;

/// The form of `url` that identifies what it points to. STUB
#[must_use]
pub fn canonical(url: &Url) -> String {
    url.to_string()
}

/// The host lane that `url` belongs to: host and, when it is not the scheme's default, port.
#[must_use]
pub fn lane(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
