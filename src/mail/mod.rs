//! Floor 3, the post: a letter handed to an SMTP server.
//!
//! In: [`Settings`], a [`Letter`]. Out: the server's word that it took it, or an [`Unsent`] with a reason fit to show. One
//! connection for a letter: they are rare. Deliberately absent: when to try again, what a letter says (publish), and any
//! unencrypted try where encryption was asked for.

use std::{fmt, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error as Refusal,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};

use crate::render::{clean, cut};

/// How long a server that has the mail may take to say goodbye.
const LEAVE_WITHIN: Duration = Duration::from_secs(1);

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 400;

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

/// A reader whom the server will not have mail for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Who it is.
    pub reader: String,
    /// What the server says of it, fit to show.
    pub reason: String,
}

/// Hands `letter` to the server of `settings`, for all of its readers but those whom the server refuses for good, who are returned:
/// one who has left must not keep the others from theirs.
///
/// # Errors
/// When the server did not say within `timeout` that it took it, or refuses everybody, or somebody for now. It may have it all the
/// same, when its answer got lost.
pub async fn send(settings: &Settings, letter: Letter<'_>, timeout: Duration) -> Result<Vec<Unknown>, Unsent> {
    let message = message(letter).map_err(|reason| Unsent { reason, status: None })?;
    let sent = tokio::time::timeout(timeout, Box::pin(hand(settings, &message, timeout))).await;
    let waited = humantime::format_duration(timeout);
    let late = |_| Unsent { reason: format!("{} did not take the mail within {waited}", settings.host), status: None };
    let (mut line, unknown) = sent.map_err(late)??;
    // It has the mail; how it takes its leave is nobody's concern.
    let _ = tokio::time::timeout(LEAVE_WITHIN, Box::pin(line.quit())).await;
    Ok(unknown)
}

/// Hands the message over; the line, and who does not get it.
async fn hand(
    settings: &Settings,
    message: &Message,
    timeout: Duration,
) -> Result<(AsyncSmtpConnection, Vec<Unknown>), Unsent> {
    let failed = |error: Refusal| failed(settings, &error);
    let mut line = Box::pin(connect(settings, timeout)).await.map_err(failed)?;
    let (envelope, bytes) = (message.envelope(), message.formatted());
    let mut options = vec![];
    if envelope.to().iter().chain(envelope.from()).any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        if !line.server_info().supports_feature(Extension::SmtpUtfEight) {
            let reason = format!("{} takes no addresses in other letters than ASCII", settings.host);
            return Err(Unsent { reason, status: None });
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    line.command(Mail::new(envelope.from().cloned(), options)).await.map_err(failed)?;
    let mut unknown = vec![];
    let mut last = None;
    for reader in envelope.to() {
        match line.command(Rcpt::new(reader.clone(), vec![])).await {
            Ok(_) => {}
            Err(error) if error.is_permanent() => {
                let unsent = failed(error);
                unknown.push(Unknown { reader: reader.to_string(), reason: unsent.reason.clone() });
                last = Some(unsent);
            }
            Err(error) => return Err(failed(error)),
        }
    }
    if let Some(last) = last.filter(|_| unknown.len() == envelope.to().len()) {
        return Err(last);
    }
    line.command(Data).await.map_err(failed)?;
    line.message(&bytes).await.map_err(failed)?;
    Ok((line, unknown))
}

async fn connect(settings: &Settings, timeout: Duration) -> Result<AsyncSmtpConnection, Refusal> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (hello, tls) = (ClientId::default(), || TlsParameters::new(settings.host.clone()));
    let server = (settings.host.as_str(), settings.port);
    let wrapped = (settings.tls == Tls::Tls).then(tls).transpose()?;
    let mut line = AsyncSmtpConnection::connect_tokio1(server, Some(timeout), &hello, wrapped, None).await?;
    if settings.tls == Tls::Starttls {
        line.starttls(tls()?, &hello).await?;
    }
    if let Some((user, password)) = &settings.login {
        line.auth(DEFAULT_MECHANISMS, &Credentials::new(user.clone(), password.clone())).await?;
    }
    Ok(line)
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

fn failed(settings: &Settings, error: &Refusal) -> Unsent {
    let mut reason = format!("{} did not take the mail: {error}", settings.host);
    if let Some((_, password)) = settings.login.as_ref().filter(|(_, password)| !password.is_empty()) {
        reason = reason.replace(password, "***");
    }
    // What a server says is shown in terminals.
    Unsent { reason: cut(&clean(&reason), REASON_CHARS_MAX), status: error.status().map(u16::from) }
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
