//! `[[digests]]`: who is told of changes by mail, and when. The address of the server may hold a password, and is never shown.

use std::{path::Path, time::Duration};

use chrono::{NaiveTime, Weekday};
use url::{Host, Url};

use crate::mail::{Address, Settings, Tls};
use crate::model::address::decoded;
use crate::publish::{DIGEST_CHANGES_MAX, Digest, SINKS_MAX, Schedule};
use crate::topic::Spec;

use super::{
    kinds::{self, Bad, Kind},
    names,
    reader::{Findings, Given, Table},
    report::{Place, Problem},
    sections,
    sources::{Seen, titled, unique_id},
    webhooks::{one_or_many, told_kinds, topic},
};

const TLS: &[(&str, Tls)] = &[("starttls", Tls::Starttls), ("tls", Tls::Tls), ("none", Tls::None)];
const DAYS: &[(&str, Weekday)] = &[
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];
/// Who can get one mail; more are a list of the mail server's.
const READERS_MAX: usize = 50;
/// Times of a day.
const TIMES_MAX: usize = 24;
const SECOND: Duration = Duration::from_secs(1);

/// All digests that are right; `topics` are those that they can name, `ids` the names that sinks have.
pub(super) fn digests(
    root: &mut Table<'_>,
    base: &Path,
    topics: &[Spec],
    ids: &mut Seen,
    found: &mut Findings<'_>,
) -> Vec<Digest> {
    let mut digests = vec![];
    let tables = root.tables("digests", found);
    if let Some(one_more) = tables.get(SINKS_MAX) {
        let problem = Problem::error(one_more.span(), format!("there are more than {SINKS_MAX} digests"));
        found.push(problem.expected("expected no more of them"));
    }
    for (i, value) in tables.iter().enumerate().take(SINKS_MAX) {
        let table = Table::at(titled("digest", i, value.get_ref()), value, found);
        digests.extend(digest(table, base, topics, ids, found));
    }
    digests
}

fn digest(
    mut table: Table<'_>,
    base: &Path,
    topics: &[Spec],
    ids: &mut Seen,
    found: &mut Findings<'_>,
) -> Option<Digest> {
    let id = unique_id(&mut table, ids, found);
    let mut title = "News".to_owned();
    table.set("title", &kinds::words(100), &mut title, found);
    let server = server(&mut table, base, found);
    table.require("from", "from = \"News <news@example.org>\"", found);
    let from = table.scalar("from", &address(), found);
    let to = readers(&mut table, found);
    let (topics, topic_titles) = told_topics(&mut table, topics, found);
    let kinds = told_kinds(&mut table, found);
    let schedule = schedule(&mut table, found);
    let (mut private, mut timeout) = (true, 60 * SECOND);
    table.set("private", &kinds::switch(), &mut private, found);
    table.set("timeout", &kinds::duration(SECOND, 600 * SECOND), &mut timeout, found);
    table.finish(found);
    Some(Digest {
        id: id?.value,
        title,
        server: server?,
        private,
        from: from?.value,
        to,
        topics,
        topic_titles,
        kinds,
        schedule,
        stories_max: DIGEST_CHANGES_MAX,
        timeout,
    })
}

/// `url` or `url_file`, and `tls`.
fn server(table: &mut Table<'_>, base: &Path, found: &mut Findings<'_>) -> Option<Settings> {
    if table.exists() && !table.has("url") && !table.has("url_file") {
        let problem = Problem::error(table.at.clone(), format!("{} has no `url`", table.title));
        let hint = "add a line: url = \"smtp://user:password@mail.example.org\"".to_owned();
        found.push(problem.expected("`url` or `url_file` is missing").hint(hint).needs_whole_file());
    }
    if let Some(value) = table.peek("url") {
        found.secrets.push(value.span());
    }
    let given = sections::value_or_file(table, ("url", "url_file"), &server_address(), base, found);
    let asked = table.scalar("tls", &kinds::choice(TLS), found);
    let given = given?;
    let url = Url::parse(&given.value).ok()?;
    let tls = match (url.scheme(), asked) {
        ("smtps", Some(Given { value: Tls::Starttls | Tls::None, at })) => {
            let problem = Problem::error(at, format!("{} tls: the address says smtps", table.title));
            found.push(problem.expected("expected \"tls\", or an address that begins with smtp:"));
            return None;
        }
        ("smtps", _) => Tls::Tls,
        (_, asked) => asked.map_or(Tls::Starttls, |given| given.value),
    };
    let port = match tls {
        Tls::Starttls => 587,
        Tls::Tls => 465,
        Tls::None => 25,
    };
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let login = url.password().map(|password| (decoded(url.username()), decoded(password)));
    if tls == Tls::None && login.is_some() && !is_here(&url) {
        let problem = Problem::warning(given.at, format!("{} tls: a password is sent in the open", table.title));
        found.push(problem.expected("readable by whoever is on the way to that server"));
    }
    Some(Settings { host, port: url.port().unwrap_or(port), tls, login })
}

