//! Local times to instants.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::{America, Asia, Tz};

/// Years before this are taken for misprints when written as four digits.
const YEAR_MIN: i64 = 1900;
const YEAR_MAX: i64 = 2199;
/// How far back a date without a year is looked for: one leap cycle across a century.
const YEARS_BACK_MAX: i64 = 8;

/// Where a time is from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Zone {
    /// A fixed distance from UTC.
    Offset {
        /// Seconds east of UTC.
        east_s: i32,
    },
    /// A place.
    Place(Tz),
}

impl Zone {
    pub(super) const fn hours(h: i32) -> Self {
        Self::Offset { east_s: h * 3600 }
    }
}

/// The day, if the calendar has it.
pub(super) fn day(y: i64, m: i64, d: i64) -> Option<NaiveDate> {
    if !(YEAR_MIN..=YEAR_MAX).contains(&y) {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(y).ok()?, u32::try_from(m).ok()?, u32::try_from(d).ok()?)
}

/// The latest year in which `m`-`d` is not after tomorrow.
pub(super) fn day_in_past(m: i64, d: i64, zone: Tz, now: DateTime<Utc>) -> Option<NaiveDate> {
    let today = now.with_timezone(&zone).date_naive();
    let year = i64::from(today.year());
    (0..=YEARS_BACK_MAX).filter_map(|back| day(year - back, m, d)).find(|on| *on <= today + Duration::days(1))
}

/// The instant at which clocks in `zone` show `local`: the earlier of two, and in a gap what the old offset makes of it.
pub(super) fn instant(local: NaiveDateTime, zone: Zone) -> Option<DateTime<Utc>> {
    match zone {
        Zone::Offset { east_s } => Some(local.checked_sub_signed(Duration::seconds(i64::from(east_s)))?.and_utc()),
        Zone::Place(tz) => {
            if let Some(at) = tz.from_local_datetime(&local).earliest() {
                return Some(at.with_timezone(&Utc));
            }
            let gap_longest = Duration::hours(26);
            let before = tz.from_local_datetime(&local.checked_sub_signed(gap_longest)?).earliest()?;
            Some(before.with_timezone(&Utc) + gap_longest)
        }
    }
}

/// The zone that an abbreviation or IANA-like word names; `home` decides what is ambiguous.
pub(super) fn named(word: &str, home: Tz, now: DateTime<Utc>) -> Option<Zone> {
    let half = |h: i32| Zone::Offset { east_s: h * 3600 + 1800 };
    Some(match word {
        "z" | "ut" | "utc" | "gmt" | "wet" => Zone::hours(0),
        "cst" if is_chinese(home, now) => Zone::hours(8),
        "cst" | "mdt" => Zone::hours(-6),
        "hkt" | "sgt" | "myt" | "pht" | "awst" | "cct" => Zone::hours(8),
        "est" | "cdt" => Zone::hours(-5),
        "edt" | "ast" => Zone::hours(-4),
        "adt" => Zone::hours(-3),
        "mst" | "pdt" => Zone::hours(-7),
        "pst" | "akdt" => Zone::hours(-8),
        "akst" => Zone::hours(-9),
        "hst" => Zone::hours(-10),
        "et" => Zone::Place(America::New_York),
        "ct" => Zone::Place(America::Chicago),
        "mt" => Zone::Place(America::Denver),
        "pt" => Zone::Place(America::Los_Angeles),
        "bst" | "cet" | "met" | "west" => Zone::hours(1),
        "cest" | "mest" | "eet" | "sast" => Zone::hours(2),
        "eest" | "msk" | "eat" => Zone::hours(3),
        "gst" => Zone::hours(4),
        "pkt" => Zone::hours(5),
        "ist" => half(5),
        "ict" | "wib" => Zone::hours(7),
        "jst" | "kst" => Zone::hours(9),
        "acst" => half(9),
        "aest" => Zone::hours(10),
        "aedt" => Zone::hours(11),
        "nzst" => Zone::hours(12),
        "nzdt" => Zone::hours(13),
        _ => return None,
    })
}

/// Whether `home` keeps the time of China, Taiwan and Hong Kong, so that its `CST` is China Standard Time.
fn is_chinese(home: Tz, now: DateTime<Utc>) -> bool {
    let offset = |tz: Tz| now.with_timezone(&tz).naive_local();
    offset(home) == offset(Asia::Shanghai)
}

/// Whether `12/10` is the tenth of December there rather than the twelfth of October.
pub(super) fn month_first(home: Tz) -> bool {
    let name = home.name();
    !(name.starts_with("Europe/") || name.starts_with("Australia/") || name.starts_with("Africa/") || name == "GB")
}
