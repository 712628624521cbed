//! `[[nats]]`: streams that are told of changes. Addresses may hold a password or a token, and are never shown.

use std::{path::Path, time::Duration};

use url::Url;

use crate::bus;
use crate::publish::{Nats, SINKS_MAX};
use crate::topic::Spec;

use super::{
    kinds::{self, Bad, Kind},
    reader::{Findings, Table},
    report::Problem,
    sections,
    sources::{Seen, titled, unique_id},
    webhooks::{one_or_many, told_kinds, topic},
};

/// Servers of one cluster.
const SERVERS_MAX: usize = 16;
/// What subjects begin with, and how the stream is called, without a word on it.
const NAME: &str = "tidings";
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// For how long a stream of our making keeps what it was told, without a word on it.
const KEEP: Duration = Duration::from_secs(30 * 24 * 3600);

/// All streams that are right; `topics` are those that they can name, `ids` the names that sinks have.
pub(super) fn nats(
    root: &mut Table<'_>,
    base: &Path,
    topics: &[Spec],
    ids: &mut Seen,
    found: &mut Findings<'_>,
) -> Vec<Nats> {
    let mut streams = vec![];
    let tables = root.tables("nats", found);
    if let Some(one_more) = tables.get(SINKS_MAX) {
        let problem = Problem::error(one_more.span(), format!("there are more than {SINKS_MAX} streams"));
        found.push(problem.expected("expected no more of them"));
    }
    for (i, value) in tables.iter().enumerate().take(SINKS_MAX) {
        let table = Table::at(titled("nats", i, value.get_ref()), value, found);
        streams.extend(stream(table, base, topics, ids, found));
    }
    streams
}

fn stream(
    mut table: Table<'_>,
    base: &Path,
    topics: &[Spec],
    ids: &mut Seen,
    found: &mut Findings<'_>,
) -> Option<Nats> {
    let id = unique_id(&mut table, ids, found);
    let servers = servers(&mut table, base, found);
    let (mut prefix, mut stream) = (NAME.to_owned(), NAME.to_owned());
    table.set("prefix", &subject(), &mut prefix, found);
    table.set("stream", &name(), &mut stream, found);
    let (mut create, mut keep, mut private) = (true, Some(KEEP), true);
    table.set("create", &kinds::switch(), &mut create, found);
    table.set("keep", &kinds::kept(DAY, 36_500 * DAY), &mut keep, found);
    table.set("private", &kinds::switch(), &mut private, found);
    let wanted = table.list("topics", &topic(topics), found);
    let kinds = told_kinds(&mut table, found);
    let mut timeout = 10 * SECOND;
    table.set("timeout", &kinds::duration(SECOND, 60 * SECOND), &mut timeout, found);
    table.finish(found);
    let create = create.then(|| bus::Create { subject: format!("{prefix}.>"), keep });
    Some(Nats {
        id: id?.value,
        bus: bus::Settings { servers, stream, create },
        prefix,
        private,
        topics: wanted.into_iter().map(|given| given.value).collect(),
        kinds,
        timeout,
    })
}

/// `url`, one or a list, and `url_file`.
fn servers(table: &mut Table<'_>, base: &Path, found: &mut Findings<'_>) -> Vec<Url> {
    let is_set = table.has("url") || table.has("url_file");
    if table.exists() && !is_set {
        let problem = Problem::error(table.at.clone(), format!("{} has no `url`", table.title));
        let hint = "add a line: url = \"nats://127.0.0.1:4222\"".to_owned();
        found.push(problem.expected("`url` or `url_file` is missing").hint(hint).needs_whole_file());
    }
    let mut servers = vec![];
    if let Some(value) = table.take("url") {
        found.secrets.push(value.span());
        servers.extend(one_or_many(&table.label("url"), value, &server(), found));
    }
    let label = table.label("url_file");
    if let Some(path) = table.scalar("url_file", &kinds::words(4096), found) {
        let words = Kind::text(server().expected, |s: &str| (server().parse)(s).map(String::from));
        let held = sections::secret(base, &path, &label, &words, found);
        servers.extend(held.and_then(|held| {
            let value = (server().parse)(&held.value).ok()?;
            Some(super::reader::Given { value, at: held.at })
        }));
    }
    if let Some(one_more) = servers.get(SERVERS_MAX) {
        let problem = Problem::error(one_more.at.clone(), format!("{} url: too many servers", table.title));
        found.push(problem.expected(format!("expected at most {SERVERS_MAX}")));
    }
    servers.into_iter().map(|given| given.value).collect()
}

/// The address of a server.
fn server() -> Kind<Url> {
    Kind::text("a server such as \"nats://127.0.0.1:4222\" or \"tls://user:password@bus.example.org\"", |s| {
        // Never quoted: it may hold a password.
        let url = Url::parse(s.trim()).map_err(|e| Bad::new(format!("this is not an address: {e}")))?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        match url.scheme() {
            "nats" | "tls" if url.host_str().is_some_and(|h| !h.is_empty()) && bare => Ok(url),
            "nats" | "tls" => Err(Bad::new("a server is a host and a port, nothing more")),
            other => {
                Err(Bad::new(format!("`{other}:` is no NATS server")).hint("the schemes are nats and tls".to_owned()))
            }
        }
    })
}

/// What subjects begin with.
fn subject() -> Kind<String> {
    Kind::text("1 to 100 of the characters A-Z, a-z, 0-9, - and _, parts parted by dots", |s| {
        let fits = s.len() <= 100 && s.split('.').all(is_name);
        fits.then(|| s.to_owned()).ok_or_else(|| Bad::new(format!("`{s}` cannot begin a subject")))
    })
}

/// The name of a stream.
fn name() -> Kind<String> {
    Kind::text("1 to 64 of the characters A-Z, a-z, 0-9, - and _", |s| {
        is_name(s).then(|| s.to_owned()).ok_or_else(|| Bad::new(format!("`{s}` cannot be the name of a stream")))
    })
}

fn is_name(s: &str) -> bool {
    (1..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_subjects() {
        for fits in ["nats://127.0.0.1:4222", "tls://me:pw@bus.example", "nats://t0ken@[::1]:4222/"] {
            assert!((server().parse)(fits).is_ok(), "{fits}");
        }
        for bad in ["127.0.0.1:4222", "http://a", "nats://a/path", "nats://", "nats://a?x"] {
            assert!((server().parse)(bad).is_err(), "{bad}");
        }
        for (text, fits) in
            [("news", true), ("a.b-c.D_1", true), ("", false), ("a..b", false), ("a.*", false), ("a >", false)]
        {
            assert_eq!((subject().parse)(text).is_ok(), fits, "{text}");
        }
    }
}
