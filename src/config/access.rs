//! How a site is to be treated, and by what way it is reached: `[[hosts]]`, and the keys of a source for proxy, login, cookies
//! and hours.

use std::{collections::HashMap, path::Path, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use url::Url;

use crate::fetch::Host;
use crate::model::Hours;

use super::{
    kinds::{self, Bad, Kind},
    reader::{Findings, Given, Table},
    report::Problem,
    sections,
    sources::Seen,
};

/// Longest gap between two requests to one host that can be asked for.
pub(super) const DELAY_MAX: Duration = Duration::from_secs(3600);

/// `[[hosts]]`: what is different for single hosts.
pub(super) fn hosts(root: &mut Table<'_>, found: &mut Findings<'_>) -> HashMap<String, Host> {
    let (mut hosts, mut seen) = (HashMap::new(), Seen::new());
    for (i, value) in root.tables("hosts", found).iter().enumerate() {
        let name = value.get_ref().get("name").and_then(|n| n.get_ref().as_str()).filter(|n| n.len() <= 255);
        let title = name.map_or_else(|| format!("host {}", i + 1), |name| format!("host {name}"));
        let mut table = Table::at(title, value, found);
        table.require("name", "name = \"news.example.org\"", found);
        let name = table.scalar("name", &host_name(), found);
        let delay = kinds::duration(Duration::ZERO, DELAY_MAX);
        let host = Host {
            per_host_delay: table.scalar("per_host_delay", &delay, found).map(|given| given.value),
            robots: table.scalar("robots", &kinds::switch(), found).map(|given| given.value),
        };
        let title = table.title.clone();
        table.finish(found);
        let Some(name) = name else { continue };
        if let Some(first) = seen.get(&name.value) {
            let problem = Problem::error(name.at, format!("{title}: this host is there twice"));
            found.push(problem.expected("expected each host once").also(first, "the first one"));
            continue;
        }
        seen.insert(name.value.clone(), name.at);
        hosts.insert(name.value, host);
    }
    hosts
}

/// A host as addresses name it, in lower case and ASCII, with a port that is not the scheme's own.
fn host_name() -> Kind<String> {
    Kind::text("the name of a host such as \"news.example.org\" or \"10.1.2.3:8080\"", |s| {
        let text = s.trim();
        let url = Url::parse(&format!("http://{text}/")).ok().filter(|url| {
            url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty()
        });
        let url = url.filter(|_| !text.contains('/')).ok_or_else(|| {
            let hint = text.contains("://").then(|| "leave the scheme and the path out".to_owned());
            Bad::new(format!("`{s}` is not the name of a host")).hint(hint)
        })?;
        Ok(crate::model::address::authority(&url).to_owned())
    })
}

/// By what way a source is reached.
#[derive(Default)]
pub(super) struct Access {
    pub(super) proxy: Option<Url>,
    pub(super) cookies: bool,
    pub(super) hours: Option<Hours>,
    /// The header that logs in.
    pub(super) login: Option<(String, String)>,
}

/// `proxy`, `proxy_file`, `basic_auth`, `cookies` and `hours` of a source whose other headers are `headers`.
pub(super) fn access(
    table: &mut Table<'_>,
    base: &Path,
    headers: &[(String, String)],
    found: &mut Findings<'_>,
) -> Access {
    let mut access = Access { proxy: proxy(table, base, found), ..Access::default() };
    table.set("cookies", &kinds::switch(), &mut access.cookies, found);
    access.hours = table.scalar("hours", &hours(), found).map(|given| given.value);
    let at = table.peek("basic_auth").map(|value| value.span());
    access.login = login(table, base, found);
    let doubled = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    if let Some(at) = at.filter(|_| doubled) {
        let problem =
            Problem::error(at, format!("{} basic_auth: the header Authorization is set as well", table.title));
        found.push(problem.expected("expected one of the two"));
    }
    access
}

fn proxy(table: &mut Table<'_>, base: &Path, found: &mut Findings<'_>) -> Option<Url> {
    let title = table.title.clone();
    let proxy = table.scalar("proxy", &proxy_address(), found);
    let file = table.scalar("proxy_file", &kinds::words(4096), found);
    let words = Kind::text(proxy_address().expected, |s: &str| (proxy_address().parse)(s).map(String::from));
    match (proxy, file) {
        (Some(proxy), Some(file)) => {
            let problem = Problem::error(file.at, format!("{title}: both `proxy` and `proxy_file` are set"));
            found.push(problem.expected("expected one of the two").also(&proxy.at, "the other"));
            None
        }
        (proxy, None) => proxy.map(|given| given.value),
        (None, Some(file)) => {
            let held = sections::secret(base, &file, &format!("{title} proxy_file"), &words, found)?;
            Url::parse(&held.value).ok()
        }
    }
}

fn proxy_address() -> Kind<Url> {
    Kind::text("a proxy such as \"http://proxy.example:3128\" or \"socks5h://127.0.0.1:1080\"", |s| {
        // Never quoted: it may hold a password.
        let url = Url::parse(s.trim()).map_err(|e| Bad::new(format!("this is not an address: {e}")))?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        match url.scheme() {
            "http" | "https" | "socks5" | "socks5h" if !url.has_host() || !bare => {
                Err(Bad::new("a proxy is a host and a port, nothing more"))
            }
            "http" | "https" => Ok(url),
            "socks5" | "socks5h" if url.port().is_some() => Ok(url),
            "socks5" | "socks5h" => {
                Err(Bad::new("it has no port").hint("SOCKS proxies often listen on 1080".to_owned()))
            }
            other => Err(Bad::new(format!("`{other}:` is no proxy that tidings knows")).hint(
                "the schemes are http, https, socks5, and socks5h, by which the proxy resolves names".to_owned(),
            )),
        }
    })
}

/// `basic_auth` as the header that it becomes.
fn login(table: &mut Table<'_>, base: &Path, found: &mut Findings<'_>) -> Option<(String, String)> {
    let value = table.take("basic_auth")?;
    let mut inner = Table::at(table.label("basic_auth"), value, found);
    if let Some(secret) = inner.peek("password") {
        found.secrets.push(secret.span());
    } else if !inner.exists() {
        found.secrets.push(value.span());
    }
    inner.require("user", "user = \"name\"", found);
    let user = inner.scalar("user", &user_name(), found);
    let (title, word) = (inner.title.clone(), kinds::words(1000));
    // What is wrong with a password is said without it.
    let quiet = Kind::text("a password of 1 to 1000 characters", move |s| {
        (word.parse)(s).map_err(|_| Bad::new("it is empty, too long, or holds a control character"))
    });
    let password = inner.scalar("password", &quiet, found);
    let file = inner.scalar("password_file", &kinds::words(4096), found);
    if password.is_some() == file.is_some() && inner.exists() && !(inner.has("password") && password.is_none()) {
        let problem = Problem::error(value.span(), format!("{title}: there must be one password"));
        found.push(problem.expected("expected either `password` or `password_file`"));
    }
    inner.finish(found);
    let from_file =
        |file: Given<String>| sections::secret(base, &file, &format!("{title} password_file"), &quiet, found);
    let password = password.or_else(|| file.and_then(from_file))?.value;
    let pair = STANDARD.encode(format!("{}:{password}", user?.value));
    Some(("Authorization".into(), format!("Basic {pair}")))
}

fn user_name() -> Kind<String> {
    let words = kinds::words(200);
    Kind::text("a user name without `:`", move |s| match (words.parse)(s)? {
        name if name.contains(':') => Err(Bad::new("it contains a colon")),
        name => Ok(name),
    })
}

/// A part of the day: `07-23`, `07:30-23:00`, `22-06`.
fn hours() -> Kind<Hours> {
    Kind::text("a part of the day such as \"07-23\" or \"22:30-06:00\"", |s| {
        let bad = || Bad::new(format!("`{s}` is not a part of the day"));
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':').unwrap_or((text.trim(), "0"));
            let number = |text: &str| text.parse::<u16>().ok().filter(|_| text.len() <= 2);
            let (hour, minute) = (number(hour)?, number(minute)?);
            (hour < 24 && minute < 60 || (hour, minute) == (24, 0)).then_some(hour * 60 + minute)
        };
        let (from, to) = s.split_once('-').ok_or_else(bad)?;
        let (from_min, to_min) = minute(from).zip(minute(to)).ok_or_else(bad)?;
        match from_min % 1440 == to_min % 1440 {
            true => Err(Bad::new("that is no part of the day").hint("leave `hours` out for the whole day".to_owned())),
            false => Ok(Hours { from_min: from_min % 1440, to_min }),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good<T>(kind: &Kind<T>, text: &str) -> Option<T> {
        (kind.parse)(text).ok()
    }

    #[test]
    fn parts_of_the_day() {
        let of = |text: &str| good(&hours(), text).map(|h| (h.from_min, h.to_min));
        assert_eq!(of("07-23"), Some((420, 1380)));
        assert_eq!(of(" 7:30 - 24"), Some((450, 1440)));
        assert_eq!(of("22-06:05"), Some((1320, 365)));
        for bad in ["", "7", "07-25", "07-24:30", "07-07", "0-24", "7-8-9", "-7", "07:60-08", "morning-noon", "007-9"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn proxies_and_hosts() {
        for fits in ["http://p:3128", "https://me:pw@p.example/", "socks5://[::1]:1080", "socks5h://p.example:1080"] {
            assert!(good(&proxy_address(), fits).is_some(), "{fits}");
        }
        for bad in ["p:3128", "ftp://p", "socks4://p:1", "socks5://p", "http://p/path", "http://p/?x", "socks5://"] {
            assert!(good(&proxy_address(), bad).is_none(), "{bad}");
        }
        let host = |text: &str| good(&host_name(), text);
        assert_eq!(host("News.Example"), Some("news.example".into()));
        assert!(host("新闻.example:8080").is_some_and(|h| h.starts_with("xn--") && h.ends_with(".example:8080")));
        assert_eq!(host("127.0.0.1:80"), Some("127.0.0.1".into()));
        for bad in ["", "http://a", "a/b", "a b", "me@a", "a?b"] {
            assert_eq!(host(bad), None, "{bad}");
        }
    }
}
