//! Floor 3, the stream: notes put into NATS JetStream, each once.
//!
//! In: [`Settings`], notes. Out: the server's word that a note is stored, or an [`Unput`] with a reason fit to show. A
//! connection is made when it is needed and given up at the first failure, with all that waits in it, so that nothing is sent
//! later than it was thought. Deliberately absent: when to try again (publish), reading, what notes say.

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use async_nats::{
    ConnectOptions, HeaderMap,
    connection::State,
    jetstream::{
        self, Context,
        context::{GetStreamErrorKind, PublishErrorKind},
        message::PublishMessage,
        stream::{Config, Stream},
    },
};
use tokio::sync::Mutex;
use url::Url;

use crate::model::address::decoded;
use crate::render::{clean, cut};

/// What the server knows the header by that says which note it is.
const ID: &str = "Nats-Msg-Id";
/// The header that says which change it is about.
const CHANGE: &str = "Tidings-Change";
/// For how long a stream of our making knows a note again.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(3600);
/// Characters of a reason.
const REASON_CHARS_MAX: usize = 400;
/// The port where an address names none.
const PORT: u16 = 4222;

/// Where the servers are, and what stream they have. Never shows a user or password.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Servers of one cluster, `nats://` or `tls://`, maybe with a user and password, or a token as the user.
    pub servers: Vec<Url>,
    /// The stream that must take what is put.
    pub stream: String,
    /// With what the stream is made if there is none; `None`: it is not.
    pub create: Option<Create>,
}

/// A stream of our making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// What it takes: `news.>`.
    pub subject: String,
    /// How long it keeps notes; `None`: for ever.
    pub keep: Option<Duration>,
}

impl Settings {
    /// (host, port) of each server.
    #[must_use]
    pub fn addresses(&self) -> Vec<(String, u16)> {
        let host = |url: &Url| Some((url.host_str()?.to_owned(), url.port().unwrap_or(PORT)));
        self.servers.iter().filter_map(host).collect()
    }

    /// `text` without any user or password of ours.
    fn without_secrets(&self, text: &str) -> String {
        let written = self.servers.iter().flat_map(|url| [Some(url.username()), url.password()]).flatten();
        // As they stand in the address, and as they are sent.
        let secrets = written.flat_map(|s| [s.to_owned(), decoded(s)]).filter(|s| !s.is_empty());
        secrets.fold(text.to_owned(), |text, secret| text.replace(&secret, "***"))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("servers", &self.addresses())
            .field("stream", &self.stream)
            .field("create", &self.create)
            .finish()
    }
}

/// What is put.
#[derive(Clone, Copy, Debug)]
pub struct Note<'a> {
    /// Under which subject.
    pub subject: &'a str,
    /// The same each time that it is tried, and no other note's.
    pub id: &'a str,
    /// The number of the change that it is about.
    pub number: &'a str,
    /// What it says.
    pub payload: &'a [u8],
}

/// A note was not stored, as far as is known.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct Unput {
    /// Why, fit to show.
    pub reason: String,
    /// Whether the same would be refused again.
    pub refused: bool,
}

/// A connection, and what is known of it.
struct Line {
    context: Context,
    stream: Stream<()>,
    /// Subjects whose last note was put on this line: nothing of them is in doubt.
    certain: BTreeSet<String>,
}

/// Puts notes; cheap to clone, its clones share one connection.
#[derive(Clone)]
pub struct Bus {
    settings: Arc<Settings>,
    line: Arc<Mutex<Option<Line>>>,
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Bus {
    /// Nothing is connected yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), line: Arc::default() }
    }

