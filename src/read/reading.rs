//! What every reader shares: where the document is from, what was wrong with it, which links and dates are taken.

use std::collections::HashMap;

use chrono::{DateTime, Duration, TimeZone, Utc};
use url::Url;

use crate::model::address::{self, canonical};
use crate::model::{Entry, Listing, ListingKind, Problem, Source};
use crate::text::date;

use super::Page;

/// Entries of one listing after this many are left out: a news sitemap has at most 1,000.
pub(super) const ENTRIES_MAX: usize = 5_000;
/// Problems of one listing after this many are only counted.
const PROBLEMS_MAX: usize = 50;
/// A longer address is no address.
const LINK_BYTES_MAX: usize = 4_096;
/// The first year of the web: what is dated before is misdated.
const YEAR_MIN: i32 = 1990;
/// How far ahead of us a publisher's clock may be.
const AHEAD_MAX: Duration = Duration::hours(24);

/// One reading of one document.
pub(super) struct Reading<'a> {
    pub(super) page: Page<'a>,
    pub(super) source: &'a Source,
    pub(super) now: DateTime<Utc>,
    problems: Vec<Problem>,
    problems_unsaid: usize,
}

impl<'a> Reading<'a> {
    pub(super) const fn new(page: Page<'a>, source: &'a Source, now: DateTime<Utc>) -> Self {
        Self { page, source, now, problems: vec![], problems_unsaid: 0 }
    }

    pub(super) fn problem(&mut self, stage: &str, message: impl Into<String>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem::new(stage, message));
        } else {
            self.problems_unsaid += 1;
        }
    }

    /// The listing that this reading comes to.
    pub(super) fn listing(mut self, kind: ListingKind, mut entries: Vec<Entry>) -> Listing {
        if entries.len() > ENTRIES_MAX {
            self.problem("list", format!("only the first {ENTRIES_MAX} of {} entries are taken", entries.len()));
            entries.truncate(ENTRIES_MAX);
        }
        if self.problems_unsaid > 0 {
            self.problems.push(Problem::new("list", format!("and {} more problems", self.problems_unsaid)));
        }
        Listing { problems: self.problems, ..Listing::of(kind, entries) }
    }

    /// The instant that `raw` names, if it can be one at which something was published.
    pub(super) fn date(&mut self, raw: &str) -> Option<DateTime<Utc>> {
        let raw = raw.trim();
        if raw.is_empty() {
            return None;
        }
        let zone = self.source.time_zone;
        let Some(at) = date::parse(raw, zone, self.now).or_else(|| date::find(raw, zone, self.now)) else {
            self.problem("date", format!("`{}` is no date", short(raw)));
            return None;
        };
        if at > self.now + AHEAD_MAX {
            self.problem("date", format!("`{}` lies in the future", short(raw)));
            return None;
        }
        if !is_of_the_web(at) {
            self.problem("date", format!("`{}` lies before {YEAR_MIN}", short(raw)));
            return None;
        }
        Some(at)
    }

    /// [`Self::date`] for a library that takes a function: silent, since the tree beside it says what is wrong.
    pub(super) fn dates(&self) -> impl Fn(&str) -> Option<DateTime<Utc>> + Send + Sync + 'static {
        let (zone, now) = (self.source.time_zone, self.now);
        move |raw| {
            date::parse(raw, zone, now)
                .or_else(|| date::find(raw, zone, now))
                .filter(|at| *at <= now + AHEAD_MAX && is_of_the_web(*at))
        }
    }

    /// [`Self::date`] for text that need not hold a date: silent when it does not.
    pub(super) fn date_if_any(&self, text: &str) -> Option<DateTime<Utc>> {
        self.dates()(text)
    }
}

fn is_of_the_web(at: DateTime<Utc>) -> bool {
    Utc.with_ymd_and_hms(YEAR_MIN, 1, 1, 0, 0, 0).earliest().is_none_or(|first| at >= first)
}

/// The beginning of `s`, for messages.
pub(super) fn short(s: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 60;
    let mut out: String = s.chars().take(SHOWN_CHARS_MAX).collect();
    if out.len() < s.len() {
        out.push('…');
    }
    out
}

fn is_absolute(href: &str) -> bool {
    href.starts_with("http://") || href.starts_with("https://")
}

/// The address that `href` names, seen from `base`, if it leads to another document by HTTP.
pub(super) fn link(base: &Url, href: &str) -> Option<Url> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') || href.len() > LINK_BYTES_MAX {
        return None;
    }
    // Publishers forget the scheme, write it twice or without a slash, and escape twice.
    let whole = match href.split_once(":/") {
        _ if href.starts_with("www.") => format!("http://{href}"),
        Some(("http" | "https", rest)) if is_absolute(rest.trim_start_matches('/')) => {
            rest.trim_start_matches('/').to_owned()
        }
        Some((scheme @ ("http" | "https"), rest)) if !rest.starts_with('/') => format!("{scheme}://{rest}"),
        _ => href.to_owned(),
    };
    let url = base.join(&whole.replace("&amp;", "&")).ok()?;
    // A user and password in it would have us log in wherever a page says.
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| address::without_userinfo(&url))
}

/// Entries by what they point to: the first of several wins, later ones fill in what it lacks.
#[derive(Default)]
pub(super) struct Collected {
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
}

impl Collected {
    pub(super) fn push(&mut self, entry: Entry) {
        let place = *self.places.entry(canonical(&entry.link)).or_insert(self.entries.len());
        let Some(first) = self.entries.get_mut(place) else {
            self.entries.push(entry);
            return;
        };
        first.fill(entry);
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }
}
