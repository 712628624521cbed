//! One rule per way of writing a day.

use chrono::{DateTime, Days, Duration, Months, NaiveDate, NaiveTime, TimeZone, Utc};

use super::{
    Frame, Mode,
    civil::{Zone, day, day_in_past, instant, month_first},
    clock::{After, time_after, time_at, weekday, zone_at, zone_before},
    tokens::Token,
};

/// Dates before 1990 as seconds since 1970 are taken for other numbers.
const STAMP_MIN_S: i64 = 631_152_000;
const STAMP_MAX_S: i64 = 4_102_444_800;
/// The largest count in "N days ago"; more is a figure of speech.
const AGO_MAX: i64 = 1_000;
/// The first year of the Republic of China's calendar, less one.
const MINGUO: i64 = 1911;

/// A day as written, and what else the way of writing says.
struct Day {
    date: NaiveDate,
    /// Index after the day.
    next: usize,
    /// Whether the form is a date only together with a time, when it stands in prose.
    needs_time: bool,
    /// Whether the year was guessed.
    guessed: bool,
}

impl Day {
    const fn sure(date: NaiveDate, next: usize) -> Self {
        Self { date, next, needs_time: false, guessed: false }
    }
}

/// Seconds or milliseconds since 1970, or `20251209192000`, as the whole string.
pub(super) fn stamp(tokens: &[Token], frame: Frame) -> Option<DateTime<Utc>> {
    let (token, fraction) = tokens.split_first()?;
    let is_fraction = |rest: &[Token]| rest.len() == 2 && rest[0].punct() == Some('.') && rest[1].is_number();
    if !(fraction.is_empty() || is_fraction(fraction)) {
        return None;
    }
    if let Some(digits) = token.number(14..=14) {
        let of = |from: i64, count: i64| digits / from % count;
        let two = |from: i64| u32::try_from(of(from, 100)).ok();
        let time = NaiveTime::from_hms_opt(two(10_000)?, two(100)?, two(1)?)?;
        let date = day(of(10_000_000_000, 10_000), of(100_000_000, 100), of(1_000_000, 100))?;
        return instant(date.and_time(time), Zone::Place(frame.zone));
    }
    let seconds = token.number(9..=10).or_else(|| token.number(13..=13).map(|ms| ms / 1000))?;
    (STAMP_MIN_S..STAMP_MAX_S).contains(&seconds).then(|| Utc.timestamp_opt(seconds, 0).single())?
}

/// The instant that the date at token `i` names, and the index after it.
pub(super) fn date_at(tokens: &[Token], i: usize, frame: Frame) -> Option<(DateTime<Utc>, usize)> {
    if let Some(found) = ago(tokens, i, frame).or_else(|| asctime(tokens, i, frame)) {
        return Some(found);
    }
    let found = weekday(tokens, i)
        .map(|next| if tokens.get(next).and_then(Token::punct) == Some(',') { next + 1 } else { next })
        .and_then(|next| day_at(tokens, next, frame))
        .or_else(|| day_at(tokens, i, frame));
    let Some(day) = found else { return time_alone(tokens, i, frame) };
    // `2026-11-24 HKT 07:52`
    let zoned =
        zone_at(tokens, day.next, frame).filter(|(_, next)| matches!(time_after(tokens, *next), After::Time(..)));
    let (zone_between, day_end) = zoned.map_or((None, day.next), |(zone, next)| (Some(zone), next));
    let (time, next) = match time_after(tokens, day_end) {
        After::Time(time, next) => (Some(time), next),
        After::Nothing => (None, day.next),
        After::Impossible => return None,
    };
    if time.is_none() && day.needs_time && frame.mode == Mode::Within {
        return None;
    }
    let (zone, next) = match zone_at(tokens, next, frame).filter(|_| time.is_some()) {
        Some(found) => found,
        None => (zone_between.or_else(|| zone_before(tokens, i)).unwrap_or(Zone::Place(frame.zone)), next),
    };
    let local = match time {
        Some(time) => time.on(day.date)?,
        None => day.date.and_time(NaiveTime::MIN),
    };
    let at = instant(local, zone)?;
    if day.guessed && at > frame.now + Duration::days(1) {
        let year_before = local.checked_sub_months(Months::new(12))?;
        return Some((instant(year_before, zone)?, next));
    }
    Some((at, next))
}

fn day_at(tokens: &[Token], i: usize, frame: Frame) -> Option<Day> {
    numeric(tokens, i, frame)
        .or_else(|| han(tokens, i, frame))
        .or_else(|| english(tokens, i, frame))
        .or_else(|| named_day(tokens, i, frame))
}

