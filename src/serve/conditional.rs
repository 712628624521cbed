//! Answers that need not be sent twice (RFC 9110, section 13).

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use chrono::{DateTime, TimeDelta, Utc};

use super::coding::Coding;

/// A shared cache before us bounds the load to one request a minute and address; no reader polls more often.
pub(super) const CACHE_CONTROL: &str = "max-age=60";
/// Characters of a tag, each half a byte of a hash.
const TAG_HEX_CHARS: usize = 32;
/// A visit is recorded after it began, so a story can come up whose date is older than what was already shown. Only a
/// date this much later than the newest instant shown proves that nothing older is still to come.
const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(2);

/// What is said of a body beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    pub(super) content_type: &'static str,
    /// What tells this body from any other at its address, without quotes.
    pub(super) tag: &'a str,
    /// The newest instant that the body shows.
    pub(super) newest: Option<DateTime<Utc>>,
    pub(super) cache: &'static str,
}

/// 304, when the client has the body of which that is said, in whatever coding; it is told of the one that it would get.
pub(super) fn unchanged(
    request: &HeaderMap,
    said: &Said<'_>,
    coding: Coding,
    now: DateTime<Utc>,
) -> Option<Response<Body>> {
    let fresh = is_fresh(request, said.tag, said.newest.map(|t| t + SETTLED_AFTER));
    fresh.then(|| headed(StatusCode::NOT_MODIFIED.into_response(), said, coding, now))
}

/// The body, in `coding`.
pub(super) fn whole(said: &Said<'_>, coding: Coding, body: Bytes, now: DateTime<Utc>) -> Response<Body> {
    let mut response = ([(header::CONTENT_TYPE, said.content_type)], body).into_response();
    if let Some(name) = coding.name() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    headed(response, said, coding, now)
}

