//! What a sink would not take: when it is given up, and how it is told once more.
//!
//! In: a change that was not taken for long, or a dead letter that the operator wants told after all. Out: a dead letter, or one less.

use chrono::Utc;

use super::{
    courier::{Courier, LOOK_EVERY, Next},
    pace::{Outcome, Verdict},
};
use crate::model::Change;
use crate::store::{DeadRow, STORIES_MAX, SinkRow, StoreError, Unsent};

/// How often a receiver that is not well is asked to take a dead letter, before that is left for another day.
const REPLAYS_MAX: i64 = 3;

impl Courier {
    /// Whether a change that has not been taken for long is done with: it became a dead letter, or was taken after all.
    ///
    /// Who refuses it has said so. Who answers that it failed may be down, and will want it later; unless it takes once more what it
    /// took last, and still not this. Who does not answer is down.
    pub(super) async fn is_over(&self, row: &SinkRow, change: &Change, outcome: &Outcome) -> Result<bool, StoreError> {
        let answered = outcome.verdict == Verdict::Failed && outcome.status.is_some();
        if answered {
            let Some(known) = self.taken_last(row).await? else { return Ok(false) };
            if self.told(row, known).await? != Some(Verdict::Taken) {
                return Ok(false);
            }
            // It may have become well between the two.
            match self.told(row, change.clone()).await? {
                Some(Verdict::Taken) => {
                    return self.store.move_sink(row, &self.holder, change.number, 1, Utc::now()).await;
                }
                Some(Verdict::Failed | Verdict::Refused) => {}
                _ => return Ok(false),
            }
        }
        if answered || outcome.verdict == Verdict::Refused {
            self.give_up(row, change.number, outcome).await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// The change that the sink took last, if the log still has it not far behind the cursor.
    async fn taken_last(&self, row: &SinkRow) -> Result<Option<Change>, StoreError> {
        if row.delivered == 0 {
            return Ok(None);
        }
        let dead: Vec<i64> = self.store.dead_letters(&row.id).await?.iter().map(|d| d.number).collect();
        let before = self.store.changes(row.cursor - STORIES_MAX, None, STORIES_MAX).await?;
        let taken = |c: &Change| c.number <= row.cursor && self.sink.scope().concerns(c) && !dead.contains(&c.number);
        Ok(before.into_iter().rfind(taken))
    }

    /// What comes of telling this one change now; `None`: it is not known, or not ours to tell.
    async fn told(&self, row: &SinkRow, change: Change) -> Result<Option<Verdict>, StoreError> {
        if !self.hold(row, None).await? {
            return Ok(None);
        }
        let id = self.id(&change.number.to_string());
        let Some(outcome) = self.send(&id, vec![change]).await? else { return Ok(None) };
        self.count(&outcome.verdict);
        Ok(Some(outcome.verdict))
    }

    /// Keeps a change that was not taken as a dead letter, and goes on after it.
    async fn give_up(&self, row: &SinkRow, number: i64, outcome: &Outcome) -> Result<(), StoreError> {
        let reason = &outcome.reason;
        if self.store.bury(row, &[number], reason, outcome.status, Utc::now()).await? {
            self.metrics.sink_deliveries.with_label_values(&[row.id.as_str(), "dead"]).inc();
            tracing::error!(
                sink.id = row.id,
                change.number = number,
                tries = row.tries,
                "the sink would not take a change: {reason}"
            );
        }
        Ok(())
    }

    /// Tells the sink once more of a change that it would not take.
    pub(super) async fn again(&self, row: &SinkRow, dead: &DeadRow) -> Result<Next, StoreError> {
        if !self.hold(row, None).await? {
            return Ok(Next::Wait(LOOK_EVERY));
        }
        let change = self.store.changes(dead.number - 1, None, 1).await?.into_iter().find(|c| c.number == dead.number);
        let Some(change) = change else {
            tracing::warn!(
                sink.id = row.id,
                change.number = dead.number,
                "a dead letter cannot be told: the log no longer has it"
            );
            self.store.settle_dead(&row.id, dead.number, None, Utc::now()).await?;
            return Ok(Next::Again);
        };
        let id = self.id(&dead.number.to_string());
        let sent = self.send(&id, vec![change]).await?;
        let Some(Outcome { verdict, reason, status }) = sent else { return Ok(Next::Again) };
        let now = Utc::now();
        self.count(&verdict);
        // It is not waited for long: nothing else is told meanwhile.
        let stays = verdict == Verdict::Refused || (verdict == Verdict::Failed && row.tries + 1 >= REPLAYS_MAX);
        match verdict {
            Verdict::Taken => {
                self.store.settle_dead(&row.id, dead.number, None, now).await?;
                self.store.move_sink(row, &self.holder, row.cursor, 1, now).await?;
            }
            _ if stays => {
                tracing::warn!(sink.id = row.id, change.number = dead.number, "still not taken: {reason}");
                self.store.settle_dead(&row.id, dead.number, Some((&reason, status)), now).await?;
            }
            _ => {
                let later = self.later(row, dead.number, &verdict, now);
                return self
                    .unsent(row, Unsent { reason: &reason, status, trying_to: row.trying_to, ..later }, now)
                    .await;
            }
        }
        Ok(Next::Again)
    }
}
