use super::*;
use crate::model::{Hours, TargetKind};

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000 + minutes * 60, 0).unwrap()
}

fn source(every_min: Option<u64>) -> Source {
    let mut source = Source::at("s", "https://news.example/list".parse().unwrap());
    source.every = every_min.map(|m| Duration::from_secs(m * 60));
    source
}

fn target(failures: u32) -> Target {
    Target {
        id: 1,
        source: "s".into(),
        kind: TargetKind::Listing,
        url: "https://news.example/list".parse().unwrap(),
        etag: None,
        last_modified: None,
        failures,
        first_seen_at: at(0),
        last_visit_at: Some(at(0)),
        last_success_at: None,
        entry: None,
        past: crate::model::Past::default(),
    }
}

fn failed(kind: FailureKind, retry_after_s: Option<u64>) -> Outcome {
    Outcome::Failed(Failure { kind, status: None, reason: "because".into(), retry_after_s })
}

fn dated(published: Vec<DateTime<Utc>>) -> Hints {
    Hints { entries: published.into_iter().zip(0..).map(|(at, n)| (n, Some(at))).collect(), ..Hints::default() }
}

fn listed(marks: impl IntoIterator<Item = u32>) -> Hints {
    Hints { entries: marks.into_iter().map(|m| (m, None)).collect(), ..Hints::default() }
}

fn minutes(outcome: &Outcome, target: &Target, every: Option<u64>, hints: &Hints) -> i64 {
    let plan = after_listing(&Settings::default(), &source(every), target, outcome, hints, at(10));
    (plan.next_visit_at - at(10)).num_minutes()
}

/// A listing that is visited as planned, for as long as `hints` gives one.
struct Life {
    source: Source,
    target: Target,
    now: DateTime<Utc>,
}

impl Life {
    fn new() -> Self {
        Self { source: source(None), target: target(0), now: at(0) }
    }

    /// One visit; the minutes to the next.
    fn visit(&mut self, outcome: &Outcome, hints: &Hints) -> i64 {
        let plan = after_listing(&Settings::default(), &self.source, &self.target, outcome, hints, self.now);
        self.target.past.pace = plan.pace;
        self.target.last_visit_at = Some(self.now);
        if outcome.is_success() {
            self.target.last_success_at = Some(self.now);
        }
        let gap = plan.next_visit_at - self.now;
        self.now = plan.next_visit_at;
        gap.num_minutes()
    }

    /// Visits until `until` a listing of the last 30 of what came `every` so many minutes in the hours of `when`.
    fn live(&mut self, until: DateTime<Utc>, every: i64, when: impl Fn(u32) -> bool) -> Vec<(DateTime<Utc>, i64)> {
        use chrono::Timelike;
        let mut visits = vec![];
        while self.now < until {
            let came = (0..).map(|n| (n, at(i64::from(n) * every))).take_while(|(_, t)| *t <= self.now);
            let came: Vec<u32> = came.filter(|(_, t)| when(t.hour())).map(|(n, _)| n).collect();
            let hints = listed(came.into_iter().rev().take(30));
            let begun = self.now;
            visits.push((begun, self.visit(&Outcome::Ok, &hints)));
        }
        visits
    }
}

#[test]
fn a_fixed_pace_is_kept_while_all_is_well() {
    let hints = Hints { ttl_s: Some(86_400), ..Hints::default() };
    let mut life = Life { source: source(Some(7)), ..Life::new() };
    let first = life.visit(&Outcome::Ok, &hints);
    assert!((3..=10).contains(&first), "{first}: the phase of this source is found");
    for late in [0, 20, 55, 90] {
        life.now += TimeDelta::seconds(late);
        let begun = life.now;
        life.visit(&Outcome::Ok, &hints);
        assert_eq!((life.now - begun).num_seconds(), 7 * 60 - late, "a late visit does not shift those after it");
    }
}

#[test]
fn sources_with_one_pace_are_visited_at_different_times() {
    let every = source(Some(10));
    let phases: std::collections::BTreeSet<i64> = (0..100)
        .map(|n| {
            let mut target = target(0);
            target.url = format!("https://news.example/list/{n}").parse().unwrap();
            let plan = after_listing(&Settings::default(), &every, &target, &Outcome::Ok, &Hints::default(), at(0));
            plan.next_visit_at.timestamp() % 600 / 60
        })
        .collect();
    assert_eq!(phases.len(), 10, "each minute of the ten has some");
}

#[test]
fn a_failing_source_slows_down_but_never_stops_and_the_first_success_resets() {
    let mut life = Life::new();
    let mut last = 0;
    for failures in 0..200 {
        let next = life.visit(&failed(FailureKind::Timeout, None), &Hints::default());
        assert!(next >= last && next <= 4 * 60 * 11 / 10, "{failures}: {next}");
        last = next;
    }
    assert!(last >= 4 * 60);
    life.visit(&Outcome::Ok, &listed(0..5));
    assert_eq!(life.target.past.pace.errors, 0);
    assert!(life.visit(&failed(FailureKind::Timeout, None), &Hints::default()) < 30);
}

