//! What a single value may be: how its text is read, and the words in which it is asked for.

use std::{net::SocketAddr, time::Duration};

use super::near::nearest;

/// Text that is not a value of its kind.
#[derive(Debug)]
pub(super) struct Bad {
    /// What is wrong with it; never holds a secret.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

impl Bad {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<Option<String>>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

/// How TOML writes a value; the environment knows only text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `"in quotes"`
    Text,
    /// `50`
    Number,
    /// `0.8`
    Fraction,
    /// `true`
    Switch,
}

type Parse<T> = Box<dyn Fn(&str) -> Result<T, Bad>>;

/// One kind of value.
pub(super) struct Kind<T> {
    pub(super) form: Form,
    /// Completes "expected ...".
    pub(super) expected: String,
    pub(super) parse: Parse<T>,
}

impl<T> Kind<T> {
    pub(super) fn text(expected: impl Into<String>, parse: impl Fn(&str) -> Result<T, Bad> + 'static) -> Self {
        Self { form: Form::Text, expected: expected.into(), parse: Box::new(parse) }
    }
}

/// Text that is neither empty nor longer than `chars_max`, free of control characters.
pub(super) fn words(chars_max: usize) -> Kind<String> {
    Kind::text(format!("text of 1 to {chars_max} characters"), move |s| match s.trim() {
        "" => Err(Bad::new("it is empty")),
        s if s.chars().count() > chars_max => Err(Bad::new(format!("it has {} characters", s.chars().count()))),
        s if s.contains(char::is_control) => Err(Bad::new("it contains a control character")),
        s => Ok(s.to_owned()),
    })
}

/// `true` or `false`.
pub(super) fn switch() -> Kind<bool> {
    let parse = |s: &str| s.trim().parse().map_err(|_| Bad::new(format!("`{s}` is neither")));
    Kind { form: Form::Switch, expected: "`true` or `false`".into(), parse: Box::new(parse) }
}

/// A whole number from `min` to `max`.
pub(super) fn number(min: usize, max: usize) -> Kind<usize> {
    let parse = move |s: &str| match s.trim().parse::<i128>() {
        Err(_) => Err(Bad::new(format!("`{s}` is not a whole number"))),
        Ok(n) => {
            let n = usize::try_from(n).ok().filter(|n| (min..=max).contains(n));
            n.ok_or_else(|| Bad::new(format!("{s} is out of bounds")))
        }
    };
    Kind { form: Form::Number, expected: format!("a whole number from {min} to {max}"), parse: Box::new(parse) }
}

/// A number from `min` to `max`, with or without a fraction.
pub(super) fn share(min: f64, max: f64) -> Kind<f64> {
    let parse = move |s: &str| match s.trim().parse::<f64>() {
        Ok(n) if (min..=max).contains(&n) => Ok(n),
        Ok(_) => Err(Bad::new(format!("{s} is out of bounds"))),
        Err(_) => Err(Bad::new(format!("`{s}` is not a number"))),
    };
    Kind { form: Form::Fraction, expected: format!("a number from {min} to {max}"), parse: Box::new(parse) }
}

/// One of the words of `choices`.
pub(super) fn choice<T: Copy + 'static>(choices: &'static [(&'static str, T)]) -> Kind<T> {
    let words: Vec<String> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
    Kind::text(format!("one of {}", words.join(", ")), move |s| {
        let known = choices.iter().find(|(word, _)| *word == s).map(|(_, value)| *value);
        known.ok_or_else(|| {
            let near = nearest(s, choices.iter().map(|(word, _)| *word));
            Bad::new(format!("`{s}` is none of the choices")).hint(near.map(|n| format!("did you mean \"{n}\"?")))
        })
    })
}

/// A time span in its largest whole unit: `90s`, `6h`, `180d`.
pub(super) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(86_400, 'd'), (3600, 'h'), (60, 'm')];
    let whole = units.into_iter().find(|(size, _)| seconds >= *size && seconds.is_multiple_of(*size));
    whole.map_or(format!("{seconds}s"), |(size, unit)| format!("{}{unit}", seconds / size))
}

/// A time span from `min` to `max`.
pub(super) fn duration(min: Duration, max: Duration) -> Kind<Duration> {
    let examples = [90, 300, 7200, 604_800].map(Duration::from_secs).into_iter().filter(|e| (min..=max).contains(e));
    let examples: Vec<String> = examples.map(|e| format!("\"{}\"", span(e))).collect();
    let such = match examples.as_slice() {
        [] => String::new(),
        [one] => format!(", such as {one}"),
        [first @ .., last] => format!(", such as {} or {last}", first.join(", ")),
    };
    let expected = format!("a time from {} to {}{such}", span(min), span(max));
    Kind::text(expected, move |s| {
        let time = humantime::parse_duration(s).map_err(|_| {
            let (bare, n) = (s.trim().parse::<u64>().is_ok(), s.trim());
            let hint = bare.then(|| format!("write the unit as well: \"{n}s\", \"{n}m\", \"{n}h\" or \"{n}d\""));
            Bad::new(format!("`{s}` is not a time span")).hint(hint)
        })?;
        let which = if time < min { "short" } else { "long" };
        // In the format of the parser an upper-case M is a month, which hardly anybody means.
        let hint = s.contains('M').then(|| "`M` is months; minutes are `m`".to_owned());
        (min..=max).contains(&time).then_some(time).ok_or_else(|| Bad::new(format!("`{s}` is too {which}")).hint(hint))
    })
}

