//! Two daemons, one the hub and publisher of what the other one reads, on both databases.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use chrono::Utc;
use serde_json::Value;

use crate::{
    process::{Answer, Daemon, Folder},
    support::TestDb,
    whole::databases,
};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A port that is free now.
fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// POSTs `body` to `path` with extra header lines: the status, and all that came.
fn post(address: &str, path: &str, headers: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {length}\r\n{headers}\r\n").unwrap();
    stream.write_all(body).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    (text.split_whitespace().nth(1).and_then(|s| s.parse().ok()).unwrap_or_default(), text)
}

fn source(answer: &Answer, id: &str) -> Value {
    let json = answer.json();
    json["sources"].as_array().unwrap().iter().find(|s| s["id"] == id).cloned().unwrap_or_default()
}

/// A daemon at a public address that is its own.
fn start(folder: &Folder, db: &TestDb, port: u16, more: &[(&str, &str)]) -> Daemon {
    let (listen, public) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    let mut env = vec![
        ("TIDINGS_DATABASE_URL", db.url.as_str()),
        ("TIDINGS_WEB_LISTEN", listen.as_str()),
        ("TIDINGS_WEB_PUBLIC_URL", public.as_str()),
        ("TIDINGS_WEB_TOKEN", TOKEN),
        ("TIDINGS_FETCH_ALLOW_NETWORKS", "127.0.0.0/8"),
    ];
    env.extend(more);
    Daemon::start(&folder.path(), &env)
}

/// The configuration of one who reads the feed of everything at `port`, hardly ever by itself.
fn reader(port: u16) -> String {
    format!(
        "[fetch]\nper_host_delay = \"0s\"\n[[sources]]\nid = \"upstream\"\nurl = \"http://127.0.0.1:{port}/feeds/all.atom\"\n\
         every = \"6h\"\nfirst_visit = 500\n"
    )
}

fn titles(daemon: &Daemon) -> Vec<String> {
    let feed = daemon.get("/feeds/all.json?limit=500").json();
    feed["items"].as_array().unwrap().iter().map(|i| i["title"].as_str().unwrap().to_owned()).collect()
}

/// Has `daemon` look at every outlet now.
fn poll_all(daemon: &Daemon) {
    for source in daemon.get("/api/v1/sources").json()["sources"].as_array().unwrap() {
        let path = format!("/api/v1/sources/{}/poll", source["id"].as_str().unwrap());
        let (status, said) = post(&daemon.address, &path, &format!("Authorization: Bearer {TOKEN}\r\n"), b"");
        assert_eq!(status, 202, "{said}");
    }
}

#[test]
fn what_is_new_is_there_in_seconds_and_a_hub_that_is_killed_loses_nothing() {
    for n in 0..2 {
        let (runtime, portal) = portal_of_few();
        let [sqlite, postgres] = databases(&runtime);
        let [second_sqlite, second_postgres] = databases(&runtime);
        let (up, down) = if n == 0 { (sqlite, second_sqlite) } else { (postgres, second_postgres) };
        println!("on {}", up.name);
        let (hub_port, reader_port) = (port(), port());
        let config = portal.config().replace("every = \"10s\"", "every = \"1h\"");
        let (up_folder, down_folder) = (Folder::with(&config), Folder::with(&reader(hub_port)));
        let hub = start(&up_folder, &up, hub_port, &[]);
        let all = portal.published().len() as u64;
        hub.wait_for("/status", |a| a.json()["totals"]["articles"].as_u64() >= Some(all));
        let feed = hub.get("/feeds/all.atom");
        let links: Vec<&str> = feed.head.lines().filter(|l| l.to_lowercase().starts_with("link:")).collect();
        assert!(
            links.iter().any(|l| l.contains(&format!("<http://127.0.0.1:{hub_port}/websub>; rel=\"hub\""))),
            "{links:?}"
        );

        let reading = start(&down_folder, &down, reader_port, &[]);
        let told = reading.wait_for("/api/v1/sources", |a| source(a, "upstream")["websub"]["state"] == "active");
        let until = source(&told, "upstream")["websub"]["until"].as_str().unwrap().to_owned();
        assert!(until.parse::<chrono::DateTime<Utc>>().unwrap() > Utc::now() + chrono::TimeDelta::days(9), "{until}");
        assert_eq!(hub.get("/status").json()["hub"]["subscriptions"], 1);

        portal.publish(3, Utc::now());
        poll_all(&hub);
        let begun = Instant::now();
        let every = |d: &Daemon, n: usize| d.get("/status").json()["totals"]["articles"].as_u64() >= Some(n as u64);
        reading.wait_for("/status", |_| {
            let upstream = titles(&hub);
            every(&hub, portal.published().len()) && upstream.iter().all(|t| titles(&reading).contains(t))
        });
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        let row = source(&reading.get("/api/v1/sources"), "upstream");
        assert!(row["websub"]["pushes"].as_i64() >= Some(1), "{row}");

        // Killed with something new in the log that nobody was told of.
        reading.signal("STOP");
        portal.publish(3, Utc::now());
        poll_all(&hub);
        let before = portal.published().len();
        hub.wait_for("/status", |_| every(&hub, before));
        hub.signal("KILL");
        assert_eq!(hub.wait(), None);
        reading.signal("CONT");
        let hub = start(&up_folder, &up, hub_port, &[]);
        reading.wait_for("/status", |_| titles(&hub).iter().all(|t| titles(&reading).contains(t)));
        assert_eq!(hub.get("/status").json()["hub"]["subscriptions"], 1);
    }
}

