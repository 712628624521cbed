//! What stands after the question mark. Keys that nobody knows are ignored; values that cannot be meant are refused.

use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::problem::Problem;

/// Items or changes in one answer.
pub(super) const LIMIT_MAX: i64 = 500;
/// How long a long poll waits.
pub(super) const WAIT_MAX: Duration = Duration::from_secs(60);
/// Pairs read of a query; the rest is ignored.
const PAIRS_MAX: usize = 64;

/// The pairs of a query, decoded.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn of(raw: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes());
        Self(pairs.take(PAIRS_MAX).map(|(k, v)| (k.into_owned(), v.into_owned())).collect())
    }

    /// The value of `key`, the last one winning; an empty one counts as absent.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// `limit`, 1 to [`LIMIT_MAX`].
    pub(super) fn limit(&self, otherwise: i64) -> Result<i64, Problem> {
        self.limit_to(otherwise, LIMIT_MAX)
    }

    /// `limit`, 1 to `max`.
    pub(super) fn limit_to(&self, otherwise: i64, max: i64) -> Result<i64, Problem> {
        let Some(limit) = self.get("limit") else { return Ok(otherwise.clamp(1, max)) };
        limit.parse().ok().filter(|n| (1..=max).contains(n)).ok_or_else(|| {
            Problem::bad(format!("`limit` must be a whole number from 1 to {max}, not `{}`.", shown(limit)))
        })
    }

    /// `cursor` of lists whose pages begin below a number.
    pub(super) fn cursor(&self) -> Result<Option<i64>, Problem> {
        let Some(cursor) = self.get("cursor") else { return Ok(None) };
        let number = cursor.parse().ok().filter(|n| *n >= 0);
        number.map(Some).ok_or_else(|| Problem::bad("`cursor` is not the `next` of an answer to this request."))
    }

    /// `since`, a change number, 0 if absent.
    pub(super) fn since(&self) -> Result<i64, Problem> {
        let Some(since) = self.get("since") else { return Ok(0) };
        since.parse().ok().filter(|n| *n >= 0).ok_or_else(|| {
            Problem::bad(format!("`since` must be the number of a change, 0 or more, not `{}`.", shown(since)))
        })
    }

    /// `wait`, as `30s` or seconds, at most [`WAIT_MAX`]; zero if absent.
    pub(super) fn wait(&self) -> Result<Duration, Problem> {
        let Some(wait) = self.get("wait") else { return Ok(Duration::ZERO) };
        let read = wait.parse().map(Duration::from_secs).ok().or_else(|| humantime::parse_duration(wait).ok());
        read.filter(|d| *d <= WAIT_MAX).ok_or_else(|| {
            let max = WAIT_MAX.as_secs();
            Problem::bad(format!("`wait` must be a time such as `30s`, at most {max}s, not `{}`.", shown(wait)))
        })
    }
}

/// The instant that a date (its first, in UTC) or a time stands for. Both databases can compare it: the year has four digits.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    const LAST_YEAR: i32 = 9999;
    let date = text.parse::<NaiveDate>().ok().and_then(|d| d.and_hms_opt(0, 0, 0)).map(|d| d.and_utc());
    // A plus sign in a query is a blank unless it is encoded.
    let exact = || DateTime::parse_from_rfc3339(&text.replace(' ', "+")).ok().map(|d| d.to_utc());
    date.or_else(exact).filter(|d| (0..=LAST_YEAR).contains(&d.year()))
}

/// `text` as it may be repeated to whoever sent it.
pub(super) fn shown(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 40;
    crate::render::cut(&crate::render::clean(text), SHOWN_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(raw: &str) -> Query {
        Query::of(Some(raw))
    }

    #[test]
    fn limits_are_one_to_the_maximum() {
        assert_eq!(query("").limit(50).unwrap(), 50);
        assert_eq!(query("limit=").limit(50_000).unwrap(), LIMIT_MAX);
        assert_eq!(query("limit=1&x=%FF&limit=500").limit(50).unwrap(), 500);
        for bad in ["0", "501", "-1", "x", "1.5", "99999999999999999999"] {
            let problem = query(&format!("limit={bad}")).limit(50).unwrap_err();
            assert_eq!(problem.status, 400);
            assert!(problem.detail.contains("from 1 to 500"), "{}", problem.detail);
        }
    }

    #[test]
    fn waits_are_seconds_or_durations() {
        assert_eq!(query("since=7").wait().unwrap(), Duration::ZERO);
        assert_eq!(query("wait=30s").wait().unwrap(), Duration::from_secs(30));
        assert_eq!(query("wait=60").wait().unwrap(), WAIT_MAX);
        for bad in ["61", "2m", "-1s", "soon"] {
            assert_eq!(query(&format!("wait={bad}")).wait().unwrap_err().status, 400);
        }
    }

    #[test]
    fn instants_are_dates_or_exact() {
        let said = |text| instant(text).unwrap().to_rfc3339();
        assert_eq!(said("2026-11-24"), "2026-11-24T00:00:00+00:00");
        for exact in ["2026-11-24T08:00:00+08:00", "2026-11-24T08:00:00 08:00", "2026-11-24T00:00:00Z"] {
            assert_eq!(said(exact), "2026-11-24T00:00:00+00:00");
        }
        for bad in ["yesterday", "2026-13-01", "+20000-01-01", "-5000-01-01", "+262142-12-31", ""] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }

    #[test]
    fn since_is_a_change_number() {
        assert_eq!(query("since=12").since().unwrap(), 12);
        assert_eq!(query("").since().unwrap(), 0);
        assert_eq!(query("since=-1").since().unwrap_err().status, 400);
    }
}
