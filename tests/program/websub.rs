//! Two daemons, one the hub and publisher of what the other one reads, on both databases.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
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
pub(crate) fn post(address: &str, path: &str, headers: &str, body: &[u8]) -> (u16, String) {
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