/// A portal most of which is still to be published.
fn portal_of_few() -> (tokio::runtime::Runtime, tidings::demo::Portal) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let portal = runtime.block_on(tidings::demo::Portal::start(Utc::now())).unwrap();
    portal.publish(3, Utc::now());
    (runtime, portal)
}

/// A hub and publisher that does whatever the test wants: it answers every GET with its feed, and keeps what it is asked.
struct Fake {
    port: u16,
    forms: mpsc::Receiver<Vec<(String, String)>>,
    feed: Arc<Mutex<String>>,
}

impl Fake {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (send, forms) = mpsc::channel();
        let feed = Arc::new(Mutex::new(rss(port, &[1])));
        let served = feed.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut first, mut length) = (String::new(), 0);
                let _ = reader.read_line(&mut first);
                for line in reader.by_ref().lines().map_while(Result::ok).take_while(|l| !l.is_empty()) {
                    length = line
                        .to_lowercase()
                        .strip_prefix("content-length:")
                        .map_or(length, |n| n.trim().parse().unwrap());
                }
                let mut body = vec![0; length];
                let _ = reader.read_exact(&mut body);
                let (status, text) = match first.split(' ').next() {
                    Some("POST") => {
                        let _ = send.send(url::form_urlencoded::parse(&body).into_owned().collect());
                        ("202 Accepted", String::new())
                    }
                    _ if first.contains("/robots.txt") => ("404 Not Found", String::new()),
                    _ if first.contains("/feed") => ("200 OK", served.lock().unwrap().clone()),
                    _ => ("404 Not Found", String::new()),
                };
                let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n");
                let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{text}", text.len());
            }
        });
        Self { port, forms, feed }
    }

    /// The form of the next request with this mode: its callback's path, and its secret.
    fn asked(&self, mode: &str) -> (String, String) {
        let form = self.forms.recv_timeout(Duration::from_secs(30)).unwrap();
        let get = |key: &str| form.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone()).unwrap_or_default();
        assert_eq!(
            (get("hub.mode").as_str(), get("hub.topic")),
            (mode, format!("http://127.0.0.1:{}/feed", self.port))
        );
        let callback: url::Url = get("hub.callback").parse().unwrap();
        (callback.path().to_owned(), get("hub.secret"))
    }
}

/// A feed with these articles, each of which says all of itself.
fn rss(port: u16, articles: &[usize]) -> String {
    let text = "港口今日公布新的出口管制清单，涉及十七种设备。".repeat(40);
    let item = |n: &usize| {
        format!(
            "<item><title>第{n}条消息</title><link>http://127.0.0.1:{port}/a/{n}</link><description>{n} {text}</description></item>"
        )
    };
    let items: String = articles.iter().map(item).collect();
    format!(
        "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel><title>港</title>\
         <link>http://127.0.0.1:{port}/</link><atom:link rel=\"hub\" href=\"http://127.0.0.1:{port}/hub\"/>\
         <atom:link rel=\"self\" href=\"http://127.0.0.1:{port}/feed\"/>{items}</channel></rss>"
    )
}

