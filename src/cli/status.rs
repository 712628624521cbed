//! `tidings status`.

use std::{collections::BTreeMap, path::Path, time::Duration};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use url::Url;

use super::{Stop, order::Daemon};
use crate::store::SinkState;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Show sources and sinks that are well, too.
    #[arg(long)]
    all: bool,
    /// Where the daemon answers; by default, what the configuration says.
    #[arg(long)]
    url: Option<Url>,
}

/// What the daemon says of itself, as far as it is shown.
#[derive(Debug, Deserialize)]
struct Status {
    version: String,
    uptime_s: i64,
    database: String,
    troubles: Vec<String>,
    totals: Totals,
    sources: Vec<Source>,
    sinks: Vec<Sink>,
    leases: Leases,
}

#[derive(Debug, Deserialize)]
struct Totals {
    articles: i64,
    stories: i64,
    changes: i64,
    due: i64,
    lag_s: i64,
}

#[derive(Debug, Deserialize)]
struct Source {
    id: String,
    state: String,
    since: Option<DateTime<Utc>>,
    why: String,
    advice: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Sink {
    id: String,
    state: SinkState,
    tries: i64,
    lag: i64,
    last_error: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Leases {
    daemons: Vec<Holder>,
}

#[derive(Debug, Deserialize)]
struct Holder {
    hosts: u64,
}

impl Sink {
    fn word(&self) -> &'static str {
        self.state.word(self.tries)
    }
}

/// Shows how a running daemon, its sources and its sinks do.
pub(super) async fn status(path: &Path, arguments: &Arguments) -> Result<(), Stop> {
    let status: Status = Daemon::at(path, arguments.url.as_ref())?.status().await?;
    print!("{}", text(&status, arguments.all));
    Ok(())
}

fn text(status: &Status, all: bool) -> String {
    let Status { version, database, totals, .. } = status;
    let mut lines = vec![format!("tidings {version} on {database}, up for {}", span(status.uptime_s))];
    match status.troubles.as_slice() {
        [] => lines.push("ready".into()),
        troubles => lines.extend(troubles.iter().map(|trouble| format!("not ready: {trouble}"))),
    }
    lines.push(format!("{} articles in {} stories, {} changes", totals.articles, totals.stories, totals.changes));
    lines.push(match totals.due {
        0 => "nothing is due".into(),
        due => format!("{due} visits are due, the first for {}", span(totals.lag_s)),
    });
    if let daemons @ [_, _, ..] = status.leases.daemons.as_slice() {
        let hosts: Vec<String> = daemons.iter().map(|d| d.hosts.to_string()).collect();
        lines.push(format!("{} daemons share the hosts: they hold {}", daemons.len(), hosts.join(", ")));
    }
    lines.push(counted("source", status.sources.iter().map(|s| s.state.as_str())));
    for source in status.sources.iter().filter(|s| all || !matches!(s.state.as_str(), "ok" | "waiting")) {
        let since = source.since.map_or(String::new(), |at| format!(" since {} UTC", at.format("%F %H:%M")));
        lines.push(format!("  {}  {}{since}: {}", source.id, source.state, source.why));
        lines.extend(source.advice.iter().map(|advice| format!("      {advice}")));
    }
    lines.push(counted("sink", status.sinks.iter().map(Sink::word)));
    for sink in status.sinks.iter().filter(|s| all || s.word() != "ok") {
        let error = sink.last_error.as_deref().filter(|_| sink.word() != "ok");
        let error = error.map_or(String::new(), |error| format!(": {error}"));
        lines.push(format!("  {}  {}, {} changes behind{error}", sink.id, sink.word(), sink.lag));
    }
    lines.join("\n") + "\n"
}

/// `3 sources: 2 ok, 1 failing`.
fn counted<'a>(what: &str, states: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for state in states {
        *counts.entry(state).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(state, n)| (*state != "ok", std::cmp::Reverse(*n)));
    let counts: Vec<String> = counts.into_iter().map(|(state, n)| format!("{n} {state}")).collect();
    let many = if all == 1 { "" } else { "s" };
    if all == 0 { format!("no {what}s") } else { format!("{all} {what}{many}: {}", counts.join(", ")) }
}

/// A time of so many seconds in its two largest units.
fn span(seconds: i64) -> String {
    let text = humantime::format_duration(Duration::from_secs(seconds.max(0).unsigned_abs())).to_string();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_well_is_counted_and_what_is_not_is_told() {
        let status: Status = serde_json::from_value(serde_json::json!({
            "version": "1.2.3", "uptime_s": 90061, "database": "sqlite", "troubles": ["the ledger is stuck"],
            "totals": { "articles": 3, "stories": 2, "changes": 4, "due": 1, "lag_s": 75 },
            "sources": [
                { "id": "a", "state": "ok", "since": null, "why": "visited just now", "advice": null },
                { "id": "b", "state": "blocked", "since": "2026-12-01T10:00:00Z", "why": "a login", "advice": "see why" },
            ],
            "sinks": [
                { "id": "w", "state": "active", "tries": 3, "lag": 2, "last_error": "answered 500" },
                { "id": "x", "state": "active", "tries": 0, "lag": 0, "last_error": null },
            ],
            "leases": { "daemons": [{ "hosts": 2 }, { "hosts": 3 }] },
        }))
        .unwrap();
        let short = "tidings 1.2.3 on sqlite, up for 1day 1h\nnot ready: the ledger is stuck\n3 articles in 2 stories, 4 changes\n\
                     1 visits are due, the first for 1m 15s\n2 daemons share the hosts: they hold 2, 3\n\
                     2 sources: 1 ok, 1 blocked\n  b  blocked since 2026-12-01 10:00 UTC: a login\n      see why\n\
                     2 sinks: 1 ok, 1 failing\n  w  failing, 2 changes behind: answered 500\n";
        assert_eq!(text(&status, false), short);
        assert!(text(&status, true).contains("  a  ok: visited just now\n"));
        assert_eq!(counted("sink", [].into_iter()), "no sinks");
    }
}
