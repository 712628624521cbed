//! robots.txt, obeyed over real sockets.

use std::time::Duration;

use tidings::fetch::Request;
use tidings::model::FailureKind;

use super::server::{Reply, Server, path, redirect, response};
use super::{document, fetcher, get, plain};

/// A server whose robots.txt is answered by `robots` and everything else by a page.
async fn site(robots: Vec<u8>) -> Server {
    Server::start(move |head| match path(head) {
        "/robots.txt" => Reply::Close(robots.clone()),
        _ => Reply::Close(response("200 OK", "", b"page")),
    })
    .await
}

fn polite(url: &url::Url) -> Request<'_> {
    Request { robots: true, ..plain(url) }
}

#[tokio::test]
async fn what_is_disallowed_is_not_asked_for() {
    let text = b"User-agent: *\nDisallow: /\n\nUser-agent: tidings\nDisallow: /private\nCrawl-delay: 0.2\n";
    let server = site(response("200 OK", "", text)).await;
    let fetcher = fetcher();
    let (open, private) = (server.url("/open"), server.url("/private/1"));
    assert_eq!(fetcher.gap(&open), Duration::ZERO);
    assert_eq!(document(fetcher.get(polite(&open)).await).1, b"page");
    let failure = fetcher.get(polite(&private)).await.unwrap_err();
    assert_eq!((failure.kind, failure.status), (FailureKind::Robots, None));
    assert!(failure.reason.contains("tidings"), "{}", failure.reason);
    assert_eq!(server.paths(), ["/robots.txt", "/open"], "read once, then remembered");
    assert_eq!(fetcher.gap(&private), Duration::from_millis(200));
    assert_eq!(document(fetcher.get(plain(&private)).await).1, b"page", "obeyed only when asked to");
    document(fetcher.clone().get(polite(&open)).await);
    assert_eq!(server.paths().iter().filter(|p| *p == "/robots.txt").count(), 1, "clones share what is known");
}

#[tokio::test]
async fn no_robots_txt_allows_all() {
    let forever = Server::start(|head| Reply::Close(redirect(&format!("{}x", path(head))))).await;
    let endless = response("302 Found", &format!("Location: {}\r\n", forever.url("/a")), b"");
    for robots in [
        response("404 Not Found", "", b""),
        response("403 Forbidden", "", b"User-agent: *\nDisallow: /\n"),
        response("200 OK", "", b"<html>Disallow: / is what this page is about</html>"),
        response("200 OK", "", b""),
        response("200 OK", "", &[0xff, 0xfe, 0, b'D', 0, 0x80]),
        redirect("/robots.txt"),
        endless,
    ] {
        let server = site(robots.clone()).await;
        assert_eq!(document(get(&server.url("/a"), true).await).1, b"page", "{}", String::from_utf8_lossy(&robots));
    }
    assert_eq!(forever.asked().len(), 5, "the redirects of a robots.txt are bounded");
}

#[tokio::test]
async fn a_robots_txt_in_trouble_disallows_all() {
    let down = site(response("500 Internal Server Error", "", b"")).await;
    let fetcher = fetcher();
    let url = down.url("/a");
    for _ in 0..2 {
        let failure = fetcher.get(polite(&url)).await.unwrap_err();
        assert_eq!((failure.kind, failure.status), (FailureKind::Robots, Some(500)));
    }
    assert_eq!(down.paths(), ["/robots.txt"], "not asked again at once");

    let busy = site(response("429 Too Many Requests", "Retry-After: 90\r\n", b"")).await;
    let failure = get(&busy.url("/a"), true).await.unwrap_err();
    assert_eq!((failure.kind, failure.retry_after_s), (FailureKind::Throttled, Some(90)));

    let mute = Server::start(|_| Reply::Reset(vec![])).await;
    let failure = get(&mute.url("/a"), true).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Connect);
    assert!(failure.reason.contains("robots.txt"), "{}", failure.reason);
}

#[tokio::test]
async fn the_host_redirected_to_has_a_say() {
    let strict = site(response("200 OK", "", b"User-agent: *\nDisallow: /b\n")).await;
    let target = strict.url("/b");
    let lax = Server::start(move |head| match path(head) {
        "/robots.txt" => Reply::Close(response("404 Not Found", "", b"")),
        _ => Reply::Close(redirect(target.as_str())),
    })
    .await;
    assert_eq!(get(&lax.url("/a"), true).await.unwrap_err().kind, FailureKind::Robots);
    assert_eq!(strict.paths(), ["/robots.txt"]);
}

#[tokio::test]
async fn a_huge_robots_txt_is_read_to_its_cap() {
    let mut text = b"User-agent: *\nDisallow: /early\n".to_vec();
    text.resize(600 * 1024, b'#');
    text.extend(b"\nDisallow: /late\n");
    let server = site(response("200 OK", "", &text)).await;
    let fetcher = fetcher();
    assert_eq!(fetcher.get(polite(&server.url("/early"))).await.unwrap_err().kind, FailureKind::Robots);
    document(fetcher.get(polite(&server.url("/late"))).await);

    let head = b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /early\n".to_vec();
    let endless = Server::start(move |head_asked| match path(head_asked) {
        "/robots.txt" => Reply::Endless(head.clone(), vec![b'\n'; 4096]),
        _ => Reply::Close(response("200 OK", "", b"page")),
    })
    .await;
    document(get(&endless.url("/a"), true).await);
}
