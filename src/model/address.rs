//! Addresses: the canonical form that identifies an article, and the host whose lane visits it.

use url::{Position, Url};

/// Parameters that say how a reader came, never what is read.
const TRACKING: &[&str] = &[
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "dclid",
    "fbclid",
    "gclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "oly_anon_id",
    "oly_enc_id",
    "pk_campaign",
    "pk_kwd",
    "spm",
    "twclid",
    "vero_id",
    "wt_mc",
    "yclid",
];
/// Beginnings of names of tracking parameters.
const TRACKING_PREFIXES: &[&str] = &["utm_", "mtm_", "hsa_"];
/// Names whose value may only say that the reader came by a feed; with any other value they stay.
const CAME_BY: &[&str] = &["from", "ref", "source"];
/// Parameters of Discuz that carry a session, a way back or a look.
const DISCUZ_NOISE: &[&str] = &["sid", "extra", "mobile", "highlight", "fromuid"];
/// Scripts of Discuz.
const DISCUZ_SCRIPTS: &[&str] = &["portal.php", "forum.php", "home.php", "group.php", "viewthread.php", "archiver.php"];
/// Parameters that name a thing, which makes a neighbouring `sid` a session rather than the thing.
const DISCUZ_IDS: &[&str] = &["aid", "tid", "fid", "catid", "uid", "pid", "gid", "mod"];

/// A user name or password as it was before it was written in an address.
#[must_use]
pub fn decoded(part: &str) -> String {
    // A form would take a plus for a space.
    let pair = format!("x={}", part.replace('+', "%2B"));
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    pairs.next().map_or_else(|| part.to_owned(), |(_, value)| value.into_owned())
}

/// `url` without user and password, fit for a log.
#[must_use]
pub fn without_userinfo(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only where there can be neither.
    let _ = (url.set_username(""), url.set_password(None));
    url
}

/// `address` as it may be shown to whoever reads: without user and password, else as it was written.
#[must_use]
pub fn without_login(address: String) -> String {
    match Url::parse(&address) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => without_userinfo(&url).into(),
        _ => address,
    }
}

/// The form of `url` that identifies what it points to: for comparing, not for fetching.
///
/// `http` and `https` are one, as are a path with and without a trailing slash. `www.` stays: it is a host of its own, and
/// where both names serve one article, the text says so. Parameters are sorted by name, because engines print them in any order.
#[must_use]
pub fn canonical(url: &Url) -> String {
    let Some(host) = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https")) else {
        let mut plain = url.clone();
        plain.set_fragment(None);
        return plain.into();
    };
    let mut out = format!("https://{}", host.trim_end_matches('.'));
    // A port that is the default of the other scheme would vanish when the result is read again.
    if let Some(port) = url.port().filter(|p| !matches!(p, 80 | 443)) {
        out.push_str(&format!(":{port}"));
    }
    out.push_str(&path(url.path()));
    let mut pairs = pairs(url);
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    for (n, (name, value)) in pairs.iter().enumerate() {
        out.push(if n == 0 { '?' } else { '&' });
        out.push_str(name);
        if let Some(value) = value {
            out.push('=');
            out.push_str(value);
        }
    }
    out
}

/// The host lane that `url` belongs to. All ports of a host are one: whoever names ports must not thereby be visited more often.
#[must_use]
pub fn lane(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// The host of `url` and, when it is not the scheme's default, its port.
#[must_use]
pub fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

fn path(raw: &str) -> String {
    let path = normal(raw.trim_end_matches('/'));
    if path.is_empty() { "/".into() } else { thread(&path).unwrap_or(path) }
}

/// Discuz writes `thread-ID-PAGE-LISTPAGE.html`: the list page that the reader came from is no part of the thread.
fn thread(path: &str) -> Option<String> {
    let (folder, file) = path.rsplit_once('/')?;
    let numbers: Vec<&str> = file.strip_prefix("thread-")?.strip_suffix(".html")?.split('-').collect();
    let [tid, page, _] = numbers[..] else { return None };
    numbers
        .iter()
        .all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        .then(|| format!("{folder}/thread-{tid}-{page}-1.html"))
}

/// The parameters that matter, in the order given, percent-encoding normalised.
fn pairs(url: &Url) -> Vec<(String, Option<String>)> {
    let all: Vec<(String, Option<String>)> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| match piece.split_once('=') {
            Some((name, value)) => (normal_query(name), Some(normal_query(value))),
            None => (normal_query(piece), None),
        })
        .collect();
    let script = url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let named = all.iter().any(|(name, _)| DISCUZ_IDS.contains(&name.as_str()));
    let discuz = all.iter().any(|(name, _)| name == "mod")
        || DISCUZ_SCRIPTS.contains(&script.as_str())
        || (script.ends_with(".php") && named);
    all.into_iter().filter(|(name, value)| !is_noise(name, value.as_deref().unwrap_or_default(), discuz)).collect()
}

