//! A request to a hub, as its form says it (section 5.1).

use std::fmt;

use url::{Url, form_urlencoded};

/// Bytes of an address that a hub keeps: two of them and more must fit in one index entry of the database.
pub const ADDRESS_BYTES_MAX: usize = 1000;
/// Bytes of a secret; the specification asks for fewer than 200.
pub const SECRET_BYTES_MAX: usize = 199;
/// Seconds of a subscription that asks for no time of its own: 10 days.
pub const LEASE_DEFAULT_S: i64 = 10 * 86_400;
/// Seconds of the longest subscription: 30 days.
pub const LEASE_MAX_S: i64 = 30 * 86_400;
/// Seconds of the shortest.
const LEASE_MIN_S: i64 = 60;
/// Fields of a form that are read; the rest is ignored.
const FIELDS_MAX: usize = 64;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To be told of what is new.
    Subscribe,
    /// Not to be told any more.
    Unsubscribe,
}

impl Mode {
    /// The word sent and stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Subscribe, Self::Unsubscribe].into_iter().find(|m| m.as_str() == word)
    }
}

/// A request to a hub.
#[derive(Clone, PartialEq, Eq)]
pub struct Ask {
    /// What is asked for.
    pub mode: Mode,
    /// Address of the feed.
    pub topic: Url,
    /// Where what is new is sent.
    pub callback: Url,
    /// What that is signed with.
    pub secret: Option<String>,
    /// For how long, in seconds, within our bounds.
    pub lease_s: i64,
}

impl fmt::Debug for Ask {
    /// Shows neither the secret nor the callback, whose path may be one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("mode", &self.mode)
            .field("topic", &self.topic.as_str())
            .field("callback", &self.callback.host_str())
            .field("lease_s", &self.lease_s)
            .finish_non_exhaustive()
    }
}

impl Ask {
    /// The request that `body`, a form, makes.
    ///
    /// # Errors
    /// When something is missing or cannot be meant: a sentence for whoever sent it.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let fields: Vec<(String, String)> = form_urlencoded::parse(body)
            .take(FIELDS_MAX)
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        let get = |key: &str| fields.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty());
        let mode = get("hub.mode").ok_or("`hub.mode` is missing: \"subscribe\" or \"unsubscribe\".")?;
        if mode == "publish" {
            return Err("This hub knows by itself what is new in its feeds, and is a hub for no others.".into());
        }
        let mode = Mode::parse(mode).ok_or("`hub.mode` must be \"subscribe\" or \"unsubscribe\".")?;
        let topic = address("hub.topic", get("hub.topic"))?;
        let callback = address("hub.callback", get("hub.callback"))?;
        let secret = get("hub.secret");
        if secret.is_some_and(|s| s.len() > SECRET_BYTES_MAX) {
            return Err("`hub.secret` must be shorter than 200 bytes.".into());
        }
        let lease_s = match get("hub.lease_seconds") {
            None => LEASE_DEFAULT_S,
            Some(text) => lease(text)?,
        };
        Ok(Self { mode, topic, callback, secret: secret.map(str::to_owned), lease_s })
    }
}

/// The seconds that `text` asks for, within our bounds: a hub need not grant what is asked.
fn lease(text: &str) -> Result<i64, String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let bad = || "`hub.lease_seconds` must be a whole number of seconds, more than 0.".to_owned();
    let seconds = digits.then(|| text.parse().unwrap_or(i64::MAX)).filter(|s| *s > 0).ok_or_else(bad)?;
    Ok(seconds.clamp(LEASE_MIN_S, LEASE_MAX_S))
}

fn address(field: &str, text: Option<&str>) -> Result<Url, String> {
    let text = text.ok_or_else(|| format!("`{field}` is missing."))?;
    if text.len() > ADDRESS_BYTES_MAX {
        return Err(format!("`{field}` is longer than {ADDRESS_BYTES_MAX} bytes."));
    }
    let url = Url::parse(text).map_err(|_| format!("`{field}` is no address."))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(format!("`{field}` must begin with http:// or https://."));
    }
    if url.as_str().len() > ADDRESS_BYTES_MAX {
        return Err(format!("`{field}` is longer than {ADDRESS_BYTES_MAX} bytes."));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(format!("`{field}` can have neither a user nor a `#`."));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 3] = [
        ("hub.mode", "subscribe"),
        ("hub.topic", "https://news.example.org/feeds/chip.rss"),
        ("hub.callback", "https://reader.example/told?id=7"),
    ];

    fn form(fields: &[(&str, &str)]) -> Vec<u8> {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
    }

    fn with(field: &str, value: &str) -> Result<Ask, String> {
        let mut fields: Vec<(&str, &str)> = GOOD.into_iter().filter(|(name, _)| *name != field).collect();
        fields.push((field, value));
        Ask::read(&form(&fields))
    }

    #[test]
    fn a_plain_request_gets_the_usual_lease() {
        let ask = Ask::read(&form(&GOOD)).unwrap();
        assert_eq!((ask.mode, ask.lease_s, ask.secret), (Mode::Subscribe, LEASE_DEFAULT_S, None));
        assert_eq!(ask.callback.as_str(), "https://reader.example/told?id=7");
        assert_eq!(with("hub.mode", "unsubscribe").unwrap().mode, Mode::Unsubscribe);
        assert_eq!(with("hub.verify", "async").unwrap().mode, Mode::Subscribe, "fields of older versions are ignored");
    }

    #[test]
    fn leases_are_bounded() {
        for (asked, granted) in [
            ("1", 60),
            ("3600", 3600),
            ("99999999", LEASE_MAX_S),
            ("99999999999999999999999", LEASE_MAX_S),
            ("", LEASE_DEFAULT_S),
        ] {
            assert_eq!(with("hub.lease_seconds", asked).unwrap().lease_s, granted, "{asked}");
        }
        for bad in ["0", "-5", "1.5", "soon", "+7"] {
            assert!(with("hub.lease_seconds", bad).unwrap_err().contains("lease_seconds"), "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_reason() {
        let long = format!("https://reader.example/{}", "a".repeat(ADDRESS_BYTES_MAX));
        // Short as it was written, and long as it is sent.
        let swollen = format!("https://reader.example/{}", "新".repeat(ADDRESS_BYTES_MAX / 4));
        for (field, value) in [
            ("hub.mode", "publish"),
            ("hub.mode", "deny"),
            ("hub.mode", ""),
            ("hub.topic", ""),
            ("hub.topic", "chip.rss"),
            ("hub.callback", "ftp://reader.example/"),
            ("hub.callback", "file:///etc/passwd"),
            ("hub.callback", "https://me:pw@reader.example/"),
            ("hub.callback", "https://reader.example/#x"),
            ("hub.callback", "javascript:alert(1)"),
            ("hub.callback", &long),
            ("hub.callback", &swollen),
        ] {
            let why = with(field, value).unwrap_err();
            assert!(!why.is_empty() && !why.contains("pw"), "{field} {value}: {why}");
        }
        assert!(with("hub.secret", &"s".repeat(SECRET_BYTES_MAX)).is_ok());
        assert!(with("hub.secret", &"s".repeat(SECRET_BYTES_MAX + 1)).unwrap_err().contains("200"));
        assert!(Ask::read(b"\xff\xfe&&=&hub.mode").is_err());
    }

    #[test]
    fn neither_secret_nor_callback_is_shown() {
        let shown = format!("{:?}", with("hub.secret", "hunter2").unwrap());
        assert!(!shown.contains("hunter2") && !shown.contains("told"), "{shown}");
    }
}
