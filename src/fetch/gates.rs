//! One request at a time to a host, whoever makes it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::OwnedMutexGuard, time::Instant};

/// Hosts that are remembered; of more, those that nobody waits for are forgotten.
const HOSTS_MAX: usize = 4096;

type Gate = Arc<tokio::sync::Mutex<Option<Instant>>>;

/// A gate for each host.
#[derive(Debug, Default)]
pub(super) struct Gates(Mutex<HashMap<String, Gate>>);

/// The right to fetch from a host, until it is dropped.
#[derive(Debug)]
pub(super) struct Pass {
    last: OwnedMutexGuard<Option<Instant>>,
    is_used: bool,
}

impl Pass {
    /// Gives it back as if it had never been had.
    pub(super) fn unused(mut self) {
        self.is_used = false;
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.is_used {
            *self.last = Some(Instant::now());
        }
    }
}

impl Gates {
    /// Waits until nobody fetches from `host`, and `gap` has passed since somebody did.
    pub(super) async fn pass(&self, host: &str, gap: Duration) -> Pass {
        let last = self.close(host).await;
        if let Some(last) = *last {
            tokio::time::sleep_until(last + gap).await;
        }
        Pass { last, is_used: true }
    }

    /// Waits until nobody fetches from `host`; nobody does until what is returned is dropped.
    pub(super) async fn close(&self, host: &str) -> OwnedMutexGuard<Option<Instant>> {
        let gate = {
            let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if gates.len() >= HOSTS_MAX {
                gates.retain(|_, gate| Arc::strong_count(gate) > 1);
            }
            gates.entry(host.to_owned()).or_default().clone()
        };
        gate.lock_owned().await
    }
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
}
