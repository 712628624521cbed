//! What stands around a day: the time, the zone, the day of the week, and labels such as `京港台:`.

use chrono::{Duration, NaiveDateTime, NaiveTime};
use chrono_tz::America;

use super::{
    Frame,
    civil::{Zone, named},
    tokens::Token,
};

/// A time of day, as hours that may reach 24, and where the reading went on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Time {
    hour: u32,
    minute: u32,
    second: u32,
}

impl Time {
    pub(super) fn on(self, day: chrono::NaiveDate) -> Option<NaiveDateTime> {
        if self.hour == 24 {
            return day.and_time(NaiveTime::MIN).checked_add_signed(Duration::days(1));
        }
        day.and_hms_opt(self.hour, self.minute, self.second)
    }

    fn checked(hour: i64, minute: i64, second: i64) -> Option<Self> {
        let whole = hour == 24 && minute == 0 && second == 0;
        // A leap second is the last second there is a name for.
        let second = if second == 60 { 59 } else { second };
        if !(whole || ((0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second))) {
            return None;
        }
        let small = |v: i64| u32::try_from(v).ok();
        Some(Self { hour: small(hour)?, minute: small(minute)?, second: small(second)? })
    }
}

/// What may follow a day.
pub(super) enum After {
    /// No time.
    Nothing,
    /// A time, and the index after it.
    Time(Time, usize),
    /// Something that has the shape of a time but cannot be one.
    Impossible,
}

/// The time at or shortly after token `i`.
pub(super) fn time_after(tokens: &[Token], i: usize) -> After {
    let i = skip_between(tokens, i);
    time_at(tokens, i)
}

/// The time at token `i` exactly.
pub(super) fn time_at(tokens: &[Token], mut i: usize) -> After {
    let part = han_part(tokens, i);
    if let Some((_, next)) = part {
        i = next;
    }
    let at = |i: usize| tokens.get(i);
    let Some(hour_token) = at(i) else { return After::Nothing };
    if let Some(v) = hour_token.number(6..=6).or_else(|| hour_token.number(4..=4).map(|v| v * 100)) {
        // `T192000` and `T1920` of ISO 8601's basic form.
        let basic = i > 0 && at(i - 1).and_then(Token::word) == Some("t");
        return if basic { done(v / 10_000, v / 100 % 100, v % 100, i + 1) } else { After::Nothing };
    }
    let Some(mut hour) = hour_token.number(1..=2) else { return After::Nothing };
    let mut next;
    let (mut minute, mut second) = (0, 0);
    let colon = |i: usize| at(i).is_some_and(|t| matches!(t.punct(), Some(':' | '∶')));
    if colon(i + 1) {
        let Some(m) = at(i + 2).and_then(|t| t.number(1..=2)) else { return After::Nothing };
        (minute, next) = (m, i + 3);
        if let Some(s) = at(next + 1).filter(|_| colon(next)).and_then(|t| t.number(1..=2)) {
            (second, next) = (s, next + 2);
            let fraction =
                at(next).is_some_and(|t| matches!(t.punct(), Some('.' | ','))) && !at(next).is_some_and(|t| t.spaced);
            if fraction && at(next + 1).is_some_and(|t| t.is_number() && !t.spaced) {
                next += 2;
            }
        }
    } else if at(i + 1).is_some_and(|t| matches!(t.han_char(), Some('时' | '点'))) {
        next = i + 2;
        let unit = |i: usize, c: char| at(i).and_then(Token::han_char) == Some(c);
        if unit(next, '半') {
            (minute, next) = (30, next + 1);
        } else if let Some(m) = at(next).and_then(|t| t.number(1..=2)).filter(|_| unit(next + 1, '分')) {
            (minute, next) = (m, next + 2);
            if let Some(s) = at(next).and_then(|t| t.number(1..=2)).filter(|_| unit(next + 1, '秒')) {
                (second, next) = (s, next + 2);
            }
        }
    } else if part.is_none() && meridiem(tokens, i + 1).is_some() {
        next = i + 1;
    } else {
        return After::Nothing;
    }
    let mut half = part.map(|(half, _)| half);
    if let Some((afternoon, after)) = meridiem(tokens, next) {
        half = Some(if afternoon { Half::Second } else { Half::First });
        next = after;
    }
    match half {
        Some(Half::Second) if hour < 12 => hour += 12,
        Some(Half::First) if hour == 12 => hour = 0,
        Some(Half::Noon) if hour < 6 => hour += 12,
        _ => {}
    }
    done(hour, minute, second, next)
}

