//! Cookies of one source (RFC 6265): in memory, bounded, never sent for another source.
//!
//! In: `Set-Cookie` headers. Out: a `Cookie` header. Deliberately absent: a list of public suffixes: a jar only ever meets the
//! sites of its one source.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use url::{Host, Url};

/// Cookies of one jar; of more, the oldest go.
const COOKIES_MAX: usize = 50;
/// Bytes of name and value of one cookie (RFC 6265, section 6.1).
const COOKIE_BYTES_MAX: usize = 4096;

#[derive(Clone)]
struct Cookie {
    name: String,
    value: String,
    domain: String,
    /// Whether it goes to that very host only.
    host_only: bool,
    path: String,
    secure: bool,
    expires: Option<DateTime<Utc>>,
}

/// The cookies of one source.
#[derive(Default)]
pub(super) struct Jar(Mutex<Vec<Cookie>>);

impl Jar {
    /// Keeps what `headers`, which came from `url` at `now`, set.
    pub(super) fn take(&self, url: &Url, headers: &HeaderMap, now: DateTime<Utc>) {
        let mut cookies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for set in headers.get_all(SET_COOKIE).iter().filter_map(|v| v.to_str().ok()) {
            let Some(cookie) = parse(url, set, now) else { continue };
            cookies.retain(|c| (&c.name, &c.domain, &c.path) != (&cookie.name, &cookie.domain, &cookie.path));
            if cookie.expires.is_none_or(|at| at > now) {
                cookies.push(cookie);
            }
        }
        let over = cookies.len().saturating_sub(COOKIES_MAX);
        cookies.drain(..over);
    }

    /// What goes along to `url` at `now`, marked as secret.
    pub(super) fn header(&self, url: &Url, now: DateTime<Utc>) -> Option<HeaderValue> {
        let mut cookies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.retain(|c| c.expires.is_none_or(|at| at > now));
        let mut sent: Vec<&Cookie> = cookies.iter().filter(|c| c.goes_to(url)).collect();
        sent.sort_by_key(|c| std::cmp::Reverse(c.path.len()));
        let text = sent.iter().map(|c| format!("{}={}", c.name, c.value)).collect::<Vec<_>>().join("; ");
        let mut value = HeaderValue::from_str(&text).ok().filter(|v| !v.is_empty())?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl Cookie {
    fn goes_to(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let at_host = if self.host_only { host == self.domain } else { within(host, &self.domain) };
        let path = url.path();
        let at_path = path
            .strip_prefix(self.path.as_str())
            .is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'));
        at_host && at_path && (!self.secure || url.scheme() == "https")
    }
}

/// Whether `host` is `domain` or a name below it.
fn within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The cookie that `set` sets, if `url` may set it.
fn parse(url: &Url, set: &str, now: DateTime<Utc>) -> Option<Cookie> {
    let (pair, attributes) = set.split_once(';').unwrap_or((set, ""));
    let (name, value) = pair.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() || name.len() + value.len() > COOKIE_BYTES_MAX {
        return None;
    }
    let host = url.host_str()?;
    let folder = url.path().rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder });
    let mut cookie = Cookie {
        name: name.into(),
        value: value.into(),
        domain: host.into(),
        host_only: true,
        path: folder.into(),
        secure: false,
        expires: None,
    };
    let mut age = None;
    for attribute in attributes.split(';') {
        let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "domain" => {
                let domain = value.trim_start_matches('.').to_ascii_lowercase();
                let named = matches!(url.host(), Some(Host::Domain(_)));
                if domain.is_empty() || domain == host {
                    cookie.host_only = !named || domain.is_empty();
                } else if named && domain.contains('.') && within(host, &domain) {
                    (cookie.domain, cookie.host_only) = (domain, false);
                } else {
                    return None;
                }
            }
            "path" if value.starts_with('/') => cookie.path = value.into(),
            "secure" => cookie.secure = true,
            "max-age" => age = value.parse::<i64>().ok().or(age),
            "expires" => cookie.expires = super::facts::http_date(&value.replace('-', " ")).or(cookie.expires),
            _ => {}
        }
    }
    if let Some(age) = age {
        let lasts = TimeDelta::try_seconds(age.max(0)).and_then(|age| now.checked_add_signed(age));
        cookie.expires = Some(lasts.unwrap_or(DateTime::<Utc>::MAX_UTC));
    }
    Some(cookie)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2031-03-04T05:00:00Z".parse().unwrap()
    }

    /// What is sent to `to` after `from` set `set`.
    fn sent(from: &str, set: &[&str], to: &str) -> Option<String> {
        let jar = Jar::default();
        let headers = set.iter().map(|s| (SET_COOKIE, HeaderValue::from_str(s).unwrap())).collect();
        jar.take(&Url::parse(from).unwrap(), &headers, now());
        jar.header(&Url::parse(to).unwrap(), now()).map(|v| v.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_cookie_goes_where_it_may() {
        let (news, other) = ("https://www.news.example/a/b", "https://other.example/a/b");
        let cases: &[(&str, &str, Option<&str>)] = &[
            ("s=1", news, Some("s=1")),
            ("s=1", "https://www.news.example/c", None),
            ("s=1; Path=/", "https://www.news.example/c", Some("s=1")),
            ("s=1; Path=/", "https://news.example/", None),
            ("s=1; Path=/", other, None),
            ("s=1; Domain=.news.example; Path=/", "https://m.news.example/", Some("s=1")),
            ("s=1; Domain=news.example", "https://badnews.example/a/", None),
            ("s=1; Domain=example; Path=/", news, None),
            ("s=1; Domain=other.example; Path=/", other, None),
            ("s=1; Secure", "http://www.news.example/a/", None),
            ("s=1; Path=/a", "https://www.news.example/ab", None),
            ("s=1; Max-Age=0", news, None),
            ("s=1; Max-Age=60; Expires=Tue, 04 Mar 2003 05:02:00 GMT", news, Some("s=1")),
            ("s=1; Expires=Tue, 04 Mar 2003 05:02:00 GMT", news, None),
            ("s=1; Expires=Tue, 04-Mar-2031 05:02:00 GMT", news, Some("s=1")),
            ("=1", news, None),
            ("nothing", news, None),
        ];
        for (set, to, expected) in cases {
            assert_eq!(sent(news, &[set], to).as_deref(), *expected, "{set} -> {to}");
        }
        assert_eq!(sent(news, &["a=1; Path=/", "b=2", "a=3; Path=/"], news).as_deref(), Some("b=2; a=3"));
        assert_eq!(sent("http://127.0.0.1/", &["a=1; Domain=0.0.1"], "http://127.0.0.1/"), None);
    }

    #[test]
    fn a_jar_is_bounded() {
        let many: Vec<String> = (0..200).map(|n| format!("c{n}=1")).collect();
        let set: Vec<&str> = many.iter().map(String::as_str).collect();
        let text = sent("http://h.example/", &set, "http://h.example/").unwrap();
        assert!(
            text.split("; ").count() == COOKIES_MAX && text.ends_with("c199=1") && !text.contains("c149="),
            "{text}"
        );
        assert_eq!(sent("http://h.example/", &[&format!("c={}", "x".repeat(5000))], "http://h.example/"), None);
    }
}
