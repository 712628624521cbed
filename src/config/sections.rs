//! The sections of the file that have one value per key, each into the `Settings` of the module it configures.

use std::{fs, io::Read, path::Path, time::Duration};

use crate::serve;

use super::{
    Settings,
    access::DELAY_MAX,
    kinds, names,
    reader::{Findings, Given, Table},
    report::{Place, Problem},
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Shortest time between two visits of a listing that anybody can ask for.
pub(super) const EVERY_MIN: Duration = Duration::from_secs(10);
/// Longest time between two visits of a listing.
pub(super) const EVERY_MAX: Duration = Duration::from_secs(30 * 24 * 3600);
/// Bytes of a file that holds a secret.
pub(super) const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// `[database]`; paths of `*_file` are relative to `base`.
pub(super) fn database(root: &mut Table<'_>, base: &Path, settings: &mut Settings, found: &mut Findings<'_>) {
    let mut table = root.section("database", found);
    if let Some(value) = table.peek("url")
        && value.get_ref().as_str().is_none_or(|url| url.contains('@') || url.contains("password"))
    {
        // Badly written, a password can be anywhere in it.
        found.secrets.push(value.span());
    }
    if let Some(given) = value_or_file(&mut table, ("url", "url_file"), &names::database_url(), base, found) {
        if given.value.contains(":memory:") {
            let problem = Problem::warning(given.at, "[database] url: everything is kept in memory");
            found.push(problem.expected("lost when the program stops"));
        }
        settings.database_url = given.value;
    }
    table.finish(found);
}

/// A value that stands under one key, or in the file that another key names.
pub(super) fn value_or_file(
    table: &mut Table<'_>,
    (key, file_key): (&'static str, &'static str),
    kind: &kinds::Kind<String>,
    base: &Path,
    found: &mut Findings<'_>,
) -> Option<Given<String>> {
    let value = table.scalar(key, kind, found);
    let file = table.scalar(file_key, &kinds::words(4096), found);
    let from_env = |given: &Given<String>| matches!(given.at, Place::Env(_));
    let title = table.title.clone();
    let file = match (&value, file) {
        // The environment overrides the file, whichever of the two keys either uses.
        (Some(value), Some(file)) if from_env(value) != from_env(&file) => Some(file).filter(from_env),
        (Some(value), Some(file)) => {
            let problem = Problem::error(file.at, format!("{title}: both `{key}` and `{file_key}` are set"));
            found.push(problem.expected("expected one of the two").also(&value.at, "the other"));
            None
        }
        (_, file) => file,
    };
    file.and_then(|file| secret(base, &file, &format!("{title} {file_key}"), kind, found)).or(value)
}

/// What the file named by `path` holds, as a value of `kind`.
pub(super) fn secret(
    base: &Path,
    path: &Given<String>,
    label: &str,
    kind: &kinds::Kind<String>,
    found: &mut Findings<'_>,
) -> Option<Given<String>> {
    let full = base.join(&path.value);
    let mut text = String::new();
    // One byte more than allowed tells a file that is too long from one that just fits.
    let read = fs::File::open(&full).and_then(|file| file.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text));
    if let Err(e) = read {
        let problem = Problem::error(path.at.clone(), format!("{label}: cannot read {}: {e}", full.display()));
        let hint = "a path that is not absolute is relative to the folder of the configuration file".to_owned();
        found.push(problem.expected("expected a readable text file").hint(hint));
        return None;
    }
    if text.len() as u64 > SECRET_BYTES_MAX {
        let problem = Problem::error(path.at.clone(), format!("{label}: {} is too long", full.display()));
        found.push(problem.expected(format!("expected a file of at most {SECRET_BYTES_MAX} bytes")));
        return None;
    }
    match (kind.parse)(text.trim()) {
        Ok(value) => Some(Given { value, at: path.at.clone() }),
        Err(bad) => {
            let problem = Problem::error(path.at.clone(), format!("{label}: in {}: {}", full.display(), bad.message));
            found.push(problem.expected(format!("expected the file to hold {}", kind.expected)).hint(bad.hint));
            None
        }
    }
}

