//! Dates as news sites write them: feeds' RFC 2822 and RFC 3339 with their oddities, Chinese, English and relative forms.
//!
//! In: a string, the zone of dates that name none, and `now`. Out: an instant, or `None` when the string names none or an
//! impossible one. `tokens` cuts the string, `rules` holds one rule per way of writing a day, `clock` reads what follows a
//! day, `civil` turns a local time into an instant. Deliberately absent: languages other than Chinese and English, a clock.

mod civil;
mod clock;
mod rules;
mod tokens;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use tokens::{Token, tokens};

/// The months in English, in lower case.
pub const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A string longer than this many characters is no date.
const DATE_CHARS_MAX: usize = 120;
/// A date is looked for in the first this many characters of a text.
const TEXT_CHARS_MAX: usize = 20_000;

/// Whether a string is a date or only has one somewhere: what may be a date depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// The string was given as a date, so that `12-10` is one.
    Whole,
    /// The string is prose, in which `12-10` may be a score.
    Within,
}

/// What rules need to know besides the text.
#[derive(Clone, Copy, Debug)]
struct Frame {
    zone: Tz,
    now: DateTime<Utc>,
    mode: Mode,
}

/// The instant that `s` names; dates without a zone are in `zone`, relative ones count from `now`.
///
/// All of `s` must be the date, but for punctuation, a day of the week and the name of the zone around it.
#[must_use]
pub fn parse(s: &str, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let tokens = tokens(s, DATE_CHARS_MAX + 1);
    if tokens.is_empty() || s.chars().nth(DATE_CHARS_MAX).is_some() {
        return None;
    }
    let frame = Frame { zone, now, mode: Mode::Whole };
    if let Some(at) = rules::stamp(&tokens, frame) {
        return Some(at);
    }
    let start = clock::preamble(&tokens);
    let (at, end) = rules::date_at(&tokens, start, frame)?;
    clock::only_trimmings(&tokens[end..]).then_some(at)
}

/// The first date inside a longer text.
///
/// Stricter than [`parse`]: what could as well be a score, a telephone number or a figure of speech is no date here.
#[must_use]
pub fn find(s: &str, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let tokens = tokens(s, TEXT_CHARS_MAX);
    let frame = Frame { zone, now, mode: Mode::Within };
    (0..tokens.len()).filter(|i| starts_alone(&tokens, *i)).find_map(|i| rules::date_at(&tokens, i, frame)).map(|d| d.0)
}

/// Whether a date may begin at token `i`: not in the middle of a number such as `0800-12-10`, nor inside a word.
fn starts_alone(tokens: &[Token], i: usize) -> bool {
    let here = &tokens[i];
    if i == 0 || here.spaced {
        return true;
    }
    let joined = |t: &Token| t.is_number() || matches!(t.punct(), Some('-' | '/' | '.' | '+' | ','));
    let before = &tokens[i - 1];
    if here.is_number() && before.punct().is_some() && joined(before) {
        // `(-12-10` may begin a date, `5-12-10` may not.
        return i.checked_sub(2).is_none_or(|two| before.spaced || !tokens[two].is_number());
    }
    !(here.is_number() && (before.is_number() || before.word().is_some()))
}

#[cfg(test)]
mod tests;