/// Whether a server is on this machine, as its address says.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The address of a mail server, as it is written.
fn server_address() -> Kind<String> {
    Kind::text("a mail server such as \"smtp://user:password@mail.example.org\" or \"smtps://...\"", |s| {
        // Never quoted: it may hold a password.
        let url = Url::parse(s.trim()).map_err(|e| {
            let hint = "in a password write @ as %40, / as %2F, : as %3A, # as %23, % as %25".to_owned();
            Bad::new(format!("this is not an address: {e}")).hint(hint)
        })?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        match url.scheme() {
            "smtp" | "smtps" if !bare || url.host_str().is_none_or(str::is_empty) => {
                Err(Bad::new("a mail server is a host and a port, nothing more"))
            }
            "smtp" | "smtps" if !url.username().is_empty() && url.password().is_none() => {
                Err(Bad::new("it has a user without a password"))
            }
            "smtp" | "smtps" => Ok(s.trim().to_owned()),
            other => {
                Err(Bad::new(format!("`{other}:` is no mail server")).hint("the schemes are smtp and smtps".to_owned()))
            }
        }
    })
}

/// Somebody's address.
fn address() -> Kind<Address> {
    Kind::text("an address such as \"News <news@example.org>\"", |s| s.parse().map_err(Bad::new))
}

fn readers(table: &mut Table<'_>, found: &mut Findings<'_>) -> Vec<Address> {
    table.require("to", "to = [\"you@example.org\"]", found);
    let label = table.label("to");
    let Some(value) = table.take("to") else { return vec![] };
    let readers = one_or_many(&label, value, &address(), found);
    if readers.is_empty() && value.get_ref().as_array().is_some_and(|list| list.is_empty()) {
        found.push(Problem::error(value.span(), format!("{label}: nobody is named")).expected("expected an address"));
    }
    if let Some(one_more) = readers.get(READERS_MAX) {
        let problem = Problem::error(one_more.at.clone(), format!("{label}: too many addresses"));
        found.push(problem.expected(format!("expected at most {READERS_MAX}; a list of the mail server's has room")));
    }
    readers.into_iter().map(|given| given.value).collect()
}

/// (ids, titles) of the topics that are told; without a word on it, of all.
fn told_topics(table: &mut Table<'_>, topics: &[Spec], found: &mut Findings<'_>) -> (Vec<String>, Vec<String>) {
    let given = table.has("topics");
    let wanted: Vec<String> =
        table.list("topics", &topic(topics), found).into_iter().map(|given| given.value).collect();
    if topics.is_empty() && table.exists() {
        let problem =
            Problem::error(table.at.clone(), format!("{} has nothing to tell: there are no topics", table.title));
        found.push(problem.expected("expected a [[topics]]").needs_whole_file());
    } else if given && wanted.is_empty() {
        let problem = Problem::error(table.at.clone(), format!("{} topics: none is named", table.title));
        found.push(problem.expected("expected at least one, or no `topics` for all").needs_whole_file());
    }
    if !given {
        return topics.iter().map(|t| (t.id.clone(), t.title.clone())).unzip();
    }
    let named = |id: &String| topics.iter().find(|t| t.id == *id).map(|t| (t.id.clone(), t.title.clone()));
    wanted.iter().filter_map(named).unzip()
}

/// `at`, `days` and `time_zone`.
fn schedule(table: &mut Table<'_>, found: &mut Findings<'_>) -> Schedule {
    table.require("at", "at = \"07:30\"", found);
    let label = table.label("at");
    let at = table.take("at").map(|value| one_or_many(&label, value, &time(), found)).unwrap_or_default();
    let too_many = at.get(TIMES_MAX).map(|one_more| one_more.at.clone());
    let none = table.peek("at").filter(|value| value.get_ref().as_array().is_some_and(|list| list.is_empty()));
    if let Some(place) = too_many.or_else(|| none.map(|value| Place::from(value.span()))) {
        let problem = Problem::error(place, format!("{label}: there must be 1 to {TIMES_MAX} times of day"));
        found.push(problem.expected("expected such as [\"07:30\", \"18:00\"]"));
    }
    let given = table.has("days");
    let days: Vec<Weekday> = table.list("days", &kinds::choice(DAYS), found).into_iter().map(|g| g.value).collect();
    if given && days.is_empty() {
        let problem = Problem::error(table.at.clone(), format!("{} days: none is named", table.title));
        found.push(problem.expected("expected at least one, or no `days` for every day").needs_whole_file());
    }
    let mut zone = chrono_tz::UTC;
    table.set("time_zone", &names::zone(), &mut zone, found);
    let every_day = DAYS.iter().map(|(_, day)| *day);
    Schedule {
        at: at.into_iter().map(|given| given.value).collect(),
        days: if given { days } else { every_day.collect() },
        zone,
    }
}

/// A time of day.
fn time() -> Kind<NaiveTime> {
    Kind::text("a time of day such as \"07:30\"", |s| {
        NaiveTime::parse_from_str(s.trim(), "%H:%M").map_err(|_| Bad::new(format!("`{s}` is not a time of day")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_times() {
        for fits in ["smtp://mail.example", "smtps://me:p%40w@mail.example:465/", "smtp://127.0.0.1:2525"] {
            assert!((server_address().parse)(fits).is_ok(), "{fits}");
        }
        for bad in ["mail.example", "http://a", "smtp://a/x", "smtp://me@a", "smtp://", "smtp://a?tls=none"] {
            assert!((server_address().parse)(bad).is_err(), "{bad}");
        }
        for (text, fits) in [("07:30", true), ("24:00", false), ("7", false), ("", false), ("07:30:10", false)] {
            assert_eq!((time().parse)(text).is_ok(), fits, "{text}");
        }
        assert!(is_here(&"smtp://127.0.0.1:25".parse().unwrap()) && is_here(&"smtp://localhost".parse().unwrap()));
        assert!(!is_here(&"smtp://mail.example".parse().unwrap()));
    }
}
