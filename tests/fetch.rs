//! The fetcher against a server that misbehaves, over real sockets on loopback. Nothing here leaves the machine:
//! addresses elsewhere are only named to see them refused before they are dialled.

#![expect(clippy::unwrap_used, reason = "what a test relies on may fail loudly")]

#[path = "fetch/names.rs"]
mod names;
#[path = "fetch/robots.rs"]
mod robots;
#[path = "fetch/server.rs"]
mod server;
#[path = "fetch/ways.rs"]
mod ways;

use std::io::Write;
use std::time::{Duration, Instant};

use server::{Reply, Server, header, path, redirect, response};
use tidings::fetch::{Fetched, Fetcher, Request, Settings};
use tidings::model::{Failure, FailureKind, HttpFacts};
use url::Url;

const CAP_BYTES: u64 = 64 * 1024;

fn settings() -> Settings {
    Settings {
        user_agent: "tidings/test (+https://contact.example)".into(),
        timeout: Duration::from_secs(5),
        body_bytes_max: CAP_BYTES,
        allow_networks: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
        per_host_delay: Duration::ZERO,
        ..Settings::default()
    }
}

fn fetcher() -> Fetcher {
    Fetcher::new(&settings()).unwrap()
}

fn plain(url: &Url) -> Request<'_> {
    Request { robots: false, ..Request::of(url) }
}

async fn get(url: &Url, robots: bool) -> Result<Fetched, Failure> {
    fetcher().get(Request { robots, ..plain(url) }).await
}

#[track_caller]
fn document(fetched: Result<Fetched, Failure>) -> (HttpFacts, Vec<u8>) {
    match fetched {
        Ok(Fetched::Document { http, bytes, .. }) => (http, bytes),
        other => panic!("no document: {other:?}"),
    }
}

async fn failure_of(response: Vec<u8>) -> Failure {
    get(&Server::always(response).await.url("/a"), false).await.unwrap_err()
}