#[test]
fn what_passes_by_itself_slows_down_less() {
    let after_six = |kind| {
        let mut life = Life::new();
        (0..6).map(|_| life.visit(&failed(kind, None), &Hints::default())).last().unwrap()
    };
    let (resolver, soft, hard) =
        (after_six(FailureKind::DnsTemporary), after_six(FailureKind::Status), after_six(FailureKind::Blocked));
    assert!(
        (10..=14).contains(&resolver) && (26..=32).contains(&soft) && (160..=180).contains(&hard),
        "{resolver} {soft} {hard}"
    );
}

#[test]
fn a_failing_source_is_not_asked_more_often_than_one_that_is_well() {
    let mut life = Life::new();
    let hints = Hints { ttl_s: Some(3600), ..listed(0..5) };
    assert!(life.visit(&Outcome::Ok, &hints) >= 60);
    assert!(life.visit(&failed(FailureKind::Timeout, None), &Hints::default()) >= 60);
    assert!(
        life.visit(&Outcome::NotModified, &Hints::default()) >= 60,
        "also when an unchanged answer does not say it again"
    );
}

#[test]
fn retry_after_is_honoured_up_to_a_day() {
    let next = |s| minutes(&failed(FailureKind::Throttled, Some(s)), &target(0), Some(5), &Hints::default());
    assert!((120..=132).contains(&next(7200)), "{}", next(7200));
    assert!((1440..=1584).contains(&next(9_000_000)));
}

#[test]
fn a_lively_listing_is_visited_more_often_than_a_sleepy_one() {
    let every_hour = dated((0..20).map(|h| at(-60 * h)).collect());
    let every_minute = dated((0..20).map(|m| at(-m)).collect());
    let long_ago = dated(vec![at(-60 * 24 * 40)]);
    let paces = [every_minute, every_hour, long_ago].map(|h| minutes(&Outcome::Ok, &target(0), None, &h));
    assert!(paces[0] >= 5 && paces[0] < paces[1] && paces[1] < paces[2], "{paces:?}");
}

#[test]
fn the_pace_of_a_listing_without_dates_is_learned_from_what_comes() {
    let paces = [10, 60, 240].map(|every| {
        let mut life = Life::new();
        let visits = life.live(at(3 * 1440), every, |_| true);
        visits.last().unwrap().1
    });
    assert!(paces[0] <= 8 && (25..=40).contains(&paces[1]) && (55..=70).contains(&paces[2]), "{paces:?}");
}

#[test]
fn a_listing_that_falls_silent_is_visited_less_and_less() {
    let mut life = Life::new();
    life.live(at(1440), 10, |_| true);
    let seen = life.target.past.pace.marks.clone();
    let mut paces = vec![];
    while life.now < at(60 * 1440) {
        paces.push(life.visit(&Outcome::Ok, &listed(seen.clone())));
    }
    assert!(paces.windows(2).all(|p| p[0] <= p[1]) && *paces.last().unwrap() >= 240, "{paces:?}");
    assert!(paces.len() > 300, "not before it has been silent for long");
}

#[test]
fn a_window_that_was_missed_is_counted_and_hurries() {
    let mut life = Life::new();
    life.live(at(3 * 1440), 60, |_| true);
    let calm = life.visit(&Outcome::Ok, &listed(life.target.past.pace.marks.clone()));
    assert_eq!(life.target.past.pace.missed, 0);
    let hurried = life.visit(&Outcome::Ok, &listed(5000..5030));
    assert_eq!(life.target.past.pace.missed, 1);
    assert!(hurried * 3 < calm * 2, "{calm} {hurried}");
    for _ in 0..40 {
        life.visit(&Outcome::Ok, &listed(5000..5030));
    }
    assert_eq!((life.target.past.pace.missed, life.target.past.pace.haste), (1, 0), "it calms down");
    life.now += TimeDelta::days(2);
    life.visit(&Outcome::Ok, &listed(6000..6030));
    assert_eq!(
        (life.target.past.pace.missed, life.target.past.pace.haste),
        (2, 0),
        "we were away: the pace is not to blame"
    );
    life.visit(&Outcome::Ok, &listed([]));
    life.visit(&Outcome::Ok, &listed(6000..6030));
    assert_eq!(life.target.past.pace.missed, 2, "an empty list is a hiccup");
}

