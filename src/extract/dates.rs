//! When an article was published and last changed.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use scraper::{ElementRef, Html};

use crate::model::{Entry, Source};
use crate::text::date;

use super::dom::{attr, select, text_of, text_within};
use super::index::{DATE, Index};
use super::meta::Meta;

/// How far in the future a date may lie: clocks and zones are wrong by less.
const AHEAD_MAX: TimeDelta = TimeDelta::hours(24);
/// The first year of news on the web.
const YEAR_MIN: i32 = 1990;
/// Longest text beside a headline that is searched for a date, in characters.
const BYLINE_CHARS_MAX: usize = 240;
/// Elements beside a headline that are searched.
const BYLINES_MAX: usize = 40;

/// What dates are read against.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    /// The source, for its zone and its recipe.
    pub(super) source: &'a Source,
    /// Now.
    pub(super) now: DateTime<Utc>,
}

impl Reader<'_> {
    /// `at`, when news can be from then.
    fn plausible(self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let earliest = Utc.with_ymd_and_hms(YEAR_MIN, 1, 1, 0, 0, 0).single()?;
        (at >= earliest && at <= self.now + AHEAD_MAX).then_some(at)
    }

    /// The date that the declared value `s` is.
    fn declared(self, s: &str) -> Option<DateTime<Utc>> {
        let exact = DateTime::parse_from_rfc3339(s.trim()).ok().map(|d| d.to_utc());
        exact.or_else(|| date::parse(s, self.source.time_zone, self.now)).and_then(|d| self.plausible(d))
    }

    /// The date in a text.
    fn found(self, s: &str) -> Option<DateTime<Utc>> {
        date::find(s, self.source.time_zone, self.now).and_then(|d| self.plausible(d))
    }

    /// The date that `e` shows, or keeps in an attribute because it shows `5 minutes ago`.
    fn shown(self, e: ElementRef<'_>, text: &str) -> Option<DateTime<Utc>> {
        let kept = |e: ElementRef<'_>| {
            ["datetime", "content", "title"].iter().filter_map(|a| attr(e, a)).find_map(|v| self.declared(v))
        };
        kept(e).or_else(|| e.descendent_elements().find_map(kept)).or_else(|| self.found(text))
    }

    /// When the article of `doc` was published: the recipe's date, then a declared time, the entry's, a declared day,
    /// and what stands beside the headline.
    pub(super) fn published(
        self,
        doc: &Html,
        index: &Index<'_>,
        meta: &Meta,
        entry: Option<&Entry>,
    ) -> Option<DateTime<Utc>> {
        let recipe = self.source.recipe.article.date.as_deref();
        let by_recipe = || recipe.and_then(|css| select(doc, css).into_iter().find_map(|e| self.shown(e, &text_of(e))));
        let time = |name: &str| index.times.iter().copied().find(|e| attr(*e, name).is_some());
        let times = time("pubdate").into_iter().chain(time("datetime"));
        let times = times.filter_map(|e| attr(e, "content").or_else(|| attr(e, "datetime")));
        let declared = meta.published.iter().map(String::as_str).chain(times);
        let (timed, dated): (Vec<&str>, Vec<&str>) = declared.partition(|s| s.contains(':'));
        by_recipe()
            .or_else(|| timed.iter().find_map(|s| self.declared(s)))
            .or_else(|| entry.and_then(|e| e.published).and_then(|d| self.plausible(d)))
            .or_else(|| dated.iter().find_map(|s| self.declared(s)))
            .or_else(|| self.beside_headline(index))
    }

    fn beside_headline(self, index: &Index<'_>) -> Option<DateTime<Utc>> {
        let mut beside = index.beside_headline(DATE, BYLINES_MAX);
        beside.find_map(|e| text_within(e, BYLINE_CHARS_MAX).and_then(|text| self.shown(e, &text)))
    }

    /// When the article last changed, when that is after `published`.
    pub(super) fn modified(
        self,
        meta: &Meta,
        entry: Option<&Entry>,
        published: Option<DateTime<Utc>>,
    ) -> Option<DateTime<Utc>> {
        let declared = meta.modified.iter().find_map(|s| self.declared(s));
        let modified = declared.or_else(|| entry.and_then(|e| e.updated).and_then(|d| self.plausible(d)))?;
        published.is_none_or(|p| modified > p).then_some(modified)
    }
}
