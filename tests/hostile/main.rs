//! Two daemons, one on each database, against a web that means them no good: two thousand hosts on loopback, each with a vice.
//! What is promised is read off the web's own log of requests, and memory off the kernel.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod process;
mod sites;
#[path = "../support/mod.rs"]
mod support;
mod web;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::time::{Duration, Instant};

use chrono::{Timelike, Utc};
use process::Daemon;
use sites::{KINDS, PAGES, Site, site};
use support::TestDb;
use tempfile::TempDir;
use tidings::store::{SourceRow, Store};
use web::{Ask, Web, host, is_forbidden};

/// Each vice is had by so many hosts of each daemon.
const ROUNDS: usize = 28;
/// Hosts of one daemon; the last one more is asleep.
const HOSTS: usize = KINDS.len() * ROUNDS;
const GAP: Duration = Duration::from_millis(100);
/// What Crawl-delay asks for where one is.
const CRAWL_DELAY: Duration = Duration::from_millis(400);
/// Clocks of two processes on a busy machine.
const SLACK: Duration = Duration::from_millis(5);
const FLOOR: Duration = Duration::from_secs(10);
/// How long the daemons are let loose at least.
const RUN_MIN: Duration = Duration::from_secs(20);
/// And at most, where the machine is slow.
const RUN_MAX: Duration = Duration::from_secs(240);
/// Each daemon, bombs included.
const PEAK_MIB_MAX: u64 = 150;

fn id(address: Ipv4Addr) -> String {
    address.to_string().replace('.', "-")
}

/// A daemon, its database, and the hosts that are its own.
struct Side {
    db: TestDb,
    folder: TempDir,
    hosts: Range<usize>,
    daemon: Daemon,
}

impl Side {
    /// Lets a daemon loose on `hosts`, and on one more that sleeps.
    fn start(db: TestDb, hosts: Range<usize>, sleeper: usize, port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = format!(
            "[database]\nurl = \"{}\"\n[web]\nlisten = \"127.0.0.1:0\"\n[log]\nlevel = \"error\"\n\
             [fetch]\nuser_agent = \"tidings/hostile (+https://contact.example)\"\nallow_networks = [\"127.1.0.0/16\"]\n\
             timeout = \"2s\"\nidle_timeout = \"1s\"\nbody_max = \"1 MiB\"\nper_host_delay = \"{GAP:?}\"\n\
             concurrency = 128\nevery_min = \"{FLOOR:?}\"\nevery_max = \"{FLOOR:?}\"\n",
            db.url
        );
        for address in hosts.clone().map(host).chain([host(sleeper)]) {
            let _ = write!(
                config,
                "[[sources]]\nid = \"{}\"\nurl = \"http://{address}:{port}/list\"\nkind = \"feed\"\n",
                id(address)
            );
        }
        // It belongs to the last one, a good site that is not to be visited before two hours from now.
        let minute = Utc::now().hour() * 60 + Utc::now().minute();
        let at = |later: u32| format!("{:02}:{:02}", (minute + later) / 60 % 24, (minute + later) % 60);
        let _ = writeln!(config, "hours = \"{}-{}\"", at(120), at(180));
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let daemon = Daemon::start(folder.path());
        Self { db, folder, hosts, daemon }
    }

    /// Ends the daemon; what it knows of its sources.
    async fn stop(self) -> (Range<usize>, HashMap<String, SourceRow>) {
        let peak = self.daemon.peak_mib();
        println!("{}: at most {peak} MiB", self.db.name);
        let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert!(self.daemon.stop(), "{}: {}", self.db.name, log());
        assert!(peak < PEAK_MIB_MAX, "{}: {peak} MiB", self.db.name);
        let store = Store::open(&self.db.url).await.unwrap();
        let rows = store.sources().await.unwrap().into_iter().map(|row| (row.id.clone(), row)).collect();
        store.close().await;
        (self.hosts, rows)
    }
}

/// Whether `host` was asked for all that it is going to be asked for in a calm run.
fn is_seen(web: &Web, host: Ipv4Addr) -> bool {
    let lists = web.times(host, "/list");
    match site(host) {
        Site::RobotsAll | Site::RobotsFault | Site::RobotsNever | Site::RobotsToPrivate => {
            web.times(host, "/robots.txt") >= 1
        }
        Site::Busy(..) | Site::BusyUntil(_) => lists >= 1,
        Site::Good | Site::Slow | Site::Early | Site::OtherTag | Site::RobotsDelay | Site::Elsewhere => lists >= 3,
        _ => lists >= 2,
    }
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
    let [sqlite, postgres] = TestDb::both().await;
    let (sleepers, port) = ([2 * HOSTS, 2 * HOSTS + 1], web.port);
    let sides =
        [Side::start(sqlite, 0..HOSTS, sleepers[0], port), Side::start(postgres, HOSTS..2 * HOSTS, sleepers[1], port)];
    let all_seen = || (0..2 * HOSTS).all(|n| is_seen(&web, host(n)));
    while begun.elapsed() < RUN_MIN || (begun.elapsed() < RUN_MAX && !all_seen()) {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    println!("{} requests to {} hosts in {:?}", web.requests(), web.hosts().len(), begun.elapsed());
    let mut faults = vec![];
    for (side, sleeper) in sides.into_iter().zip(sleepers.map(host)) {
        let (hosts, rows) = side.stop().await;
        assert_eq!(paths(&web.asked(sleeper)), [""; 0], "outside of its hours nobody comes");
        let wakes = rows[&id(sleeper)].next_visit_at.unwrap() - Utc::now();
        assert!((110..=135).contains(&wakes.num_minutes()), "{wakes}");
        for address in hosts.map(host) {
            let (kind, asked, row) = (site(address), web.asked(address), &rows[&id(address)]);
            let broken = one_at_a_time(kind, &asked).into_iter().chain(promises(kind, &asked)).chain(known(kind, row));
            let (outcome, asked) = (&row.outcome, paths(&asked));
            faults.extend(broken.map(|b| format!("{kind:?} at {address}: {b}; {outcome:?}, asked {asked:?}")));
        }
    }
    assert!(!web.hosts().into_iter().any(is_forbidden), "an address that is refused is never asked");
    let first = faults[..faults.len().min(12)].join("\n");
    assert!(faults.is_empty(), "{} faults, the first ones:\n{first}", faults.len());
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
