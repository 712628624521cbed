//! Values that name something outside: time zones, encodings, addresses, headers, log levels, databases.

use chrono_tz::{TZ_VARIANTS, Tz};
use tracing_subscriber::EnvFilter;
use url::Url;

use super::{
    kinds::{Bad, Kind},
    near::nearest,
};

/// Ways to say Chinese time that name no zone.
const CHINESE_TIME: [&str; 9] = ["beijing", "peking", "china", "cst", "gmt+8", "utc+8", "+8", "+0800", "+08:00"];

/// A time zone of the IANA database.
pub(super) fn zone() -> Kind<Tz> {
    Kind::text("a time zone such as \"Asia/Hong_Kong\" or \"UTC\"", |s| {
        s.parse().map_err(|_| {
            let plain = |name: &str| name.trim().to_lowercase().replace([' ', '_', '-'], "");
            let (wanted, names) = (plain(s), || TZ_VARIANTS.iter().map(|zone| zone.name()));
            let city = |name: &str| plain(name.rsplit('/').next().unwrap_or_default());
            let hint = if CHINESE_TIME.contains(&wanted.as_str()) || CHINESE_TIME.contains(&city(s).as_str()) {
                Some("Chinese time is \"Asia/Shanghai\" (or \"Asia/Hong_Kong\", \"Asia/Taipei\")".to_owned())
            } else {
                let same = names().find(|name| city(name) == city(s));
                same.or_else(|| nearest(s, names())).map(|name| format!("did you mean \"{name}\"?"))
            };
            Bad::new(format!("there is no time zone `{s}`")).hint(hint)
        })
    })
}

/// Labels that are suggested for a misspelt one.
const CHARSETS: [&str; 10] =
    ["utf-8", "gbk", "gb18030", "gb2312", "big5", "big5-hkscs", "shift_jis", "euc-jp", "euc-kr", "windows-1252"];

/// A label of the WHATWG Encoding Standard, as written.
pub(super) fn charset() -> Kind<String> {
    Kind::text("an encoding such as \"gbk\", \"big5\" or \"utf-8\"", |s| {
        let label = s.trim();
        if encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()).is_some() {
            return Ok(label.to_owned());
        }
        let near = nearest(label, CHARSETS);
        Err(Bad::new(format!("there is no encoding `{s}`")).hint(near.map(|n| format!("did you mean \"{n}\"?"))))
    })
}

/// An address that can be fetched.
pub(super) fn url() -> Kind<Url> {
    Kind::text("an address such as \"https://example.org/news\"", |s| {
        let bad = |why: String| Bad::new(why);
        let url = Url::parse(s.trim()).map_err(|e| {
            let bare = !s.contains("://") && !s.trim().is_empty();
            // Never quoted: an address may hold a password.
            bad(format!("this is not an address: {e}"))
                .hint(bare.then(|| "it begins with https:// or http://".to_owned()))
        })?;
        match url.scheme() {
            "http" | "https" => Ok(url),
            other => Err(bad(format!("`{other}:` cannot be fetched, only http and https"))),
        }
    })
}

/// The address at which readers reach us.
pub(super) fn public_url() -> Kind<Url> {
    let url = url();
    Kind::text("an address such as \"https://news.example.org\"", move |s| {
        let url = (url.parse)(s)?;
        let bare = url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(Bad::new("it can have a path, but no user, `?` or `#`"));
        }
        Ok(url)
    })
}

/// A header name that a source may send, in its own spelling.
///
/// # Errors
/// When it is no name by RFC 9110, section 5.1, or one that the program sets itself.
pub(super) fn header_name(name: &str) -> Result<(), Bad> {
    /// Set by the client from what it knows better.
    const OWN: [&str; 9] = [
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "te",
        "upgrade",
        "accept-encoding",
        "if-none-match",
        "if-modified-since",
    ];
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(
            Bad::new("it is not a header name").hint("a name has letters, digits and `-`: \"User-Agent\"".to_owned())
        );
    }
    match OWN.contains(&name.to_ascii_lowercase().as_str()) {
        true => Err(Bad::new("this header is set by the program itself").hint("remove it".to_owned())),
        false => Ok(()),
    }
}

/// The value of a header.
pub(super) fn header_value() -> Kind<String> {
    Kind::text("visible ASCII characters and spaces on one line", |s| {
        let value = s.trim();
        let fits = value.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~'));
        fits.then(|| value.to_owned()).ok_or_else(|| Bad::new("it cannot be sent as a header"))
    })
}

/// What the API is opened with: nobody guesses that many characters.
pub(super) fn token() -> Kind<String> {
    const CHARS: std::ops::RangeInclusive<usize> = 16..=512;
    let expected = format!("{} to {} visible characters of ASCII", CHARS.start(), CHARS.end());
    // Never quoted.
    Kind::text(expected, |s| match s.trim() {
        s if !s.chars().all(|c| c.is_ascii_graphic()) => Err(Bad::new("it holds other than visible ASCII characters")),
        s if !CHARS.contains(&s.len()) => {
            let hint = "`openssl rand -hex 32` makes a good one".to_owned();
            Err(Bad::new(format!("it has {} characters", s.len())).hint(hint))
        }
        s => Ok(s.to_owned()),
    })
}

