//! The daemon against a web that means it no good: some hundred hosts on loopback, each with a vice of its own. What is
//! promised is read off the web's own log of requests.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod sites;
mod web;

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use chrono::{Timelike, Utc};
use sites::{KINDS, PAGES, Site, site};
use tidings::config::Settings;
use tidings::daemon::Daemon;
use tidings::model::{Hours, Source, SourceKind};
use tidings::store::{SourceRow, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use web::{Ask, Web, host, is_forbidden, peak_mib};

/// Each vice is had by so many hosts.
const ROUNDS: usize = 8;
const GAP: Duration = Duration::from_millis(100);
/// What Crawl-delay asks for where one is.
const CRAWL_DELAY: Duration = Duration::from_millis(400);
/// Clocks of two tasks on a busy machine.
const SLACK: Duration = Duration::from_millis(5);
const FLOOR: Duration = Duration::from_secs(2);
/// How long the daemon is let loose.
const RUN: Duration = Duration::from_secs(20);
/// The daemon and the web, bombs included.
const PEAK_MIB_MAX: u64 = 300;

fn id(address: Ipv4Addr) -> String {
    address.to_string().replace('.', "-")
}

fn settings(port: u16, database_url: String) -> Settings {
    let mut settings = Settings { database_url, ..Settings::default() };
    settings.fetch.user_agent = "tidings/hostile (+https://contact.example)".into();
    settings.fetch.allow_networks = vec!["127.1.0.0/16".parse().unwrap()];
    (settings.fetch.timeout, settings.fetch.idle_timeout) = (Duration::from_secs(2), Duration::from_secs(1));
    (settings.fetch.body_bytes_max, settings.fetch.per_host_delay) = (1 << 20, GAP);
    (settings.cadence.floor, settings.cadence.ceiling) = (FLOOR, Duration::from_secs(8));
    settings.sources = (0..KINDS.len() * ROUNDS)
        .map(|n| {
            let address = host(n);
            let mut source = Source::at(&id(address), format!("http://{address}:{port}/list").parse().unwrap());
            source.kind = SourceKind::Feed;
            source
        })
        .collect();
    settings.sources.push(asleep(port));
    settings
}

/// A good site that is not to be visited before two hours from now.
fn asleep(port: u16) -> Source {
    let minute = u16::try_from(Utc::now().hour() * 60 + Utc::now().minute()).unwrap();
    let address = host(KINDS.len() * ROUNDS);
    let mut source = Source::at(&id(address), format!("http://{address}:{port}/list").parse().unwrap());
    source.hours = Some(Hours { from_min: (minute + 120) % 1440, to_min: (minute + 180) % 1440 });
    source
}

/// Lets the daemon loose on the web; what it then knows of its sources.
async fn run(web: &Web) -> HashMap<String, SourceRow> {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("hostile.db").display());
    let daemon = Daemon::open(settings(web.port, database.clone())).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (shutdown, (_reloads, none)) = (CancellationToken::new(), watch::channel(None));
    let running = tokio::spawn(daemon.run(listener, none, shutdown.clone()));
    tokio::time::sleep(RUN).await;
    shutdown.cancel();
    running.await.unwrap().unwrap();
    let store = Store::open(&database).await.unwrap();
    let rows = store.sources().await.unwrap().into_iter().map(|row| (row.id.clone(), row)).collect();
    store.close().await;
    rows
}

fn paths(asked: &[Ask]) -> Vec<&str> {
    asked.iter().map(|ask| ask.path.as_str()).collect()
}

