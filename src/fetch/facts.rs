//! What the headers of an answer say: facts for the record, how long it is fresh, when to come back.
//!
//! In: headers and the time. Out: [`HttpFacts`] and seconds. Deliberately absent: a clock, and any judgement.

use chrono::{DateTime, NaiveDateTime, Utc};
use reqwest::header::{
    AGE, CACHE_CONTROL, CONTENT_TYPE, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, LAST_MODIFIED, LINK, RETRY_AFTER,
};
use url::Url;

use crate::model::{HttpFacts, address};
use crate::websub::announced;

/// The longest that a server's word on when to come back is taken for, in seconds: 7 days.
const HINT_MAX_S: u64 = 7 * 24 * 60 * 60;
/// A header value longer than this is not kept, in bytes.
const VALUE_BYTES_MAX: usize = 1024;

/// The facts of an answer that came from `url`, but for the size of its body.
pub(super) fn facts(status: u16, url: &Url, headers: &HeaderMap, now: DateTime<Utc>) -> HttpFacts {
    HttpFacts {
        status,
        final_url: Some(bare(url)),
        content_type: headers
            .get(CONTENT_TYPE)
            .filter(|v| v.len() <= VALUE_BYTES_MAX)
            .map(|v| String::from_utf8_lossy(v.as_bytes()).trim().to_owned()),
        body_bytes: 0,
        etag: text(headers, ETAG).map(str::to_owned),
        last_modified: text(headers, LAST_MODIFIED).map(str::to_owned),
        fresh_s: fresh_s(headers, now),
        moved_to: None,
        links: announced(headers.get_all(LINK).iter().filter_map(|v| v.to_str().ok()), url),
    }
}

/// `url` without user, password and fragment. Links are resolved against it, so a password must not stay in it.
pub(super) fn bare(url: &Url) -> Url {
    let mut url = address::without_userinfo(url);
    url.set_fragment(None);
    url
}

/// Seconds for which the answer is fresh (RFC 9111, section 4.2): `max-age` less `Age`, else `Expires` less `Date`.
/// `no-cache` and `no-store` say zero; a value that cannot be read says nothing.
fn fresh_s(headers: &HeaderMap, now: DateTime<Utc>) -> Option<u64> {
    let mut max_age = None;
    for directive in headers.get_all(CACHE_CONTROL).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-cache" | "no-store" => return Some(0),
            "max-age" => max_age = max_age.or_else(|| seconds(value.trim().trim_matches('"'))),
            _ => {}
        }
    }
    if let Some(max_age) = max_age {
        return Some(max_age.saturating_sub(text(headers, AGE).and_then(seconds).unwrap_or(0)).min(HINT_MAX_S));
    }
    Some(until(http_date(text(headers, EXPIRES)?)?, headers, now))
}

/// Seconds that the server asks to be left alone (RFC 9110, section 10.2.3), at most 7 days.
pub(super) fn retry_after_s(headers: &HeaderMap, now: DateTime<Utc>) -> Option<u64> {
    let value = text(headers, RETRY_AFTER)?;
    seconds(value).map(|s| s.min(HINT_MAX_S)).or_else(|| Some(until(http_date(value)?, headers, now)))
}

/// Seconds until `moment` by the server's own clock if it gave one, else by ours.
fn until(moment: DateTime<Utc>, headers: &HeaderMap, now: DateTime<Utc>) -> u64 {
    let now = text(headers, DATE).and_then(http_date).unwrap_or(now);
    u64::try_from((moment - now).num_seconds()).unwrap_or(0).min(HINT_MAX_S)
}

/// A number of seconds; one too big to hold counts as very long (RFC 9111, section 1.2.2).
fn seconds(value: &str) -> Option<u64> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| value.parse().unwrap_or(u64::MAX))
}