fn num(tokens: &[Token], i: usize, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    tokens.get(i).and_then(|t| t.number(digits))
}

fn is_han(tokens: &[Token], i: usize, c: char) -> bool {
    tokens.get(i).and_then(Token::han_char) == Some(c)
}

/// `2025-12-9`, `2025/12/09`, `2025.12.09`, `20251209`, `11/23/2026`, `12-10`.
fn numeric(tokens: &[Token], i: usize, frame: Frame) -> Option<Day> {
    let first = tokens.get(i)?;
    if first.han {
        return None;
    }
    if let Some(v) = first.number(8..=8) {
        let timed = tokens.get(i + 1).and_then(Token::word) == Some("t");
        let date = day(v / 10_000, v / 100 % 100, v % 100).filter(|_| timed || frame.mode == Mode::Whole)?;
        return Some(Day::sure(date, i + 1));
    }
    let sep = tokens.get(i + 1)?.punct().filter(|c| matches!(c, '-' | '/' | '.'))?;
    let second = num(tokens, i + 2, 1..=2)?;
    let third = (tokens.get(i + 3).and_then(Token::punct) == Some(sep)).then(|| tokens.get(i + 4)).flatten();
    if let Some(year) = first.number(4..=4) {
        let date = day(year, second, third?.number(1..=2)?)?;
        return ends_alone(tokens, i + 5).then_some(Day::sure(date, i + 5));
    }
    let first = first.number(1..=2)?;
    let Some(third) = third.filter(|t| !t.spaced || sep != '.') else {
        // `1/4` may be a fraction, `01/04` hardly.
        let both = |n: usize| tokens[i].number(n..=n).is_some() && num(tokens, i + 2, n..=n).is_some();
        let split = (sep == '-' || (sep == '/' && both(2))) && ends_alone(tokens, i + 3);
        let date = split.then(|| day_in_past(first, second, frame.zone, frame.now))??;
        return Some(Day { date, next: i + 3, needs_time: true, guessed: true });
    };
    let year = third.number(4..=4)?;
    let months_first = if first > 12 { false } else { second > 12 || (sep != '.' && month_first(frame.zone)) };
    let (m, d) = if months_first { (first, second) } else { (second, first) };
    ends_alone(tokens, i + 5).then(|| day(year, m, d))?.map(|date| Day::sure(date, i + 5))
}

/// Whether the number before token `i` is not part of a longer one such as `2025-12-10-7788`; a time may be joined to it.
fn ends_alone(tokens: &[Token], i: usize) -> bool {
    let joined = tokens.get(i).is_some_and(|t| !t.spaced && matches!(t.punct(), Some('-' | '/' | '.')));
    let number = tokens.get(i + 1).is_some_and(|t| t.is_number() && !t.spaced);
    !(joined && number && tokens.get(i + 2).and_then(Token::punct) != Some(':'))
}

/// `2025年12月10日`, `12月10日`, `民國114年12月10日`.
fn han(tokens: &[Token], i: usize, frame: Frame) -> Option<Day> {
    let (mut at, mut base) = (i, 0);
    if is_han(tokens, i, '民') && is_han(tokens, i + 1, '国') {
        (at, base) = (i + 2, MINGUO);
    }
    let closes = |i: usize| if is_han(tokens, i, '日') || is_han(tokens, i, '号') { i + 1 } else { i };
    if base > 0 || is_han(tokens, at + 1, '年') {
        let year = num(tokens, at, if base > 0 { 1..=3 } else { 4..=4 })? + base;
        let sep = |i: usize| {
            tokens.get(i).is_some_and(|t| {
                matches!(t.han_char(), Some('年' | '月')) || matches!(t.punct(), Some('-' | '/' | '.'))
            })
        };
        let (m, d) = (num(tokens, at + 2, 1..=2)?, num(tokens, at + 4, 1..=2)?);
        let date = (sep(at + 1) && sep(at + 3)).then(|| day(year, m, d))??;
        return Some(Day::sure(date, closes(at + 5)));
    }
    if is_han(tokens, at + 1, '月') && closes(at + 3) > at + 3 {
        let date = day_in_past(num(tokens, at, 1..=2)?, num(tokens, at + 2, 1..=2)?, frame.zone, frame.now)?;
        return Some(Day { date, next: at + 4, needs_time: false, guessed: true });
    }
    None
}

