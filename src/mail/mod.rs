//! Floor 3, the post: a letter handed to an SMTP server.
//!
//! In: [`Settings`], a [`Letter`]. Out: the server's word that it took it, or an [`Unsent`] with a reason fit to show. One
//! connection for a letter: they are rare. Deliberately absent: when to try again, what a letter says (publish), and any
//! unencrypted try where encryption was asked for.

use std::{fmt, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Tls as Wire, TlsParameters},
        extension::ClientId,
    },
};

/// How the way to the server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// In the open at first, then encrypted by STARTTLS; a server that cannot is told nothing.
    Starttls,
    /// From the first byte.
    Tls,
    /// Not at all: for a server on this machine.
    None,
}

/// Which server, and who we are to it. Never shows the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Name or address of the server; its certificate is for it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is encrypted.
    pub tls: Tls,
    /// User and password, if it asks for them.
    pub login: Option<(String, String)>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("login", &self.login.as_ref().map(|(user, _)| (user, "***")))
            .finish()
    }
}

/// Somebody's address: `news@example.org` or `Morning news <news@example.org>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Mailbox);

impl Address {
    /// What follows the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.trim().parse().map(Self).map_err(|_| "this is not an address such as news@example.org".to_owned())
    }
}

/// What is sent. Every text but the two parts is one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter<'a> {
    /// `local@domain`, the same each time that it is tried.
    pub id: &'a str,
    /// `list.domain` by which readers sort (RFC 2919), in ASCII.
    pub list: &'a str,
    /// Who it is from.
    pub from: &'a Address,
    /// Who gets it; each sees the others.
    pub to: &'a [Address],
    /// What it is about.
    pub subject: &'a str,
    /// When it is sent.
    pub date: DateTime<Utc>,
    /// It in plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// A letter was not taken, as far as is known.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct Unsent {
    /// Why, fit to show.
    pub reason: String,
    /// The server's reply, if it said no.
    pub status: Option<u16>,
}

/// Hands `letter` to the server of `settings`.
///
/// # Errors
/// When the server did not say within `timeout` that it took it. It may have it all the same, when its answer got lost.
pub async fn send(settings: &Settings, letter: Letter<'_>, timeout: Duration) -> Result<(), Unsent> {
    let message = message(letter).map_err(|reason| Unsent { reason, status: None })?;
    let transport = transport(settings, timeout).map_err(|e| failed(settings, &e))?;
    let sent = tokio::time::timeout(timeout, transport.send(message)).await;
    let waited = humantime::format_duration(timeout);
    let late = |_| Unsent { reason: format!("{} did not take the mail within {waited}", settings.host), status: None };
    sent.map_err(late)?.map(|_| ()).map_err(|e| failed(settings, &e))
}

fn transport(
    settings: &Settings,
    timeout: Duration,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, lettre::transport::smtp::Error> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let wire = match settings.tls {
        Tls::Starttls => Wire::Required(TlsParameters::new(settings.host.clone())?),
        Tls::Tls => Wire::Wrapper(TlsParameters::new(settings.host.clone())?),
        Tls::None => Wire::None,
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
        .port(settings.port)
        .tls(wire)
        .timeout(Some(timeout))
        .hello_name(ClientId::default());
    if let Some((user, password)) = &settings.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.build())
}

fn message(letter: Letter<'_>) -> Result<Message, String> {
    let header = |name: &'static str, value: String| {
        Some(HeaderValue::new(HeaderName::new_from_ascii(name.into()).ok()?, value))
    };
    let mut builder = Message::builder()
        .from(letter.from.0.clone())
        .date(letter.date.into())
        .subject(letter.subject)
        .message_id(Some(format!("<{}>", letter.id)));
    for to in letter.to {
        builder = builder.to(to.0.clone());
    }
    // So that nobody's absence is announced to us (RFC 3834).
    let marks = [header("List-Id", format!("<{}>", letter.list)), header("Auto-Submitted", "auto-generated".into())];
    for mark in marks.into_iter().flatten() {
        builder = builder.raw_header(mark);
    }
    let parts = MultiPart::alternative_plain_html(letter.text, letter.html);
    builder.multipart(parts).map_err(|e| format!("the mail cannot be made: {e}"))
}

fn failed(settings: &Settings, error: &lettre::transport::smtp::Error) -> Unsent {
    let mut reason = format!("{} did not take the mail: {error}", settings.host);
    if let Some((_, password)) = settings.login.as_ref().filter(|(_, password)| !password.is_empty()) {
        reason = reason.replace(password, "***");
    }
    Unsent { reason, status: error.status().map(u16::from) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_has_two_parts_and_no_header_that_its_text_brings_along() {
        let (from, to): (Address, Address) = ("新闻 <news@x.example>".parse().unwrap(), "a@y.example".parse().unwrap());
        let letter = Letter {
            id: "morning.t3st.1-9@x.example",
            list: "morning.tidings.x.example",
            from: &from,
            to: &[to],
            subject: "早报\r\nBcc: all@y.example",
            date: DateTime::UNIX_EPOCH,
            text: "正文".into(),
            html: "<p>正文</p>".into(),
        };
        let made = String::from_utf8(message(letter).unwrap().formatted()).unwrap();
        let (head, body) = made.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|l| l.to_lowercase().starts_with("bcc")), "{head}");
        assert!(head.contains("Message-ID: <morning.t3st.1-9@x.example>"), "{head}");
        assert!(head.contains("List-Id: <morning.tidings.x.example>"), "{head}");
        assert!(head.contains("multipart/alternative") && body.contains("text/html") && body.contains("text/plain"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let login = Some(("me".to_owned(), "hunter2".to_owned()));
        let settings = Settings { host: "mail.example".into(), port: 587, tls: Tls::Starttls, login };
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert!("no address".parse::<Address>().is_err() && "a@b\r\nBcc: c@d".parse::<Address>().is_err());
    }
}