    /// Whether there is a connection, as far as is known.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.line.try_lock().is_ok_and(|line| line.as_ref().is_some_and(Line::is_up))
    }

    /// Puts `note` and waits for the server's word that it is stored.
    ///
    /// # Errors
    /// When no such word came within `timeout`; whether the note is stored all the same is found out at the next try.
    pub async fn put(&self, note: Note<'_>, timeout: Duration) -> Result<(), Unput> {
        let mut held = self.line.lock().await;
        // Taken out: whoever stops waiting for this leaves no line behind on which something is still under way.
        let line = held.take().filter(Line::is_up);
        let put = async {
            let mut line = match line {
                Some(line) => line,
                None => Box::pin(self.connect(timeout)).await?,
            };
            line.put(&self.settings, note).await.map(|()| line)
        };
        let late = |_| Unput { reason: "the stream did not acknowledge it in time".into(), refused: false };
        let put = tokio::time::timeout(timeout, Box::pin(put)).await.map_err(late).flatten();
        let shown = |reason: &str| cut(&clean(&self.settings.without_secrets(reason)), REASON_CHARS_MAX);
        let line = put.map_err(|unput| Unput { reason: shown(&unput.reason), ..unput })?;
        *held = Some(line);
        Ok(())
    }

    async fn connect(&self, timeout: Duration) -> Result<Line, Unput> {
        let settings = &self.settings;
        let failed =
            |what: &str, error: &dyn fmt::Display| Unput { reason: format!("{what}: {error}"), refused: false };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut options = ConnectOptions::new()
            .name("tidings")
            .connection_timeout(timeout)
            .request_timeout(Some(timeout))
            // What a server says of its neighbours is not what the operator said.
            .ignore_discovered_servers()
            .max_reconnects(1);
        if let Some(url) = settings.servers.iter().find(|url| !url.username().is_empty()) {
            options = match url.password() {
                Some(password) => options.user_and_password(decoded(url.username()), decoded(password)),
                None => options.token(decoded(url.username())),
            };
        }
        if settings.servers.iter().any(|url| url.scheme() == "tls") {
            options = options.require_tls(true);
        }
        let servers = settings.addresses();
        let names: Vec<String> = servers.iter().map(|(host, port)| format!("nats://{host}:{port}")).collect();
        let client = options.connect(names).await;
        let client = client.map_err(|e| failed("no NATS server can be reached", &e))?;
        let mut context = jetstream::new(client);
        context.set_timeout(timeout);
        let known = context.get_stream_no_info(&settings.stream).await;
        let known = known.map_err(|e| failed("the stream cannot be used", &e))?;
        if let Some(create) = &settings.create
            && let Err(error) = context.get_stream(&settings.stream).await
        {
            if !matches!(error.kind(), GetStreamErrorKind::JetStream(ref e) if e.code() == 404) {
                return Err(failed("the stream cannot be looked at", &error));
            }
            let config = Config {
                name: settings.stream.clone(),
                subjects: vec![create.subject.clone()],
                max_age: create.keep.unwrap_or_default(),
                duplicate_window: DUPLICATE_WINDOW,
                description: Some("what tidings publishes".into()),
                ..Config::default()
            };
            // Another daemon may have made it at this moment: what is there already is as good.
            let made = context.get_or_create_stream(config).await;
            made.map_err(|e| failed("the stream cannot be made", &e))?;
            tracing::info!(stream = settings.stream, subject = create.subject, "a stream was made");
        }
        Ok(Line { context, stream: known, certain: BTreeSet::new() })
    }
}

impl Line {
    fn is_up(&self) -> bool {
        self.context.client().connection_state() == State::Connected
    }

    async fn put(&mut self, settings: &Settings, note: Note<'_>) -> Result<(), Unput> {
        // The server knows a note again for a while only. That it came to be the last of its subject is known for ever.
        if !self.certain.contains(note.subject) && self.is_last(note).await {
            self.certain.insert(note.subject.to_owned());
            return Ok(());
        }
        let mut headers = HeaderMap::new();
        headers.insert(ID, note.id);
        headers.insert(CHANGE, note.number);
        let message = PublishMessage::build()
            .headers(headers)
            .payload(note.payload.to_vec().into())
            .expected_stream(&settings.stream);
        let failed = |error: jetstream::context::PublishError| {
            let refused = error.kind() == PublishErrorKind::MaxPayloadExceeded;
            let reason = match error.kind() {
                PublishErrorKind::StreamNotFound => {
                    format!("no stream takes the subject {}; make {} take it", note.subject, settings.stream)
                }
                _ => format!("the stream did not take it: {error}"),
            };
            Unput { reason, refused }
        };
        let sent = self.context.send_publish(note.subject.to_owned(), message).await;
        sent.map_err(failed)?.await.map_err(failed)?;
        self.certain.insert(note.subject.to_owned());
        Ok(())
    }

    /// Whether the last note of its subject is this one. A server that does not say is not asked twice: then it is put, as
    /// twice is better than never.
    async fn is_last(&self, note: Note<'_>) -> bool {
        let last = self.stream.get_last_raw_message_by_subject(note.subject).await;
        last.is_ok_and(|last| last.headers.get(ID).is_some_and(|id| id.as_str() == note.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_who_we_are_to_the_server() {
        let servers = vec!["nats://me:p%40ss@bus.example".parse().unwrap(), "tls://t0ken@[::1]:5000".parse().unwrap()];
        let settings = Settings { servers, stream: "news".into(), create: None };
        let shown = format!("{settings:?}");
        assert!(
            shown.contains("bus.example") && !["p%40ss", "t0ken", "\"me"].iter().any(|s| shown.contains(s)),
            "{shown}"
        );
        assert_eq!(settings.addresses(), [("bus.example".to_owned(), 4222), ("[::1]".to_owned(), 5000)]);
        assert_eq!(settings.without_secrets("cannot reach tls://t0ken@[::1]"), "cannot reach tls://***@[::1]");
        assert_eq!(settings.without_secrets("it knows no p@ss"), "it knows no ***");
    }
}