fn push(daemon: &Daemon, path: &str, secret: &str, body: &str) -> u16 {
    let signature = tidings::websub::sign(secret, body.as_bytes());
    let headers = format!("Content-Type: application/rss+xml\r\nX-Hub-Signature: {signature}\r\n");
    post(&daemon.address, path, &headers, body.as_bytes()).0
}

fn confirms_nothing_else(daemon: &Daemon, path: &str, topic: &str) {
    let other = "hub.topic=http%3A%2F%2Fother.example%2Ffeed";
    let stranger = format!("/websub/{}", "0".repeat(64));
    for wrong in [
        format!("{path}?hub.mode=subscribe&{other}&hub.challenge=c"),
        format!("{path}?hub.mode=unsubscribe&{topic}&hub.challenge=c"),
        format!("{path}?hub.mode=subscribe&hub.challenge=c"),
        format!("{stranger}?hub.mode=subscribe&{topic}&hub.challenge=c"),
        "/websub/x?hub.mode=subscribe".to_owned(),
        path.to_owned(),
    ] {
        let answer = daemon.get(&wrong);
        assert!(answer.status == 404 && !answer.body.contains("\"c\""), "{wrong}: {}", answer.status);
    }
    assert_eq!(daemon.get(&format!("{path}?hub.mode=subscribe&{topic}")).status, 400, "without a challenge");
}

#[test]
fn a_subscriber_confirms_what_it_asked_and_believes_what_is_signed() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for db in databases(&runtime) {
        println!("on {}", db.name);
        let fake = Fake::start();
        let config = format!(
            "[fetch]\nper_host_delay = \"0s\"\n[[sources]]\nid = \"harbor\"\nurl = \"http://127.0.0.1:{}/feed\"\nfull_text = false\nevery = \"1h\"\n",
            fake.port
        );
        let folder = Folder::with(&config);
        let daemon = start(&folder, &db, port(), &[]);
        let (path, secret) = fake.asked("subscribe");
        assert!(path.starts_with("/websub/") && path.len() == "/websub/".len() + 64 && secret.len() == 64, "{path}");
        let websub = || source(&daemon.get("/api/v1/sources"), "harbor")["websub"].clone();
        assert_eq!(websub()["state"], "asked");
        assert!(!daemon.get("/status").body.contains(&path[8..]), "the key is shown to nobody");

        // Nobody is pushed to before it has consented, nor confirms what it did not ask.
        assert_eq!(push(&daemon, &path, &secret, &rss(fake.port, &[2])), 410);
        let topic = format!("hub.topic=http%3A%2F%2F127.0.0.1%3A{}%2Ffeed", fake.port);
        confirms_nothing_else(&daemon, &path, &topic);
        let good = format!("{path}?hub.mode=subscribe&{topic}&hub.challenge=c0%3Cffee&hub.lease_seconds=864000");
        let answer = daemon.get(&good);
        assert_eq!((answer.status, answer.body.as_str()), (200, "c0<ffee"));
        assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
        assert_eq!(websub()["state"], "active");

        // What is new comes, though it is not in the feed; what is not signed, or by another, does not.
        let articles = || daemon.get("/status").json()["totals"]["articles"].as_i64().unwrap();
        let before = articles();
        let new = rss(fake.port, &[2]);
        assert_eq!(push(&daemon, &path, "not the secret", &new), 202);
        assert_eq!(post(&daemon.address, &path, "", new.as_bytes()).0, 202);
        assert_eq!((articles(), websub()["pushes"].as_i64()), (before, Some(0)));
        assert!(websub()["last_error"].as_str().unwrap().contains("not signed"));
        assert_eq!(push(&daemon, &path, &secret, &new), 204);
        assert_eq!((articles(), websub()["pushes"].as_i64()), (before + 1, Some(1)), "recorded before it is answered");
        assert_eq!(push(&daemon, &path, &secret, &new), 204);
        assert_eq!(
            (articles(), websub()["last_error"].is_null()),
            (before + 1, true),
            "once, however often it is sent"
        );
        let next = source(&daemon.get("/api/v1/sources"), "harbor")["next_visit_at"].as_str().unwrap().to_owned();
        assert!(next.parse::<chrono::DateTime<Utc>>().unwrap() > Utc::now() + chrono::TimeDelta::hours(3), "{next}");

        // A whole feed is larger than any order, and a hub that tells us of many sources sends many: behind a proxy it is no client
        // on this machine.
        let whole = rss(fake.port, &[2]).replace("</channel>", &format!("<!-- {} --></channel>", "x".repeat(200_000)));
        assert_eq!(push(&daemon, &path, &secret, &whole), 204);
        let signature = tidings::websub::sign(&secret, new.as_bytes());
        let proxied = format!("X-Forwarded-For: 203.0.113.9\r\nX-Hub-Signature: {signature}\r\n");
        for n in 0..8 {
            assert_eq!(post(&daemon.address, &path, &proxied, new.as_bytes()).0, 204, "{n}");
        }

        // Hostile: too large, of no kind, nothing at all.
        let large = vec![b'x'; 9 * 1024 * 1024];
        let mut stream = TcpStream::connect(&daemon.address).unwrap();
        write!(stream, "POST {path} HTTP/1.0\r\nContent-Length: {}\r\n\r\n", large.len()).unwrap();
        let _ = stream.write_all(&large);
        drop(stream);
        *fake.feed.lock().unwrap() = rss(fake.port, &[4, 2, 1]);
        assert_eq!(push(&daemon, &path, &secret, "<html><p>no feed"), 204);
        daemon.wait_for("/status", |a| a.json()["totals"]["articles"].as_i64() == Some(before + 2));
        *fake.feed.lock().unwrap() = rss(fake.port, &[5, 4, 2, 1]);
        assert_eq!(push(&daemon, &path, &secret, ""), 204);
        daemon.wait_for("/status", |a| a.json()["totals"]["articles"].as_i64() == Some(before + 3));
        assert_eq!(source(&daemon.get("/api/v1/sources"), "harbor")["state"], "ok");

        // Configured away: the hub is told, and asked back once.
        std::fs::write(folder.path().join("config.toml"), format!("{config}websub = false\n")).unwrap();
        daemon.signal("HUP");
        let (left, _) = fake.asked("unsubscribe");
        assert_eq!(left, path);
        assert_eq!(push(&daemon, &path, &secret, &new), 410);
        let leave = format!("{path}?hub.mode=unsubscribe&{topic}&hub.challenge=bye");
        assert_eq!(daemon.get(&leave).body, "bye");
        assert_eq!(daemon.get(&leave).status, 404);
        assert!(websub().is_null());
    }
}

