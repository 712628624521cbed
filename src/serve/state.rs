//! How a source is doing, in a word and a sentence.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::Health;
use crate::render::{clean, cut};
use crate::store::SourceRow;

/// A visit that is overdue by more than this is late; less is the queue at work.
const LATE_AFTER: TimeDelta = TimeDelta::minutes(10);
/// A source is silent when nothing is new for so many times as long as usual ...
const SILENT_TIMES: i32 = 5;
/// ... and for longer than a night.
const SILENT_AFTER: TimeDelta = TimeDelta::hours(24);
/// Characters shown of a failure's reason.
const REASON_CHARS_MAX: usize = 300;

/// How a source is doing. The order is the order of worry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its last visits failed.
    Failing,
    /// Its site says that it is gone for good.
    Gone,
    /// Its site turns us away.
    Blocked,
    /// What it sends is no text in the encoding that it is said to be in.
    Garbled,
    /// The source's selectors no longer fit its page.
    SelectorBroken,
    /// Most of it seems new, and its titles were had before: held back.
    Flooded,
    /// It answers, and nothing is new for much longer than it used to be.
    Silent,
    /// Its visit is overdue.
    Late,
    /// It was never visited, and the visit is not overdue.
    Waiting,
    /// Its operator said that it is not to be visited.
    Paused,
    /// It answers.
    Ok,
}

impl State {
    /// Every one, in order of worry.
    pub const ALL: [Self; 11] = [
        Self::Failing,
        Self::Gone,
        Self::Blocked,
        Self::Garbled,
        Self::SelectorBroken,
        Self::Flooded,
        Self::Silent,
        Self::Late,
        Self::Waiting,
        Self::Paused,
        Self::Ok,
    ];

    /// The state with this word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// The word shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Gone => "gone",
            Self::Blocked => "blocked",
            Self::Garbled => "garbled",
            Self::SelectorBroken => "selector_broken",
            Self::Flooded => "flooded",
            Self::Silent => "silent",
            Self::Late => "late",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Ok => "ok",
        }
    }

    /// What the operator can do about it; nothing where there is nothing to be done.
    #[must_use]
    pub const fn advice(self) -> Option<&'static str> {
        match self {
            Self::Failing => Some(
                "it is tried again by itself; where that lasts, see whether its address still holds: `tidings try` with its \
                 id shows what comes",
            ),
            Self::Gone => {
                Some("look for its new address, or remove it: the site says that it will not come back (410)")
            }
            Self::Blocked => Some(
                "see why: a login or a cookie of the source may be wanted, fewer visits (`every`) may do, or a word with the \
                 site's operators; what robots.txt keeps back is theirs to open",
            ),
            Self::Garbled => Some(
                "set `charset` of the source to what it really is; with `keep_failed_bodies` of [fetch] what came is at \
                 api/v1/sources/ID/body",
            ),
            Self::SelectorBroken => Some(
                "mend the selectors: `tidings try` with its id shows what they find; with `keep_failed_bodies` of \
                 [fetch] the page they failed on is at api/v1/sources/ID/body",
            ),
            Self::Flooded => Some(
                "see what it lists now: `tidings dismiss` with its id counts those pages as seen, `tidings release` visits \
                 them; without a word they count as seen after 7 days",
            ),
            Self::Silent => {
                Some("see whether the site still publishes there: `tidings try` with its id shows what it lists")
            }
            Self::Late => Some("see whether the daemon runs, and whether `concurrency` is enough for its hosts"),
            Self::Paused => Some("`tidings resume` with its id has it visited again"),
            Self::Waiting | Self::Ok => None,
        }
    }
}

/// How the source of `row` is doing at `now`, and why, in a sentence that says since when.
#[must_use]
pub fn state(row: &SourceRow, now: DateTime<Utc>) -> (State, String) {
    let overdue = row.next_visit_at.map_or(TimeDelta::zero(), |t| now - t);
    let health = row.health.as_deref().and_then(Health::parse);
    if let Some(paused) = row.paused_at {
        return (State::Paused, format!("paused {}", ago(paused, now)));
    }
    if row.failures > 0 {
        let state = match health {
            Some(Health::Gone) => State::Gone,
            Some(Health::Blocked) => State::Blocked,
            Some(Health::Garbled) => State::Garbled,
            _ => State::Failing,
        };
        return (state, failing(row, now));
    }
    if overdue > LATE_AFTER {
        let visited = row.last_visit_at.map_or("never visited".into(), |t| format!("last visited {}", ago(t, now)));
        return (State::Late, format!("{visited}; the visit is overdue by {}", span(overdue)));
    }
    let Some(visited) = row.last_visit_at else {
        let due = row.next_visit_at.map_or("no visit is planned".into(), |t| format!("first visit {}", until(t, now)));
        return (State::Waiting, format!("never visited; {due}"));
    };
    let fresh = row.last_new_at.map_or("nothing new so far".into(), |t| format!("last new {}", ago(t, now)));
    let missed = match row.missed {
        0 => String::new(),
        n => format!(", {n} times nothing was left of the list before"),
    };
    let note = row.reason.as_deref().map(clean).filter(|r| !r.is_empty());
    let note = note.map_or(String::new(), |n| format!("; {}", cut(&n, REASON_CHARS_MAX)));
    if health == Some(Health::SelectorBroken) {
        let since = row.health_since.map_or(String::new(), |t| format!(", since {}", ago(t, now)));
        return (
            State::SelectorBroken,
            format!("{} entries found without its selectors{since}{note}", row.entries_seen),
        );
    }
    if row.held > 0 {
        let since = row.held_since.map_or(String::new(), |t| format!(" since {}", span(now - t)));
        let pages = if row.held == 1 { "1 page".into() } else { format!("{} pages", row.held) };
        return (State::Flooded, format!("{pages} held back{since}: new addresses, and titles that were had before"));
    }
    if let Some(why) = silence(row, now) {
        return (State::Silent, format!("{why}{note}"));
    }
    (State::Ok, format!("visited {}; {} entries, {fresh}{missed}{note}", ago(visited, now), row.entries_seen))
}

