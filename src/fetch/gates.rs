//! One request at a time to a host, whoever makes it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::OwnedMutexGuard, time::Instant};

use super::rules::CRAWL_DELAY_MAX;

/// Hosts that are remembered at least; of more, those that nobody waits for and that have had their rest are forgotten.
const HOSTS_MIN: usize = 4096;

/// When somebody last fetched from the host, and the gap that was kept before.
type Gate = Arc<tokio::sync::Mutex<Option<(Instant, Duration)>>>;

/// A gate for each host.
#[derive(Debug, Default)]
pub(super) struct Gates(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    gates: HashMap<String, Gate>,
    /// How many there may be before it is looked which can be forgotten.
    enough: usize,
}

/// The right to fetch from a host, until it is dropped.
#[derive(Debug)]
pub(super) struct Pass {
    gate: Closed,
    gap: Duration,
    is_used: bool,
}

/// A gate through which nobody goes, until it is dropped.
pub(super) type Closed = OwnedMutexGuard<Option<(Instant, Duration)>>;

impl Pass {
    /// Gives it back as if it had never been had.
    pub(super) fn unused(mut self) {
        self.is_used = false;
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.is_used {
            *self.gate = Some((Instant::now(), self.gap));
        }
    }
}

impl Gates {
    /// Waits until nobody fetches from `host`, and `gap` has passed since somebody did.
    pub(super) async fn pass(&self, host: &str, gap: Duration) -> Pass {
        let gate = self.close(host).await;
        if let Some((last, _)) = *gate {
            tokio::time::sleep_until(last + gap).await;
        }
        Pass { gate, gap, is_used: true }
    }

    /// Waits until nobody fetches from `host`; nobody does until what is returned is dropped.
    pub(super) async fn close(&self, host: &str) -> Closed {
        let gate = self.0.lock().unwrap_or_else(PoisonError::into_inner).gate(host);
        gate.lock_owned().await
    }
}

impl Known {
    fn gate(&mut self, host: &str) -> Gate {
        if let Some(gate) = self.gates.get(host) {
            return Arc::clone(gate);
        }
        if self.gates.len() >= self.enough.max(HOSTS_MIN) {
            self.gates.retain(|_, gate| Arc::strong_count(gate) > 1 || !has_rested(gate));
            // So that it is seldom done, however many are busy.
            self.enough = self.gates.len() * 2;
        }
        self.gates.entry(host.to_owned()).or_default().clone()
    }
}

/// Whether any gap that might be asked for next is over: robots.txt may have asked for a longer one since.
fn has_rested(gate: &Gate) -> bool {
    gate.try_lock().is_ok_and(|last| last.is_none_or(|(at, gap)| at.elapsed() >= gap.max(CRAWL_DELAY_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_with_a_gap_and_hosts_apart() {
        let gates = Arc::new(Gates::default());
        let begun = Instant::now();
        let fetch = |host: &'static str| {
            let gates = gates.clone();
            async move {
                let _pass = gates.pass(host, Duration::from_secs(1)).await;
                tokio::time::sleep(Duration::from_secs(2)).await;
                begun.elapsed().as_secs()
            }
        };
        let ends = futures::future::join_all([fetch("a"), fetch("a"), fetch("a"), fetch("b")]).await;
        assert_eq!(ends, [2, 5, 8, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_is_not_forgotten_before_its_gap_is_over() {
        let gates = Gates::default();
        let gap = Duration::from_secs(90);
        drop(gates.pass("slow", gap).await);
        for n in 0..HOSTS_MIN * 2 {
            drop(gates.pass(&format!("h{n}"), Duration::ZERO).await);
        }
        let begun = Instant::now();
        drop(gates.pass("slow", gap).await);
        assert_eq!(begun.elapsed(), gap);
        tokio::time::sleep(CRAWL_DELAY_MAX.max(gap)).await;
        for n in 0..HOSTS_MIN * 2 {
            drop(gates.pass(&format!("later{n}"), Duration::ZERO).await);
        }
        let known = gates.0.lock().unwrap();
        assert!(known.gates.len() <= HOSTS_MIN * 2 + 1, "{}", known.gates.len());
        assert!(!known.gates.contains_key("slow"), "it has had its rest");
    }
}
