//! What a lane asks the database for: a host that is due, its lease, its due targets.

use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;
use tidings::store::{Store, Turn};

use crate::database;

/// Hosts asked for at once: as many as are visited at once.
const HOSTS_AT_ONCE: usize = 64;
/// Targets taken at once, as a lane does.
const TARGETS_AT_ONCE: usize = 16;
/// How often each is measured.
const TIMES: usize = 400;
/// Looks that may be needed for that.
const LOOKS_MAX: usize = 4_000;
/// What a whole claim may take at the median.
const CLAIM_MAX: Duration = Duration::from_millis(5);

/// How the targets lie. A target of hundred is a listing, the younger half of the pages was never had.
#[derive(Clone, Copy)]
enum Shape {
    /// A hundredth is due.
    Calm,
    /// As after a day without a daemon.
    AllDue,
    /// All are due, and half of them are of one host, and those wait longest.
    OneGiant,
}

impl Shape {
    const fn name(self) -> &'static str {
        match self {
            Self::Calm => "1 % due",
            Self::AllDue => "all due",
            Self::OneGiant => "all due, half of one host",
        }
    }

    /// The statement that puts the targets in order.
    fn statement(self, kind: &str, now: DateTime<Utc>, targets: i64) -> String {
        // As SQLite keeps an instant, which PostgreSQL reads too.
        let at = |delta_s: i64| {
            format!("cast('{}' as {kind})", (now + TimeDelta::seconds(delta_s)).format("%Y-%m-%dT%H:%M:%S+00:00"))
        };
        let (late, due, later) = (at(-7200), at(-60), at(3600));
        match self {
            Self::Calm => {
                format!("update targets set next_visit_at = case when id % 100 = 7 then {due} else {later} end")
            }
            Self::AllDue => {
                format!("update targets set next_visit_at = case when id % 8 = 1 then {late} else {due} end")
            }
            Self::OneGiant => {
                let half = targets / 2;
                format!("update targets set host = 'host0000000.example', next_visit_at = {late} where id <= {half}")
            }
        }
    }
}

/// Measures and prints.
pub(crate) async fn report(targets: i64, hosts: i64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    println!("{:<9} {:<26} {:<22} {:>9} {:>9}", "database", "targets", "statement", "median ms", "p99 ms");
    let mut slow = vec![];
    for url in database::empty(folder.path()).await? {
        let store = Store::open(&url).await?;
        fill(&store, targets, hosts).await?;
        for shape in [Shape::Calm, Shape::AllDue, Shape::OneGiant] {
            run(&store, shape.statement(instant(&store), Utc::now(), targets)).await?;
            run(&store, "analyze".into()).await?;
            let claim = measured(&store, shape).await?;
            if claim > CLAIM_MAX {
                slow.push(format!("{}, {}: {claim:?}", store.kind(), shape.name()));
            }
        }
        store.close().await;
        database::drop(&url).await?;
    }
    ensure!(slow.is_empty(), "a claim takes longer than {CLAIM_MAX:?}: {}", slow.join("; "));
    Ok(())
}

/// Measures each statement, and the whole: a host's share of the look and of the leases, and its targets.
async fn measured(store: &Store, shape: Shape) -> anyhow::Result<Duration> {
    let mut times: [Vec<Duration>; 5] = Default::default();
    let (mut held, mut turn): (Vec<String>, _) = (vec![], Turn::in_parts());
    while times[4].len() < TIMES {
        ensure!(times[0].len() < LOOKS_MAX, "of {LOOKS_MAX} looks few find a host");
        let now = Utc::now();
        let begun = Instant::now();
        let hosts = store.due_hosts(&mut turn, now, now + TimeDelta::days(1), HOSTS_AT_ONCE).await?;
        let look = begun.elapsed();
        times[0].push(look);
        let begun = Instant::now();
        let until = Utc::now() + TimeDelta::seconds(600);
        let taken = store.claim_all(&hosts, "scale", Utc::now(), until).await?;
        ensure!(taken == hosts, "some were held");
        let lease = begun.elapsed();
        times[1].push(lease);
        // In parts, there may be none in this one.
        let share = (look + lease) / u32::try_from(hosts.len().max(1))?;
        // As with a busy daemon, the hosts before are still held while the next are looked for.
        let last = std::mem::take(&mut held);
        for host in hosts {
            let begun = Instant::now();
            let due = store.due_targets(&host, Utc::now(), until, TARGETS_AT_ONCE).await?;
            let taken = begun.elapsed();
            ensure!(!due.is_empty(), "nothing is due of {host}");
            times[2].push(taken);
            times[4].push(share + taken);
            held.push(host);
        }
        for host in last {
            let begun = Instant::now();
            store.release(std::slice::from_ref(&host), "scale").await?;
            times[3].push(begun.elapsed());
        }
    }
    store.release_all("scale").await?;
    let names = ["look for 64 hosts", "their leases", "16 targets of one", "release", "a claim, of all those"];
    let mut median = Duration::ZERO;
    for (name, mut times) in names.into_iter().zip(times) {
        times.sort();
        median = times[times.len() / 2];
        let p99 = times[times.len() * 99 / 100];
        let ms = |t: Duration| t.as_secs_f64() * 1e3;
        println!("{:<9} {:<26} {name:<22} {:>9.2} {:>9.2}", store.kind(), shape.name(), ms(median), ms(p99));
    }
    Ok(median)
}

async fn run(store: &Store, text: String) -> anyhow::Result<()> {
    match store {
        Store::Postgres(pool) => sqlx::query(AssertSqlSafe(text)).execute(pool).await.map(|_| ())?,
        Store::Sqlite(pool) => sqlx::query(AssertSqlSafe(text)).execute(pool).await.map(|_| ())?,
    }
    Ok(())
}

/// The type of an instant.
fn instant(store: &Store) -> &'static str {
    match store {
        Store::Postgres(_) => "timestamptz",
        Store::Sqlite(_) => "text",
    }
}

/// A source a host, and the targets of all of them.
async fn fill(store: &Store, targets: i64, hosts: i64) -> anyhow::Result<()> {
    let numbers = |upto: i64| match store {
        Store::Postgres(_) => format!("generate_series(1, {upto}) as n(i)"),
        Store::Sqlite(_) => {
            format!(
                "(with recursive n(i) as (select 1 union all select i + 1 from n where i < {upto}) select i from n)"
            )
        }
    };
    let padded = |number: &str| match store {
        Store::Postgres(_) => format!("lpad(({number})::text, 7, '0')"),
        Store::Sqlite(_) => format!("printf('%07d', {number})"),
    };
    let host = padded(&format!("i % {hosts}"));
    let then = format!("cast('2026-01-02T03:04:05+00:00' as {})", instant(store));
    run(
        store,
        format!(
            "insert into sources (id, name, url, added_at) select 's' || {host}, 'source', 'http://example/', {then} from {}",
            numbers(hosts)
        ),
    )
    .await?;
    // The listings are of all hosts: their number goes through all remainders.
    run(
        store,
        format!(
            "insert into targets (source_id, kind, key, url, host, entry, first_seen_at, last_visit_at, last_success_at,
                next_visit_at, outcome)
             select 's' || {host}, case when i <= {hosts} then 'listing' else 'article' end, 'host' || {host} || '.example/a/' || i,
                'http://host' || {host} || '.example/a/' || i, 'host' || {host} || '.example',
                '{{\"title\": \"as long as headlines are when somebody thought about them\"}}', {then},
                case when i <= {targets} / 2 then {then} end, case when i <= {targets} / 2 then {then} end, {then}, 'ok'
             from {}",
            numbers(targets)
        ),
    )
    .await
}