/// `[web]`; paths of `*_file` are relative to `base`.
pub(super) fn web(root: &mut Table<'_>, base: &Path, settings: &mut Settings, found: &mut Findings<'_>) {
    let mut table = root.section("web", found);
    let serve = &mut settings.serve;
    if let Some(value) = table.peek("token") {
        found.secrets.push(value.span());
    }
    let token = value_or_file(&mut table, ("token", "token_file"), &names::token(), base, found);
    serve.token = token.map(|given| serve::Token::new(given.value));
    table.set("public", &kinds::switch(), &mut serve.public, found);
    let listen = table.set("listen", &kinds::listen(), &mut serve.listen, found);
    if let Some(given) = table.scalar("public_url", &names::public_url(), found) {
        serve.public_url = Some(given.value);
    }
    let content = kinds::choice(&[("full", true), ("excerpt", false)]);
    table.set("content", &content, &mut serve.full_content, found);
    if let Some(given) = table.scalar("items", &kinds::number(1, 1000), found) {
        serve.items = i64::try_from(given.value).unwrap_or(serve.items);
    }
    table.set("ready_within", &kinds::duration(MINUTE, 7 * DAY), &mut serve.ready_within, found);
    if let Some(at) = listen.filter(|_| !serve.public && serve.token.is_none() && !serve.listen.ip().is_loopback()) {
        let problem = Problem::warning(at, "[web]: it listens to other machines, and none of them may read");
        let hint = "set public = true if everybody may read, or token_file for those who have the token".to_owned();
        found.push(problem.expected("answered 401, but for /healthz and /readyz").hint(hint));
    }
    table.set("ready_lag", &kinds::duration(MINUTE, 7 * DAY), &mut serve.ready_lag, found);
    table.finish(found);
}

/// `[fetch]`: who we are, how gentle, how often.
pub(super) fn fetch(root: &mut Table<'_>, settings: &mut Settings, found: &mut Findings<'_>) {
    let mut table = root.section("fetch", found);
    let fetch = &mut settings.fetch;
    if let Some(given) = table.scalar("user_agent", &names::header_value(), found) {
        if given.value.is_empty() {
            let problem = Problem::error(given.at, "[fetch] user_agent: it is empty");
            found.push(problem.expected("expected who you are: \"tidings (+https://news.example.org)\""));
        } else {
            fetch.user_agent = given.value;
        }
    }
    table.set("timeout", &kinds::duration(SECOND, 10 * MINUTE), &mut fetch.timeout, found);
    table.set("body_max", &kinds::bytes(), &mut fetch.body_bytes_max, found);
    let networks = table.list("allow_networks", &kinds::network(), found);
    fetch.allow_networks = networks.into_iter().map(|given| given.value).collect();
    table.set("idle_timeout", &kinds::duration(SECOND, 10 * MINUTE), &mut fetch.idle_timeout, found);
    table.set("per_host_delay", &kinds::duration(Duration::ZERO, DELAY_MAX), &mut fetch.per_host_delay, found);
    table.set("keep_failed_bodies", &kinds::switch(), &mut fetch.keep_failed_bodies, found);
    let frontier = &mut settings.frontier;
    table.set("concurrency", &kinds::number(1, 1024), &mut frontier.concurrency, found);
    table.set("revisits_per_hour", &kinds::number(0, 3600), &mut frontier.revisits_per_hour, found);
    let cadence = &mut settings.cadence;
    table.set("revisit_until", &kinds::duration(Duration::ZERO, 365 * DAY), &mut cadence.revisit_until, found);
    let every = kinds::duration(EVERY_MIN, EVERY_MAX);
    let min = table.set("every_min", &every, &mut cadence.floor, found);
    let max = table.set("every_max", &every, &mut cadence.ceiling, found);
    if cadence.floor > cadence.ceiling
        && let Some(at) = max.or(min)
    {
        let (floor, ceiling) = (kinds::span(cadence.floor), kinds::span(cadence.ceiling));
        let problem = Problem::error(at, format!("[fetch]: every_min ({floor}) is longer than every_max ({ceiling})"));
        found.push(problem.expected("expected every_min to be the shorter one").needs_whole_file());
    }
    table.finish(found);
}

/// `[retention]`
pub(super) fn retention(root: &mut Table<'_>, settings: &mut Settings, found: &mut Findings<'_>) {
    let mut table = root.section("retention", found);
    table.set("articles", &kinds::kept(DAY, 36_500 * DAY), &mut settings.ledger.articles_kept, found);
    table.set("removed_topics", &kinds::kept(DAY, 36_500 * DAY), &mut settings.ledger.topics_kept, found);
    table.finish(found);
}

/// `[dedupe]`: which articles are one story.
pub(super) fn dedupe(root: &mut Table<'_>, settings: &mut Settings, found: &mut Findings<'_>) {
    let mut table = root.section("dedupe", found);
    table.set("window", &kinds::duration(DAY, 90 * DAY), &mut settings.ledger.window, found);
    table.set("similarity", &kinds::share(0.5, 1.0), &mut settings.ledger.similarity, found);
    table.finish(found);
}

/// `[log]`
pub(super) fn log(root: &mut Table<'_>, settings: &mut Settings, found: &mut Findings<'_>) {
    let mut table = root.section("log", found);
    table.set("level", &names::level(), &mut settings.telemetry.level, found);
    let format = kinds::choice(&[("text", false), ("json", true)]);
    table.set("format", &format, &mut settings.telemetry.json, found);
    table.finish(found);
}
