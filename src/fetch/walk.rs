//! One document, hop by hop: each hop waits for its turn at its host, is guarded like the first, and asks robots.txt.

use std::sync::Arc;

use chrono::Utc;
use reqwest::header::{COOKIE, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};

use super::budget::Budget;
use super::client::Client;
use super::failure::{self, failure};
use super::jar::Jar;
use super::redirect::{REDIRECTS_MAX, Trail};
use super::spent::{self, Phase};
use super::{Desk, Fetched, Request, facts, unpacked};
use crate::model::{Failure, FailureKind, HttpFacts, address};

/// Who asks, and for what.
pub(super) struct Walk<'a> {
    pub(super) desk: &'a Desk,
    pub(super) client: Client,
    pub(super) jar: Option<Arc<Jar>>,
    pub(super) request: &'a Request<'a>,
}

impl Walk<'_> {
    /// Follows redirects to an answer.
    pub(super) async fn go(&self) -> Result<Fetched, Failure> {
        let (validators, secrets) = (validators(self.request), source_headers(self.request.headers)?);
        let mut trail = Trail::new(self.request.url, REDIRECTS_MAX);
        let mut budget = Budget::new(self.desk.timeout);
        loop {
            self.client.check_port(&trail.url)?;
            if self.request.robots && self.desk.hosts.robots(&trail.url) {
                let check = self.desk.robots.check(&self.client, &self.desk.hosts, &trail.url);
                spent::spend(Phase::Turn, check).await?;
            }
            let mut headers = validators.clone();
            if trail.at_origin() {
                headers.extend(secrets.clone());
            }
            self.add_cookies(&mut headers, &trail);
            let url = trail.url.clone();
            let _pass = spent::spend(Phase::Turn, self.desk.hosts.pass(&url, self.desk.gap(&url))).await?;
            let hop = self.hop(&mut trail, headers, !validators.is_empty());
            if let Some(fetched) = budget.spend(&url, hop).await? {
                return Ok(fetched);
            }
        }
    }

    /// Cookies of the jar beside those that the source's own header carries.
    fn add_cookies(&self, headers: &mut HeaderMap, trail: &Trail) {
        let Some(mut cookies) = self.jar.as_ref().and_then(|jar| jar.header(&trail.url, Utc::now())) else { return };
        if let Some(own) = headers.get(COOKIE) {
            let both = [own.as_bytes(), b"; ", cookies.as_bytes()].concat();
            let Ok(both) = HeaderValue::from_bytes(&both) else { return };
            cookies = both;
            cookies.set_sensitive(true);
        }
        headers.insert(COOKIE, cookies);
    }

    /// One request; `None` when it only led on to the next.
    async fn hop(&self, trail: &mut Trail, headers: HeaderMap, conditional: bool) -> Result<Option<Fetched>, Failure> {
        let response = spent::spend(Phase::Send, self.client.send(&trail.url, headers)).await?;
        let (status, now, cap) = (response.status().as_u16(), Utc::now(), self.desk.body_bytes_max);
        if let Some(jar) = &self.jar {
            jar.take(&trail.url, response.headers(), now);
        }
        if trail.follow(status, response.headers())? {
            return Ok(None);
        }
        let url = &trail.url;
        let mut http = facts::facts(status, url, response.headers(), now);
        http.moved_to = trail.moved_to.as_ref().map(facts::bare);
        let challenge = failure::is_challenge(response.headers());
        match status {
            200..=299 if !challenge => {
                let read = self.client.read(url, response, cap, &self.desk.room);
                let mut body = spent::spend(Phase::Body, read).await?;
                if body.cut {
                    return Err(Failure { status: Some(status), ..failure::too_large(url, cap) });
                }
                if unpacked::is_packed(&body.bytes) {
                    self.desk.room.hold(&mut body.hold, url, cap).await?;
                }
                let bytes = unpacked::unpacked(url, status, body.bytes, cap).await?;
                let body_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                Ok(Some(Fetched::Document { http: HttpFacts { body_bytes, ..http }, bytes, hold: body.hold }))
            }
            304 if conditional => Ok(Some(Fetched::NotModified(http))),
            _ => {
                let failure = failure::status(url, status, response.headers(), now);
                let is_elsewhere = address::lane(url) != address::lane(self.request.url);
                // Who was led to asks for rest for itself alone: the host that was to be visited is not to be left alone for it.
                let passing = is_elsewhere && failure.kind == FailureKind::Throttled;
                Err(if passing { Failure { kind: FailureKind::Status, ..failure } } else { failure })
            }
        }
    }
}

/// The conditional headers. They go along on every hop: it was the last one that gave them.
fn validators(request: &Request<'_>) -> HeaderMap {
    let value = |text: Option<&str>| text.and_then(|text| HeaderValue::from_str(text).ok()).filter(|v| !v.is_empty());
    let pairs = [(IF_NONE_MATCH, value(request.etag)), (IF_MODIFIED_SINCE, value(request.last_modified))];
    pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The source's own headers, their values marked as secret.
fn source_headers(headers: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let pair = |(name, value): &(String, String)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
        value.set_sensitive(true);
        Some((name, value))
    };
    let bad = |name: &str| {
        let reason = format!("the source's header `{}` cannot be sent; check its name and value", name.escape_debug());
        failure(FailureKind::Refused, reason)
    };
    headers.iter().map(|header| pair(header).ok_or_else(|| bad(&header.0))).collect()
}
