//! One sink's way through the log: what it is to be told next, the telling, and what came of it.
//!
//! In: the log, the sink's row. Out: messages, and the row moved on. Everything that has to be known after a crash is in the
//! row; a courier only remembers how far it has looked in vain. Deliberately absent: other sinks, so that none waits for one.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    pace::{Outcome, Pace, Verdict},
    sink::Sink,
    way::Way,
};
use crate::model::{Change, StoryItem};
use crate::store::{STORIES_MAX, SinkRow, SinkState, Store, StoreError, Unsent};
use crate::telemetry::Metrics;

/// How often the row is looked at by itself: an operator, another daemon or the clock may have changed what is to be done.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pause after the database failed.
const PAUSE: Duration = Duration::from_secs(2);
/// A lease outlasts the longest message by so much.
const MARGIN: TimeDelta = TimeDelta::seconds(15);
/// How far a cursor may stay behind what is known not to concern the sink, in changes ...
const PASS_MIN: i64 = 500;
/// ... and for how long: each move is a write, and most changes concern few sinks.
const PASS_EVERY: Duration = Duration::from_secs(1);
/// How long a message that is under way at a shutdown may still take.
const GRACE: Duration = Duration::from_secs(3);

/// Tells one sink.
#[derive(Clone)]
pub(super) struct Courier {
    pub(super) store: Store,
    pub(super) sink: Sink,
    pub(super) way: Way,
    pub(super) metrics: Metrics,
    pub(super) head: watch::Receiver<i64>,
    /// Who we are in the table of sinks.
    pub(super) holder: Arc<str>,
    /// Tells the identifiers of this database from those of another.
    pub(super) tag: Arc<str>,
    pub(super) pace: Pace,
    /// Ends it before the next message: at a shutdown, or when the configuration was changed.
    pub(super) stop: CancellationToken,
    /// A shutdown, at which a message that is under way is not waited for.
    pub(super) shutdown: CancellationToken,
}

/// What was looked through and holds nothing for the sink.
#[derive(Clone, Copy)]
struct Passed {
    /// Where the cursor stood.
    from: i64,
    /// Number of the last change seen.
    to: i64,
    /// When the cursor was last moved for that reason.
    moved: Instant,
}

/// What to do after a step.
pub(super) enum Next {
    /// There may be more.
    Again,
    /// Nothing to be told until a change after this one comes, or the pause is over.
    Idle(i64),
    /// Nothing can be told before the pause is over.
    Wait(Duration),
}

