//! Who may read, and who may give orders.
//!
//! Reading is open to whoever is on this machine, to whoever has the token, and to everybody if the settings say so. Orders need
//! the token, wherever they come from. Who is on this machine and asks by a name that is not ours is a page of another site that had
//! its name lead here (DNS rebinding): it is no better than another machine.

use std::{fmt, sync::Arc};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::{Host, Url};

use super::{Settings, limit::Client, problem::Problem, router::Shared};

/// The token as it is, for programs.
const BEARER: &str = "Bearer realm=\"tidings\"";
/// The token as a password, for browsers and readers.
const BASIC: &str = "Basic realm=\"tidings\", charset=\"UTF-8\"";

/// What opens the API. Never shown, and compared in a time that says nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: String,
    hash: blake3::Hash,
}

impl Token {
    /// The token that is written `text`.
    #[must_use]
    pub fn new(text: String) -> Self {
        let hash = blake3::hash(text.as_bytes());
        Self { text, hash }
    }

    /// The token itself, for who has to send it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    fn is(&self, given: &str) -> bool {
        // Hashes compare in constant time, and the hash of what is given tells nothing of ours.
        blake3::hash(given.as_bytes()) == self.hash
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// Lets a request pass that may read.
pub(super) async fn reader(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Client>>().map(|ConnectInfo(client)| *client);
    let whence = whence(peer, request.headers(), &shared.app.base);
    match may_read(&shared.app.settings, whence, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Lets a request pass that may give orders.
pub(super) async fn operator(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    match may_order(&shared.app.settings, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whence {
    /// This machine.
    Here,
    /// This machine, but it believes that somebody else is asked.
    HereByAnotherName,
    /// Another machine, or it is not known.
    Elsewhere,
}

fn whence(peer: Option<Client>, headers: &HeaderMap, base: &Url) -> Whence {
    match peer.is_some_and(|Client(address)| address.ip().to_canonical().is_loopback()) {
        true if is_ours(headers, base) => Whence::Here,
        true => Whence::HereByAnotherName,
        false => Whence::Elsewhere,
    }
}

/// Whether the request is meant for us: asked for is an address, this machine, or the public address.
fn is_ours(headers: &HeaderMap, base: &Url) -> bool {
    let Some(asked) = headers.get(header::HOST) else { return true };
    let asked = asked.to_str().ok().and_then(|host| Url::parse(&format!("http://{host}/")).ok());
    match asked.as_ref().and_then(Url::host) {
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => {
            name == "localhost" || name.ends_with(".localhost") || base.host_str() == Some(name)
        }
        None => false,
    }
}

fn may_read(settings: &Settings, whence: Whence, headers: &HeaderMap) -> Result<(), Problem> {
    if settings.public || whence == Whence::Here {
        return Ok(());
    }
    let Some(token) = &settings.token else {
        return Err(Problem::forbidden(if whence == Whence::HereByAnotherName {
            "This name is not ours: ask by `localhost`, or set `public_url` under [web] to it, or `public = true`."
        } else {
            "Only this machine may read: set `public = true` under [web], or a token and send it."
        }));
    };
    let is_right =
        bearer(headers).is_some_and(|given| token.is(given)) || password(headers).is_some_and(|given| token.is(&given));
    is_right.then_some(()).ok_or_else(|| {
        let detail = "Send the token as `Authorization: Bearer ...`, or as the password of any user.";
        Problem::unauthorized(detail, &[BEARER, BASIC])
    })
}

fn may_order(settings: &Settings, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(token) = &settings.token else {
        return Err(Problem::forbidden("Orders need a token, and none is set: `token` or `token_file` under [web]."));
    };
    // No password: browsers send those along with what other sites make them send.
    let is_right = bearer(headers).is_some_and(|given| token.is(given));
    is_right
        .then_some(())
        .ok_or_else(|| Problem::unauthorized("Send the token as `Authorization: Bearer ...`.", &[BEARER]))
}

/// What follows the name of a scheme.
fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (given, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    credentials(headers, "bearer")
}

fn password(headers: &HeaderMap) -> Option<String> {
    let decoded = STANDARD.decode(credentials(headers, "basic")?).ok()?;
    let (_, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "b2f5ff47436671b6e533d8dc3614845d";

    fn settings(token: bool, public: bool) -> Settings {
        Settings { token: token.then(|| Token::new(TOKEN.into())), public, ..Settings::default() }
    }

    fn sent(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())])
    }

    fn read(settings: &Settings, whence: Whence, headers: &HeaderMap) -> u16 {
        may_read(settings, whence, headers).map_or_else(|p| p.status, |()| 200)
    }

    #[test]
    fn who_is_on_this_machine_reads_and_others_need_the_token_or_a_public_server() {
        let (none, far) = (HeaderMap::new(), Whence::Elsewhere);
        assert_eq!(read(&settings(true, false), Whence::Here, &none), 200);
        for far in [Whence::Elsewhere, Whence::HereByAnotherName] {
            assert_eq!(read(&settings(false, false), far, &none), 403, "no token would let them");
            assert_eq!(read(&settings(true, false), far, &none), 401);
            assert_eq!(read(&settings(true, true), far, &none), 200);
        }
        assert_eq!(read(&settings(true, false), far, &sent(&format!("Bearer {TOKEN}"))), 200);
        assert_eq!(read(&settings(true, false), far, &sent(&format!("bearer  {TOKEN}"))), 200);
        let basic = format!("Basic {}", STANDARD.encode(format!("me:{TOKEN}")));
        assert_eq!(read(&settings(true, false), far, &sent(&basic)), 200);
        for wrong in ["Bearer x", "Bearer ", "Basic x", "Basic", &format!("Token {TOKEN}"), &format!("Bearer {TOKEN}1")]
        {
            assert_eq!(read(&settings(true, false), far, &sent(wrong)), 401, "{wrong}");
        }
    }

    #[test]
    fn here_is_what_is_on_this_machine() {
        let base = Url::parse("https://news.example.org/").unwrap();
        let from = |peer: &str| whence(Some(Client(peer.parse().unwrap())), &HeaderMap::new(), &base);
        for here in ["127.0.0.1:4000", "127.9.9.9:1", "[::1]:4000", "[::ffff:127.0.0.1]:4000"] {
            assert_eq!(from(here), Whence::Here, "{here}");
        }
        assert_eq!(from("192.0.2.7:4000"), Whence::Elsewhere);
        assert_eq!(whence(None, &HeaderMap::new(), &base), Whence::Elsewhere, "who is not known is not here");
        let rebound = HeaderMap::from_iter([(header::HOST, "rebound.example".parse().unwrap())]);
        assert_eq!(whence(Some(Client("[::1]:4000".parse().unwrap())), &rebound, &base), Whence::HereByAnotherName);
    }

    #[test]
    fn a_name_that_is_not_ours_is_another_site() {
        let base = Url::parse("https://news.example.org/").unwrap();
        let asked = |host: &str| is_ours(&HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]), &base);
        for ours in [
            "127.0.0.1:8473",
            "[::1]:8473",
            "localhost",
            "LocalHost:8473",
            "tidings.localhost",
            "192.0.2.1",
            "News.Example.Org:443",
        ] {
            assert!(asked(ours), "{ours}");
        }
        for theirs in
            ["rebound.example", "news.example.org.rebound.example:8473", "localhost.rebound.example", "", "a b", "x@"]
        {
            assert!(!asked(theirs), "{theirs}");
        }
        assert!(is_ours(&HeaderMap::new(), &base), "no browser asks so");
    }

    #[test]
    fn orders_need_the_token_wherever_they_come_from() {
        let status = |s: &Settings, h: &HeaderMap| may_order(s, h).map_or_else(|p| p.status, |()| 200);
        assert_eq!(status(&settings(true, true), &HeaderMap::new()), 401);
        assert_eq!(status(&settings(false, true), &sent(&format!("Bearer {TOKEN}"))), 403);
        assert_eq!(status(&settings(true, false), &sent(&format!("Bearer {TOKEN}"))), 200);
        let basic = format!("Basic {}", STANDARD.encode(format!("me:{TOKEN}")));
        assert_eq!(status(&settings(true, false), &sent(&basic)), 401, "a browser's password is no order");
    }

    #[test]
    fn a_token_is_never_shown() {
        assert!(!format!("{:?}", settings(true, false)).contains(&TOKEN[..8]));
    }
}