/// What to log, as `tracing` filter directives.
pub(super) fn level() -> Kind<String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    Kind::text("\"error\", \"warn\", \"info\", \"debug\" or \"trace\", or by module: \"info,tidings=debug\"", |s| {
        for part in s.split(',').map(str::trim) {
            // To the filter a lone misspelt level is the name of a module, and silence is the result.
            let word = part.rsplit('=').next().unwrap_or_default().to_ascii_lowercase();
            if !LEVELS.contains(&word.as_str()) {
                let near = nearest(&word, LEVELS).map(|n| format!("did you mean \"{n}\"?"));
                return Err(Bad::new(format!("`{part}` is not a log level")).hint(near));
            }
        }
        let fits = EnvFilter::try_new(s).is_ok();
        fits.then(|| s.to_owned()).ok_or_else(|| Bad::new(format!("`{s}` is not a log filter")))
    })
}

/// Completes "expected ..." for a database address, wherever it is written.
pub(super) const DATABASE: &str = "\"sqlite://path/to/file.db\" or \"postgres://user:password@host/name\"";

/// The address of the database.
pub(super) fn database_url() -> Kind<String> {
    Kind::text(DATABASE, |s| {
        let text = s.trim();
        // Nothing of the address but its scheme is quoted: it may hold a password.
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(
                Bad::new("this is not a database address").hint("a file is written \"sqlite://news.db\"".to_owned())
            );
        };
        match scheme {
            "sqlite" if rest.trim_start_matches('/').is_empty() => Err(Bad::new("the address names no file")),
            "sqlite" => Ok(text.to_owned()),
            "postgres" | "postgresql" if !rest.starts_with("//") => {
                Err(Bad::new("the address has no // after its scheme"))
            }
            "postgres" | "postgresql" => match Url::parse(text) {
                Ok(url) if url.path().trim_matches('/').is_empty() => Err(Bad::new("the address names no database")),
                Ok(_) => Ok(text.to_owned()),
                Err(e) => Err(Bad::new(format!("this is not an address: {e}"))
                    .hint("in a password write @ as %40, / as %2F, : as %3A, # as %23, % as %25".to_owned())),
            },
            other if other.len() <= 16 && other.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Err(Bad::new(format!("`{other}:` is not a database that tidings knows")))
            }
            _ => Err(Bad::new("this is not a database address")),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Bad, Kind, charset, database_url, header_name, level, public_url, url, zone};

    fn hint<T>(kind: &Kind<T>, text: &str) -> String {
        (kind.parse)(text).err().and_then(|bad: Bad| bad.hint).unwrap_or_default()
    }

    fn fits<T>(kind: &Kind<T>, text: &str) -> bool {
        (kind.parse)(text).is_ok()
    }

    #[test]
    fn zones_are_guessed() {
        assert!(fits(&zone(), "Asia/Hong_Kong") && fits(&zone(), "UTC"));
        assert!(hint(&zone(), "hong kong").contains("Asia/Hong_Kong"));
        assert!(hint(&zone(), "Asia/Beijing").contains("Asia/Shanghai"));
        assert!(hint(&zone(), "Europe/Berln").contains("Europe/Berlin"));
        assert_eq!(hint(&zone(), "somewhere over the rainbow"), "");
    }

    #[test]
    fn a_misspelt_log_level_is_no_module() {
        assert!(fits(&level(), "info,tidings::fetch=debug") && fits(&level(), "WARN"));
        assert!(!fits(&level(), "inof") && !fits(&level(), "info,") && !fits(&level(), "tidings=loud"));
    }

    #[test]
    fn addresses() {
        assert!(fits(&url(), "https://a.example/%E8%8A%AF?x=1#y") && fits(&url(), "http://127.0.0.1:1/"));
        assert!(!fits(&url(), "ftp://a.example/") && !fits(&url(), "a.example") && !fits(&url(), "https://"));
        assert!(fits(&public_url(), "https://a.example/news") && !fits(&public_url(), "https://a.example/?x=1"));
        assert!(fits(&database_url(), "sqlite://a.db") && fits(&database_url(), "sqlite::memory:"));
        assert!(fits(&database_url(), "postgres://a/b") && !fits(&database_url(), "postgres://a"));
        assert!(!fits(&database_url(), "sqlite://") && !fits(&database_url(), "news.db"));
    }

    #[test]
    fn encodings_and_headers() {
        assert!(fits(&charset(), "GBK") && fits(&charset(), "latin1"));
        assert!(!fits(&charset(), "hz-gb-2312"), "it decodes to nothing");
        assert!(header_name("X-Key").is_ok() && header_name("host").is_err() && header_name("a b").is_err());
    }
}
