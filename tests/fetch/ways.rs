//! Proxies, cookies, turns and bounds: by what way a site is reached, and what it may cost.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tidings::fetch::Host;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Nothing private is allowed: only a proxy may be there.
fn strict() -> Fetcher {
    Fetcher::new(&Settings { allow_networks: vec![], ..settings() }).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[tokio::test]
async fn a_proxy_may_be_private_and_what_is_behind_it_may_not() {
    let proxy = Server::start(|head| Reply::Close(response("200 OK", "", path(head).as_bytes()))).await;
    let fetcher = strict();
    for address in [
        format!("http://me:geheim@127.0.0.1:{}", proxy.address.port()),
        format!("http://localhost:{}", proxy.address.port()),
    ] {
        let (through, page) = (url(&address), url("http://site.invalid/a?b"));
        let request = Request { proxy: Some(&through), ..plain(&page) };
        assert!(!format!("{request:?}").contains("geheim"));
        assert_eq!(document(fetcher.get(request).await).1, b"http://site.invalid/a?b", "{address}");
    }
    let login = header(&proxy.asked()[0], "proxy-authorization").map(str::to_owned);
    assert_eq!(login.as_deref(), Some("Basic bWU6Z2VoZWlt"));
    let (asked, through) = (proxy.asked().len(), url(&format!("http://localhost:{}", proxy.address.port())));
    for private in ["http://127.0.0.1/", "http://10.1.2.3/", "http://[::1]/", "http://2130706433/"] {
        let private = url(private);
        let refused = fetcher.get(Request { proxy: Some(&through), ..plain(&private) }).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Refused, "{private}");
    }
    let lured = Server::always(redirect("http://127.0.0.1:1/")).await;
    let (through, page) = (url(&format!("http://localhost:{}", lured.address.port())), url("http://site.invalid/"));
    let refused = fetcher.get(Request { proxy: Some(&through), ..plain(&page) }).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused, "nor after a redirect");
    assert_eq!(proxy.asked().len(), asked);
}

/// A SOCKS5 proxy (RFC 1928) that answers for every host; who was asked for.
async fn socks() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(vec![])));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = [0; 2];
            stream.read_exact(&mut hello).await.unwrap();
            let mut methods = vec![0; usize::from(hello[1])];
            stream.read_exact(&mut methods).await.unwrap();
            stream.write_all(&[5, 0]).await.unwrap();
            let mut head = [0; 5];
            stream.read_exact(&mut head).await.unwrap();
            let length = if head[3] == 3 { usize::from(head[4]) } else { 3 };
            let mut rest = vec![0; length + 2];
            stream.read_exact(&mut rest).await.unwrap();
            let name =
                if head[3] == 3 { String::from_utf8_lossy(&rest[..length]).into_owned() } else { "address".into() };
            seen.lock().unwrap().push(name);
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
            let mut bytes = vec![];
            while !bytes.ends_with(b"\r\n\r\n") {
                bytes.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(&response("200 OK", "Connection: close\r\n", b"by socks")).await.unwrap();
        }
    });
    (port, asked)
}

#[tokio::test]
async fn a_socks_proxy_resolves_names_itself_or_has_them_guarded() {
    let (port, asked) = socks().await;
    let (fetcher, page) = (strict(), url("http://site.invalid/a"));
    let remote = url(&format!("socks5h://127.0.0.1:{port}"));
    assert_eq!(document(fetcher.get(Request { proxy: Some(&remote), ..plain(&page) }).await).1, b"by socks");
    assert_eq!(*asked.lock().unwrap(), ["site.invalid"]);
    let (local, private) = (url(&format!("socks5://localhost:{port}")), url("http://localhost.localdomain./a"));
    let literal = url("http://192.168.3.4/");
    for target in [&literal, &private] {
        let failure = fetcher.get(Request { proxy: Some(&local), ..plain(target) }).await.unwrap_err();
        assert!(
            matches!(failure.kind, FailureKind::Refused | FailureKind::Dns | FailureKind::DnsTemporary),
            "{failure:?}"
        );
    }
    assert_eq!(asked.lock().unwrap().len(), 1);
    let dead = url("http://127.0.0.1:9");
    let failure = fetcher.get(Request { proxy: Some(&dead), ..plain(&page) }).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Connect, "{failure:?}");
}

