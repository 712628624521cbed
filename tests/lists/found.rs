//! What is found on each page, in shares of what is there.

use std::collections::HashSet;

use tidings::model::{Entry, ListingKind, Recipe, address::canonical};

use super::{Expected, is_on, listing, pages};

/// Right ones among those that were to be had.
#[derive(Clone, Copy, Default)]
struct Share {
    right: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, is_right: bool) {
        self.right += usize::from(is_right);
        self.all += 1;
    }

    fn plus(self, other: Self) -> Self {
        Self { right: self.right + other.right, all: self.all + other.all }
    }

    #[expect(clippy::cast_precision_loss, reason = "a few hundred entries")]
    fn value(self) -> f64 {
        if self.all == 0 { 1.0 } else { self.right as f64 / self.all as f64 }
    }
}

/// How one page was read.
struct Score {
    name: String,
    half: String,
    precision: f64,
    recall: f64,
    in_order: bool,
    titles: Share,
    dates: Share,
    summaries: Share,
    images: Share,
    next: bool,
}

impl Score {
    fn f1(&self) -> f64 {
        let sum = self.precision + self.recall;
        if sum == 0.0 { 0.0 } else { 2.0 * self.precision * self.recall / sum }
    }
}

fn score(name: String, expected: &Expected, text: &str) -> Score {
    let listing = listing(expected, text, Recipe::default());
    assert_eq!(listing.kind, ListingKind::Portal, "{name}");
    let optional: HashSet<String> = expected.optional.iter().map(canonical).collect();
    let wanted: Vec<String> = expected.entry.iter().map(|e| canonical(&e.link)).collect();
    let found: Vec<(String, &Entry)> =
        listing.entries.iter().map(|e| (canonical(&e.link), e)).filter(|(key, _)| !optional.contains(key)).collect();
    let right: Vec<&String> = found.iter().map(|(key, _)| key).filter(|key| wanted.contains(key)).collect();
    let in_order = right.iter().copied().eq(wanted.iter().filter(|key| right.contains(key)));
    let (mut titles, mut dates, mut summaries, mut images) = Default::default();
    for (key, e) in wanted.iter().zip(&expected.entry) {
        let of = found.iter().find(|(k, _)| k == key).map(|(_, e)| *e);
        Share::add(&mut titles, of.is_some_and(|f| f.title.as_deref() == Some(&e.title)));
        if let Some(date) = &e.date {
            Share::add(&mut dates, of.is_some_and(|f| is_on(f.published, date, expected.zone)));
        }
        if let Some(summary) = &e.summary {
            Share::add(&mut summaries, of.is_some_and(|f| f.summary.as_ref() == Some(summary)));
        }
        if let Some(image) = &e.image {
            Share::add(&mut images, of.is_some_and(|f| f.image.as_ref() == Some(image)));
        }
        if std::env::var_os("LISTS_SHOW").is_some_and(|s| s == *name) {
            println!("wanted {} {} {:?}\n  {of:?}", e.link, e.title, e.date);
        }
    }
    if std::env::var_os("LISTS_SHOW").is_some_and(|s| s == *name) {
        found.iter().filter(|(k, _)| !wanted.contains(k)).for_each(|(_, e)| println!("too much: {e:?}"));
        println!("next {:?} {:?}", listing.next, expected.next);
    }
    let precision = Share { right: right.len(), all: found.len() };
    let recall = Share { right: right.len(), all: wanted.len() };
    Score {
        name,
        half: expected.half.clone(),
        precision: if found.is_empty() { 0.0 } else { precision.value() },
        recall: recall.value(),
        in_order,
        titles,
        dates,
        summaries,
        images,
        next: listing.next == expected.next,
    }
}

fn print(scores: &[&Score]) {
    println!("page                half   precis recall    F1 order titles  dates  summ. images next");
    for s in scores {
        let shares: Vec<String> =
            [s.titles, s.dates, s.summaries, s.images].iter().map(|x| format!("{}/{}", x.right, x.all)).collect();
        println!(
            "{:<19} {:<6} {:>6.3} {:>6.3} {:>5.3} {:>5} {:>6} {:>6} {:>6} {:>6} {:>4}",
            s.name,
            s.half,
            s.precision,
            s.recall,
            s.f1(),
            if s.in_order { "yes" } else { "NO" },
            shares[0],
            shares[1],
            shares[2],
            shares[3],
            if s.next { "yes" } else { "NO" }
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few dozen pages")]
fn average(scores: &[&Score], of: impl Fn(&Score) -> f64) -> f64 {
    scores.iter().map(|s| of(s)).sum::<f64>() / scores.len() as f64
}

#[test]
fn lists_are_found_without_selectors() {
    let pages = pages("pages");
    assert!(pages.len() >= 24);
    assert!(pages.iter().filter(|(_, e, _)| e.chinese).count() >= 12);
    assert!(pages.iter().filter(|(_, e, _)| e.forum).count() >= 4);
    let scores: Vec<Score> = pages.into_iter().map(|(name, expected, text)| score(name, &expected, &text)).collect();
    let mut bad = vec![];
    for half in ["tune", "check"] {
        if std::env::var_os("LISTS_TUNE").is_some() && half != "tune" {
            continue;
        }
        let half: Vec<&Score> = scores.iter().filter(|s| s.half == half).collect();
        print(&half);
        let total = |of: fn(&Score) -> Share| half.iter().map(|s| of(s)).fold(Share::default(), Share::plus).value();
        let measured = [
            ("F1", average(&half, Score::f1), 0.95),
            ("titles", total(|s| s.titles), 0.95),
            ("dates", total(|s| s.dates), 0.95),
            ("summaries", total(|s| s.summaries), 0.9),
            ("images", total(|s| s.images), 0.9),
            ("next", average(&half, |s| f64::from(u8::from(s.next))), 0.95),
        ];
        for (what, value, min) in measured {
            println!("{}: {what} {value:.3}", half[0].half);
            if value < min {
                bad.push(format!("{what} of the {} half is {value:.3}, less than {min}", half[0].half));
            }
        }
        bad.extend(half.iter().filter(|s| s.f1() < 0.85).map(|s| format!("F1 of {} is {:.3}", s.name, s.f1())));
        bad.extend(half.iter().filter(|s| !s.in_order).map(|s| format!("{} is out of order", s.name)));
    }
    assert!(bad.is_empty(), "{bad:#?}");
}
