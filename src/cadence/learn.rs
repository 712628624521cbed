//! What a listing teaches: how often entries come, at which hours, and whether some came and went unseen.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Timelike, Utc};

use crate::model::{Pace, Target};

use super::Hints;

/// Entries of a listing, from the top, whose marks are kept; of those after them nobody can say whether they are new.
pub(super) const MARKS_MAX: usize = 200;
/// A listing of fewer entries than this says nothing by having none of them left.
const MARKS_MIN: usize = 3;
/// New entries after which what was observed of their gaps is believed.
const OBSERVED_MIN: u32 = 5;
/// And where counting them ends.
const OBSERVED_MAX: u32 = 1000;
/// New entries of one visit whose hours are counted.
const HOURS_ENTRIES_MAX: usize = 50;
/// When so many are counted, all counts are halved, so that the last weeks count most.
const HOURS_SUM_MAX: u32 = 600;
/// Entries without a date are counted at the hour of the visit if the one before was not longer ago than this.
const HOUR_KNOWN_WITHIN: TimeDelta = TimeDelta::hours(2);
/// A gap counts as at most so many times what gaps were like so far.
const SAMPLE_MAX: i64 = 4;
/// What one missed window adds to the haste, in hundredths of a halving.
const HASTE_STEP: u32 = 100;
/// And where that ends.
const HASTE_MAX: u32 = 400;
/// A visit that comes later than planned by this and by its own interval says nothing of the pace when entries are missed.
const LATE_MAX: TimeDelta = TimeDelta::minutes(10);

/// Whether entries may have come and gone since the last visit of `target`: nothing of `marks` was there then.
#[must_use]
pub fn has_gap(target: &Target, marks: &[u32]) -> bool {
    let before = &target.past.pace.marks;
    before.len() >= MARKS_MIN && !marks.is_empty() && !marks.iter().any(|m| before.contains(m))
}

/// Those of `entries` that are new: not among `before`, the marks that an earlier listing left in its pace. Looked for only as
/// far down as marks are kept, or the lower part of a long listing would be news at every visit.
#[must_use]
pub fn fresh<'a>(before: &[u32], entries: &'a [(u32, Option<DateTime<Utc>>)]) -> Vec<&'a (u32, Option<DateTime<Utc>>)> {
    let before: HashSet<u32> = before.iter().copied().collect();
    entries.iter().take(MARKS_MAX).filter(|(mark, _)| !before.contains(mark)).collect()
}

/// The gap between two new entries, once enough of them were seen to come.
pub(super) fn observed_gap(pace: &Pace) -> Option<TimeDelta> {
    pace.gap_s.filter(|_| pace.observed >= OBSERVED_MIN).and_then(TimeDelta::try_seconds)
}

/// Takes into `pace` what the listing of `hints` teaches.
pub(super) fn learn(pace: &mut Pace, target: &Target, hints: &Hints, now: DateTime<Utc>) {
    (pace.ttl_s, pace.skip) = (hints.ttl_s, hints.skip);
    let marks: Vec<u32> = hints.entries.iter().map(|(mark, _)| *mark).collect();
    haste(pace, target, &marks, now);
    let is_first = pace.marks.is_empty();
    let fresh = fresh(&pace.marks, &hints.entries);
    if let Some(since) = pace.arrived_at.or(target.last_success_at).filter(|_| !is_first && !fresh.is_empty()) {
        gap(pace, (now - since).num_seconds().max(1), fresh.len());
        let visited = target.last_visit_at.unwrap_or(now);
        for (_, published) in fresh.iter().take(HOURS_ENTRIES_MAX) {
            count(pace, published.filter(|at| *at > visited - HOUR_KNOWN_WITHIN && *at <= now), visited, now);
        }
    }
    if !fresh.is_empty() {
        let newest = hints.entries.iter().filter_map(|(_, at)| *at).filter(|at| *at <= now).max();
        // Of the first listing nobody knows how long it has stood there, but for what it says itself.
        pace.arrived_at = Some(newest.filter(|_| is_first).unwrap_or(now));
    }
    // An empty list is a hiccup more often than not: what it held before still tells what is new.
    if !marks.is_empty() {
        pace.marks = marks.into_iter().take(MARKS_MAX).collect();
    }
}

/// Hurries when entries were missed though the visit came in time, and calms down visit by visit.
fn haste(pace: &mut Pace, target: &Target, marks: &[u32], now: DateTime<Utc>) {
    if !has_gap(target, marks) {
        pace.haste -= pace.haste.div_ceil(10);
        return;
    }
    pace.missed = pace.missed.saturating_add(1);
    let planned = pace.planned_s.and_then(TimeDelta::try_seconds);
    let in_time = planned.zip(target.last_visit_at).is_some_and(|(p, last)| now - last <= p * 2 + LATE_MAX);
    if in_time {
        pace.haste = (pace.haste + HASTE_STEP).min(HASTE_MAX);
    }
}

/// `entries` came within `seconds`.
fn gap(pace: &mut Pace, seconds: i64, entries: usize) {
    let sample = (seconds / i64::try_from(entries).unwrap_or(i64::MAX)).max(1);
    // One night is no new pace.
    pace.gap_s =
        Some(pace.gap_s.map_or(sample, |gap| gap + (sample.min(gap.saturating_mul(SAMPLE_MAX)) - gap) * 3 / 10));
    let observed = u32::try_from(entries).unwrap_or(OBSERVED_MAX);
    pace.observed = pace.observed.saturating_add(observed).min(OBSERVED_MAX);
}

/// Counts an entry at the hour of `published`, else of `now` if the last visit was not long before.
fn count(pace: &mut Pace, published: Option<DateTime<Utc>>, visited: DateTime<Utc>, now: DateTime<Utc>) {
    let Some(at) = published.or_else(|| (now - visited <= HOUR_KNOWN_WITHIN).then_some(now)) else { return };
    pace.hours.resize(24, 0);
    if let Some(hour) = pace.hours.get_mut(at.hour() as usize) {
        *hour = hour.saturating_add(1);
    }
    if pace.hours.iter().map(|n| u32::from(*n)).sum::<u32>() > HOURS_SUM_MAX {
        pace.hours.iter_mut().for_each(|n| *n /= 2);
    }
}