fn count(asked: &[Ask], path: &str) -> usize {
    asked.iter().filter(|ask| ask.path == path).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promises_are_kept_against_a_web_that_means_no_good() {
    let (web, begun) = (Web::start(site).await, Instant::now());
    let rows = run(&web).await;
    assert!(begun.elapsed() < RUN + Duration::from_secs(10), "it ends though some sites never answer");
    let hosts: Vec<Ipv4Addr> = (0..KINDS.len() * ROUNDS).map(host).collect();
    let log = web.log.lock().unwrap().clone();
    println!("{} requests, at most {} MiB", log.len(), peak_mib());
    assert!(!log.iter().any(|ask| is_forbidden(ask.host)), "an address that is refused is never asked");
    assert!(peak_mib() < PEAK_MIB_MAX, "{} MiB", peak_mib());
    let sleeper = host(KINDS.len() * ROUNDS);
    assert_eq!(paths(&web.asked(sleeper)), [""; 0], "outside of its hours nobody comes");
    let wakes = rows[&id(sleeper)].next_visit_at.unwrap() - Utc::now();
    assert!((110..=135).contains(&wakes.num_minutes()), "{wakes}");
    let mut faults = vec![];
    for address in hosts {
        let (kind, asked, row) = (site(address), web.asked(address), &rows[&id(address)]);
        for broken in one_at_a_time(kind, &asked).into_iter().chain(promises(kind, &asked)).chain(known(kind, row)) {
            faults.push(format!(
                "{kind:?} at {address}: {broken}; {:?}, {}, asked {:?}",
                row.outcome,
                row.failures,
                paths(&asked)
            ));
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults, the first ones:\n{}",
        faults.len(),
        faults[..faults.len().min(12)].join("\n")
    );
}

/// One request at a time to each host, with a gap.
fn one_at_a_time(kind: Site, asked: &[Ask]) -> Vec<String> {
    let gap = if kind == Site::RobotsDelay { CRAWL_DELAY } else { GAP } - SLACK;
    let hurried = asked.windows(2).filter(|two| two[1].at - two[0].at < gap);
    let mut broken: Vec<String> =
        hurried.map(|two| format!("{} after {:?}", two[1].path, two[1].at - two[0].at)).collect();
    broken.extend(asked.iter().filter(|ask| ask.beside > 0).map(|ask| format!("{} beside another", ask.path)));
    if asked.first().is_none_or(|ask| ask.path != "/robots.txt") {
        broken.push("robots.txt was not asked first".into());
    }
    broken
}

/// What each vice may cost its host.
fn promises(kind: Site, asked: &[Ask]) -> Vec<String> {
    let (lists, pages) = (count(asked, "/list"), asked.iter().filter(|ask| ask.path.starts_with("/a/")).count());
    let hops = asked.iter().filter(|ask| ask.path.starts_with("/hop/")).count();
    let kept = match kind {
        Site::Busy(_, "soon") => lists >= 1,
        // Once, and then not for an hour.
        Site::Busy(..) | Site::BusyUntil(_) => lists == 1 && pages == 0,
        Site::RobotsAll | Site::RobotsFault | Site::RobotsNever => lists == 0 && pages == 0,
        Site::RobotsPages => lists >= 2 && pages == 0,
        Site::RobotsCircle => lists >= 2 && pages >= PAGES && hops <= 6,
        Site::Circle => lists >= 1 && hops <= lists * 3,
        Site::Chain => lists >= 1 && hops <= lists * 10,
        Site::PagesGone => lists >= 2 && pages == PAGES,
        Site::LinksPrivate | Site::Elsewhere => lists >= 2,
        Site::Good | Site::Slow | Site::Early | Site::OtherTag | Site::RobotsDelay | Site::RobotsEndless => {
            lists >= 2 && pages >= PAGES
        }
        // A robots.txt that cannot be had, for whatever reason, lets nobody in.
        Site::RobotsToPrivate => lists == 0 && pages == 0,
        _ => lists >= 1,
    };
    let mut broken = vec![];
    if !kept {
        broken.push(format!("{lists} lists, {pages} pages, {hops} hops"));
    }
    // The time to the next visit counts from when the last one began, which may have waited for robots.txt and its turn.
    let begun: Vec<&Ask> = asked.iter().filter(|ask| ask.path == "/list").collect();
    broken.extend(begun.windows(2).filter(|two| two[1].at - two[0].at < FLOOR / 2).map(|_| "listed too often".into()));
    broken
}

/// What is known of a source in the end: it is seen to be in trouble, and it is never given up.
fn known(kind: Site, row: &SourceRow) -> Option<String> {
    let outcome = row.outcome.as_deref().unwrap_or("never visited");
    let expected: &[&str] = match kind {
        Site::NeverAnswers | Site::NeverEnds | Site::RobotsNever => &["timeout"],
        Site::Partial | Site::Reset | Site::HeaderFlood => &["connect"],
        Site::Circle | Site::Chain => &["redirect"],
        Site::ToPrivate | Site::RobotsToPrivate => &["refused"],
        Site::GzipBomb | Site::ZstdBomb | Site::Endless => &["too_large"],
        Site::Binary => &["unreadable", "garbled"],
        Site::Unchanged => &["status"],
        Site::Busy("503 Service Unavailable", "soon") => &["status"],
        Site::Busy(..) | Site::BusyUntil(_) => &["throttled"],
        Site::Gone => &["not_found"],
        Site::Legal => &["blocked"],
        Site::RobotsAll | Site::RobotsFault => &["robots"],
        _ => &["ok", "not_modified"],
    };
    if !expected.contains(&outcome) {
        return Some(format!("{outcome} in place of {expected:?}: {:?}", row.reason));
    }
    // Both numbers and dates are heeded, up to a day and the tenth by which load is spread.
    let minutes = match kind {
        Site::Busy(_, "3600") | Site::BusyUntil(_) => 55..=67,
        Site::Busy(_, "soon") => 0..=1,
        Site::Busy(..) => 23 * 60..=1590,
        _ => -1..=1,
    };
    let waits = row.next_visit_at.map(|at| (at - Utc::now()).num_minutes());
    if waits.is_some_and(|waits| !minutes.contains(&waits)) {
        return Some(format!("it is left alone for {waits:?} minutes, not {minutes:?}"));
    }
    let gone = (kind == Site::Gone) != (row.health.as_deref() == Some("gone"));
    let articles = match kind {
        Site::Good | Site::Slow | Site::Early | Site::OtherTag | Site::RobotsDelay | Site::Elsewhere => PAGES,
        _ => 0,
    };
    match row {
        _ if gone => Some(format!("health is {:?}", row.health)),
        row if row.next_visit_at.is_none() => Some("it is given up".into()),
        row if (row.articles as usize) < articles => Some(format!("only {} articles", row.articles)),
        _ => None,
    }
}