fn month(tokens: &[Token], i: usize) -> Option<(i64, usize)> {
    let word = tokens.get(i)?.word()?;
    let n = super::MONTHS.iter().position(|m| {
        *m == word || (word.len() == 3 && m.starts_with(word)) || (word == "sept" && *m == "september")
    })?;
    let dot = tokens.get(i + 1).and_then(Token::punct) == Some('.');
    Some((i64::try_from(n).ok()? + 1, if dot { i + 2 } else { i + 1 }))
}

/// `9 December 2025`, `09-Dec-25`, `December 9th, 2025`, `2025 Dec 9`, `Dec 9`.
fn english(tokens: &[Token], i: usize, frame: Frame) -> Option<Day> {
    let point =
        |i: usize| if tokens.get(i).is_some_and(|t| matches!(t.punct(), Some('-' | ',' | '/'))) { i + 1 } else { i };
    let ordinal = |i: usize| {
        let suffix = tokens.get(i).filter(|t| !t.spaced).and_then(Token::word);
        if matches!(suffix, Some("st" | "nd" | "rd" | "th")) { i + 1 } else { i }
    };
    let of = |i: usize| if tokens.get(i).and_then(Token::word) == Some("of") { i + 1 } else { i };
    let year_at = |i: usize| {
        // A number that a colon follows is an hour.
        let hour = tokens.get(i + 1).and_then(Token::punct) == Some(':');
        let short = num(tokens, i, 2..=2).filter(|_| !hour).map(|y| if y < 70 { 2000 + y } else { 1900 + y });
        num(tokens, i, 4..=4).or(short)
    };
    if let Some((m, next)) = month(tokens, i) {
        let d = num(tokens, point(next), 1..=2)?;
        let next = ordinal(point(next) + 1);
        if let Some(y) = num(tokens, point(next), 4..=4) {
            return day(y, m, d).map(|date| Day::sure(date, point(next) + 1));
        }
        let date = day_in_past(m, d, frame.zone, frame.now)?;
        return Some(Day { date, next, needs_time: true, guessed: true });
    }
    if let Some(y) = num(tokens, i, 4..=4) {
        let (m, next) = month(tokens, point(i + 1))?;
        return day(y, m, num(tokens, point(next), 1..=2)?).map(|date| Day::sure(date, point(next) + 1));
    }
    let d = num(tokens, i, 1..=2)?;
    // `20 十一月 2026`, as systems write whose months are translated and whose order is not.
    if let (Some(m), true, Some(y)) =
        (num(tokens, i + 1, 1..=2), is_han(tokens, i + 2, '月'), num(tokens, i + 3, 4..=4))
    {
        return day(y, m, d).map(|date| Day::sure(date, i + 4));
    }
    let (m, next) = month(tokens, of(point(ordinal(i + 1))))?;
    if let Some(y) = year_at(point(next)) {
        return day(y, m, d).map(|date| Day::sure(date, point(next) + 1));
    }
    let date = day_in_past(m, d, frame.zone, frame.now)?;
    Some(Day { date, next, needs_time: true, guessed: true })
}

/// `今天`, `昨日`, `前天`, `today`, `yesterday`.
fn named_day(tokens: &[Token], i: usize, frame: Frame) -> Option<Day> {
    let today = frame.now.with_timezone(&frame.zone).date_naive();
    let token = tokens.get(i)?;
    let (back, next) = match (token.word(), token.han_char()) {
        (Some("today"), _) => (0, i + 1),
        (Some("yesterday"), _) => (1, i + 1),
        (_, Some('大')) if is_han(tokens, i + 1, '前') && is_han(tokens, i + 2, '天') => (3, i + 3),
        (_, Some(c)) if is_han(tokens, i + 1, '天') || is_han(tokens, i + 1, '日') => {
            (["今", "昨", "前"].iter().position(|w| w.starts_with(c))?, i + 2)
        }
        _ => return None,
    };
    let date = today.checked_sub_days(Days::new(u64::try_from(back).ok()?))?;
    Some(Day { date, next, needs_time: true, guessed: false })
}