/// A date in any of the three forms of RFC 9110, section 5.6.7. The day of the week is not checked: it is often wrong.
pub(super) fn http_date(value: &str) -> Option<DateTime<Utc>> {
    let rest = value.split_once(',').map_or(value, |(_, rest)| rest).trim();
    let naive = |format| NaiveDateTime::parse_from_str(rest, format).ok().map(|date| date.and_utc());
    DateTime::parse_from_rfc2822(rest)
        .ok()
        .map(|date| date.with_timezone(&Utc))
        .or_else(|| naive("%d-%b-%y %H:%M:%S GMT"))
        .or_else(|| naive("%a %b %e %H:%M:%S %Y"))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let value = headers.get(name).filter(|v| v.len() <= VALUE_BYTES_MAX)?;
    value.to_str().ok().map(str::trim).filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), v.parse().unwrap())).collect()
    }

    fn now() -> DateTime<Utc> {
        "2031-03-04T05:00:00Z".parse().unwrap()
    }

    #[test]
    fn freshness_is_what_the_server_says_of_it() {
        let date = "Tue, 04 Mar 2031 05:00:00 GMT";
        type Pairs<'a> = &'a [(&'static str, &'a str)];
        let cases: &[(Pairs<'_>, Option<u64>)] = &[
            (&[], None),
            (&[("cache-control", "max-age=300")], Some(300)),
            (&[("cache-control", "public, MAX-AGE=\"60\"")], Some(60)),
            (&[("cache-control", "max-age=300"), ("age", "100")], Some(200)),
            (&[("cache-control", "max-age=300"), ("age", "900")], Some(0)),
            (&[("cache-control", "max-age=300, no-cache")], Some(0)),
            (&[("cache-control", "no-store")], Some(0)),
            (&[("cache-control", "max-age=99999999999999999999999")], Some(HINT_MAX_S)),
            (&[("cache-control", "max-age=soon")], None),
            (&[("cache-control", "max-age=-1")], None),
            (&[("cache-control", "s-maxage=60")], None),
            (&[("cache-control", "max-age=5"), ("expires", "Tue, 04 Mar 2031 06:00:00 GMT"), ("date", date)], Some(5)),
            (&[("expires", "Tue, 04 Mar 2031 06:00:00 GMT"), ("date", date)], Some(3600)),
            (&[("expires", "Tue, 04 Mar 2031 05:10:00 GMT")], Some(600)),
            (&[("expires", "Tue, 04 Mar 2031 04:00:00 GMT"), ("date", date)], Some(0)),
            (&[("expires", "0")], None),
            (&[("expires", "-1")], None),
            (&[("expires", "")], None),
        ];
        for (pairs, expected) in cases {
            assert_eq!(fresh_s(&headers(pairs), now()), *expected, "{pairs:?}");
        }
    }

    #[test]
    fn retry_after_comes_in_seconds_or_as_a_date() {
        let cases = [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("0", Some(0)),
            ("99999999", Some(HINT_MAX_S)),
            ("Tue, 04 Mar 2031 05:02:00 GMT", Some(120)),
            ("Fri, 04 Mar 2031 05:02:00 GMT", Some(120)),
            ("Tuesday, 04-Mar-31 05:02:00 GMT", Some(120)),
            ("Tue Mar  4 05:02:00 2031", Some(120)),
            ("Tue, 04 Mar 2031 04:00:00 GMT", Some(0)),
            ("Tue, 04 Mar 2093 04:00:00 GMT", Some(HINT_MAX_S)),
            ("-5", None),
            ("1.5", None),
            ("later", None),
        ];
        for (value, expected) in cases {
            assert_eq!(retry_after_s(&headers(&[("retry-after", value)]), now()), expected, "{value}");
        }
        let skewed =
            headers(&[("retry-after", "Tue, 04 Mar 2031 09:02:00 GMT"), ("date", "Tue, 04 Mar 2031 09:00:00 GMT")]);
        assert_eq!(retry_after_s(&skewed, now()), Some(120));
    }

    #[test]
    fn the_address_on_record_holds_no_password() {
        let url = Url::parse("http://me:secret@h.example/a?b#c").unwrap();
        let facts = facts(200, &url, &headers(&[("etag", "\"x\""), ("content-type", "text/html; charset=gbk")]), now());
        assert_eq!(facts.final_url.unwrap().as_str(), "http://h.example/a?b");
        assert_eq!(facts.etag.as_deref(), Some("\"x\""));
        assert_eq!(facts.content_type.as_deref(), Some("text/html; charset=gbk"));
    }
}
