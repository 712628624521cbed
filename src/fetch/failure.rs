//! What went wrong, as one sentence for the operator: what happened, and where it helps, what one can do.
//!
//! In: errors of the client, and answers that are no success. Out: [`Failure`]. Deliberately absent: header values,
//! passwords and queries of URLs; a reason names the host, at most the path.

use std::error::Error;
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use url::Url;

use super::facts::retry_after_s;
use super::guard::Refused;
/// As reasons name where something was asked for.
pub(super) use crate::model::address::authority as host;
use crate::model::{Failure, FailureKind};

/// How many causes of an error are looked at.
const CAUSES_MAX: usize = 32;
/// Longest address shown in a reason, in characters.
const SHOWN_CHARS_MAX: usize = 200;

/// A failure that no HTTP status came with.
pub(super) fn failure(kind: FailureKind, reason: impl Into<String>) -> Failure {
    Failure { kind, status: None, reason: reason.into(), retry_after_s: None }
}

/// `url` fit to be shown: no user, password, query or fragment.
pub(super) fn shown(url: &Url) -> String {
    let text = format!("{}://{}{}", url.scheme(), host(url), url.path());
    text.char_indices().nth(SHOWN_CHARS_MAX).map_or(text.clone(), |(end, _)| format!("{}…", &text[..end]))
}

/// Nothing, or not all, came in time.
pub(super) fn timed_out(url: &Url, timeout: Duration) -> Failure {
    let waited = humantime::format_duration(timeout);
    failure(FailureKind::Timeout, format!("{} gave no complete answer within {waited} (fetch.timeout)", host(url)))
}

/// An answer began, and then nothing more came for too long.
pub(super) fn idle(url: &Url, idle_timeout: Duration) -> Failure {
    let waited = humantime::format_duration(idle_timeout);
    failure(
        FailureKind::Timeout,
        format!("{} stopped in the middle of its answer for {waited} (fetch.idle_timeout)", host(url)),
    )
}

/// The body outgrew its cap.
pub(super) fn too_large(url: &Url, cap_bytes: u64) -> Failure {
    let reason = format!("the answer of {} is larger than {cap_bytes} bytes, the cap of fetch.body_max", host(url));
    failure(FailureKind::TooLarge, reason)
}

/// Whether an answer is Cloudflare's page that tests for a browser, whatever its status.
pub(super) fn is_challenge(headers: &HeaderMap) -> bool {
    headers.get("cf-mitigated").is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"challenge"))
}

/// The class and reason of an answer that is no success.
pub(super) fn status(url: &Url, status: u16, headers: &HeaderMap, now: DateTime<Utc>) -> Failure {
    let retry_after_s = retry_after_s(headers, now);
    let host = host(url);
    let (kind, reason) = match status {
        _ if is_challenge(headers) => (
            FailureKind::Blocked,
            format!("{host} answered with a browser challenge ({status}); ask its operator to let the user agent in"),
        ),
        404 => (FailureKind::NotFound, format!("{host} has no such page (404); check the address")),
        410 => (FailureKind::NotFound, format!("{host} says that the page is gone for good (410)")),
        401 | 407 => (
            FailureKind::Blocked,
            format!("{host} asks for a login ({status}); the source's headers or URL can carry one"),
        ),
        403 => (
            FailureKind::Blocked,
            format!("{host} refuses us (403); it may want a login, or turn programs away by their user agent"),
        ),
        451 => (FailureKind::Blocked, format!("{host} withholds the page for legal reasons (451)")),
        429 | 503 if status == 429 || retry_after_s.is_some() => {
            let span = |s| humantime::format_duration(Duration::from_secs(s));
            let when = retry_after_s.map_or_else(String::new, |s| format!(" for {}", span(s)));
            (FailureKind::Throttled, format!("{host} asks to be left alone{when} ({status})"))
        }
        304 => (
            FailureKind::Status,
            format!("{host} says that nothing changed (304), though we asked without a validator"),
        ),
        500.. => (FailureKind::Status, format!("{host} has a fault of its own ({status}); it is tried again later")),
        _ => (FailureKind::Status, format!("{host} answered {status}, which is no document")),
    };
    Failure { kind, status: Some(status), reason, retry_after_s }
}

/// Every cause of `error`, outermost first. An [`io::Error`] hides the error it wraps from `source`, so it is opened.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let next = |error: &&'a (dyn Error + 'static)| {
        let error: &'a (dyn Error + 'static) = *error;
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &'a (dyn Error + 'static)),
            None => error.source(),
        }
    };
    std::iter::successors(Some(error), next).take(CAUSES_MAX)
}