#[tokio::test]
async fn a_document_comes_with_its_facts() {
    let headers = "Content-Type: text/html; charset=big5\r\nETag: W/\"7\"\r\nCache-Control: max-age=90\r\n\
                   Last-Modified: Tue, 04 Mar 2031 05:00:00 GMT\r\n";
    let server = Server::always(response("200 OK", headers, b"hello")).await;
    let (http, bytes) = document(get(&server.url("/a?b=c#d"), false).await);
    assert_eq!(bytes, b"hello");
    let expected = HttpFacts {
        status: 200,
        final_url: Some(server.url("/a?b=c")),
        content_type: Some("text/html; charset=big5".into()),
        body_bytes: 5,
        etag: Some("W/\"7\"".into()),
        last_modified: Some("Tue, 04 Mar 2031 05:00:00 GMT".into()),
        fresh_s: Some(90),
        moved_to: None,
        links: tidings::model::Announcement::default(),
    };
    assert_eq!(http, expected);
    let head = server.asked().remove(0);
    assert_eq!(path(&head), "/a?b=c");
    assert_eq!(header(&head, "user-agent"), Some("tidings/test (+https://contact.example)"));
    assert!(header(&head, "accept").unwrap().contains("application/rss+xml"));
    for encoding in ["gzip", "br", "zstd"] {
        assert!(header(&head, "accept-encoding").unwrap().contains(encoding));
    }
    for absent in ["if-none-match", "if-modified-since", "referer", "cookie", "authorization"] {
        assert_eq!(header(&head, absent), None);
    }
    let empty = Server::always(response("200 OK", "", b"")).await;
    assert_eq!(document(get(&empty.url("/"), false).await).1, b"");
    let none = Server::always("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(document(get(&none.url("/"), false).await).0.status, 204);
}

#[tokio::test]
async fn connections_are_reused() {
    let server = Server::start(|_| Reply::Keep(response("200 OK", "", b"x"))).await;
    let fetcher = fetcher();
    for _ in 0..3 {
        document(fetcher.get(plain(&server.url("/"))).await);
    }
    assert_eq!(server.asked().len(), 3);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn validators_are_sent_and_304_is_an_answer() {
    let server = Server::start(|head| {
        let known = header(head, "if-none-match").is_some() || header(head, "if-modified-since").is_some();
        Reply::Close(if known || path(head) == "/rude" {
            b"HTTP/1.1 304 Not Modified\r\nETag: \"2\"\r\nCache-Control: max-age=7\r\n\r\n".to_vec()
        } else {
            response("200 OK", "", b"new")
        })
    })
    .await;
    let (fetcher, url) = (fetcher(), server.url("/a"));
    document(fetcher.get(plain(&url)).await);
    let date = "Tue, 04 Mar 2031 05:00:00 GMT";
    for request in
        [Request { etag: Some("\"1\""), ..plain(&url) }, Request { last_modified: Some(date), ..plain(&url) }]
    {
        match fetcher.get(request).await.unwrap() {
            Fetched::NotModified(http) => {
                assert_eq!((http.status, http.etag.as_deref(), http.fresh_s), (304, Some("\"2\""), Some(7)));
            }
            other @ Fetched::Document { .. } => panic!("{other:?}"),
        }
    }
    assert_eq!(header(&server.asked()[1], "if-none-match"), Some("\"1\""));
    assert_eq!(header(&server.asked()[2], "if-modified-since"), Some(date));
    let rude = fetcher.get(plain(&server.url("/rude"))).await.unwrap_err();
    assert_eq!((rude.kind, rude.status), (FailureKind::Status, Some(304)));
}

#[tokio::test]
async fn private_addresses_are_refused_before_they_are_dialled() {
    let server = Server::always(response("200 OK", "", b"x")).await;
    let strict = Fetcher::new(&Settings { allow_networks: vec![], ..settings() }).unwrap();
    let named = Url::parse(&format!("http://localhost:{}/", server.address.port())).unwrap();
    for url in [server.url("/"), named.clone()] {
        let failure = strict.get(plain(&url)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused, "{failure:?}");
        assert!(failure.reason.contains("loopback") && failure.reason.contains("fetch.allow_networks"), "{failure:?}");
        assert_eq!(strict.get(Request { robots: true, ..plain(&url) }).await.unwrap_err().kind, FailureKind::Refused);
    }
    assert!(server.asked().is_empty());
    document(fetcher().get(plain(&named)).await);
    for text in ["ftp://127.0.0.1/", "file:///etc/hostname", "data:text/html,x"] {
        assert_eq!(get(&Url::parse(text).unwrap(), false).await.unwrap_err().kind, FailureKind::Refused, "{text}");
    }
}

#[tokio::test]
async fn redirects_are_guarded_like_the_first_address() {
    for target in
        ["http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[fd00::1]/", "http://[::ffff:10.0.0.1]/"]
    {
        let server = Server::always(redirect(target)).await;
        let started = Instant::now();
        let failure = get(&server.url("/"), false).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused, "{target}: {failure:?}");
        assert!(started.elapsed() < Duration::from_secs(1));
    }
    for target in ["ftp://127.0.0.1/", "file:///etc/hostname"] {
        let failure = failure_of(redirect(target)).await;
        assert_eq!((failure.kind, failure.status), (FailureKind::Redirect, Some(302)));
    }
}

#[tokio::test]
async fn redirects_are_followed_to_a_bound() {
    let server = Server::start(|head| {
        let left: usize = path(head)[1..].parse().unwrap();
        Reply::Keep(match left {
            0 => response("200 OK", "", b"end"),
            _ => redirect(&format!("/{}", left - 1)),
        })
    })
    .await;
    let (http, bytes) = document(get(&server.url("/10"), false).await);
    assert_eq!((http.final_url, bytes.as_slice()), (Some(server.url("/0")), &b"end"[..]));
    let before = server.asked().len();
    let failure = get(&server.url("/999"), false).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Redirect);
    assert_eq!(server.asked().len() - before, 11);

    let circle = Server::start(|head| Reply::Close(redirect(if path(head) == "/a" { "/b" } else { "/a" }))).await;
    assert_eq!(get(&circle.url("/a"), false).await.unwrap_err().kind, FailureKind::Redirect);
    assert_eq!(circle.paths(), ["/a", "/b"]);
    let nowhere = failure_of(response("301 Moved Permanently", "", b"")).await;
    assert_eq!((nowhere.kind, nowhere.status), (FailureKind::Redirect, Some(301)));
}