impl Courier {
    /// Tells the sink whatever comes, until it is stopped.
    pub(super) async fn run(mut self) {
        let mut passed = Passed { from: -1, to: -1, moved: Instant::now() };
        while !self.stop.is_cancelled() {
            let (seen, pause) = match self.step(&mut passed).await {
                Ok(Next::Again) => continue,
                Ok(Next::Idle(to)) => (to, LOOK_EVERY),
                Ok(Next::Wait(pause)) => (i64::MAX, pause),
                Err(error) => {
                    tracing::warn!(sink.id = self.sink.id(), %error, hint = error.hint(), "a sink has to wait for the database");
                    (i64::MAX, PAUSE)
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => return,
                Ok(_) = self.head.wait_for(|h| *h > seen) => {}
                () = sleep(pause) => {}
            }
        }
    }

    /// Tells the sink what it can be told now.
    pub(super) async fn settle(mut self) -> Result<(), StoreError> {
        let mut passed = Passed { from: -1, to: -1, moved: Instant::now() };
        while !self.stop.is_cancelled() && matches!(self.step(&mut passed).await?, Next::Again) {}
        Ok(())
    }

    async fn step(&mut self, passed: &mut Passed) -> Result<Next, StoreError> {
        let now = Utc::now();
        let Some(row) = self.store.sink(self.sink.id()).await? else { return Ok(Next::Wait(LOOK_EVERY)) };
        let others = row.holder.as_deref().is_some_and(|h| h != &*self.holder) && row.lease_until > Some(now);
        if others || row.state == SinkState::Gone {
            return Ok(Next::Wait(LOOK_EVERY));
        }
        if let Some(wait) = row.next_try_at.and_then(|at| (at - now).to_std().ok()).filter(|w| !w.is_zero()) {
            return Ok(Next::Wait(wait.min(LOOK_EVERY)));
        }
        if row.dead > 0
            && let Some(dead) = self.store.dead_again(&row.id).await?
        {
            return self.again(&row, &dead).await;
        }
        if passed.from != row.cursor {
            (passed.from, passed.to) = (row.cursor, row.cursor);
        }
        let (batch, to) = next(&self.store, &self.sink, &row, passed.to).await?;
        if !batch.is_empty() {
            return self.tell(&row, batch).await;
        }
        passed.to = to;
        if to - row.cursor >= PASS_MIN || (to > row.cursor && passed.moved.elapsed() >= PASS_EVERY) {
            passed.moved = Instant::now();
            let moved = self.store.pass_sink(&row, &self.holder, to, now).await?;
            return Ok(if moved { Next::Again } else { Next::Wait(LOOK_EVERY) });
        }
        Ok(Next::Idle(to))
    }

    /// Tells the sink of `batch`, in one message.
    async fn tell(&self, row: &SinkRow, batch: Vec<Change>) -> Result<Next, StoreError> {
        let numbers: Vec<i64> = batch.iter().map(|c| c.number).collect();
        let (Some(first), Some(last)) = (numbers.first().copied(), numbers.last().copied()) else {
            return Ok(Next::Again);
        };
        let settled = (self.sink.batch() > 1).then_some(last);
        if !self.hold(row, settled).await? {
            return Ok(Next::Wait(LOOK_EVERY));
        }
        let id = if first == last { self.id(&first.to_string()) } else { self.id(&format!("{first}-{last}")) };
        let Some(outcome) = self.send(&id, batch.clone()).await? else { return Ok(Next::Again) };
        let now = Utc::now();
        self.count(&outcome.verdict);
        if outcome.verdict == Verdict::Taken {
            if self.store.move_sink(row, &self.holder, last, count(numbers.len()), now).await? && row.tries > 0 {
                tracing::info!(
                    sink.id = row.id,
                    change.number = last,
                    tries = row.tries,
                    "the sink takes changes again"
                );
            }
            return Ok(Next::Again);
        }
        let tries = row.tries + 1;
        let failing = row.failing_since.and_then(|since| (now - since).to_std().ok()).unwrap_or_default();
        let (refused, unwell) = (outcome.verdict == Verdict::Refused, outcome.verdict == Verdict::Failed);
        if self.pace.is_dead(tries, failing)
            && let [change] = &*batch
            && self.is_over(&SinkRow { tries, ..row.clone() }, change, &outcome).await?
        {
            return Ok(Next::Again);
        }
        // A list that is refused is taken apart, and so is one that fails again and again, so that the one that is not wanted does
        // not hold up the others.
        let trying_to = match numbers.len() {
            0 | 1 => settled,
            _ if refused => Some(first),
            many if unwell && tries >= self.pace.dead_tries => numbers.get(many / 2 - 1).copied(),
            _ => settled,
        };
        let later = self.later(row, last, &outcome.verdict, now);
        self.unsent(row, Unsent { reason: &outcome.reason, status: outcome.status, trying_to, ..later }, now).await
    }

    /// Has a message that ends with `end` tried again later.
    pub(super) async fn postpone(
        &self,
        row: &SinkRow,
        outcome: &Outcome,
        end: i64,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let later = self.later(row, end, &outcome.verdict, now);
        let unsent = Unsent { reason: &outcome.reason, status: outcome.status, trying_to: Some(end), ..later };
        self.unsent(row, unsent, now).await.map(|_| ())
    }

    /// Makes sure that the sink is ours for as long as a message may take, and that its end is settled.
    pub(super) async fn hold(&self, row: &SinkRow, settled: Option<i64>) -> Result<bool, StoreError> {
        let now = Utc::now();
        let message = TimeDelta::from_std(self.sink.timeout()).unwrap_or(MARGIN) + MARGIN;
        let is_ours = row.holder.as_deref() == Some(&*self.holder) && row.lease_until > Some(now + message);
        if is_ours && (settled.is_none() || settled == row.trying_to) {
            return Ok(true);
        }
        // Twice as long, so that not every message needs a write of its own.
        self.store.claim_sink(row, &self.holder, settled, now, now + message * 2).await
    }

    /// When, and whether, a message that was not taken is tried again.
    pub(super) fn later(&self, row: &SinkRow, number: i64, verdict: &Verdict, now: DateTime<Utc>) -> Unsent<'static> {
        let mut pause = self.pace.pause(&row.id, number, row.tries + 1);
        if let Verdict::Throttled(seconds) = verdict {
            pause = pause.max(Duration::from_secs(*seconds));
        }
        let state = if *verdict == Verdict::Gone { SinkState::Gone } else { SinkState::Active };
        let next_try_at = TimeDelta::from_std(pause).ok().map(|pause| now + pause);
        Unsent { reason: "", status: None, trying_to: None, next_try_at, state }
    }

