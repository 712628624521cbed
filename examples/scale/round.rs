//! A round in which nothing changed: the daemon's, and those of bare loops over the same feeds, in turn.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{SubsecRound, Utc};
use futures::StreamExt;
use reqwest::header::{ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};

use crate::database::{self, Look};
use crate::process::Daemon;
use crate::web::{self, Nginx};

/// Items of each feed.
const ITEMS: usize = 30;
/// Requests of the loops at once: one after the other, and as many as the daemon visits hosts at once.
const AT_ONCE: [usize; 2] = [1, 64];
/// How long a round may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often it is looked whether a round is over.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// What a round may take, in times of the loop that gets one after the other. That of many at once is shown beside it: what it
/// takes for all is less than what it takes only to record as many visits.
const RATIO_MAX: f64 = 2.0;

/// Measures and prints.
pub(crate) async fn report(feeds: usize, hosts: usize, times: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let addresses: Vec<_> = (0..hosts).map(web::host).collect();
    for n in 0..feeds {
        let of = folder.path().join(addresses[n % hosts].to_string());
        fs::create_dir_all(&of)?;
        fs::write(of.join(format!("{n}.xml")), web::feed(&format!("f{n}"), ITEMS))?;
    }
    let nginx = Nginx::start(folder.path(), &addresses)?;
    println!("{feeds} feeds of {ITEMS} items on {hosts} hosts; medians of {times} rounds, in milliseconds");
    println!(
        "{:<9} {:<22} {:>10} {:>10} {:>7} {:>10} {:>10}",
        "database", "answers", "one by one", "64 at once", "daemon", "to the 1st", "to the 2nd"
    );
    let mut slow = vec![];
    for (answers, port) in [("304", nginx.honest), ("200 with the same body", nginx.forgetful)] {
        let urls: Vec<String> = (0..feeds).map(|n| format!("http://{}:{port}/{n}.xml", addresses[n % hosts])).collect();
        for database in database::empty(folder.path()).await? {
            let kind = database.split(':').next().unwrap_or_default().to_owned();
            let ([one, many], daemon) = measured(folder.path(), &database, &urls, times).await?;
            let ratios = [one, many].map(|bare| daemon / bare);
            println!(
                "{kind:<9} {answers:<22} {one:>10.0} {many:>10.0} {daemon:>7.0} {:>10.2} {:>10.2}",
                ratios[0], ratios[1]
            );
            if ratios[0] > RATIO_MAX {
                slow.push(format!("{kind}, {answers}: {:.2}", ratios[0]));
            }
            database::drop(&database).await?;
            let _ = fs::remove_file(folder.path().join("scale.db"));
        }
    }
    ensure!(slow.is_empty(), "more than {RATIO_MAX} times the bare loop's time: {}", slow.join("; "));
    Ok(())
}

/// Medians of the bare loops and of the daemon over `urls`, in milliseconds.
async fn measured(folder: &Path, database: &str, urls: &[String], times: usize) -> anyhow::Result<([f64; 2], f64)> {
    let mut config = format!(
        "[database]\nurl = \"{database}\"\n[fetch]\nper_host_delay = \"0s\"\nallow_networks = [\"127.9.0.0/16\"]\n\
         [log]\nlevel = \"error,tidings::daemon=info\"\n"
    );
    for (n, url) in urls.iter().enumerate() {
        let _ = write!(
            config,
            "[[sources]]\nid = \"f{n}\"\nurl = \"{url}\"\nkind = \"feed\"\nevery = \"4h\"\nfull_text = false\nfirst_visit = 1\n"
        );
    }
    fs::write(folder.join("config.toml"), config)?;
    let daemon = Daemon::start(folder)?;
    let look = Look::open(database).await?;
    wait(&look, 0, urls.len()).await?;
    let client = client()?;
    let validators = bare(&client, urls, &vec![HeaderMap::new(); urls.len()], AT_ONCE[1]).await?.1;
    let (mut bares, mut rounds) = ([vec![], vec![]], vec![]);
    for _ in 0..times {
        for (at_once, took) in AT_ONCE.iter().zip(&mut bares) {
            took.push(bare(&client, urls, &validators, *at_once).await?.0.as_secs_f64() * 1e3);
        }
        let (before, mark) = (look.visits().await?, Utc::now().trunc_subsecs(6));
        look.make_due(mark).await?;
        wait(&look, before, urls.len()).await?;
        // The daemon looks twice a second what is due; that wait is not the round's, what it then does before the first visit is.
        let took = Utc::now() - look.first_since(mark).await?;
        rounds.push(took.as_seconds_f64() * 1e3);
    }
    drop(daemon);
    let mut aheads = vec![];
    for _ in 0..times {
        look.make_due(Utc::now().trunc_subsecs(6)).await?;
        aheads.push(look.ahead(AT_ONCE[1]).await?.as_secs_f64() * 1e3);
    }
    look.close().await;
    Ok((bares.map(median), median(rounds) + median(aheads)))
}

/// Waits until so many `visits` more than `before` are recorded.
async fn wait(look: &Look, before: i64, visits: usize) -> anyhow::Result<()> {
    let (begun, end) = (Instant::now(), before + i64::try_from(visits)?);
    while look.visits().await? < end {
        ensure!(begun.elapsed() < PATIENCE, "{} visits were not made", end - look.visits().await?);
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// A client with the daemon's options.
fn client() -> anyhow::Result<reqwest::Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder =
        reqwest::Client::builder().tls_backend_rustls().no_proxy().redirect(reqwest::redirect::Policy::none());
    Ok(builder.user_agent("tidings").connect_timeout(Duration::from_secs(10)).pool_max_idle_per_host(2).build()?)
}

/// Gets every one of `urls`, bodies included, so many at once; how long it took, and the validators for the next time.
async fn bare(
    client: &reqwest::Client,
    urls: &[String],
    validators: &[HeaderMap],
    at_once: usize,
) -> anyhow::Result<(Duration, Vec<HeaderMap>)> {
    let begun = Instant::now();
    let requests = urls.iter().zip(validators).enumerate().map(|(n, (url, headers))| async move {
        let response = client.get(url).headers(headers.clone()).send().await?;
        let given = [(ETAG, IF_NONE_MATCH), (LAST_MODIFIED, IF_MODIFIED_SINCE)];
        let kept = given.into_iter().filter_map(|(from, to)| Some((to, response.headers().get(from)?.clone())));
        let kept = kept.collect::<HeaderMap>();
        response.bytes().await?;
        anyhow::Ok((n, kept))
    });
    let kept: Vec<_> = futures::stream::iter(requests).buffer_unordered(at_once).collect().await;
    let took = begun.elapsed();
    let mut kept = kept.into_iter().collect::<Result<Vec<_>, _>>()?;
    kept.sort_by_key(|(n, _)| *n);
    Ok((took, kept.into_iter().map(|(_, kept)| kept).collect()))
}

/// The one in the middle.
pub(crate) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