fn headed(mut response: Response<Body>, said: &Said<'_>, coding: Coding, now: DateTime<Utc>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(said.cache));
    // Said here so that 304 says it as well, which is never compressed.
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let settled = said.newest.map(|t| t + SETTLED_AFTER);
    // A date that a later change could have as well is worse than none: clients take it for a proof that nothing changed.
    let modified = settled.filter(|t| *t <= now).map(http_date);
    let etag = format!("\"{}{}\"", said.tag, coding.suffix());
    for (name, value) in [(header::ETAG, Some(etag)), (header::LAST_MODIFIED, modified)] {
        if let Some(value) = value.and_then(|v| HeaderValue::from_str(&v).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// A strong validator: another one for any other byte.
pub(super) fn tag(bytes: &[u8]) -> String {
    let hash = blake3::hash(bytes).to_hex();
    hash.get(..TAG_HEX_CHARS).unwrap_or(&hash).to_owned()
}

/// Whether the client has what `tag` names, in any coding. A date counts only when no tag was sent (RFC 9110, section 13.1.3).
fn is_fresh(request: &HeaderMap, tag: &str, settled: Option<DateTime<Utc>>) -> bool {
    if request.contains_key(header::IF_NONE_MATCH) {
        let names = |given: &str| {
            let inner = given.strip_prefix("W/").unwrap_or(given).strip_prefix('"').and_then(|t| t.strip_suffix('"'));
            let rest = inner.and_then(|t| t.strip_prefix(tag));
            given == "*" || rest.is_some_and(|rest| Coding::ALL.iter().any(|c| c.suffix() == rest))
        };
        return request
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .any(|given| names(given.trim()));
    }
    let had = request.get(header::IF_MODIFIED_SINCE).and_then(|v| DateTime::parse_from_rfc2822(v.to_str().ok()?).ok());
    had.zip(settled).is_some_and(|(had, settled)| settled.timestamp() <= had.timestamp())
}

/// IMF-fixdate (RFC 9110, section 5.6.7).
fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A body that is compressed on its way is another sequence of bytes, so a strong tag would lie about it, unless it names the
/// coding (RFC 9110, section 8.8.3.3).
pub(super) fn weaken(headers: &mut HeaderMap) {
    let Some(etag) = headers.get(header::ETAG).filter(|_| headers.contains_key(header::CONTENT_ENCODING)) else {
        return;
    };
    let named = |c: &Coding| *c != Coding::Plain && etag.as_bytes().ends_with(format!("{}\"", c.suffix()).as_bytes());
    if Coding::ALL.iter().any(named) {
        return;
    }
    let weak = [b"W/", etag.as_bytes()].concat();
    if let (false, Ok(weak)) = (etag.as_bytes().starts_with(b"W/"), HeaderValue::from_bytes(&weak)) {
        headers.insert(header::ETAG, weak);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `body` with its validators, or 304 when the client has it. `newest` is the newest instant that the body shows.
    fn answer(
        request: &HeaderMap,
        content_type: &'static str,
        body: String,
        newest: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Response<Body> {
        let tag = tag(body.as_bytes());
        let said = Said { content_type, tag: &tag, newest, cache: CACHE_CONTROL };
        match unchanged(request, &said, Coding::Plain, now) {
            Some(answer) => answer,
            None => whole(&said, Coding::Plain, Bytes::from(body), now),
        }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
    }

    fn asked(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    fn reply(request: &HeaderMap, now: DateTime<Utc>) -> Response<Body> {
        answer(request, "text/plain", "body".into(), Some(at(0)), now)
    }

    fn text(response: &Response<Body>, name: header::HeaderName) -> String {
        response.headers()[name].to_str().unwrap().to_owned()
    }

    #[test]
    fn the_tag_decides() {
        let first = reply(&HeaderMap::new(), at(900));
        assert_eq!(first.status(), 200);
        let tag = text(&first, header::ETAG);
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() == 34);
        let packed = format!("{}-zst\"", tag.trim_end_matches('"'));
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", W/{tag}"), "*".into(), packed] {
            let again = reply(&asked(header::IF_NONE_MATCH, &known), at(900));
            assert_eq!(again.status(), 304, "{known}");
            assert_eq!(text(&again, header::ETAG), tag);
            assert_eq!(text(&again, header::CACHE_CONTROL), "max-age=60");
        }
        let mut both = asked(header::IF_NONE_MATCH, "\"other\"");
        both.extend(asked(header::IF_MODIFIED_SINCE, &text(&first, header::LAST_MODIFIED)));
        assert_eq!(reply(&both, at(900)).status(), 200, "a date does not count beside a tag");
    }

    #[test]
    fn a_date_counts_once_nothing_older_can_follow() {
        let young = reply(&HeaderMap::new(), at(10));
        assert!(!young.headers().contains_key(header::LAST_MODIFIED));
        assert_eq!(reply(&asked(header::IF_MODIFIED_SINCE, &http_date(at(0))), at(500)).status(), 200);
        let settled = text(&reply(&HeaderMap::new(), at(500)), header::LAST_MODIFIED);
        assert_eq!(reply(&asked(header::IF_MODIFIED_SINCE, &settled), at(500)).status(), 304);
        assert_eq!(reply(&asked(header::IF_MODIFIED_SINCE, "yesterday"), at(500)).status(), 200);
        let undated = answer(&asked(header::IF_MODIFIED_SINCE, &settled), "text/plain", String::new(), None, at(500));
        assert_eq!(undated.status(), 200);
        assert!(!undated.headers().contains_key(header::LAST_MODIFIED));
    }

    #[test]
    fn compressed_bodies_have_weak_tags() {
        let mut headers = asked(header::ETAG, "\"a\"");
        weaken(&mut headers);
        assert_eq!(headers[header::ETAG], "\"a\"");
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        let mut named = headers.clone();
        named.insert(header::ETAG, HeaderValue::from_static("\"a-br\""));
        weaken(&mut named);
        assert_eq!(named[header::ETAG], "\"a-br\"", "it says which bytes it means");
        weaken(&mut headers);
        weaken(&mut headers);
        assert_eq!(headers[header::ETAG], "W/\"a\"");
    }
}
