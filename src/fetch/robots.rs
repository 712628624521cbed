//! robots.txt of every host visited lately, fetched through the same guard as all else (RFC 9309).
//!
//! In: an address about to be asked. Out: leave, or why not. Deliberately absent: the reading of the text (`rules`),
//! and single flight: lanes ask one host one request at a time, and two askers only cost one fetch too many.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::Utc;
use reqwest::header::HeaderMap;
use tokio::time::Instant;
use url::Url;

use super::budget::Budget;
use super::client::Client;
use super::failure::{failure, host, status};
use super::hosts::Hosts;
use super::redirect::Trail;
use super::room::Room;
use super::rules::{Rules, product_token};
use crate::model::{Failure, FailureKind};

/// How much of a robots.txt is read, in bytes (RFC 9309, section 2.5).
pub(super) const ROBOTS_BYTES_MAX: u64 = 500 * 1024;
/// How many redirects a robots.txt may take (RFC 9309, section 2.3.1.2).
const REDIRECTS_MAX: usize = 5;
/// The longest that a robots.txt may take.
const ROBOTS_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a copy is good (RFC 9309, section 2.4).
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);
/// How long to wait after a fault of the server.
const RETRY_FAULT: Duration = Duration::from_secs(10 * 60);
/// How long to wait after no answer at all; short, for it may have been our own network.
const RETRY_UNREACHED: Duration = Duration::from_secs(60);
/// How many hosts are remembered.
const HOSTS_MAX: usize = 10_000;
/// How much memory the rules of all hosts may take, in bytes.
const RULES_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What is known of one host.
#[derive(Clone, Debug)]
struct Known {
    /// The rules, or why there are none.
    answer: Result<Arc<Rules>, Failure>,
    /// When to ask again.
    good_until: Instant,
}

impl Known {
    fn weight_bytes(&self) -> usize {
        self.answer.as_ref().map_or(0, |rules| rules.weight_bytes())
    }
}

/// Why a robots.txt was not read.
enum Unread {
    /// Another process is at the host.
    Busy(Failure),
    /// The host gave none.
    Failed(Failure),
}

impl From<Failure> for Unread {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The robots.txt of hosts visited lately.
#[derive(Debug)]
pub(super) struct Robots {
    token: String,
    timeout: Duration,
    room: Room,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

impl Robots {
    pub(super) fn new(user_agent: &str, timeout: Duration, room: Room) -> Self {
        let token = product_token(user_agent).to_owned();
        Self { token, timeout: timeout.min(ROBOTS_TIMEOUT), room, known: Arc::default() }
    }

    /// The same, with what `old` knows, if it asked by the same name.
    pub(super) fn after(mut self, old: &Self) -> Self {
        if self.token == old.token {
            self.known = Arc::clone(&old.known);
        }
        self
    }

    /// Leave to visit `url`.
    ///
    /// # Errors
    /// When robots.txt disallows it, or could not be read, which counts as disallowing all for a while.
    pub(super) async fn check(&self, client: &Client, hosts: &Hosts, url: &Url) -> Result<(), Failure> {
        let known = self.lookup(url).filter(|known| Instant::now() < known.good_until);
        let answer = match known {
            Some(known) => known.answer,
            None => self.refresh(client, hosts, url).await,
        };
        if answer?.allows(url) {
            return Ok(());
        }
        let reason = format!("robots.txt of {} disallows this page for `{}`", host(url), self.token);
        Err(failure(FailureKind::Robots, reason))
    }

    /// The gap that the rules of `url`'s host ask for, if they were read.
    pub(super) fn crawl_delay(&self, url: &Url) -> Option<Duration> {
        self.lookup(url)?.answer.ok()?.crawl_delay
    }

    async fn refresh(&self, client: &Client, hosts: &Hosts, url: &Url) -> Result<Arc<Rules>, Failure> {
        let unread = |e: Failure| Failure { reason: format!("robots.txt could not be read: {}", e.reason), ..e };
        let fetched = match self.fetch(client, hosts, url).await {
            Ok(rules) => Ok(rules),
            Err(Unread::Failed(failure)) => Err(failure),
            // It says nothing of the host: there is nothing to be remembered.
            Err(Unread::Busy(failure)) => {
                return self.lookup(url).and_then(|known| known.answer.ok()).ok_or_else(|| unread(failure));
            }
        };
        let wait = match &fetched {
            Ok(_) => FRESH,
            Err(Failure { status: Some(_), retry_after_s, .. }) => {
                retry_after_s.map_or(RETRY_FAULT, |s| Duration::from_secs(s).clamp(RETRY_UNREACHED, FRESH))
            }
            Err(_) => RETRY_UNREACHED,
        };
        // An old copy beats none while the host is in trouble.
        let old = || self.lookup(url).and_then(|known| known.answer.ok());
        let answer = match fetched {
            Ok(rules) => Ok(Arc::new(rules)),
            Err(e) => old().ok_or_else(|| unread(e)),
        };
        self.remember(url, Known { answer: answer.clone(), good_until: Instant::now() + wait });
        answer
    }

