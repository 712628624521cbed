//! Daemons that share the hosts of one database: one joins, one is killed, and no host ever sees two of them at once, wherever
//! redirects lead.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::process::{Answer, Daemon, Folder};
use crate::support::TestDb;
use crate::town::{Ask, GAP, Town};

const HOSTS: usize = 8;
/// The answer is noted here before it has come there, and the gap is kept from when it came; but not to the millisecond.
const CLOCKS: Duration = Duration::from_millis(20);
/// How long a dead daemon keeps its hosts, and what taking them over may take on a busy machine.
const TAKEN_OVER: Duration = Duration::from_secs(30 + 15);
/// How long anything else may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn start(folder: &Path, db: &TestDb, name: &str) -> Daemon {
    Daemon::start(folder, &[("TIDINGS_DATABASE_URL", db.url.as_str()), ("TIDINGS_FETCH_USER_AGENT", name)])
}

fn wait_until(within: Duration, what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < within, "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// How many hosts each daemon holds, fewest first.
fn held(status: &Answer) -> Vec<u64> {
    let status = status.json();
    let mut held: Vec<u64> =
        status["leases"]["daemons"].as_array().unwrap().iter().map(|d| d["hosts"].as_u64().unwrap()).collect();
    held.sort_unstable();
    held
}

/// Pairs of requests that one host had to answer at the same time, or sooner after each other than is asked for.
fn too_soon(log: &[Ask]) -> Vec<(Ask, Ask)> {
    let mut both = vec![];
    for host in 0..HOSTS {
        let mine: Vec<&Ask> = log.iter().filter(|a| a.host == host).collect();
        for pair in mine.windows(2) {
            if pair[0].ended.is_none_or(|ended| pair[1].began < ended + GAP - CLOCKS) {
                both.push((pair[0].clone(), pair[1].clone()));
            }
        }
    }
    both
}

#[test]
fn one_joins_and_one_is_killed_and_no_host_sees_two_at_once() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let town = runtime.block_on(Town::open(HOSTS));
    let db = runtime.block_on(TestDb::postgres());
    let folder = Folder::with(&town.config());
    let begun = Instant::now();
    let first = start(&folder.path(), &db, "first");
    wait_until(PATIENCE, "the first daemon has all hosts", || town.asked_by("first", begun) == HOSTS);
    let alone = first.wait_for("/status", |a| held(a) == [HOSTS as u64]).json();
    assert_eq!(alone["leases"]["held"].as_array().unwrap().len(), HOSTS);
    assert_eq!(alone["leases"]["held"][0]["holder"], alone["leases"]["daemons"][0]["holder"]);
    assert!(first.get("/").body.contains("Hosts held"));

    let second = start(&folder.path(), &db, "second");
    second.wait_for("/status", |a| held(a) == [HOSTS as u64 / 2, HOSTS as u64 / 2]);
    wait_until(PATIENCE, "the second daemon visits its half", || town.asked_by("second", begun) >= HOSTS / 2);
    let metrics = first.get("/metrics").body;
    let count = |name: &str| {
        let line = metrics.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("{name} in {metrics}"));
        line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
    };
    assert!(count("tidings_leases_yielded_total ") >= HOSTS as u64 / 2);
    assert_eq!((count("tidings_leases_lost_total "), count("tidings_daemons ")), (0, 2));
    assert!(count("tidings_leases ") <= HOSTS as u64);

    first.signal("KILL");
    assert_eq!(first.wait(), None);
    let killed = Instant::now();
    wait_until(TAKEN_OVER, "the second daemon takes over", || town.asked_by("second", killed) == HOSTS);
    second.wait_for("/status", |a| held(a) == [HOSTS as u64]);

    let third = start(&folder.path(), &db, "third");
    wait_until(PATIENCE, "the third daemon gets its half", || town.asked_by("third", killed) >= HOSTS / 2);
    third.signal("TERM");
    assert_eq!(third.wait(), Some(0));
    let left = Instant::now();
    wait_until(PATIENCE, "what it gave back is visited", || town.asked_by("second", left) == HOSTS);
    second.signal("TERM");
    assert_eq!(second.wait(), Some(0));
    let log = town.log();
    assert!(log.len() > 10 * HOSTS, "{}", log.len());
    assert!(too_soon(&log).is_empty(), "{:?}", too_soon(&log));
    let led_here = log.iter().filter(|a| a.host == 0 && a.path.ends_with('7')).count();
    assert!(led_here > HOSTS, "{led_here} redirects were followed");
}
