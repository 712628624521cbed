//! One digest's way through the log, an occasion at a time.

use std::{collections::BTreeSet, ops::RangeInclusive, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::sleep;

use super::Digest;
use crate::mail::{self, Letter};
use crate::model::{Change, ChangeKind, StoryItem};
use crate::publish::courier::{Courier, stored};
use crate::publish::pace::{Outcome, Verdict};
use crate::render::{self, Told};
use crate::store::{Period, STORIES_MAX, SinkRow, SinkState, StoreError};

/// How often it is looked whether an occasion has come, or an operator changed something.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pause after the database failed.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a mail that is under way at a shutdown may still take.
const GRACE: Duration = Duration::from_secs(3);
/// Reads of the log for one mail: with so many changes none of which concerns it, the rest waits for the next look.
const READS_MAX: usize = 2000;

/// Tells the readers of one digest.
#[derive(Clone)]
pub(in crate::publish) struct Postman {
    pub(in crate::publish) digest: Arc<Digest>,
    /// The sink that it is, to everybody else.
    pub(in crate::publish) courier: Courier,
}

/// What to do after a step.
enum Next {
    /// There may be more.
    Again,
    /// Nothing for now.
    Wait(Duration),
}

impl Postman {
    /// Sends mails at their hours, until it is stopped.
    pub(in crate::publish) async fn run(self) {
        let stop = self.courier.stop.clone();
        while !stop.is_cancelled() {
            let pause = match self.step().await {
                Ok(Next::Again) => continue,
                Ok(Next::Wait(pause)) => pause,
                Err(error) => {
                    tracing::warn!(sink.id = self.digest.id, %error, hint = error.hint(), "a digest has to wait for the database");
                    PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(pause) => {}
            }
        }
    }

    /// Sends what is due now.
    pub(in crate::publish) async fn settle(self) -> Result<(), StoreError> {
        while !self.courier.stop.is_cancelled() && matches!(self.step().await?, Next::Again) {}
        Ok(())
    }

    async fn step(&self) -> Result<Next, StoreError> {
        let (store, now) = (&self.courier.store, Utc::now());
        let Some(row) = store.sink(&self.digest.id).await? else { return Ok(Next::Wait(LOOK_EVERY)) };
        if !self.courier.is_free(&row, now) {
            return Ok(Next::Wait(LOOK_EVERY));
        }
        if let Some(wait) = row.next_try_at.and_then(|at| (at - now).to_std().ok()).filter(|w| !w.is_zero()) {
            return Ok(Next::Wait(wait.min(LOOK_EVERY)));
        }
        let Some((due, upto)) = self.open(&row, now).await? else { return Ok(Next::Wait(LOOK_EVERY)) };
        let (changes, to) = self.gather(&row, upto).await?;
        let Some(last) = changes.last().map(|change| change.number) else {
            let passed = store.close_period(&row, &self.courier.holder, to, None, now).await?;
            return Ok(if passed { Next::Again } else { Next::Wait(LOOK_EVERY) });
        };
        // What is behind the last one told is nobody's concern up to where it was looked.
        let end = if to >= upto { upto } else { last };
        if !self.courier.hold(&row, Some(end)).await? {
            return Ok(Next::Wait(LOOK_EVERY));
        }
        self.send(&row, changes, end, due).await
    }

    /// The period that is due: since when it is, and up to which change it goes; `None`: none is.
    async fn open(&self, row: &SinkRow, now: DateTime<Utc>) -> Result<Option<(DateTime<Utc>, i64)>, StoreError> {
        let store = &self.courier.store;
        let Period { ended_at, due_at, upto } = store.period(&row.id).await?.unwrap_or_default();
        if let (Some(due), Some(upto)) = (due_at, upto) {
            // A sink that was set back is told again; one that was moved on has nothing left of it.
            return Ok(Some((due, upto.max(row.cursor))));
        }
        let due = self.digest.schedule.latest(now).filter(|at| *at > ended_at.unwrap_or(row.added_at));
        let Some(due) = due else { return Ok(None) };
        if !self.courier.hold(row, None).await? {
            return Ok(None);
        }
        let head = store.head().await?.max(row.cursor);
        store.open_period(&row.id, due, head).await?;
        Ok(store.period(&row.id).await?.and_then(|period| period.due_at.zip(period.upto)))
    }

    /// The changes of the next mail, and how far was looked for them.
    async fn gather(&self, row: &SinkRow, upto: i64) -> Result<(Vec<Change>, i64), StoreError> {
        let (mut told, mut to) = (vec![], row.cursor);
        let end = row.trying_to.unwrap_or(upto);
        for _ in 0..READS_MAX {
            let changes = self.courier.store.changes(to, None, STORIES_MAX).await?;
            let Some(last) = changes.last().map(|change| change.number) else { return Ok((told, end)) };
            for change in changes {
                if change.number > end {
                    return Ok((told, end));
                }
                to = change.number;
                if self.digest.scope().concerns(&change) {
                    told.push(change);
                }
                if told.len() >= self.digest.stories_max && row.trying_to.is_none() {
                    return Ok((told, to));
                }
            }
            if last >= end {
                return Ok((told, end));
            }
        }
        Ok((told, to))
    }

    async fn send(
        &self,
        row: &SinkRow,
        changes: Vec<Change>,
        end: i64,
        due: DateTime<Utc>,
    ) -> Result<Next, StoreError> {
        let (first, told) = (changes.first().map_or(end, |change| change.number), changes.len());
        let changes = stored(&self.courier.store, changes).await?;
        let stopped = async {
            self.courier.shutdown.cancelled().await;
            sleep(GRACE).await;
        };
        let outcome = tokio::select! {
            outcome = self.mail(first..=end, &changes, due) => outcome,
            () = stopped => return Ok(Next::Again),
        };
        let now = Utc::now();
        self.courier.count(&outcome.verdict);
        if outcome.verdict == Verdict::Taken {
            let told = i64::try_from(told).unwrap_or(i64::MAX);
            if self.courier.store.close_period(row, &self.courier.holder, end, Some(told), now).await? {
                tracing::info!(sink.id = row.id, change.number = end, changes = told, "a digest was sent");
            }
            return Ok(Next::Again);
        }
        self.courier.postpone(row, &outcome, end, now).await?;
        Ok(Next::Again)
    }

    /// Sends the mail of what has these numbers, which was `due` then: it is the same at each try, but for its date.
    async fn mail(
        &self,
        numbers: RangeInclusive<i64>,
        changes: &[(Change, Option<StoryItem>)],
        due: DateTime<Utc>,
    ) -> Outcome {
        let digest = &self.digest;
        if !digest.private
            && let Err(failure) = self.courier.way.poster.may_reach(&digest.server.host, digest.server.port).await
        {
            return Outcome::failed(failure);
        }
        let sections = sections(digest, changes);
        let stories: usize = sections.iter().map(|section| section.stories.len()).sum();
        let many = if stories == 1 { "story" } else { "stories" };
        let day = due.with_timezone(&digest.schedule.zone).format("%F");
        let page = render::letter(&digest.title, &sections, digest.schedule.zone);
        let domain = digest.from.domain();
        let letter = Letter {
            id: &format!("{}.{}.{}-{}@{domain}", digest.id, self.courier.tag, numbers.start(), numbers.end()),
            list: &format!("{}.tidings.{domain}", digest.id),
            from: &digest.from,
            to: &digest.to,
            subject: &format!("{}: {stories} {many}, {day}", render::clean(&digest.title)),
            date: Utc::now(),
            text: page.text,
            html: page.html,
        };
        match mail::send(&digest.server, letter, digest.timeout).await {
            Ok(unknown) => {
                for mail::Unknown { reader, reason } in unknown {
                    tracing::warn!(
                        sink.id = digest.id,
                        reader,
                        "the others have the digest, this reader does not: {reason}"
                    );
                }
                Outcome { verdict: Verdict::Taken, reason: String::new(), status: None }
            }
            Err(unsent) => Outcome { verdict: Verdict::Failed, reason: unsent.reason, status: unsent.status },
        }
    }
}

/// The stories of the changes, each once, under the first of the digest's topics that it is of.
fn sections<'a>(digest: &'a Digest, changes: &'a [(Change, Option<StoryItem>)]) -> Vec<render::Section<'a>> {
    let mut told: BTreeSet<i64> = BTreeSet::new();
    let titles = digest.topics.iter().zip(&digest.topic_titles);
    let mut sections: Vec<render::Section<'_>> =
        titles.map(|(id, title)| render::Section { id, title, stories: vec![] }).collect();
    // The newest word on a story comes last; what came before it is told with it.
    for (change, item) in changes.iter().rev().filter(|(change, _)| told.insert(change.story)) {
        let section = sections.iter_mut().find(|section| change.topics.iter().any(|topic| topic == section.id));
        let is_new = changes.iter().any(|(c, _)| c.story == change.story && c.kind == ChangeKind::StoryNew);
        let told = Told { change, item: item.as_ref(), is_new, wanted: &digest.topics };
        if let Some(section) = section {
            section.stories.push(told);
        }
    }
    sections.retain(|section| !section.stories.is_empty());
    sections
}

impl Courier {
    /// Whether a sink is ours to tell at `now`, if there is anything.
    fn is_free(&self, row: &SinkRow, now: DateTime<Utc>) -> bool {
        let others = row.holder.as_deref().is_some_and(|h| h != &*self.holder) && row.lease_until > Some(now);
        !others && row.state != SinkState::Gone
    }
}
