//! What a lane asks the database for: a host that is due, its lease, its due targets.

use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;
use tidings::store::Store;

use crate::database;

/// Hosts asked for at once: as many as are visited at once.
const HOSTS_AT_ONCE: i64 = 64;
/// Targets taken at once, as a lane does.
const TARGETS_AT_ONCE: i64 = 16;
/// How often each is measured.
const TIMES: usize = 400;
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

    /// The statements that put the targets in order.
    fn statements(self, now: DateTime<Utc>, targets: i64, hosts: i64) -> Vec<String> {
        let at = |delta_s: i64| format!("'{}'", (now + TimeDelta::seconds(delta_s)).format("%Y-%m-%dT%H:%M:%S+00:00"));
        let (due, later) = (at(-60), at(3600));
        match self {
            Self::Calm => {
                vec![format!("update targets set next_visit_at = case when id % 100 = 7 then {due} else {later} end")]
            }
            // As SQLite keeps an instant, which PostgreSQL reads too: eight hundred groups of them.
            Self::AllDue => (0..8)
                .map(|n| format!("update targets set next_visit_at = {} where id % 8 = {n}", at(-60 - n * 60)))
                .collect(),
            Self::OneGiant => vec![format!(
                "update targets set host = 'host0000000.example', next_visit_at = {} where id <= {}",
                at(-7200),
                targets / 2
            )],
        }
        .into_iter()
        .chain([format!("delete from leases where host = 'none{hosts}'")])
        .collect()
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
            let now = Utc::now();
            for text in shape.statements(now, targets, hosts) {
                run(&store, text).await?;
            }
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

/// Measures each statement, and the whole: the share of a look for hosts, a lease, targets, the lease given back.
async fn measured(store: &Store, shape: Shape) -> anyhow::Result<Duration> {
    let mut times: [Vec<Duration>; 5] = Default::default();
    let mut held: Vec<String> = vec![];
    let mut before = Duration::ZERO;
    while times[4].len() < TIMES {
        let now = Utc::now();
        let begun = Instant::now();
        let hosts = store.due_hosts(now, now + TimeDelta::days(1), HOSTS_AT_ONCE).await?;
        let look = begun.elapsed();
        times[0].push(look);
        ensure!(!hosts.is_empty(), "nothing is due");
        before = before.max(look);
        // As with a busy daemon, the hosts before are still held while the next are looked for.
        let last = std::mem::take(&mut held);
        let share = look / u32::try_from(hosts.len())?;
        for host in hosts {
            let [begun, now] = [Instant::now(); 2].map(|b| b);
            let until = Utc::now() + TimeDelta::seconds(600);
            ensure!(store.claim(&host, "scale", Utc::now(), until).await?, "{host} is held");
            let claimed = begun.elapsed();
            let due = store.due_targets(&host, Utc::now(), until, TARGETS_AT_ONCE).await?;
            let taken = now.elapsed() - claimed;
            ensure!(!due.is_empty(), "nothing is due of {host}");
            times[1].push(claimed);
            times[2].push(taken);
            times[4].push(share + claimed + taken);
            held.push(host);
        }
        for host in last {
            let begun = Instant::now();
            store.release(&host, "scale").await?;
            times[3].push(begun.elapsed());
        }
    }
    store.release_all("scale").await?;
    let names = ["look for 64 hosts", "lease", "16 targets", "release", "a claim, in all"];
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
    let (host, then) = (padded(&format!("i % {hosts}")), "'2026-01-02T03:04:05+00:00'");
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