#[test]
fn a_long_listing_is_no_news_until_something_stands_on_top_of_it() {
    for long in [1000, 2000] {
        let mut life = Life::new();
        life.visit(&Outcome::Ok, &listed(0..long));
        let arrived = life.target.past.pace.arrived_at;
        for _ in 0..40 {
            life.visit(&Outcome::Ok, &listed(0..long));
        }
        let calm = life.target.past.pace.clone();
        assert_eq!((calm.arrived_at, calm.observed, calm.missed), (arrived, 0, 0), "nothing came");
        let begun = life.now;
        life.visit(&Outcome::Ok, &listed([9000].into_iter().chain(0..long)));
        let pace = &life.target.past.pace;
        assert_eq!((pace.arrived_at, pace.observed, pace.missed), (Some(begun), 1, 0), "one came");
    }
}

#[test]
fn what_still_stands_further_down_a_long_listing_was_not_missed() {
    let mut life = Life::new();
    life.visit(&Outcome::Ok, &listed(0..1000));
    life.visit(&Outcome::Ok, &listed((5000..5300).chain(0..700)));
    assert_eq!((life.target.past.pace.missed, life.target.past.pace.haste), (0, 0));
}

#[test]
fn the_hours_in_which_a_source_publishes_are_learned() {
    let mut life = Life::new();
    // From 00:00 to 09:59 UTC something every quarter of an hour; then nothing until midnight.
    life.live(at(14 * 1440), 15, |hour| hour < 10);
    let visits = life.live(at(16 * 1440), 15, |hour| hour < 10);
    use chrono::Timelike;
    let (day, night): (Vec<_>, Vec<_>) =
        visits.iter().filter(|(t, _)| t.hour() % 10 > 1).partition(|(t, _)| t.hour() < 9);
    let mean =
        |v: &[&(DateTime<Utc>, i64)]| v.iter().map(|(_, m)| m).sum::<i64>() / i64::try_from(v.len()).unwrap().max(1);
    assert!(mean(&day) * 2 < mean(&night), "{} {}", mean(&day), mean(&night));
    let morning = visits.iter().filter(|(t, _)| t.hour() == 0).map(|(t, _)| t.minute()).min().unwrap();
    assert!(morning <= 15, "it is there when the day begins: {morning}");
}

#[test]
fn hours_that_the_publisher_leaves_out_are_left_out() {
    let quiet = Skip { hours: 0b11_1111_1111, days: 0 };
    let mut life = Life::new();
    use chrono::Timelike;
    for _ in 0..200 {
        life.visit(&Outcome::Ok, &Hints { skip: quiet, ..listed(0..5) });
        assert!(life.now.hour() >= 10, "{}", life.now);
    }
    life.source = source(Some(5));
    life.now = at(0).with_hour(3).unwrap();
    life.visit(&Outcome::Ok, &Hints { skip: quiet, ..listed(0..5) });
    assert!(life.now.hour() < 10, "what the user says is final");
}

#[test]
fn outside_of_its_hours_a_source_is_left_alone() {
    let mut life = Life::new();
    life.source.time_zone = chrono_tz::Asia::Shanghai;
    life.source.hours = Some(Hours { from_min: 7 * 60, to_min: 23 * 60 });
    let open = |t: DateTime<Utc>| opens_at(&life.source, t) == t;
    let local = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    assert!(open(local("2026-11-24T07:00:00+08:00")) && open(local("2026-11-24T22:59:59+08:00")));
    assert!(!open(local("2026-11-24T06:59:59+08:00")) && !open(local("2026-11-24T23:00:00+08:00")));
    let next = opens_at(&life.source, local("2026-11-24T23:30:00+08:00"));
    assert!((0..600).contains(&(next - local("2026-11-25T07:00:00+08:00")).num_seconds()), "{next}");
    for every in [None, Some(45)] {
        life.source.every = every.map(|m: u64| Duration::from_secs(m * 60));
        for outcome in [Outcome::Ok, failed(FailureKind::Timeout, None)] {
            for _ in 0..50 {
                life.visit(&outcome, &listed(0..5));
                assert_eq!(opens_at(&life.source, life.now), life.now, "{}", life.now);
            }
        }
    }
    let night = Hours { from_min: 22 * 60, to_min: 6 * 60 };
    assert!(night.holds(0) && night.holds(1439) && !night.holds(720));
}

