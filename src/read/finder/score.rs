//! How much links of one shape look like a list of articles.

use std::collections::HashSet;

use scraper::ElementRef;

use super::{
    super::{item, page::date_near, plain, reading::Reading},
    Link, address, share,
};

/// Fewer links of one shape are no list, but where all are dated and lead to articles.
pub(super) const GROUP_MIN: usize = 3;
/// Fewer links are none at all.
const PAIR: usize = 2;
/// Average width of headlines; Han characters are two wide, so this is six of them.
pub(super) const WIDTH_MIN: usize = 12;
/// Wider is no more of a headline.
const WIDTH_MAX: usize = 60;
/// Links looked at to score a group.
const SAMPLE: usize = 50;
/// What the most read articles are worth beside the newest.
const ASIDE: f64 = 0.35;

/// How much `group` looks like a list of articles; `None` if not at all.
pub(super) fn of(group: &[&Link<'_>], items: &[ElementRef<'_>], reading: &Reading<'_>) -> Option<f64> {
    let keys: HashSet<&str> = group.iter().map(|l| l.key.as_str()).collect();
    let sample = &group[..group.len().min(SAMPLE)];
    let width = share(sample.iter().map(|l| plain::width(&l.headline.text).min(WIDTH_MAX)).sum(), sample.len());
    if keys.len() < PAIR || width < share(WIDTH_MIN, 1) {
        return None;
    }
    let of_all = |n: usize| share(n, sample.len());
    let host = reading.page.url.host_str().unwrap_or_default();
    let home = sample.iter().filter(|l| address::is_of_site(l.url.host_str().unwrap_or_default(), host)).count();
    let article = sample.iter().filter(|l| l.article).count();
    let is_dated = |l: &Link<'_>, item: ElementRef<'_>| {
        date_near(item, l.anchor, reading).or_else(|| item::date_beside(item, l.anchor, reading)).is_some()
    };
    let dated = sample.iter().zip(items).filter(|(l, item)| is_dated(l, **item)).count();
    let whole = sample.len();
    if keys.len() < GROUP_MIN && (article, dated, home) != (whole, whole, whole) {
        return None;
    }
    let titles: HashSet<&str> = sample.iter().map(|l| l.headline.text.as_str()).collect();
    let apart = of_all(titles.len());
    let beside = if group.iter().any(|l| l.aside) { ASIDE } else { 1.0 };
    let count = share(keys.len().min(SAMPLE), 1).sqrt();
    Some(
        width
            * count
            * apart
            * beside
            * (0.3 + 0.7 * of_all(home))
            * (0.2 + 0.8 * of_all(article))
            * (0.4 + 0.6 * of_all(dated)),
    )
}