/// Since when the source of `row` is in `state`; `None`: that is not known.
pub(super) fn since(row: &SourceRow, state: State) -> Option<DateTime<Utc>> {
    match state {
        State::Paused => row.paused_at,
        State::Flooded => row.held_since,
        State::Late => row.next_visit_at.map(|due| due + LATE_AFTER),
        State::Silent => {
            let (since, bearable, _) = bearable_silence(row)?;
            since.checked_add_signed(bearable)
        }
        _ => row.health_since,
    }
}

/// The instant after which nothing came, how long that may last, and by what it is reckoned; `None`: for ever.
fn bearable_silence(row: &SourceRow) -> Option<(DateTime<Utc>, TimeDelta, String)> {
    if let Some(expected) = row.expect_every_s.and_then(TimeDelta::try_seconds) {
        let why = format!("where `expect_every` is {}", span(expected));
        return Some((row.last_new_at.or(row.health_since)?, expected, why));
    }
    let every = TimeDelta::try_seconds(row.news_every_s?)?;
    let why = format!("where something came every {}", span(every));
    Some((row.last_new_at?, (every * SILENT_TIMES).max(SILENT_AFTER), why))
}

/// That nothing is new for longer than is expected of it or, if nobody said what is, than is usual.
fn silence(row: &SourceRow, now: DateTime<Utc>) -> Option<String> {
    let (since, bearable, why) = bearable_silence(row)?;
    let silence = now - since;
    (silence > bearable).then(|| format!("nothing new for {}, {why}", span(silence)))
}

fn failing(row: &SourceRow, now: DateTime<Utc>) -> String {
    let reason = row.reason.as_deref().or(row.outcome.as_deref()).map(clean).filter(|r| !r.is_empty());
    let visits = if row.failures == 1 { "1 failed visit".into() } else { format!("{} failed visits", row.failures) };
    let since =
        row.last_success_at.map_or("has never answered well".into(), |t| format!("last answered well {}", ago(t, now)));
    let reason = reason.map_or("no reason was recorded".into(), |r| cut(&r, REASON_CHARS_MAX));
    format!("{reason} ({visits}, {since})")
}

/// How long ago `at` was: `just now`, `5 min ago`.
pub(super) fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match now - at {
        d if d < TimeDelta::minutes(1) => "just now".into(),
        d => format!("{} ago", span(d)),
    }
}

/// When `at` will be: `now`, `in 5 min`.
pub(super) fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match at - now {
        d if d < TimeDelta::seconds(1) => "now".into(),
        d => format!("in {}", span(d)),
    }
}

