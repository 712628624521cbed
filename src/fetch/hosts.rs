//! What holds for single hosts: the gap between requests, whether robots.txt is asked, whose turn it is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::failure::{failure, host as host_shown};
use super::gates::{Gates, Pass};
use super::permits::{self, Leave, Stay};
use crate::model::{Failure, FailureKind, address};

/// How long it is waited, our own turn included, while another process asks a host.
const ELSEWHERE_MAX: Duration = Duration::from_secs(5);
/// How often it is looked whether it still does.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What is set for one host, in the place of what holds for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Gap between two requests.
    pub per_host_delay: Option<Duration>,
    /// Whether its robots.txt is obeyed.
    pub robots: Option<bool>,
}

/// Every host as it is to be treated.
#[derive(Debug)]
pub(super) struct Hosts {
    delay: Duration,
    own: HashMap<String, Host>,
    gates: Arc<Gates>,
}

impl Hosts {
    pub(super) fn new(delay: Duration, own: &HashMap<String, Host>) -> Self {
        Self { delay, own: own.clone(), gates: Arc::default() }
    }

    /// The same, with the turns of `old`: whoever it let in is waited for.
    pub(super) fn after(self, old: &Self) -> Self {
        Self { gates: Arc::clone(&old.gates), ..self }
    }

    /// What is set for the host of `url`: by name and port, else by name.
    fn own(&self, url: &Url) -> Host {
        if self.own.is_empty() {
            return Host::default();
        }
        let by_name = || self.own.get(url.host_str().unwrap_or_default());
        self.own.get(address::authority(url)).or_else(by_name).copied().unwrap_or_default()
    }

    /// Whether the robots.txt of `url` is to be obeyed if its source says so.
    pub(super) fn robots(&self, url: &Url) -> bool {
        self.own(url).robots.unwrap_or(true)
    }

    /// The gap between two requests to the host of `url`, whose robots.txt asks for `crawl_delay`.
    pub(super) fn gap(&self, url: &Url, crawl_delay: Option<Duration>) -> Duration {
        let own = self.own(url).per_host_delay.unwrap_or(self.delay);
        crawl_delay.filter(|_| self.robots(url)).map_or(own, |asked| asked.max(own))
    }

    /// Waits until nobody asks the host of `url` for anything, and `gap` has passed since somebody did.
    ///
    /// # Errors
    /// When another process asks it for long.
    pub(super) async fn pass(&self, url: &Url, gap: Duration) -> Result<(Option<Stay>, Pass), Failure> {
        let (host, begun) = (address::lane(url), Instant::now());
        loop {
            let pass = self.gates.pass(&host, gap).await;
            match permits::enter(&host, gap).await {
                Leave::Free => return Ok((None, pass)),
                Leave::Given(stay) => return Ok((Some(stay), pass)),
                Leave::Refused => pass.unused(),
            }
            // Others of this process are not kept waiting meanwhile.
            if begun.elapsed() >= ELSEWHERE_MAX {
                let reason = format!("{} is being visited by another daemon on the same database", host_shown(url));
                return Err(failure(FailureKind::Timeout, reason));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Runs `work` while nobody of this process asks `host`; it is told how much is left of the gap after who did last.
    pub(super) async fn undisturbed<T>(&self, host: &str, work: impl AsyncFnOnce(Duration) -> T) -> T {
        let closed = self.gates.close(host).await;
        let rest = closed.map_or(Duration::ZERO, |(last, gap)| (last + gap).saturating_duration_since(Instant::now()));
        work(rest).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_for_a_host_holds_for_it_alone() {
        let own = HashMap::from([
            ("slow.example".to_owned(), Host { per_host_delay: Some(Duration::from_secs(9)), robots: None }),
            ("mine.example:8080".to_owned(), Host { per_host_delay: Some(Duration::ZERO), robots: Some(false) }),
        ]);
        let hosts = Hosts::new(Duration::from_secs(1), &own);
        let of = |text: &str, asked: Option<u64>| {
            let url = Url::parse(text).unwrap();
            (hosts.gap(&url, asked.map(Duration::from_secs)).as_secs(), hosts.robots(&url))
        };
        assert_eq!(of("https://slow.example/a", None), (9, true));
        assert_eq!(of("https://slow.example:444/a", Some(20)), (20, true), "the longer one");
        assert_eq!(of("http://mine.example:8080/", Some(20)), (0, false), "what is not obeyed does not slow down");
        assert_eq!(of("http://mine.example/", None), (1, true));
        assert_eq!(of("http://any.example/", Some(5)), (5, true));
    }
}