#[tokio::test]
async fn headers_and_passwords_stay_with_their_origin() {
    let other = Server::always(response("200 OK", "", b"x")).await;
    let away = other.url("/away").to_string();
    let home = Server::start(move |head| Reply::Close(redirect(if path(head) == "/a" { "/b" } else { &away }))).await;
    let mut url = home.url("/a");
    url.set_username("me").unwrap();
    url.set_password(Some("pa ss")).unwrap();
    let headers = [("Cookie".to_owned(), "s=1".to_owned()), ("X-Key".to_owned(), "k".to_owned())];
    let (http, _) = document(fetcher().get(Request { headers: &headers, ..plain(&url) }).await);
    assert_eq!(http.final_url, Some(other.url("/away")));
    for head in home.asked() {
        assert_eq!((header(&head, "cookie"), header(&head, "x-key")), (Some("s=1"), Some("k")));
        assert_eq!(header(&head, "authorization"), Some("Basic bWU6cGEgc3M="));
    }
    assert_eq!(home.asked().len(), 2);
    for name in ["cookie", "x-key", "authorization", "referer"] {
        assert_eq!(header(&other.asked()[0], name), None);
    }
    let missing = Server::always(response("404 Not Found", "", b"")).await;
    let mut url = missing.url("/a?token=hush");
    url.set_password(Some("secret")).unwrap();
    let (http, _) = document(fetcher().get(plain(&other.url("/"))).await);
    assert!(http.final_url.unwrap().password().is_none());
    let bad = [("X-Key".to_owned(), "line\nhush".to_owned())];
    for request in [plain(&url), Request { headers: &bad, ..plain(&url) }] {
        assert!(!format!("{request:?}").contains("hush") && !format!("{request:?}").contains("secret"));
        let failure = format!("{:?}", fetcher().get(request).await.unwrap_err());
        assert!(!failure.contains("secret") && !failure.contains("hush"), "{failure}");
    }
}

fn packed(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    match encoding {
        "gzip" => {
            let mut out = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }
        "br" => {
            let mut out = brotli::CompressorWriter::new(vec![], 4096, 5, 22);
            out.write_all(bytes).unwrap();
            out.into_inner()
        }
        "zstd" => zstd::encode_all(bytes, 3).unwrap(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn bodies_are_capped_after_decompression() {
    let (small, bomb) = (vec![b'a'; 60_000], vec![0; 4 * 1024 * 1024]);
    for encoding in ["gzip", "br", "zstd"] {
        let header = format!("Content-Encoding: {encoding}\r\nContent-Type: text/xml\r\n");
        let fine = Server::always(response("200 OK", &header, &packed(encoding, &small))).await;
        let (http, bytes) = document(get(&fine.url("/"), false).await);
        assert!(bytes == small && http.body_bytes == 60_000, "{encoding}");
        let failure = failure_of(response("200 OK", &header, &packed(encoding, &bomb))).await;
        assert_eq!((failure.kind, failure.status), (FailureKind::TooLarge, Some(200)), "{encoding}");

        let cut = &packed(encoding, b"some text that is cut short, some text that is not")[..25];
        let failure = failure_of(response("200 OK", &header, cut)).await;
        assert_eq!(failure.kind, FailureKind::Unreadable, "{encoding}: {failure:?}");
        let failure = failure_of(response("200 OK", &header, b"\x07 no such thing at all")).await;
        assert_eq!(failure.kind, FailureKind::Unreadable, "{encoding}: {failure:?}");
    }
    let exact = vec![b'a'; usize::try_from(CAP_BYTES).unwrap()];
    let fits = Server::always(response("200 OK", "", &exact)).await;
    assert_eq!(document(get(&fits.url("/"), false).await).1.len(), exact.len());
    let over = [exact, vec![b'a']].concat();
    assert_eq!(failure_of(response("200 OK", "", &over)).await.kind, FailureKind::TooLarge);
    for encoding in ["deflate", "gzip, gzip", "rot13"] {
        let failure = failure_of(response("200 OK", &format!("Content-Encoding: {encoding}\r\n"), b"x")).await;
        assert_eq!(failure.kind, FailureKind::Unreadable, "{encoding}");
    }
}

#[tokio::test]
async fn endless_and_slow_answers_end() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let flood = Server::start(move |_| Reply::Endless(head.clone(), vec![b'a'; 4096])).await;
    assert_eq!(get(&flood.url("/"), false).await.unwrap_err().kind, FailureKind::TooLarge);
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let chunk = [b"400\r\n".to_vec(), vec![b'a'; 1024], b"\r\n".to_vec()].concat();
    let drip = Server::start(move |_| Reply::Endless(chunked.clone(), chunk.clone())).await;
    assert_eq!(get(&drip.url("/"), false).await.unwrap_err().kind, FailureKind::TooLarge);

    let hasty = Fetcher::new(&Settings { timeout: Duration::from_millis(200), ..settings() }).unwrap();
    for start in ["", "HTTP/1.1 200 OK\r\nX-A", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"] {
        let slow = Server::start(move |_| Reply::Hang(start.into())).await;
        let started = Instant::now();
        let failure = hasty.get(plain(&slow.url("/"))).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Timeout, "{start}");
        assert!(started.elapsed() < Duration::from_secs(2), "{start}");
        assert_eq!(
            hasty.get(Request { robots: true, ..plain(&slow.url("/")) }).await.unwrap_err().kind,
            FailureKind::Timeout
        );
    }
}

#[tokio::test]
async fn broken_connections_are_told_apart() {
    let whole = response("200 OK", "", b"all of it");
    for reply in [
        || Reply::Reset(vec![]),
        || Reply::Close(vec![]),
        || Reply::Close(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_vec()),
        || Reply::Reset(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_vec()),
        || Reply::Close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n".to_vec()),
        || {
            Reply::Close(
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n\x1f\x8b\x08".to_vec(),
            )
        },
        || Reply::Close(b"SSH-2.0-no http here\r\n".to_vec()),
    ] as [fn() -> Reply; 7]
    {
        let server = Server::start(move |_| reply()).await;
        let failure = get(&server.url("/"), false).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Connect, "{failure:?}");
        assert!(failure.reason.contains("127.0.0.1"), "{failure:?}");
    }
    let server = Server::always(whole).await;
    let secure = Url::parse(&format!("https://{}/", server.address)).unwrap();
    let failure = get(&secure, false).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Tls, "{failure:?}");

    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", gone.local_addr().unwrap())).unwrap();
    drop(gone);
    let failure = get(&url, false).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Connect);
    assert!(failure.reason.contains("refuses connections"), "{failure:?}");

    // A label of more than 63 bytes is no name: the system's resolver says so without asking anybody.
    let unnameable = Url::parse(&format!("http://{}.invalid/", "a".repeat(64))).unwrap();
    assert_eq!(get(&unnameable, false).await.unwrap_err().kind, FailureKind::Dns);
}