#[tokio::test]
async fn cookies_are_kept_for_the_source_that_wants_them() {
    let server = Server::start(|head| match path(head) {
        "/set" => Reply::Close(response("302 Found", "Location: /page\r\nSet-Cookie: sid=7; Path=/\r\n", b"")),
        _ => Reply::Close(response("200 OK", "", header(head, "cookie").unwrap_or("none").as_bytes())),
    })
    .await;
    let (fetcher, set, page) = (fetcher(), server.url("/set"), server.url("/page"));
    let own = [("Cookie".to_owned(), "lang=zh".to_owned())];
    let body = async |url: &Url, jar, headers| {
        String::from_utf8(document(fetcher.get(Request { jar, headers, ..plain(url) }).await).1).unwrap()
    };
    assert_eq!(body(&set, Some("a"), &[]).await, "sid=7", "also on the way of one document");
    assert_eq!(body(&page, Some("a"), &own).await, "lang=zh; sid=7");
    assert_eq!(body(&page, Some("b"), &[]).await, "none");
    assert_eq!(body(&page, None, &[]).await, "none");
}

#[tokio::test]
async fn each_request_waits_for_its_turn_at_its_host_robots_and_hops_as_well() {
    let times = Arc::new(Mutex::new(vec![]));
    let seen = Arc::clone(&times);
    let server = Server::start(move |head| {
        seen.lock().unwrap().push(Instant::now());
        Reply::Keep(match path(head) {
            "/robots.txt" => response("200 OK", "", b""),
            "/a" => redirect("/b"),
            _ => response("200 OK", "", b"x"),
        })
    })
    .await;
    let gap = Duration::from_millis(80);
    let fetcher = Fetcher::new(&Settings { per_host_delay: gap, ..settings() }).unwrap();
    let page = server.url("/a");
    let polite = || fetcher.get(Request { robots: true, ..plain(&page) });
    let both = futures::future::join_all([polite(), polite()]).await;
    both.into_iter().for_each(|fetched| drop(document(fetched)));
    let times = times.lock().unwrap().clone();
    assert!(times.windows(2).all(|t| t[1] - t[0] >= gap), "{times:?}");
    assert!((5..=6).contains(&times.len()), "robots.txt once or twice, and each hop twice");
    let own = Host { per_host_delay: Some(Duration::ZERO), robots: Some(false) };
    let hosts = HashMap::from([("127.0.0.1".to_owned(), own)]);
    let eager = Fetcher::new(&Settings { per_host_delay: Duration::from_secs(60), hosts, ..settings() }).unwrap();
    document(eager.get(Request { robots: true, ..plain(&page) }).await);
    assert!(!server.paths()[times.len()..].contains(&"/robots.txt".to_owned()));
}

#[tokio::test]
async fn what_is_known_of_hosts_outlives_a_change_of_settings() {
    let server = Server::start(|head| match path(head) {
        "/robots.txt" => Reply::Close(response("200 OK", "", b"User-agent: *\nDisallow: /no\n")),
        _ => Reply::Close(response(
            "200 OK",
            "Set-Cookie: sid=7\r\n",
            header(head, "cookie").unwrap_or("none").as_bytes(),
        )),
    })
    .await;
    let gap = Duration::from_millis(200);
    let old = Fetcher::new(&Settings { per_host_delay: gap, ..settings() }).unwrap();
    let page = server.url("/a");
    let request = || Request { robots: true, jar: Some("a"), ..plain(&page) };
    assert_eq!(document(old.get(request()).await).1, b"none");
    let begun = Instant::now();
    let new = Fetcher::after(&Settings { per_host_delay: gap, ..settings() }, &old).unwrap();
    assert_eq!(document(new.get(request()).await).1, b"sid=7");
    assert!(begun.elapsed() >= gap - Duration::from_millis(20), "{:?}", begun.elapsed());
    assert_eq!(server.paths(), ["/robots.txt", "/a", "/a"]);
    let other = Settings { user_agent: "else/1 (+https://contact.example)".into(), per_host_delay: gap, ..settings() };
    document(Fetcher::after(&other, &new).unwrap().get(request()).await);
    assert_eq!(server.paths().iter().filter(|p| *p == "/robots.txt").count(), 2, "by another name it is asked anew");
}

