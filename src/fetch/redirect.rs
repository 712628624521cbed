//! Where an answer sends us on to.
//!
//! In: an answer and the address it came from. Out: the next address. Deliberately absent: the request itself, so that
//! every hop is guarded like the first.

use std::fmt::Write as _;

use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use super::failure::{failure, host};
use crate::model::{Failure, FailureKind, address};

/// How many redirects a document may take.
pub(super) const REDIRECTS_MAX: usize = 10;

/// The hops taken so far: the address now, and those before it.
pub(super) struct Trail {
    /// The address to be asked.
    pub(super) url: Url,
    seen: Vec<Url>,
    /// Where permanent redirects led before any other came.
    pub(super) moved_to: Option<Url>,
    redirects_max: usize,
}

impl Trail {
    pub(super) fn new(url: &Url, redirects_max: usize) -> Self {
        Self { url: url.clone(), seen: vec![], moved_to: None, redirects_max }
    }

    /// Whether the present address has the origin of the first, so that its secrets may be sent.
    pub(super) fn at_origin(&self) -> bool {
        self.seen.first().is_none_or(|first| first.origin() == self.url.origin())
    }

    /// Moves on when the answer is a redirect; `false` when it is not one.
    ///
    /// # Errors
    /// When the redirect leads nowhere, in a circle, away from http, or is one too many.
    pub(super) fn follow(&mut self, status: u16, headers: &HeaderMap) -> Result<bool, Failure> {
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Ok(false);
        }
        let fail = |reason: String| Failure { status: Some(status), ..failure(FailureKind::Redirect, reason) };
        let from = host(&self.url);
        let Some(location) = headers.get(LOCATION) else {
            return Err(fail(format!("{from} redirects ({status}) without saying where to")));
        };
        let Some(mut next) = self.url.join(&ascii(location.as_bytes())).ok().filter(Url::has_host) else {
            return Err(fail(format!("{from} redirects ({status}) to something that is no address")));
        };
        if !matches!(next.scheme(), "http" | "https") {
            return Err(fail(format!(
                "{from} redirects ({status}) to a `{}:` address, which is not fetched",
                next.scheme()
            )));
        }
        next.set_fragment(None);
        // Nobody but the operator has us log in.
        next = address::without_userinfo(&next);
        if next.origin() == self.url.origin() {
            let _ = next.set_username(self.url.username());
            let _ = next.set_password(self.url.password());
        }
        if next == self.url || self.seen.contains(&next) {
            let reason =
                format!("{from} redirects in a circle; it may want a cookie, which the source's headers can carry");
            return Err(fail(reason));
        }
        if self.seen.len() >= self.redirects_max {
            return Err(fail(format!("{from} redirects once more after {} redirects", self.redirects_max)));
        }
        // Only from one such address to the next: what a passing redirect leads to may be elsewhere tomorrow.
        let so_far = self.seen.is_empty() || self.moved_to.as_ref() == Some(&self.url);
        if so_far && matches!(status, 301 | 308) {
            self.moved_to = Some(next.clone());
        }
        self.seen.push(std::mem::replace(&mut self.url, next));
        Ok(true)
    }
}

/// A Location with its bytes beyond ASCII percent-encoded one by one: old sites send paths raw, in whatever charset.
fn ascii(location: &[u8]) -> String {
    location.iter().fold(String::with_capacity(location.len()), |mut out, byte| {
        if byte.is_ascii() {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn follow(trail: &mut Trail, location: &[u8]) -> Result<bool, Failure> {
        trail.follow(302, &HeaderMap::from_iter([(LOCATION, HeaderValue::from_bytes(location).unwrap())]))
    }

    #[test]
    fn addresses_are_resolved_and_keep_their_bytes() {
        let mut trail = Trail::new(&Url::parse("http://u:p@h.example/a/b").unwrap(), 10);
        assert!(follow(&mut trail, b"../c?d#e").unwrap());
        assert_eq!(trail.url.as_str(), "http://u:p@h.example/c?d");
        assert!(follow(&mut trail, b"/\xd6\xd0").unwrap());
        assert_eq!(trail.url.path(), "/%D6%D0");
        assert!(trail.at_origin());
        assert!(follow(&mut trail, b"//other.example/x").unwrap());
        assert_eq!(trail.url.as_str(), "http://other.example/x");
        assert!(!trail.at_origin());
        assert!(follow(&mut trail, "https://新闻.example/".as_bytes()).unwrap());
        assert!(trail.url.host_str().unwrap().starts_with("xn--"), "{}", trail.url);
        assert!(!trail.follow(200, &HeaderMap::new()).unwrap());
    }

    #[test]
    fn redirects_that_lead_nowhere_fail() {
        let mut trail = Trail::new(&Url::parse("http://h.example/a").unwrap(), 10);
        for location in
            [&b"file:///etc/passwd"[..], b"ftp://h.example/", b"javascript:1", b"http://", b"a", b"http://[x/"]
        {
            assert_eq!(follow(&mut trail, location).unwrap_err().kind, FailureKind::Redirect);
        }
        assert_eq!(trail.follow(301, &HeaderMap::new()).unwrap_err().kind, FailureKind::Redirect);
        assert!(follow(&mut trail, b"/b").unwrap());
        assert!(follow(&mut trail, b"/a").unwrap_err().reason.contains("circle"));
    }
}
