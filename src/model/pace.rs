//! What is remembered of how a target is visited: learned from visit to visit, decided on by the cadence.

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

/// Hours and days at which a publisher asks not to be visited (RSS `skipHours`, `skipDays`), both in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Skip {
    /// One bit for each hour, the lowest for midnight.
    pub hours: u32,
    /// One bit for each day, the lowest for Monday.
    pub days: u8,
}

/// Every hour of the day.
const HOURS_ALL: u32 = (1 << 24) - 1;
/// Every day of the week.
const DAYS_ALL: u8 = (1 << 7) - 1;

impl Skip {
    /// Whether nothing is asked, or so much that no moment would be left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        (self.hours == 0 && self.days == 0) || self.hours == HOURS_ALL || self.days == DAYS_ALL
    }

    /// Whether a visit at `at` is what is asked not to be made.
    #[must_use]
    pub fn covers(&self, at: DateTime<Utc>) -> bool {
        let (hour, day) = (1 << at.hour(), 1 << at.weekday().num_days_from_monday());
        !self.is_empty() && (self.hours & hour != 0 || self.days & day != 0)
    }
}

/// Where a target says that it has moved to for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The new address.
    pub to: Url,
    /// How many visits in a row were sent there.
    pub times: u32,
}

/// What is remembered of how a target is visited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// Seconds to the next visit that were planned at the last one, before it was put into any window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_s: Option<i64>,
    /// Seconds between two new entries, as observed; the last ones count most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap_s: Option<i64>,
    /// How many new entries that was observed on, up to a bound.
    #[serde(skip_serializing_if = "is_zero")]
    pub observed: u32,
    /// When the listing last held an entry that it did not hold before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<DateTime<Utc>>,
    /// New entries by the hour (UTC) at which they came, 24 numbers; empty: none came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<u16>,
    /// Marks of the newest entries of the last listing, see [`super::Entry::mark`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<u32>,
    /// How often a listing had nothing in common with the one before: entries may have come and gone unseen.
    #[serde(skip_serializing_if = "is_zero")]
    pub missed: u32,
    /// By how many hundredths of a halving the interval is shortened because of that.
    #[serde(skip_serializing_if = "is_zero")]
    pub haste: u32,
    /// Failures since the last success, weighed by their kind, in hundredths.
    #[serde(skip_serializing_if = "is_zero")]
    pub errors: u32,
    /// Seconds that the publisher asked to be left alone (`ttl`) when the listing was last read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u64>,
    /// Hours and days to be left out.
    #[serde(skip_serializing_if = "Skip::is_empty")]
    pub skip: Skip,
    /// Answers in a row that said that nothing changed.
    #[serde(skip_serializing_if = "is_zero")]
    pub unchanged: u32,
    /// When a listing was last had in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_at: Option<DateTime<Utc>>,
    /// Mark of the text that the listing was last read from, and of what decides how it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<u64>,
    /// Whether the server was caught saying that nothing changed though something had.
    #[serde(skip_serializing_if = "is_false")]
    pub distrusted: bool,
    /// When the hub of the listing last told what was new, if nothing came since that it did not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushed_at: Option<DateTime<Utc>>,
    /// Where it says that it has moved to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
}

/// Permanent redirects in a row after which they are believed: sites under repair send people away for a day, "permanently".
const MOVED_TIMES_MIN: u32 = 3;

impl Pace {
    /// Where the target at `url` is to be asked for: there, or where it has moved to for good.
    #[must_use]
    pub fn address<'a>(&'a self, url: &'a Url) -> &'a Url {
        // The password of an address goes to no other.
        let open = url.username().is_empty() && url.password().is_none();
        self.moved.as_ref().filter(|m| open && m.times >= MOVED_TIMES_MIN).map_or(url, |m| &m.to)
    }
}

const fn is_zero(n: &u32) -> bool {
    *n == 0
}

const fn is_false(b: &bool) -> bool {
    !*b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_no_moment_asks_nothing() {
        let at: DateTime<Utc> = "2026-11-24T05:30:00Z".parse().unwrap();
        assert!(Skip { hours: 1 << 5, days: 0 }.covers(at) && !Skip { hours: 1 << 6, days: 0 }.covers(at));
        assert!(Skip { hours: 0, days: 1 << 1 }.covers(at), "a Tuesday");
        for all in [Skip { hours: HOURS_ALL, days: 0 }, Skip { hours: 1 << 5, days: DAYS_ALL }, Skip::default()] {
            assert!(!all.covers(at));
        }
    }

    #[test]
    fn an_address_is_left_when_it_said_so_three_times_unless_it_holds_a_password() {
        let url = |text: &str| Url::parse(text).unwrap();
        let (old, to) = (url("https://a.example/"), url("https://b.example/"));
        let moved = |times| Pace { moved: Some(Moved { to: to.clone(), times }), ..Pace::default() };
        assert_eq!(moved(2).address(&old), &old);
        assert_eq!(moved(3).address(&old), &to);
        let secret = url("https://me:pw@a.example/");
        assert_eq!(moved(3).address(&secret), &secret);
    }

    #[test]
    fn what_is_not_known_takes_no_room() {
        assert_eq!(serde_json::to_string(&Pace::default()).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<Pace>("{\"errors\":50,\"of a later version\":1}").unwrap().errors, 50);
    }
}