    async fn fetch(&self, client: &Client, hosts: &Hosts, url: &Url) -> Result<Rules, Unread> {
        let Ok(start) = url.join("/robots.txt") else { return Ok(Rules::default()) };
        let mut trail = Trail::new(&start, REDIRECTS_MAX);
        let mut budget = Budget::new(self.timeout);
        loop {
            let at = trail.url.clone();
            client.check_port(&at)?;
            let _pass = hosts.pass(&at, hosts.gap(&at, self.crawl_delay(&at))).await.map_err(Unread::Busy)?;
            let response = budget.spend(&at, client.send(&at, HeaderMap::new())).await?;
            let code = response.status().as_u16();
            match trail.follow(code, response.headers()) {
                Ok(true) => continue,
                Ok(false) => {}
                // A robots.txt that redirects for ever does not exist (RFC 9309, section 2.3.1.2).
                Err(_) => return Ok(Rules::default()),
            }
            return match code {
                200..=299 => {
                    let read = client.read(&at, response, ROBOTS_BYTES_MAX, &self.room);
                    let body = budget.spend(&at, read).await?;
                    Ok(Rules::parse(&self.token, whole_lines(&body.bytes, body.cut)))
                }
                // 429 is no word on robots.txt but a plea for rest.
                400..=499 if code != 429 => Ok(Rules::default()),
                429 => Err(status(&trail.url, code, response.headers(), Utc::now()).into()),
                _ => {
                    let answered = status(&trail.url, code, response.headers(), Utc::now());
                    let reason = format!("{}; until then nothing of {} is visited", answered.reason, host(url));
                    Err(Failure { kind: FailureKind::Robots, reason, ..answered }.into())
                }
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lookup(&self, url: &Url) -> Option<Known> {
        self.lock().get(&key(url)).cloned()
    }

    fn remember(&self, url: &Url, news: Known) {
        let mut known = self.lock();
        known.insert(key(url), news);
        shed(&mut known, HOSTS_MAX, RULES_BYTES_MAX);
    }
}

/// Forgets what is to be asked again soonest until the bounds hold, and a tenth more, so that it is seldom done.
fn shed(known: &mut HashMap<String, Known>, hosts_max: usize, bytes_max: usize) {
    let mut bytes: usize = known.values().map(Known::weight_bytes).sum();
    if known.len() <= hosts_max && bytes <= bytes_max {
        return;
    }
    let mut ages: Vec<(Instant, String)> = known.iter().map(|(key, known)| (known.good_until, key.clone())).collect();
    ages.sort();
    for (_, key) in ages {
        if known.len() <= hosts_max - hosts_max / 10 && bytes <= bytes_max - bytes_max / 10 {
            break;
        }
        bytes -= known.remove(&key).map_or(0, |gone| gone.weight_bytes());
    }
}

/// A robots.txt holds for one scheme, host and port (RFC 9309, section 2.3).
fn key(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// `bytes` without a last line that was `cut` in two: half a pattern would disallow too much.
fn whole_lines(bytes: &[u8], cut: bool) -> &[u8] {
    let end = if cut { bytes.iter().rposition(|b| matches!(b, b'\n' | b'\r')).unwrap_or(0) } else { bytes.len() };
    &bytes[..end]
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::super::names::System;
    use super::*;

    fn known(wait_s: u64, text: &str) -> Known {
        let rules = Rules::parse("tidings", text.as_bytes());
        Known { answer: Ok(rules.into()), good_until: Instant::now() + Duration::from_secs(wait_s) }
    }

    #[test]
    fn the_memory_is_bounded_and_sheds_what_ends_first() {
        let mut all: HashMap<String, Known> = (0..11).map(|n| (format!("h{n}"), known(n, ""))).collect();
        shed(&mut all, 10, usize::MAX);
        let mut left: Vec<_> = all.keys().cloned().collect();
        left.sort();
        assert_eq!(left, ["h10", "h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9"]);

        let heavy = format!("User-agent: *\nDisallow: /{}\n", "x".repeat(5000));
        let mut all: HashMap<String, Known> = (0..10).map(|n| (format!("h{n}"), known(n, &heavy))).collect();
        shed(&mut all, 100, 30_000);
        assert_eq!(all.len(), 5);
    }

    #[tokio::test]
    async fn an_old_copy_serves_while_the_host_is_in_trouble() {
        // Port 9 of loopback: nothing listens, so every fetch fails.
        let url = |path: &str| Url::parse(&format!("http://127.0.0.1:9{path}")).unwrap();
        let settings = Settings { allow_networks: vec!["127.0.0.0/8".parse().unwrap()], ..Settings::default() };
        let client = Client::new(&settings, None, Arc::new(System)).unwrap();
        let robots = Robots::new("tidings", Duration::from_secs(5), Room::new(1));
        let hosts = Hosts::new(Duration::ZERO, &HashMap::new());
        robots.remember(&url("/"), known(0, "User-agent: *\nDisallow: /no\n"));
        assert_eq!(robots.check(&client, &hosts, &url("/yes")).await, Ok(()));
        assert_eq!(robots.check(&client, &hosts, &url("/no")).await.unwrap_err().kind, FailureKind::Robots);
        let again_in = robots.lookup(&url("/")).unwrap().good_until - Instant::now();
        assert!(again_in <= RETRY_UNREACHED && again_in > RETRY_UNREACHED / 2);

        let stranger = Url::parse("http://127.0.0.2:9/").unwrap();
        assert_eq!(robots.check(&client, &hosts, &stranger).await.unwrap_err().kind, FailureKind::Connect);
        assert!(robots.lookup(&stranger).unwrap().answer.is_err(), "remembered for a while");
    }

    #[test]
    fn a_cut_text_loses_its_last_line() {
        assert_eq!(whole_lines(b"Disallow: /a\nDisallow: /", true), b"Disallow: /a");
        assert_eq!(whole_lines(b"Disallow: /a\nDisallow: /", false), b"Disallow: /a\nDisallow: /");
        assert_eq!(whole_lines(b"no line at all", true), b"");
    }

    #[test]
    fn one_host_is_three_when_scheme_or_port_differ() {
        let of = |text: &str| key(&Url::parse(text).unwrap());
        assert_eq!(of("http://u:p@h.example:80/a?b"), of("http://h.example/"));
        assert_ne!(of("http://h.example/"), of("https://h.example/"));
        assert_ne!(of("http://h.example/"), of("http://h.example:8080/"));
    }
}