/// A time in its largest unit, rounded down: `40 s`, `5 min`, `3 h`, `12 d`.
pub(super) fn span(d: TimeDelta) -> String {
    const HOURS_UP_TO: i64 = 48;
    match d {
        d if d < TimeDelta::minutes(1) => format!("{} s", d.num_seconds().max(0)),
        d if d < TimeDelta::hours(1) => format!("{} min", d.num_minutes()),
        d if d < TimeDelta::hours(HOURS_UP_TO) => format!("{} h", d.num_hours()),
        d => format!("{} d", d.num_days()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::row;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    #[test]
    fn ok_says_when_something_was_last_new() {
        let mut r = row("harbor");
        (r.last_visit_at, r.next_visit_at) = (Some(at(-5)), Some(at(10)));
        (r.last_new_at, r.entries_seen) = (Some(at(-180)), 30);
        assert_eq!(state(&r, at(0)), (State::Ok, "visited 5 min ago; 30 entries, last new 3 h ago".into()));
        r.missed = 2;
        assert!(state(&r, at(0)).1.ends_with("last new 3 h ago, 2 times nothing was left of the list before"));
    }

    #[test]
    fn failing_says_why_and_since_when() {
        let mut r = row("harbor");
        (r.failures, r.reason, r.outcome) = (3, Some("the server answered\n503".into()), Some("status".into()));
        (r.last_visit_at, r.next_visit_at) = (Some(at(-60)), Some(at(-30)));
        let (s, why) = state(&r, at(0));
        assert_eq!(s, State::Failing, "also when overdue");
        assert_eq!(why, "the server answered 503 (3 failed visits, has never answered well)");
        (r.failures, r.reason, r.last_success_at) = (1, None, Some(at(-3 * 1440)));
        assert_eq!(state(&r, at(0)).1, "status (1 failed visit, last answered well 3 d ago)");
    }

    #[test]
    fn late_begins_after_ten_minutes() {
        let mut r = row("harbor");
        (r.last_visit_at, r.next_visit_at) = (Some(at(-30)), Some(at(-10)));
        assert_eq!(state(&r, at(0)).0, State::Ok);
        assert_eq!(state(&r, at(1)), (State::Late, "last visited 31 min ago; the visit is overdue by 11 min".into()));
        r.last_visit_at = None;
        assert_eq!(state(&r, at(1)), (State::Late, "never visited; the visit is overdue by 11 min".into()));
    }

    #[test]
    fn waiting_says_when_its_turn_comes() {
        let mut r = row("harbor");
        assert_eq!(state(&r, at(0)), (State::Waiting, "never visited; no visit is planned".into()));
        r.next_visit_at = Some(at(2));
        assert_eq!(state(&r, at(0)), (State::Waiting, "never visited; first visit in 2 min".into()));
        assert_eq!(state(&r, at(5)), (State::Waiting, "never visited; first visit now".into()));
    }

    #[test]
    fn what_the_listing_is_like_gives_the_word() {
        let mut r = row("harbor");
        (r.failures, r.reason, r.health) = (2, Some("403".into()), Some("blocked".into()));
        (r.last_visit_at, r.next_visit_at) = (Some(at(-5)), Some(at(10)));
        assert_eq!(state(&r, at(0)).0, State::Blocked);
        r.health = Some("gone".into());
        assert_eq!(state(&r, at(0)).0, State::Gone);
        r.health = Some("garbled".into());
        assert_eq!(state(&r, at(0)).0, State::Garbled);
        (r.failures, r.health, r.health_since, r.entries_seen) = (0, Some("selector_broken".into()), Some(at(-65)), 9);
        r.reason = Some("recipe: container gone".into());
        let (s, why) = state(&r, at(0));
        assert_eq!(
            (s, why.as_str()),
            (State::SelectorBroken, "9 entries found without its selectors, since 1 h ago; recipe: container gone")
        );
        assert!(s.advice().is_some() && State::Ok.advice().is_none());
    }

    #[test]
    fn silence_is_told_against_what_was_usual() {
        let mut r = row("harbor");
        (r.last_visit_at, r.next_visit_at, r.entries_seen) = (Some(at(-5)), Some(at(10)), 30);
        (r.last_new_at, r.news_every_s) = (Some(at(-26 * 60)), Some(3600));
        assert_eq!(state(&r, at(0)), (State::Silent, "nothing new for 26 h, where something came every 1 h".into()));
        r.news_every_s = Some(6 * 3600);
        assert_eq!(state(&r, at(0)).0, State::Ok, "a pause like others");
        (r.last_new_at, r.news_every_s) = (Some(at(-10 * 60)), Some(600));
        assert_eq!(state(&r, at(0)).0, State::Ok, "a night");
        (r.last_new_at, r.news_every_s) = (Some(at(-90 * 24 * 60)), None);
        assert_eq!(state(&r, at(0)).0, State::Ok, "nothing is known of its pace");
        r.expect_every_s = Some(2 * 86_400);
        assert_eq!(state(&r, at(0)), (State::Silent, "nothing new for 90 d, where `expect_every` is 2 d".into()));
        (r.last_new_at, r.news_every_s) = (Some(at(-30 * 60)), Some(60));
        assert_eq!(state(&r, at(0)).0, State::Ok, "what is expected counts, not what was usual");
    }

    #[test]
    fn what_an_operator_must_decide_or_has_decided_is_told() {
        let mut r = row("harbor");
        (r.last_visit_at, r.next_visit_at, r.entries_seen) = (Some(at(-5)), Some(at(10)), 30);
        (r.held, r.held_since) = (18, Some(at(-125)));
        let why = "18 pages held back since 2 h: new addresses, and titles that were had before";
        assert_eq!(state(&r, at(0)), (State::Flooded, why.into()));
        (r.paused_at, r.failures) = (Some(at(-3)), 4);
        assert_eq!(state(&r, at(0)), (State::Paused, "paused 3 min ago".into()));
    }

    #[test]
    fn worry_comes_first() {
        assert!(State::Failing < State::Late && State::Late < State::Waiting && State::Waiting < State::Ok);
    }
}
