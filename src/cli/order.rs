//! `tidings poll`, `pause`, `resume`, `release` and `dismiss`: orders to a running daemon.

use std::{net::IpAddr, path::Path, time::Duration};

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::{Instant, sleep};
use url::Url;

use crate::config;
use crate::fetch::{self, Fetched, Fetcher, Poster, Request};
use crate::model::Failure;

use super::{Stop, settings};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long a visit is waited for.
const VISIT_MAX: Duration = Duration::from_secs(120);
/// How often it is asked whether it was made.
const ASK_EVERY: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The id of the source.
    source: String,
    /// Where the daemon answers; by default, what the configuration says.
    #[arg(long)]
    url: Option<Url>,
}

#[derive(Debug, clap::Args)]
pub(super) struct PollArguments {
    #[command(flatten)]
    of: Arguments,
    /// Do not wait for what comes of it.
    #[arg(long)]
    no_wait: bool,
}

/// What is remembered of a visit, as far as it is shown.
#[derive(Debug, Deserialize)]
struct Visit {
    kind: String,
    at: DateTime<Utc>,
    outcome: String,
    note: Option<String>,
    entries_seen: Option<i64>,
    entries_new: i64,
}

#[derive(Debug, Deserialize)]
struct Visits {
    visits: Vec<Visit>,
}

/// The daemon that listens where `settings` say, for who is on its machine.
pub(super) fn here(settings: &config::Settings) -> anyhow::Result<Url> {
    let mut listen = settings.serve.listen;
    if listen.ip().is_unspecified() {
        listen.set_ip(if listen.is_ipv4() { IpAddr::from([127, 0, 0, 1]) } else { "::1".parse()? });
    }
    Ok(format!("http://{listen}/").parse()?)
}

/// Fetching from wherever the operator says, no longer than `timeout`.
pub(super) fn anywhere(timeout: Duration) -> fetch::Settings {
    let everywhere = ["0.0.0.0/0", "::/0"].iter().filter_map(|n| n.parse().ok()).collect();
    fetch::Settings {
        timeout,
        allow_networks: everywhere,
        per_host_delay: Duration::ZERO,
        ..fetch::Settings::default()
    }
}

/// Gives the order `verb`, and says what came of it.
pub(super) async fn order(path: &Path, arguments: &Arguments, verb: &str) -> Result<(), Stop> {
    give(&Daemon::at(path, arguments.url.as_ref())?, arguments, verb).await?;
    let id = &arguments.source;
    println!(
        "{}",
        match verb {
            "pause" => format!("{id} is paused; `tidings resume {id}` has it visited again."),
            "resume" => format!("{id} is visited again."),
            "release" => format!("What was held back of {id} is visited now, or once it is resumed if it is paused."),
            _ => format!("What was held back of {id} counts as seen."),
        }
    );
    Ok(())
}

/// Has a source visited now, and says what came of it.
pub(super) async fn poll(path: &Path, arguments: &PollArguments) -> Result<(), Stop> {
    let (daemon, id) = (Daemon::at(path, arguments.of.url.as_ref())?, &arguments.of.source);
    let before = daemon.newest(id).await?;
    give(&daemon, &arguments.of, "poll").await?;
    if arguments.no_wait {
        println!("{id} is due now.");
        return Ok(());
    }
    let until = Instant::now() + VISIT_MAX;
    while Instant::now() < until {
        sleep(ASK_EVERY).await;
        let newest = daemon.newest(id).await?;
        if let Some(visit) = newest.filter(|v| before.as_ref().is_none_or(|b| v.at > b.at)) {
            let seen =
                visit.entries_seen.map_or(String::new(), |n| format!(": {n} entries, {} new", visit.entries_new));
            println!("{id} {}{seen}", visit.outcome);
            if let Some(note) = &visit.note {
                println!("    {note}");
            }
            let is_good = matches!(visit.outcome.as_str(), "ok" | "not_modified");
            return if is_good { Ok(()) } else { Err(anyhow!("the visit did not succeed").into()) };
        }
    }
    let waited = VISIT_MAX.as_secs();
    Err(anyhow!("{id} is due, and was not visited within {waited} s: its host may be busy, or its `hours` closed")
        .into())
}

