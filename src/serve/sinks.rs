//! How each sink is doing, in a word and a sentence, and the part of the page that shows it.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    page::{count, time},
    state::{ago, until},
};
use crate::render::{clean, cut, escape};
use crate::store::{SinkRow, SinkState};

/// A sink is failing when nothing was taken for so long since the first failure: less is a receiver that was busy for a moment.
const FAILING_AFTER: TimeDelta = TimeDelta::seconds(30);
/// Characters shown of a failure's reason.
const REASON_CHARS_MAX: usize = 300;

/// How a sink is doing. The order is the order of worry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Its receiver said that it is gone for good: it is told nothing more.
    Gone,
    /// What it is to be told was not taken, several times over.
    Failing,
    /// It takes what it is told, or there is nothing to be told.
    Ok,
}

impl Standing {
    /// Every one.
    pub(super) const ALL: [Self; 3] = [Self::Gone, Self::Failing, Self::Ok];

    /// The one with this word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// The word stored and shown.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
            Self::Ok => "ok",
        }
    }

    /// What the operator can do about it; nothing where there is nothing to be done.
    pub(super) const fn advice(self) -> Option<&'static str> {
        match self {
            Self::Gone => Some(
                "nothing more is sent: set its address anew and have `tidings sink replay` with its id go on where it was, or \
                 remove it",
            ),
            Self::Failing => Some(
                "see whether its receiver runs and still knows us; nothing is lost meanwhile. `tidings sink replay` with its id \
                 tries at once, `tidings sink skip` gives up the message that it is stuck at",
            ),
            Self::Ok => None,
        }
    }
}

/// How the sink of `row` is doing at `now`, and why, in a sentence that says since when.
pub(super) fn standing(row: &SinkRow, now: DateTime<Utc>) -> (Standing, String) {
    let reason = row.last_error.as_deref().map(clean).filter(|r| !r.is_empty());
    let reason = reason.map_or("no reason was recorded".into(), |r| cut(&r, REASON_CHARS_MAX));
    let last = row
        .last_success_at
        .map_or("has never taken anything".into(), |t| format!("last took something {}", ago(t, now)));
    if row.state == SinkState::Gone {
        return (Standing::Gone, format!("{reason} ({last})"));
    }
    let tries = if row.tries == 1 { "1 failed try".into() } else { format!("{} failed tries", row.tries) };
    if row.tries > 0 && row.failing_since.is_none_or(|since| now - since >= FAILING_AFTER) {
        return (Standing::Failing, format!("{reason} ({tries}, {last})"));
    }
    let hitch = if row.tries > 0 { format!("; {reason}, tried again {}", next(row, now)) } else { String::new() };
    (Standing::Ok, format!("{last}{hitch}"))
}

fn next(row: &SinkRow, now: DateTime<Utc>) -> String {
    row.next_try_at.map_or("now".into(), |at| until(at, now))
}

/// How many of `sinks` are in trouble.
pub(super) fn in_trouble(sinks: &[SinkRow], now: DateTime<Utc>) -> usize {
    sinks.iter().filter(|row| standing(row, now).0 < Standing::Ok).count()
}

/// Adds the sinks as a table, the most worrying first; `head` is the number of the newest change.
pub(super) fn section(out: &mut String, sinks: &[SinkRow], head: i64, now: DateTime<Utc>) {
    if sinks.is_empty() {
        return;
    }
    out.push_str(
        "<h2>Sinks</h2><div class=\"card\"><table><thead><tr><th>State</th><th>Sink</th><th>Next try</th>\
         <th class=\"n\">Behind</th><th class=\"n\">Not taken</th></tr></thead><tbody>",
    );
    let mut rows: Vec<_> = sinks.iter().map(|row| (standing(row, now), row)).collect();
    rows.sort_by(|((a, _), one), ((b, _), other)| (a, &one.id).cmp(&(b, &other.id)));
    for ((state, why), row) in rows {
        let (word, id) = (state.as_str(), escape(&clean(&row.id)));
        let why = state.advice().map_or_else(|| why.clone(), |advice| format!("{why} — {advice}"));
        let next = row.next_try_at.filter(|_| row.tries > 0 && state != Standing::Gone);
        let next = next.map_or("–".into(), |at| time(at, &until(at, now)));
        let _ = write!(
            out,
            "<tr><td><span class=\"state {word}\">{word}</span></td><td><code>{id}</code><small>{}</small></td>\
             <td class=\"w\" data-k=\"next try\">{next}</td><td class=\"n\" data-k=\"behind\">{}</td>\
             <td class=\"n\" data-k=\"not taken\">{}</td></tr>",
            escape(&why),
            count(head - row.cursor),
            count(row.dead)
        );
    }
    out.push_str("</tbody></table></div>");
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
    }

    pub(in crate::serve) fn sink(id: &str) -> SinkRow {
        SinkRow {
            id: id.into(),
            cursor: 40,
            state: SinkState::Active,
            added_at: at(-9000),
            trying_to: None,
            tries: 0,
            failing_since: None,
            next_try_at: None,
            last_error: None,
            last_status: None,
            last_success_at: None,
            delivered: 0,
            holder: None,
            lease_until: None,
            dead: 0,
        }
    }

    #[test]
    fn a_sink_fails_when_it_has_taken_nothing_for_a_while_and_says_why() {
        let mut row = sink("chat");
        assert_eq!(standing(&row, at(0)), (Standing::Ok, "has never taken anything".into()));
        (row.tries, row.failing_since, row.next_try_at) = (1, Some(at(-10)), Some(at(5)));
        (row.last_error, row.last_success_at) = (Some("the receiver\nanswered 500".into()), Some(at(-600)));
        let hitch = "last took something 10 min ago; the receiver answered 500, tried again in 5 s";
        assert_eq!(standing(&row, at(0)), (Standing::Ok, hitch.into()));
        row.tries = 4;
        let why = "the receiver answered 500 (4 failed tries, last took something 10 min ago)";
        assert_eq!(standing(&row, at(20)), (Standing::Failing, why.into()));
        row.state = SinkState::Gone;
        assert_eq!(standing(&row, at(0)).0, Standing::Gone, "at once");
        assert!(Standing::Ok.advice().is_none() && Standing::parse("gone") == Some(Standing::Gone));
    }

    #[test]
    fn the_page_shows_trouble_first_and_nothing_as_markup() {
        let mut out = String::new();
        section(&mut out, &[], 52, at(0));
        assert_eq!(out, "");
        let (good, mut bad) = (sink("a"), sink("z"));
        (bad.tries, bad.failing_since, bad.dead) = (2, Some(at(-90)), 3);
        bad.last_error = Some("<script>".into());
        let sinks = [good, bad];
        section(&mut out, &sinks, 1052, at(0));
        assert!(out.find("<code>z</code>") < out.find("<code>a</code>"), "{out}");
        assert!(out.contains("&lt;script&gt; (2 failed tries") && !out.contains("<script"), "{out}");
        assert!(out.contains("data-k=\"behind\">1,012<") && out.contains("data-k=\"not taken\">3<"), "{out}");
        assert_eq!(in_trouble(&sinks, at(0)), 1);
    }
}