#[tokio::test]
async fn waiting_for_a_turn_is_no_fault_of_the_server() {
    let server = Server::always(response("200 OK", "", b"x")).await;
    let slow =
        Settings { per_host_delay: Duration::from_millis(400), timeout: Duration::from_millis(300), ..settings() };
    let (fetcher, page) = (Fetcher::new(&slow).unwrap(), server.url("/"));
    for _ in 0..3 {
        document(fetcher.get(plain(&page)).await);
    }
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_and_a_header_without_end_are_given_up() {
    let stops = Server::start(|_| Reply::Hang(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal".to_vec())).await;
    let settings = Settings { idle_timeout: Duration::from_millis(100), ..settings() };
    let (fetcher, begun) = (Fetcher::new(&settings).unwrap(), Instant::now());
    let failure = fetcher.get(plain(&stops.url("/"))).await.unwrap_err();
    assert!(failure.kind == FailureKind::Timeout && failure.reason.contains("idle_timeout"), "{failure:?}");
    assert!(begun.elapsed() < Duration::from_secs(2));
    let line = format!("X-Filler: {}\r\n", "x".repeat(4000));
    let large = failure_of(response("200 OK", &line.repeat(20), b"x")).await;
    assert_eq!(large.kind, FailureKind::TooLarge, "{large:?}");
    let many = failure_of(response("200 OK", &"X: y\r\n".repeat(20_000), b"x")).await;
    assert_eq!(many.kind, FailureKind::Connect, "{many:?}");
    let endless =
        Server::start(move |_| Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), line.clone().into_bytes())).await;
    assert_eq!(fetcher.get(plain(&endless.url("/"))).await.unwrap_err().kind, FailureKind::Connect);
}

#[tokio::test]
async fn a_page_leads_to_no_port_but_that_of_its_source() {
    let inner = Server::always(response("200 OK", "", b"inner")).await;
    let away = inner.url("/admin").to_string();
    let outer = Server::start(move |head| match path(head) {
        "/away" => Reply::Close(redirect(&away)),
        _ => Reply::Close(response("200 OK", "", b"outer")),
    })
    .await;
    let (fetcher, port) = (fetcher(), Some(outer.address.port()));
    let (page, lead, other) = (outer.url("/"), outer.url("/away"), inner.url("/"));
    assert_eq!(document(fetcher.get(Request { port, ..plain(&page) }).await).1, b"outer");
    for refused in [&lead, &other] {
        let failure = fetcher.get(Request { port, ..plain(refused) }).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused, "{failure:?}");
        assert!(failure.reason.contains("80 and 443"), "{}", failure.reason);
    }
    let failure = fetcher.get(Request { port, robots: true, ..plain(&other) }).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "nor for its robots.txt: {failure:?}");
    assert!(inner.asked().is_empty(), "{:?}", inner.asked());
    // The ports of the web are always good; nobody listens there.
    for web in ["http://127.0.0.1/", "https://127.0.0.1/"] {
        let failure = fetcher.get(Request { port, ..plain(&url(web)) }).await.unwrap_err();
        assert_ne!(failure.kind, FailureKind::Refused, "{web}: {failure:?}");
    }
    assert_eq!(document(fetcher.get(plain(&lead)).await).1, b"inner", "who asks for it himself gets it");
}

#[tokio::test]
async fn nobody_but_the_operator_has_us_log_in() {
    let server = Server::start(|head| match path(head) {
        "/away" => {
            let host = header(head, "host").unwrap();
            Reply::Close(redirect(&format!("http://me:pw@{host}/page")))
        }
        _ => Reply::Close(response("200 OK", "", header(head, "authorization").unwrap_or("none").as_bytes())),
    })
    .await;
    assert_eq!(document(fetcher().get(plain(&server.url("/away"))).await).1, b"none");
    let mut own = server.url("/away");
    own.set_username("reader").unwrap();
    assert_eq!(document(fetcher().get(plain(&own)).await).1, b"Basic cmVhZGVyOg==", "the source's own goes along");
}