fn is_noise(name: &str, value: &str, discuz: bool) -> bool {
    let lower = name.to_ascii_lowercase();
    TRACKING.contains(&lower.as_str())
        || TRACKING_PREFIXES.iter().any(|p| lower.starts_with(p))
        || (CAME_BY.contains(&lower.as_str()) && matches!(value, "rss" | "feed" | "atom"))
        || (lower == "page" && value == "1")
        || (discuz && DISCUZ_NOISE.contains(&lower.as_str()))
}

fn normal_query(s: &str) -> String {
    normal(s).replace('+', "%20")
}

/// `s` with needless percent-encoding undone and the rest in upper case (RFC 3986, section 6.2.2).
fn normal(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut rest = s;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let hex = rest.get(at + 1..at + 3).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(byte) = hex.and_then(|h| u8::from_str_radix(h, 16).ok()) else {
            out.push('%');
            rest = &rest[at + 1..];
            continue;
        };
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        rest = &rest[at + 3..];
    }
    out.push_str(rest);
    out
}

/// What articles of one section have in common in their addresses: host, path and query with numbers as `0` and names as `-`.
#[must_use]
pub fn shape(url: &Url) -> String {
    const WORD_BYTES_MAX: usize = 12;
    let general = |part: &str| {
        if part.len() > WORD_BYTES_MAX || part.contains('-') || !part.is_ascii() || part.contains('%') {
            let end = part.rsplit_once('.').filter(|(_, end)| end.len() <= 5).map_or("", |(_, end)| end);
            return if end.is_empty() { "-".to_owned() } else { format!("-.{end}") };
        }
        let mut out = String::new();
        for c in part.chars() {
            match c {
                '0'..='9' if out.ends_with('0') => {}
                '0'..='9' => out.push('0'),
                c => out.push(c),
            }
        }
        out
    };
    let host = url.host_str().unwrap_or_default();
    let mut out = host.strip_prefix("www.").unwrap_or(host).to_owned();
    for part in url.path().split('/').filter(|p| !p.is_empty()) {
        out.push('/');
        out.push_str(&general(part));
    }
    let mut query: Vec<String> = url.query_pairs().map(|(name, value)| format!("{name}={}", general(&value))).collect();
    query.sort();
    if !query.is_empty() {
        out.push('?');
        out.push_str(&query.join("&"));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(url: &str) -> String {
        canonical(&Url::parse(url).unwrap())
    }

    #[test]
    fn what_was_written_in_an_address_is_read_back() {
        assert_eq!((decoded("p%40s+s%25"), decoded("a"), decoded("")), ("p@s+s%".into(), "a".into(), String::new()));
    }

    #[test]
    fn one_thing_has_one_canonical_address() {
        for (a, b) in [
            ("http://News.Example.org:80/a/", "https://news.example.org/a"),
            ("https://news.example.org", "http://news.example.org/#top"),
            ("https://n.example/a?b=2&a=1", "https://n.example/a?a=1&b=2"),
            ("https://n.example/a?utm_source=x&mtm_kwd=y&fbclid=z&spm=1.2", "https://n.example/a"),
            ("https://n.example/a?id=7&from=rss", "https://n.example/a?id=7"),
            ("https://n.example/%7euser/%e6%96%b0", "https://n.example/~user/%E6%96%B0"),
            ("https://n.example/l?catid=5&page=1", "https://n.example/l?catid=5"),
            ("https://n.example/a?q=a+b", "https://n.example/a?q=a%20b"),
            (
                "https://n.example/portal.php?mod=view&aid=3&sid=aB3dE9&mobile=2",
                "https://n.example/portal.php?aid=3&mod=view",
            ),
            (
                "https://n.example/forum.php?mod=viewthread&tid=1&extra=page%3D1",
                "https://n.example/forum.php?tid=1&mod=viewthread",
            ),
            ("https://n.example/bbs/thread-12-1-3.html", "https://n.example/bbs/thread-12-1-1.html"),
        ] {
            assert_eq!(of(a), of(b), "{a} and {b}");
        }
    }

    #[test]
    fn two_things_keep_two_addresses() {
        for (a, b) in [
            ("https://n.example/a?sid=123", "https://n.example/a?sid=124"),
            ("https://n.example/modules.php?name=News&sid=123", "https://n.example/modules.php?name=News&sid=124"),
            ("https://n.example/a?from=rome", "https://n.example/a?from=oslo"),
            ("https://n.example/a?page=1", "https://n.example/a?page=2"),
            ("https://n.example/portal.php?mod=view&aid=3", "https://n.example/portal.php?mod=view&aid=4"),
            ("https://n.example/thread-12-1-1.html", "https://n.example/thread-12-2-1.html"),
            ("https://n.example/a?extra=1", "https://n.example/a?extra=2"),
            ("https://n.example/A", "https://n.example/a"),
            ("https://n.example/a%2Fb", "https://n.example/a/b"),
            ("https://www.n.example/", "https://n.example/"),
            ("https://n.example:8080/", "https://n.example/"),
        ] {
            assert_ne!(of(a), of(b), "{a} and {b}");
        }
    }

    #[test]
    fn articles_of_a_section_have_one_shape_and_sections_another() {
        let of = |s: &str| shape(&s.parse().unwrap());
        for (a, b) in [
            ("https://www.n.example/portal.php?mod=view&aid=3", "https://n.example/portal.php?aid=104&mod=view"),
            ("https://n.example/2026/11/23/chips-and-ports/", "https://n.example/2025/1/2/a-night-ferry/"),
            ("https://n.example/a/1029.html", "https://n.example/a/7.html"),
            ("https://n.example/news/港口重新开放.html", "https://n.example/news/a-port-opens-again.html"),
        ] {
            assert_eq!(of(a), of(b), "{a} and {b}");
        }
        for (a, b) in [
            ("https://n.example/portal.php?mod=view&aid=3", "https://n.example/portal.php?mod=list&catid=3"),
            ("https://n.example/a/1029.html", "https://n.example/tag/1029.html"),
            ("https://n.example/a/1029.html", "https://ads.example/a/1029.html"),
        ] {
            assert_ne!(of(a), of(b), "{a} and {b}");
        }
    }

    #[test]
    fn what_is_shown_says_nothing_of_who_logs_in() {
        let shown = |address: &str| without_login(address.into());
        for login in ["user:pass@", "token@", ":pass@"] {
            assert_eq!(shown(&format!("https://{login}news.example/feed?a=%20b")), "https://news.example/feed?a=%20b");
        }
        assert_eq!(shown("https://news.example"), "https://news.example", "as it was written");
        assert_eq!(shown("no address"), "no address");
    }

    #[test]
    fn what_is_no_web_address_is_left_as_it_is() {
        assert_eq!(of("mailto:desk@news.example"), "mailto:desk@news.example");
    }

    proptest! {
        #[test]
        fn canonical_is_idempotent(
            host in "(www\\.)?[a-z]{1,8}\\.example(:80|:443|:8080)?",
            path in "(/[a-zA-Z0-9%._~+-]{0,6}){0,4}/{0,3}",
            query in "(\\?[a-z_]{0,6}(=[a-zA-Z0-9%+/'*-]{0,6})?(&(mod|sid|page|aid|utm_x|[a-z]{1,3})(=[a-z0-9%]{0,4})?){0,5})?",
        ) {
            for scheme in ["http", "https"] {
                let Ok(url) = Url::parse(&format!("{scheme}://{host}{path}{query}#f")) else { continue };
                let once = canonical(&url);
                prop_assert_eq!(canonical(&Url::parse(&once).unwrap()), once);
            }
        }

        #[test]
        fn no_string_makes_it_panic(s in "\\PC{0,60}") {
            if let Ok(url) = Url::parse(&format!("http://n.example/{s}")) {
                let once = canonical(&url);
                prop_assert_eq!(canonical(&Url::parse(&once).unwrap()), once);
            }
        }
    }
}
