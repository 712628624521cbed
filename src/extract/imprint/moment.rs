//! Dates and times in a line.

use super::Line;
use super::words::{AGES, MOMENTS, MONTHS_CUT};
use crate::text::date::MONTHS;

/// Where the dates and times that may begin at `at` end, and whether they tell when.
pub(super) fn at(line: &Line, at: usize) -> Vec<(usize, bool)> {
    let mut ends = Vec::new();
    if let Some(end) = line.any(at, MOMENTS).or_else(|| named(line, at)) {
        ends.push((end, true));
    }
    let before = at.checked_sub(1).and_then(|b| line.char(b));
    if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return ends;
    }
    let Some((end, len)) = digits(line, at) else { return ends };
    ends.extend(calendar(line, end, len).map(|end| (end, true)));
    ends.extend(clock(line, end, len).map(|end| (end, true)));
    ends.extend(line.any(line.blank(end), AGES).map(|end| (end, true)));
    ends.extend(day_first(line, end, len).map(|end| (end, true)));
    // The number of `5 min read`.
    if len <= 2 && line.any(line.blank(end), &["min read", "mins read", "minute read", "minutes read"]).is_some() {
        ends.push((end, false));
    }
    ends
}

/// Where the digits at `at` end, and how many they are.
fn digits(line: &Line, at: usize) -> Option<(usize, usize)> {
    let len = line.folded.get(at..)?.iter().take_while(|c| c.is_ascii_digit()).count();
    (len > 0).then_some((at + len, len))
}

/// Digits behind one of `signs` and white space, at most `most`.
fn behind(line: &Line, at: usize, signs: &str, most: usize) -> Option<usize> {
    let sign = line.blank(at);
    if !signs.contains(line.char(sign)?) {
        return None;
    }
    digits(line, line.blank(sign + 1)).filter(|(_, len)| *len <= most).map(|(end, _)| end)
}

/// `2026-11-24`, `2026年11月24日`, `11月24日`, `11-24`, `24/11/2026`, with the time of day behind a `T`.
fn calendar(line: &Line, end: usize, len: usize) -> Option<usize> {
    let year = len == 4;
    if !year && len > 2 {
        return None;
    }
    let second = behind(line, end, if year { "-/.年" } else { "-/.月" }, 2)?;
    let third = behind(line, second, if year { "-/.月" } else { "-/." }, if year { 2 } else { 4 });
    let sign = |at: usize| line.char(at);
    let mut last = match third {
        Some(third) => third,
        // `3.5` is no date.
        None if sign(end) == Some('.') => return None,
        None => second,
    };
    last += usize::from(matches!(sign(last), Some('日' | '月' | '号')));
    if sign(last) == Some('t')
        && let Some((end, len)) = digits(line, last + 1)
    {
        return clock(line, end, len);
    }
    Some(last)
}

/// `10:00`, `10:00:30`, `10:00pm`, `10时30分`.
fn clock(line: &Line, end: usize, len: usize) -> Option<usize> {
    if len > 2 {
        return None;
    }
    let minutes = behind(line, end, ":时点", 2)?;
    let mut last = behind(line, minutes, ":分", 2).unwrap_or(minutes);
    last += usize::from(matches!(line.char(last), Some('分' | '秒' | 'z')));
    Some(["am", "pm"].iter().find_map(|half| spelt(line, last, half)).unwrap_or(last))
}

/// Where `word` at `at` ends, whatever comes before it.
fn spelt(line: &Line, at: usize, word: &str) -> Option<usize> {
    word.chars().enumerate().all(|(n, c)| line.char(at + n) == Some(c)).then(|| at + word.len())
}

/// `Nov. 24, 2026`.
fn named(line: &Line, at: usize) -> Option<usize> {
    let month = month(line, at)?;
    let month = month + usize::from(line.char(month) == Some('.'));
    let (day, _) = digits(line, line.blank(month)).filter(|(_, len)| *len <= 2)?;
    Some(year(line, ordinal(line, day)))
}

/// `24 November 2026`.
fn day_first(line: &Line, end: usize, len: usize) -> Option<usize> {
    if len > 2 {
        return None;
    }
    let month = month(line, line.blank(ordinal(line, end)))?;
    Some(year(line, month + usize::from(line.char(month) == Some('.'))))
}

/// Where the name of a month that stands at `at` ends, whole or cut short.
fn month(line: &Line, at: usize) -> Option<usize> {
    line.any(at, &MONTHS).max(line.any(at, MONTHS_CUT))
}

fn ordinal(line: &Line, end: usize) -> usize {
    ["st", "nd", "rd", "th"].iter().find_map(|o| spelt(line, end, o)).unwrap_or(end)
}

/// Where the year behind `end` ends, or `end`.
fn year(line: &Line, end: usize) -> usize {
    let comma = end + usize::from(line.char(end) == Some(','));
    digits(line, line.blank(comma)).filter(|(_, len)| *len == 4).map_or(end, |(end, _)| end)
}
