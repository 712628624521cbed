//! Where the time of a visit goes. Whoever visits wraps the whole of it in [`timed`]; the requests inside say what they are at.
//!
//! What they say travels beside the calls, because the client makes connections where no argument of ours reaches.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::time::Instant;

use crate::model::Phases;

tokio::task_local! {
    static WATCH: Arc<Watch>;
}

/// What a request is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Waiting for the turn at the host; what is asked meanwhile, like robots.txt, counts as waiting.
    Turn,
    /// Making a connection, which is part of [`Phase::Send`].
    Connect,
    /// From the first thought of a request to the head of its answer.
    Send,
    /// Reading the body.
    Body,
}

/// Microseconds of each.
#[derive(Debug, Default)]
struct Watch {
    turn: AtomicU64,
    connect: AtomicU64,
    send: AtomicU64,
    body: AtomicU64,
    is_waiting: AtomicBool,
}

/// Runs `work`; what came of it, and how its time was spent.
pub async fn timed<T>(work: impl Future<Output = T>) -> (T, Phases) {
    let (watch, begun) = (Arc::new(Watch::default()), Instant::now());
    let out = WATCH.scope(watch.clone(), work).await;
    (out, watch.phases(micros(begun)))
}

/// Runs `work`, which is `phase` of the visit that it is part of, if it is part of one. What is cut off counts as well.
pub(super) async fn spend<T>(phase: Phase, work: impl Future<Output = T>) -> T {
    let _lap = Lap::begin(phase);
    work.await
}

/// A phase that lasts until this is dropped.
struct Lap(Option<(Arc<Watch>, Phase, Instant)>);

impl Lap {
    fn begin(phase: Phase) -> Self {
        let watch = WATCH.try_with(Arc::clone).ok().filter(|w| !w.is_waiting.load(Ordering::Relaxed));
        if let Some(watch) = watch.as_ref().filter(|_| phase == Phase::Turn) {
            watch.is_waiting.store(true, Ordering::Relaxed);
        }
        Self(watch.map(|w| (w, phase, Instant::now())))
    }
}

impl Drop for Lap {
    fn drop(&mut self) {
        let Some((watch, phase, begun)) = &self.0 else { return };
        if *phase == Phase::Turn {
            watch.is_waiting.store(false, Ordering::Relaxed);
        }
        watch.of(*phase).fetch_add(micros(*begun), Ordering::Relaxed);
    }
}

impl Watch {
    const fn of(&self, phase: Phase) -> &AtomicU64 {
        match phase {
            Phase::Turn => &self.turn,
            Phase::Connect => &self.connect,
            Phase::Send => &self.send,
            Phase::Body => &self.body,
        }
    }

    /// Of a visit that took `whole_us` microseconds; the milliseconds add up to its own.
    fn phases(&self, whole_us: u64) -> Phases {
        let ms = |us: u64| us / 1000;
        let of = |phase| self.of(phase).load(Ordering::Relaxed);
        // A connection that another request was waiting for is made to its end beside the one that was faster.
        let connect_us = of(Phase::Connect).min(of(Phase::Send));
        let mut phases = Phases {
            turn_ms: ms(of(Phase::Turn)),
            connect_ms: ms(connect_us),
            first_byte_ms: ms(of(Phase::Send) - connect_us),
            body_ms: ms(of(Phase::Body)),
            read_ms: 0,
        };
        phases.read_ms = ms(whole_us).saturating_sub(phases.total_ms());
        phases
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{sleep, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_millisecond_is_told_once() {
        let pause = |ms| sleep(Duration::from_millis(ms));
        let (_, phases) = timed(async {
            spend(Phase::Turn, async {
                pause(5).await;
                // robots.txt
                spend(Phase::Send, spend(Phase::Connect, pause(7))).await;
            })
            .await;
            spend(Phase::Send, async {
                spend(Phase::Connect, pause(20)).await;
                pause(30).await;
            })
            .await;
            let cut = timeout(Duration::from_millis(40), spend(Phase::Body, pause(9000))).await;
            assert!(cut.is_err());
            pause(50).await;
        })
        .await;
        let expected = Phases { turn_ms: 12, connect_ms: 20, first_byte_ms: 30, body_ms: 40, read_ms: 50 };
        assert_eq!((phases, phases.total_ms()), (expected, 152));
        spend(Phase::Send, pause(1)).await; // part of no visit: nobody asks
    }
}
