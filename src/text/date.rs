//! Dates as news sites write them. STUB
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// The instant that `s` names; dates without a zone are in `zone`, relative ones count from `now`.
#[must_use]
pub fn parse(s: &str, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let _ = (s, zone, now);
    None
}

/// The first date inside a longer text.
#[must_use]
pub fn find(s: &str, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    parse(s, zone, now)
}