#[tokio::test]
async fn statuses_are_classed() {
    use FailureKind::{Blocked, NotFound, Status, Throttled};
    let cases = [
        ("404 Not Found", "", NotFound, None),
        ("410 Gone", "", NotFound, None),
        ("401 Unauthorized", "", Blocked, None),
        ("403 Forbidden", "", Blocked, None),
        ("407 Proxy Authentication Required", "", Blocked, None),
        ("451 Unavailable For Legal Reasons", "", Blocked, None),
        ("503 Service Unavailable", "cf-mitigated: challenge\r\n", Blocked, None),
        ("200 OK", "CF-Mitigated: challenge\r\n", Blocked, None),
        ("429 Too Many Requests", "", Throttled, None),
        ("429 Too Many Requests", "Retry-After: 120\r\n", Throttled, Some(120)),
        ("503 Service Unavailable", "Retry-After: 99999999\r\n", Throttled, Some(7 * 24 * 3600)),
        (
            "503 Service Unavailable",
            "Date: Tue, 04 Mar 2031 05:00:00 GMT\r\nRetry-After: Tue, 04 Mar 2031 05:01:00 GMT\r\n",
            Throttled,
            Some(60),
        ),
        ("503 Service Unavailable", "", Status, None),
        ("503 Service Unavailable", "Retry-After: soon\r\n", Status, None),
        ("500 Internal Server Error", "", Status, None),
        ("502 Bad Gateway", "", Status, None),
        ("300 Multiple Choices", "", Status, None),
        ("418 I'm a teapot", "", Status, None),
    ];
    for (status, headers, kind, retry_after_s) in cases {
        let failure = failure_of(response(status, headers, b"<html>")).await;
        assert_eq!((failure.kind, failure.retry_after_s), (kind, retry_after_s), "{status} {headers}");
        assert_eq!(failure.status, status[..3].parse().ok(), "{status}");
        assert!(failure.reason.contains("127.0.0.1") && failure.reason.contains(&status[..3]), "{}", failure.reason);
    }
}

#[test]
fn a_user_agent_of_many_lines_is_no_user_agent() {
    for user_agent in ["a\nb", "", "名"] {
        let made = Fetcher::new(&Settings { user_agent: user_agent.into(), ..settings() });
        assert!(made.unwrap_err().to_string().contains("fetch.user_agent"));
    }
}

#[test]
fn the_fetcher_can_be_shared() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Fetcher>();
}