/// `3小时前`, `半小时前`, `刚刚`, `3 days ago`, `an hour ago`.
fn ago(tokens: &[Token], i: usize, frame: Frame) -> Option<(DateTime<Utc>, usize)> {
    let token = tokens.get(i)?;
    let prose = frame.mode == Mode::Within;
    match (token.word(), token.han_char()) {
        (Some("just"), _) if tokens.get(i + 1).and_then(Token::word) == Some("now") => return Some((frame.now, i + 2)),
        (_, Some('刚')) if !prose && (is_han(tokens, i + 1, '刚') || is_han(tokens, i + 1, '才')) => {
            return Some((frame.now, i + 2));
        }
        (_, Some('半')) => {
            let (unit, next) = han_unit(tokens, i + 1)?;
            return (unit == Unit::Seconds(3600)).then(|| back(frame, 1, Unit::Seconds(1800)))?.map(|at| (at, next));
        }
        _ => {}
    }
    let (count, next) = match token.word() {
        Some("a" | "an") => (1, i + 1),
        _ => (token.number(1..=4)?, i + 1),
    };
    let (unit, next) = if token.word().is_some() {
        english_unit(tokens, next)?
    } else {
        // In prose `十年前` speaks of the past, and does not date the page.
        han_unit(tokens, next)
            .filter(|(unit, _)| !prose || (!token.han && matches!(unit, Unit::Seconds(s) if *s <= 86_400)))
            .or_else(|| english_unit(tokens, next))?
    };
    (count <= AGO_MAX).then(|| back(frame, count, unit))?.map(|at| (at, next))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds(i64),
    Months(u32),
}

fn back(frame: Frame, count: i64, unit: Unit) -> Option<DateTime<Utc>> {
    match unit {
        Unit::Seconds(s) => frame.now.checked_sub_signed(Duration::seconds(count * s)),
        Unit::Months(m) => frame.now.checked_sub_months(Months::new(m * u32::try_from(count).ok()?)),
    }
}

/// The unit at token `i` with the `前` after it.
fn han_unit(tokens: &[Token], i: usize) -> Option<(Unit, usize)> {
    const UNITS: &[(&str, Unit)] = &[
        ("秒钟", Unit::Seconds(1)),
        ("秒", Unit::Seconds(1)),
        ("分钟", Unit::Seconds(60)),
        ("分", Unit::Seconds(60)),
        ("个小时", Unit::Seconds(3600)),
        ("小时", Unit::Seconds(3600)),
        ("个钟头", Unit::Seconds(3600)),
        ("天", Unit::Seconds(86_400)),
        ("日", Unit::Seconds(86_400)),
        ("个星期", Unit::Seconds(604_800)),
        ("星期", Unit::Seconds(604_800)),
        ("周", Unit::Seconds(604_800)),
        ("个月", Unit::Months(1)),
        ("年", Unit::Months(12)),
    ];
    UNITS.iter().find_map(|(name, unit)| {
        let same = name.chars().enumerate().all(|(n, c)| is_han(tokens, i + n, c));
        let mut next = i + name.chars().count();
        if is_han(tokens, next, '之') || is_han(tokens, next, '以') {
            next += 1;
        }
        (same && is_han(tokens, next, '前')).then_some((*unit, next + 1))
    })
}

/// The unit at token `i` with the `ago` after it.
fn english_unit(tokens: &[Token], i: usize) -> Option<(Unit, usize)> {
    let unit = match tokens.get(i)?.word()?.trim_end_matches('s') {
        "sec" | "second" => Unit::Seconds(1),
        "min" | "minute" | "m" => Unit::Seconds(60),
        "hour" | "hr" | "h" => Unit::Seconds(3600),
        "day" | "d" => Unit::Seconds(86_400),
        "week" | "wk" => Unit::Seconds(604_800),
        "month" => Unit::Months(1),
        "year" | "yr" => Unit::Months(12),
        _ => return None,
    };
    (tokens.get(i + 1)?.word()? == "ago").then_some((unit, i + 2))
}

/// `Tue Dec  9 19:20:00 CST 2025`.
fn asctime(tokens: &[Token], i: usize, frame: Frame) -> Option<(DateTime<Utc>, usize)> {
    let (m, next) = month(tokens, weekday(tokens, i).unwrap_or(i))?;
    let d = num(tokens, next, 1..=2)?;
    let After::Time(time, next) = time_at(tokens, next + 1) else { return None };
    let (zone, next) = zone_at(tokens, next, frame).unwrap_or((Zone::Place(frame.zone), next));
    let date = day(num(tokens, next, 4..=4)?, m, d)?;
    Some((instant(time.on(date)?, zone)?, next + 1))
}

/// `22:42` as the whole string: the latest time that clocks showed it.
fn time_alone(tokens: &[Token], i: usize, frame: Frame) -> Option<(DateTime<Utc>, usize)> {
    if frame.mode == Mode::Within {
        return None;
    }
    let After::Time(time, next) = time_at(tokens, i) else { return None };
    let today = frame.now.with_timezone(&frame.zone).date_naive();
    let at = instant(time.on(today)?, Zone::Place(frame.zone))?;
    if at <= frame.now + Duration::minutes(10) {
        return Some((at, next));
    }
    Some((instant(time.on(today.pred_opt()?)?, Zone::Place(frame.zone))?, next))
}