#[test]
fn the_hub_refuses_what_it_cannot_mean_and_pages_of_other_sites() {
    let db = TestDb::sqlite();
    let (folder, own) = (Folder::with("[websub]\nhub = true\n"), port());
    let daemon = start(&folder, &db, own, &[]);
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let ask = |headers: &str, body: &str| post(&daemon.address, "/websub", headers, body.as_bytes());
    let topic = format!("hub.topic=http%3A%2F%2F127.0.0.1%3A{own}%2Ffeeds%2Fall.rss");
    let good = format!("hub.mode=subscribe&{topic}&hub.callback=http%3A%2F%2F127.0.0.1%3A1%2Fx");
    assert_eq!(ask(form, &good).0, 202);
    for (headers, body, status) in [
        (form, good.replace("subscribe", "publish"), 400),
        (form, good.replace("all.rss", "nobody.rss"), 400),
        (form, good.replace("feeds%2Fall.rss", "status"), 400),
        (form, good.replace("feeds%2Fall.rss", "feeds%2Fincidents.atom"), 400),
        (form, good.replace(&format!("127.0.0.1%3A{own}"), "other.example"), 400),
        (form, format!("{good}&hub.secret={}", "s".repeat(200)), 400),
        (form, format!("{good}&hub.lease_seconds=-1"), 400),
        (form, String::new(), 400),
        (form, format!("{good}&x={}", "x".repeat(20_000)), 413),
        ("Content-Type: application/json\r\n", good.clone(), 415),
        ("", good.clone(), 415),
        (&format!("{form}Origin: https://evil.example\r\n"), good.clone(), 403),
        (&format!("{form}Sec-Fetch-Site: cross-site\r\n"), good.clone(), 403),
    ] {
        let (got, said) = ask(headers, &body);
        assert_eq!(got, status, "{headers}{body}: {said}");
    }
    assert_eq!(daemon.get("/websub").status, 405);
    let off = start(&Folder::with("[websub]\nhub = false\n"), &TestDb::sqlite(), port(), &[]);
    assert_eq!(post(&off.address, "/websub", form, good.as_bytes()).0, 404);
    assert_eq!(off.get("/feeds/all.rss").header("link"), None);
}