fn done(hour: i64, minute: i64, second: i64, next: usize) -> After {
    Time::checked(hour, minute, second).map_or(After::Impossible, |t| After::Time(t, next))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Half {
    First,
    Second,
    Noon,
}

/// The Han word for a part of the day at token `i`, and the index after it.
fn han_part(tokens: &[Token], i: usize) -> Option<(Half, usize)> {
    let han = |i: usize| tokens.get(i).and_then(Token::han_char);
    Some(match (han(i)?, han(i + 1)?) {
        ('上', '午') | ('凌', '晨') | ('早', '上') | ('清', '晨') | ('早', '晨') => (Half::First, i + 2),
        ('下', '午') | ('晚', '上') | ('晚', '间') | ('傍', '晚') => (Half::Second, i + 2),
        ('中', '午') => (Half::Noon, i + 2),
        _ => return None,
    })
}

/// Whether `AM`, `p.m.` or a Han word stands at token `i`; (afternoon, index after it).
fn meridiem(tokens: &[Token], i: usize) -> Option<(bool, usize)> {
    if let Some((half, next)) = han_part(tokens, i) {
        return Some((half != Half::First, next));
    }
    let word = tokens.get(i)?.word()?;
    let dot = |i: usize| tokens.get(i).and_then(Token::punct) == Some('.');
    match word {
        "am" | "pm" => Some((word == "pm", i + 1)),
        "a" | "p" if dot(i + 1) && tokens.get(i + 2).and_then(Token::word) == Some("m") => {
            Some((word == "p", if dot(i + 3) { i + 4 } else { i + 3 }))
        }
        _ => None,
    }
}

/// The index after what may stand between a day and its time: `T`, `at`, punctuation, the day of the week.
fn skip_between(tokens: &[Token], mut i: usize) -> usize {
    let mut points = 0;
    while let Some(token) = tokens.get(i) {
        let next = match (token.word(), token.punct()) {
            (Some("t" | "at" | "on"), _) => i + 1,
            (_, Some(',' | '-' | '|' | '·' | '(' | ')' | '[' | ']' | '【' | '】' | '/' | ';' | '、' | '.'))
                if points < 3 =>
            {
                points += 1;
                i + 1
            }
            _ => match weekday(tokens, i) {
                Some(next) => next,
                None => return i,
            },
        };
        i = next;
    }
    i
}

/// The index after the day of the week at token `i`.
pub(super) fn weekday(tokens: &[Token], i: usize) -> Option<usize> {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let token = tokens.get(i)?;
    if let Some(word) = token.word() {
        let known = word.len() >= 3 && (DAYS.iter().any(|d| d.starts_with(word)) || matches!(word, "tues" | "thurs"));
        let dot = tokens.get(i + 1).and_then(Token::punct) == Some('.');
        return known.then_some(if dot { i + 2 } else { i + 1 });
    }
    let han = |i: usize| tokens.get(i).and_then(Token::han_char);
    let is_day = |c: Option<char>| c.is_some_and(|c| "一二三四五六日天".contains(c));
    match (han(i)?, han(i + 1)) {
        ('星', Some('期')) if is_day(han(i + 2)) => Some(i + 3),
        ('周', c) if is_day(c) => Some(i + 2),
        (c, _) if is_day(Some(c)) && i > 0 && tokens[i - 1].punct() == Some('(') => Some(i + 1),
        _ => None,
    }
}

/// The zone at token `i`, and the index after it.
pub(super) fn zone_at(tokens: &[Token], i: usize, frame: Frame) -> Option<(Zone, usize)> {
    let token = tokens.get(i)?;
    if token.punct() == Some('(') {
        let (zone, next) = zone_at(tokens, i + 1, frame)?;
        return (tokens.get(next)?.punct() == Some(')')).then_some((zone, next + 1));
    }
    if let Some(c @ ('+' | '-')) = token.punct() {
        return offset(tokens, i, c == '-');
    }
    if let Some((zone, next)) = place(tokens, i) {
        return Some((zone, next));
    }
    let zone = named(token.word()?, frame.zone, frame.now)?;
    let sign = tokens.get(i + 1).and_then(Token::punct).filter(|c| matches!(c, '+' | '-'));
    match sign.filter(|_| matches!(token.word(), Some("gmt" | "utc" | "ut"))) {
        Some(c) => offset(tokens, i + 1, c == '-').or(Some((zone, i + 1))),
        None => Some((zone, i + 1)),
    }
}

/// `+08:00`, `+0800`, `+8`: the sign stands at token `i`.
fn offset(tokens: &[Token], i: usize, west: bool) -> Option<(Zone, usize)> {
    let digits = tokens.get(i + 1).filter(|t| !t.spaced)?;
    let (hours, minutes, next) = if let Some(v) = digits.number(3..=4) {
        (v / 100, v % 100, i + 2)
    } else {
        let hours = digits.number(1..=2)?;
        let colon = tokens.get(i + 2).and_then(Token::punct) == Some(':');
        match tokens.get(i + 3).filter(|_| colon).and_then(|t| t.number(2..=2)) {
            Some(minutes) => (hours, minutes, i + 4),
            None => (hours, 0, i + 2),
        }
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    let east_s = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Some((Zone::Offset { east_s: if west { -east_s } else { east_s } }, next))
}

/// A place whose time is named in Chinese, such as `北京时间`.
fn place(tokens: &[Token], i: usize) -> Option<(Zone, usize)> {
    const PLACES: &[(&str, Zone)] = &[
        ("京港台时间", Zone::hours(8)),
        ("京港台", Zone::hours(8)),
        ("北京时间", Zone::hours(8)),
        ("台北时间", Zone::hours(8)),
        ("香港时间", Zone::hours(8)),
        ("美东时间", Zone::Place(America::New_York)),
        ("美西时间", Zone::Place(America::Los_Angeles)),
        ("格林尼治时间", Zone::hours(0)),
    ];
    PLACES.iter().find_map(|(name, zone)| {
        let len = name.chars().count();
        let same = name.chars().enumerate().all(|(n, c)| tokens.get(i + n).and_then(Token::han_char) == Some(c));
        same.then_some((*zone, i + len))
    })
}

/// The zone that a label straight before token `i` names: `京港台:2025-12-10`.
pub(super) fn zone_before(tokens: &[Token], i: usize) -> Option<Zone> {
    let label = if tokens.get(i.checked_sub(1)?)?.punct() == Some(':') { i - 1 } else { i };
    (2..=6)
        .filter_map(|back| label.checked_sub(back))
        .find_map(|from| place(tokens, from).filter(|(_, next)| *next == label))
        .map(|(z, _)| z)
}

/// The index after what may stand before a date that is the whole string: brackets, a label that names a zone.
pub(super) fn preamble(tokens: &[Token]) -> usize {
    let mut i = 0;
    while let Some(token) = tokens.get(i) {
        i = match place(tokens, i) {
            Some((_, next)) => next,
            None if token.punct().is_some_and(|c| c != '+') => i + 1,
            None => return i,
        };
    }
    i
}

/// Whether only punctuation, a day of the week and the name of a zone follow.
pub(super) fn only_trimmings(tokens: &[Token]) -> bool {
    let mut i = 0;
    while let Some(token) = tokens.get(i) {
        i = match (weekday(tokens, i), place(tokens, i), token.word()) {
            (Some(next), _, _) | (None, Some((_, next)), _) => next,
            // A zone that nobody knows is no reason to lose the date.
            (None, None, Some(w)) if (1..=5).contains(&w.len()) => i + 1,
            _ if token.punct().is_some() => i + 1,
            _ => return false,
        };
    }
    true
}