    pub(super) async fn unsent(
        &self,
        row: &SinkRow,
        unsent: Unsent<'_>,
        now: DateTime<Utc>,
    ) -> Result<Next, StoreError> {
        let ours = self.store.fail_sink(row, &self.holder, unsent, now).await?;
        if ours && unsent.state == SinkState::Gone {
            tracing::error!(
                sink.id = row.id,
                "{}; nothing more is sent until `tidings sink replay {}`",
                unsent.reason,
                row.id
            );
        } else if ours {
            let next = unsent.next_try_at.map(|at| at.to_rfc3339());
            tracing::warn!(sink.id = row.id, tries = row.tries + 1, next_try_at = next, "{}", unsent.reason);
        }
        Ok(Next::Again)
    }

    /// Sends the changes as the message `id`; `None`: we were shut down before it was known what came of it.
    pub(super) async fn send(&self, id: &str, changes: Vec<Change>) -> Result<Option<Outcome>, StoreError> {
        let told = stored(&self.store, changes).await?;
        let stopped = async {
            self.shutdown.cancelled().await;
            sleep(GRACE).await;
        };
        tokio::select! {
            outcome = self.way.tell(&self.sink, id, told) => Ok(Some(outcome)),
            () = stopped => Ok(None),
        }
    }

    /// The identifier of a message: the same each time that it is tried, and no other message's.
    pub(super) fn id(&self, numbers: &str) -> String {
        format!("{}_{}_{numbers}", self.sink.id(), self.tag)
    }

    /// Counts what came of a message.
    pub(super) fn count(&self, verdict: &Verdict) {
        self.metrics.sink_deliveries.with_label_values(&[self.sink.id(), verdict.as_str()]).inc();
    }
}

/// The changes, each with what is stored of its article.
pub(super) async fn stored(
    store: &Store,
    changes: Vec<Change>,
) -> Result<Vec<(Change, Option<StoryItem>)>, StoreError> {
    let mut told = Vec::with_capacity(changes.len());
    for change in changes {
        let item = match store.article(change.article).await {
            Ok(item) => item,
            Err(error) if error.is_passing() => return Err(error),
            // A row that cannot be read must not hold up what comes after it.
            Err(_) => None,
        };
        told.push((change, item));
    }
    Ok(told)
}

/// The changes of the next message of a sink, looked for after `from`; also the number up to which all was looked at.
pub(super) async fn next(
    store: &Store,
    sink: &Sink,
    row: &SinkRow,
    from: i64,
) -> Result<(Vec<Change>, i64), StoreError> {
    /// Reads of the log in one go.
    const READS_MAX: usize = 20;
    /// Changes of the first read: most sinks are told of most changes, and to read hundreds for each message would be slow.
    const READ_FIRST: i64 = 16;
    let (mut batch, mut to) = (vec![], from);
    // What was settled to be one message is found again, also from a cursor that stayed a little behind.
    let reads_max = if row.trying_to.is_some() { READS_MAX + 2 } else { READS_MAX };
    for n in 0..reads_max {
        let limit = if n == 0 { READ_FIRST.max(count(sink.batch())) } else { STORIES_MAX };
        let changes = store.changes(to, None, limit).await?;
        if changes.is_empty() {
            break;
        }
        for change in changes {
            let ended = match row.trying_to {
                Some(end) if end >= row.cursor && change.number <= end => false,
                Some(_) if !batch.is_empty() => true,
                _ => batch.len() >= sink.batch(),
            };
            if ended {
                return Ok((batch, to));
            }
            to = change.number;
            if sink.scope().concerns(&change) {
                batch.push(change);
            }
        }
        if !batch.is_empty() && row.trying_to.is_none_or(|end| to >= end) {
            break;
        }
    }
    Ok((batch, to))
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