/// Why `url` could not be asked, or why its answer broke off.
pub(super) fn of_error(url: &Url, error: &reqwest::Error, connect_timeout: Duration) -> Failure {
    let host = host(url);
    let io_kind = causes(error).filter_map(|e| e.downcast_ref::<io::Error>()).map(io::Error::kind).last();
    if let Some(refused) = causes(error).find_map(|e| e.downcast_ref::<Refused>()) {
        return failure(FailureKind::Refused, refused.to_string());
    }
    if error.is_dns() {
        let cause = causes(error).last().map_or_else(String::new, |e| format!(": {e}"));
        return dns(host, &cause);
    }
    if let Some(tls) = causes(error).find_map(|e| e.downcast_ref::<rustls::Error>()) {
        return failure(FailureKind::Tls, format!("no secure connection to {host}: {}", tls_reason(tls)));
    }
    if error.is_timeout() || io_kind == Some(io::ErrorKind::TimedOut) {
        let waited = humantime::format_duration(connect_timeout);
        let reason = match error.is_connect() {
            true => format!("{host} could not be connected to within {waited}"),
            false => format!("{host} stopped answering"),
        };
        return failure(FailureKind::Timeout, reason);
    }
    if error.is_connect() {
        return match io_kind {
            Some(io::ErrorKind::ConnectionRefused) => {
                failure(FailureKind::Connect, format!("{host} refuses connections; it may be down, or the port wrong"))
            }
            Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) if url.scheme() == "https" => {
                failure(FailureKind::Tls, format!("{host} broke off the TLS handshake; it may not speak https here"))
            }
            _ => failure(FailureKind::Connect, format!("no connection to {host}{}", last_cause(error))),
        };
    }
    failure(FailureKind::Connect, format!("the connection to {host} broke{}", last_cause(error)))
}

/// Why the body of an answer from `url` could not be read: a broken connection, or bytes that do not decompress.
pub(super) fn of_body_error(url: &Url, error: &reqwest::Error, connect_timeout: Duration) -> Failure {
    // reqwest calls either a fault of decoding; only a decompressor speaks in bare I/O errors.
    let unpacking = error.is_decode() && error.source().is_some_and(|cause| cause.is::<io::Error>());
    if !unpacking {
        return of_error(url, error, connect_timeout);
    }
    let reason = format!("the answer of {} does not decompress{}", host(url), last_cause(error));
    failure(FailureKind::Unreadable, reason)
}

/// A name that did not resolve. The text is all that the standard library leaves of the resolver's verdict (`EAI_AGAIN`).
fn dns(host: &str, cause: &str) -> Failure {
    let lower = cause.to_ascii_lowercase();
    let passing = ["temporary failure", "try again", "timed out"].iter().any(|words| lower.contains(words));
    let (kind, advice) = match passing {
        true => (FailureKind::DnsTemporary, "the resolver has trouble for the moment"),
        false => (FailureKind::Dns, "check the name and the resolver"),
    };
    failure(kind, format!("{host} could not be resolved{cause}; {advice}"))
}

fn last_cause(error: &reqwest::Error) -> String {
    causes(error).skip(1).last().map_or_else(String::new, |cause| format!(": {cause}"))
}

fn tls_reason(error: &rustls::Error) -> String {
    use rustls::CertificateError as Cert;
    match error {
        rustls::Error::InvalidCertificate(Cert::Expired | Cert::ExpiredContext { .. }) => {
            "its certificate has expired".into()
        }
        rustls::Error::InvalidCertificate(Cert::NotValidForName | Cert::NotValidForNameContext { .. }) => {
            "its certificate is for another name".into()
        }
        rustls::Error::InvalidCertificate(Cert::UnknownIssuer) => {
            "its certificate is from no authority that this system trusts".into()
        }
        rustls::Error::InvalidMessage(_) => "it does not speak TLS on this port".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolver_in_trouble_is_told_from_a_name_that_is_not() {
        let of = |cause: &str| dns("h.example", cause).kind;
        assert_eq!(
            of(": failed to lookup address information: Temporary failure in name resolution"),
            FailureKind::DnsTemporary
        );
        assert_eq!(of(": failed to lookup address information: Try again"), FailureKind::DnsTemporary);
        assert_eq!(of(": failed to lookup address information: Name or service not known"), FailureKind::Dns);
        assert_eq!(of(": no address for h.example"), FailureKind::Dns);
    }

    #[test]
    fn an_address_is_shown_without_secrets() {
        let url = Url::parse("https://me:pw@h.example:8443/a/b?token=t#f").unwrap();
        assert_eq!(shown(&url), "https://h.example:8443/a/b");
        assert_eq!(host(&url), "h.example:8443");
        assert_eq!(host(&Url::parse("http://u@[::1]:80/").unwrap()), "[::1]");
        let long = Url::parse(&format!("http://h.example/{}", "x".repeat(1000))).unwrap();
        assert_eq!(shown(&long).chars().count(), SHOWN_CHARS_MAX + 1);
    }
}