#[test]
fn hours_are_kept_by_the_clocks_of_the_source_on_days_when_these_change() {
    use chrono_tz::{America::New_York, Pacific::Apia};
    for (zone, from, to, asked, opening) in [
        (New_York, 600, 700, "2027-03-13T12:00:00-05:00", "2027-03-14T06:00:00-04:00"),
        (New_York, 600, 700, "2027-03-14T06:59:59-04:00", "2027-03-14T06:59:59-04:00"),
        (New_York, 600, 700, "2027-03-14T07:00:00-04:00", "2027-03-15T06:00:00-04:00"),
        (New_York, 600, 700, "2027-11-06T12:00:00-04:00", "2027-11-07T06:00:00-05:00"),
        (New_York, 2200, 100, "2027-03-14T03:10:00-04:00", "2027-03-14T22:00:00-04:00"),
        // Clocks go from 02:00 to 03:00: of some hours the rest is left, of others nothing.
        (New_York, 230, 500, "2027-03-13T12:00:00-05:00", "2027-03-14T03:00:00-04:00"),
        (New_York, 230, 301, "2027-03-13T12:00:00-05:00", "2027-03-14T03:00:00-04:00"),
        (New_York, 200, 230, "2027-03-13T12:00:00-05:00", "2027-03-15T02:00:00-04:00"),
        // From 02:00 back to 01:00: the first time counts.
        (New_York, 130, 145, "2027-11-06T12:00:00-04:00", "2027-11-07T01:30:00-04:00"),
        (New_York, 159, 300, "2027-11-06T12:00:00-04:00", "2027-11-07T01:59:00-04:00"),
        // A whole day is left out.
        (Apia, 600, 700, "2011-12-29T07:00:00-10:00", "2011-12-31T06:00:00+14:00"),
    ] {
        let minute = |clock: u16| clock / 100 * 60 + clock % 100;
        let hours = Hours { from_min: minute(from), to_min: minute(to) };
        let [asked, opening] = [asked, opening].map(|t| t.parse::<DateTime<Utc>>().unwrap());
        for name in ["s", "t", "u", "v"] {
            let mut source = Source::at(name, "https://news.example/list".parse().unwrap());
            (source.time_zone, source.hours) = (zone, Some(hours));
            let opens = opens_at(&source, asked);
            let late = (opens - opening).num_seconds();
            assert!((0..600).contains(&late), "{from}-{to} asked {asked}: {opens} instead of {opening}");
            assert_eq!(opens_at(&source, opens), opens, "{from}-{to} asked {asked}: it is open then");
        }
    }
}

#[test]
fn what_the_publisher_asks_is_honoured_up_to_the_ceiling() {
    let asked = |s| minutes(&Outcome::Ok, &target(0), None, &Hints { ttl_s: Some(s), ..Hints::default() });
    assert!((60..=66).contains(&asked(3600)));
    assert!(asked(864_000) <= 264);
    let fresh = Hints { fresh_s: Some(7200), ttl_s: Some(60), ..Hints::default() };
    assert!(minutes(&Outcome::Ok, &target(0), None, &fresh) >= 120);
}

#[test]
fn unchanged_answers_are_believed_for_a_while() {
    let mut known = target(0);
    assert!(!distrusts(&known, at(0)));
    known.past.pace.unchanged = 49;
    known.past.pace.full_at = Some(at(-6 * 1440));
    assert!(!distrusts(&known, at(0)) && distrusts(&known, at(1440)));
    known.past.pace.unchanged = 50;
    assert!(distrusts(&known, at(0)));
    known.past.pace = Pace { distrusted: true, ..Pace::default() };
    assert!(distrusts(&known, at(0)), "a liar is never asked again");
}

#[test]
fn pages_are_revisited_at_a_fifth_of_their_age_until_they_are_old() {
    let mut page = target(0);
    page.kind = TargetKind::Article;
    let settings = Settings::default();
    let (mut now, mut visits) = (at(0), 0);
    while let Some(next) = after_article(&settings, &page, &Outcome::Ok, now) {
        assert!(next - now >= TimeDelta::hours(1));
        let share = (next - now).as_seconds_f64() / (next - page.first_seen_at).as_seconds_f64();
        assert!(now - page.first_seen_at < TimeDelta::hours(4) || (0.2..0.23).contains(&share), "{share}");
        now = next;
        visits += 1;
    }
    assert!((15..25).contains(&visits) && now > at(5 * 1440) && now <= at(7 * 1440), "{visits} {now}");
    let never = Settings { revisit_until: Duration::ZERO, ..settings };
    assert_eq!(after_article(&never, &page, &Outcome::Ok, at(0)), None);
}

#[test]
fn pages_that_stay_away_are_given_up() {
    for (kind, limit) in [(FailureKind::NotFound, 2), (FailureKind::Timeout, 8)] {
        let given_up =
            (0..100).find(|n| after_article(&Settings::default(), &target(*n), &failed(kind, None), at(0)).is_none());
        assert_eq!(given_up, Some(limit - 1), "{kind:?}");
    }
    let gone = Failure { kind: FailureKind::NotFound, status: Some(410), reason: "gone".into(), retry_after_s: None };
    assert_eq!(after_article(&Settings::default(), &target(0), &Outcome::Failed(gone), at(0)), None);
}