/// A running daemon, and what opens it.
pub(super) struct Daemon {
    url: Url,
    authorization: Option<String>,
    fetcher: Fetcher,
    poster: Poster,
}

impl Daemon {
    /// The one at `url`, or where the configuration at `path` says.
    pub(super) fn at(path: &Path, url: Option<&Url>) -> Result<Self, Stop> {
        let settings = settings(path)?;
        let url = url.map_or_else(|| here(&settings), |url| Ok(url.clone()))?;
        let client = anywhere(TIMEOUT);
        Ok(Self {
            url,
            authorization: settings.serve.token.map(|t| format!("Bearer {}", t.reveal())),
            fetcher: Fetcher::new(&client).context("no client")?,
            poster: Poster::new(&client).context("no client")?,
        })
    }

    fn address(&self, source: &str, what: &str) -> Result<Url, Stop> {
        Ok(self.url.join(&format!("api/v1/sources/{source}/{what}"))?)
    }

    /// The newest visit of a source's listing.
    async fn newest(&self, source: &str) -> Result<Option<Visit>, Stop> {
        let visits: Visits = self.get(&self.address(source, "visits")?, Some(source)).await?;
        Ok(visits.visits.into_iter().find(|v| v.kind == "listing"))
    }

    /// How it does.
    pub(super) async fn status<T: DeserializeOwned>(&self) -> Result<T, Stop> {
        self.get(&self.url.join("status")?, None).await
    }

    /// What is at `url`, which is about `source` or about the daemon.
    async fn get<T: DeserializeOwned>(&self, url: &Url, source: Option<&str>) -> Result<T, Stop> {
        let headers: Vec<_> = self.authorization.iter().map(|a| ("Authorization".to_owned(), a.clone())).collect();
        let request = Request { robots: false, headers: &headers, ..Request::of(url) };
        let bytes = match self.fetcher.get(request).await {
            Ok(Fetched::Document { bytes, .. }) => bytes,
            Ok(Fetched::NotModified { .. }) => return Err(anyhow!("{url} gave no answer").into()),
            Err(failure) => return Err(refused(source, failure.status, Some(&failure))),
        };
        Ok(serde_json::from_slice(&bytes).context("this is no daemon of this version")?)
    }
}

/// Gives the order `verb`.
async fn give(daemon: &Daemon, arguments: &Arguments, verb: &str) -> Result<(), Stop> {
    let url = daemon.address(&arguments.source, verb)?;
    let headers: Vec<_> = daemon.authorization.iter().map(|a| ("authorization", a.as_str())).collect();
    match daemon.poster.post(&url, &headers, vec![], TIMEOUT).await {
        Ok(answered) if (200..300).contains(&answered.status) => Ok(()),
        Ok(answered) if answered.status == 409 && verb == "poll" => {
            Err(Stop::Usage(format!("error: {0} is paused; `tidings resume {0}` first", arguments.source)))
        }
        Ok(answered) if answered.status == 409 => {
            Err(Stop::Usage(format!("error: nothing of {} is held back", arguments.source)))
        }
        Ok(answered) => Err(refused(Some(&arguments.source), Some(answered.status), None)),
        Err(failure) => Err(refused(Some(&arguments.source), failure.status, Some(&failure))),
    }
}

/// Why the daemon did not do it, and what to do about that.
fn refused(source: Option<&str>, status: Option<u16>, failure: Option<&Failure>) -> Stop {
    match status {
        Some(401) => Stop::Usage("error: the daemon has another token than this configuration".into()),
        Some(403) => Stop::Usage(
            "error: the daemon takes no orders: set `token_file` under [web] of its configuration, and start it again"
                .into(),
        ),
        Some(404) if let Some(source) = source => Stop::Usage(format!("error: the daemon has no source {source}")),
        Some(status) => anyhow!("the daemon answered {status}; its log says why").into(),
        None => {
            let reason = failure.map_or("no answer", |f| f.reason.as_str());
            anyhow!("the daemon does not answer: {reason}; is it running, and is --url where it listens?").into()
        }
    }
}