/// A time span from `min` to `max`, or `forever`.
pub(super) fn kept(min: Duration, max: Duration) -> Kind<Option<Duration>> {
    let span = duration(min, max);
    Kind::text(format!("\"forever\", or {}", span.expected), move |s| match s.trim() {
        "forever" => Ok(None),
        _ => (span.parse)(s).map(Some),
    })
}

/// Units of a size and their bytes, longest name first.
const UNITS: [(&str, u64); 7] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

/// Sizes that can be asked for, in bytes.
const SIZES: std::ops::RangeInclusive<u64> = 1 << 10..=1 << 30;

/// A size in bytes, within [`SIZES`].
pub(super) fn bytes() -> Kind<u64> {
    Kind::text("a size from 1 KiB to 1 GiB, such as \"512 KiB\" or \"15 MiB\"", move |s| {
        let text = s.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (count, unit) = (text[..digits].parse::<u64>(), text[digits..].trim());
        let Ok(count) = count else { return Err(Bad::new(format!("`{s}` is not a size"))) };
        let Some((_, factor)) = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)) else {
            let hint = "the units are B, kB, MB, GB (thousands) and KiB, MiB, GiB (1024)".to_owned();
            let message =
                if unit.is_empty() { format!("`{s}` has no unit") } else { format!("`{unit}` is not a unit") };
            return Err(Bad::new(message).hint(hint));
        };
        let size = count.checked_mul(*factor).filter(|n| SIZES.contains(n));
        size.ok_or_else(|| Bad::new(format!("`{s}` is out of bounds")))
    })
}

/// A stable name that is safe in URLs, file names and metrics.
pub(super) fn id() -> Kind<String> {
    Kind::text("1 to 64 of the characters a-z, 0-9 and -", |s| {
        let fits =
            |s: &str| (1..=64).contains(&s.len()) && s.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits(s) {
            return Ok(s.to_owned());
        }
        let mended: String = s.trim().to_lowercase().replace(['_', ' ', '.', '/'], "-");
        let hint = fits(&mended).then(|| format!("\"{mended}\" would do"));
        Err(Bad::new(format!("`{s}` cannot be an id")).hint(hint))
    })
}

/// Where to listen.
pub(super) fn listen() -> Kind<SocketAddr> {
    Kind::text("an address and a port, such as \"127.0.0.1:8473\"", |s| {
        s.trim().parse().map_err(|_| {
            let port = s.trim().rsplit(':').next().and_then(|p| p.parse::<u16>().ok());
            let port = port.unwrap_or(8473);
            let hint = format!("\"127.0.0.1:{port}\" is this machine only, \"0.0.0.0:{port}\" every interface");
            Bad::new(format!("`{s}` is not an address with a port")).hint(hint)
        })
    })
}

/// A network, or one address.
pub(super) fn network() -> Kind<ipnet::IpNet> {
    Kind::text("a network such as \"10.0.0.0/8\" or \"fd00::/8\"", |s| {
        let text = s.trim();
        let alone = || text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
        text.parse().or_else(|_| alone()).map_err(|_| {
            let hint = text.contains(|c: char| c.is_alphabetic() && !c.is_ascii_hexdigit());
            let hint = hint.then(|| "host names are not allowed here: write the addresses they have".to_owned());
            Bad::new(format!("`{s}` is not a network")).hint(hint)
        })
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Kind, bytes, duration, id, kept, listen, network, number, span};

    fn good<T>(kind: &Kind<T>, text: &str) -> Option<T> {
        (kind.parse)(text).ok()
    }

    #[test]
    fn sizes_have_units_and_bounds() {
        let size = bytes();
        assert_eq!(good(&size, "15 MiB"), Some(15 << 20));
        assert_eq!(good(&size, "2kB"), Some(2000));
        assert_eq!(good(&size, "1 gib"), Some(1 << 30));
        for bad in [
            "15",
            "",
            "MiB",
            "-1 MiB",
            "1.5 MiB",
            "2 GiB",
            "1023 B",
            "99999999999999999999 B",
            "18446744073709551615 GB",
        ] {
            assert_eq!(good(&size, bad), None, "{bad}");
        }
    }

    #[test]
    fn times_have_units_and_bounds() {
        let time = duration(Duration::from_secs(10), Duration::from_secs(3600));
        assert_eq!(good(&time, "1m 30s"), Some(Duration::from_secs(90)));
        for bad in ["20", "", "9s", "61m", "m", "99999999999999999999y", "五分"] {
            assert_eq!(good(&time, bad), None, "{bad}");
        }
        assert_eq!(good(&kept(Duration::ZERO, Duration::MAX), "forever"), Some(None));
        assert_eq!(
            ["90s", "6h", "180d", "0s"].map(|t| span(humantime::parse_duration(t).unwrap())),
            ["90s", "6h", "180d", "0s"]
        );
    }

    #[test]
    fn the_rest_of_the_values() {
        assert_eq!(good(&number(1, 9), "9"), Some(9));
        assert!(good(&number(1, 9), "10").is_none() && good(&number(0, 9), "-1").is_none());
        assert!(good(&id(), "a-1").is_some() && good(&id(), "A").is_none() && good(&id(), "").is_none());
        assert!(good(&id(), &"a".repeat(64)).is_some() && good(&id(), &"a".repeat(65)).is_none());
        assert!(good(&listen(), "[::]:80").is_some() && good(&listen(), ":80").is_none());
        assert!(good(&network(), "10.1.2.3").is_some() && good(&network(), "10.0.0.0/33").is_none());
    }
}
