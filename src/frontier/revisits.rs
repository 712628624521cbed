//! How many pages of a host are visited again in an hour. Kept in memory: a restart begins a new hour.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

const HOUR: Duration = Duration::from_secs(3600);
/// Hosts that are remembered; of more, those whose hour is over are forgotten, or else all.
const HOSTS_MAX: usize = 10_000;

/// What each host has had of its hour.
#[derive(Debug, Default)]
pub(super) struct Revisits(Mutex<HashMap<String, (Instant, usize)>>);

impl Revisits {
    /// How many of the `wanted` revisits of `host` may be made at `now`, and in how long its next hour begins.
    pub(super) fn take(&self, host: &str, wanted: usize, per_hour: usize, now: Instant) -> (usize, Duration) {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS_MAX && !hosts.contains_key(host) {
            hosts.retain(|_, (begun, _)| now < *begun + HOUR);
            if hosts.len() >= HOSTS_MAX {
                hosts.clear();
            }
        }
        let (begun, used) = hosts.entry(host.to_owned()).or_insert((now, 0));
        if now >= *begun + HOUR {
            (*begun, *used) = (now, 0);
        }
        let granted = wanted.min(per_hour.saturating_sub(*used));
        *used += granted;
        (granted, *begun + HOUR - now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_host_has_its_own_hour() {
        let (revisits, begun) = (Revisits::default(), Instant::now());
        let minutes = |n: u64| Duration::from_secs(n * 60);
        assert_eq!(revisits.take("a", 7, 10, begun), (7, HOUR));
        assert_eq!(revisits.take("a", 7, 10, begun + minutes(20)), (3, minutes(40)));
        assert_eq!(revisits.take("a", 7, 10, begun + minutes(59)), (0, minutes(1)));
        assert_eq!(revisits.take("b", 7, 10, begun + minutes(59)).0, 7);
        assert_eq!(revisits.take("a", 7, 10, begun + minutes(60)), (7, HOUR));
        assert_eq!(revisits.take("c", 7, 0, begun).0, 0, "none at all");
    }
}
