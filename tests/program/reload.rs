//! What a changed configuration changes in a running daemon, beside its sources and topics, on both databases.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, http::Uri};
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::{
    control::{TOKEN, post},
    process::{Answer, Daemon, Folder},
    support::TestDb,
    whole::databases,
};

/// Items of the two feeds of one host.
type Items = Arc<Mutex<[String; 2]>>;

/// A host with two feeds, `/0` and `/1`.
async fn host() -> (u16, Items) {
    let items = Items::default();
    let answer = |State(items): State<Items>, uri: Uri| async move {
        let feed = usize::from(uri.path() == "/1");
        let items = items.lock().unwrap()[feed].clone();
        format!(
            "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Feed {feed}</title>{items}</channel></rss>"
        )
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().fallback(answer).with_state(items.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, items)
}

/// An item of story `about` at feed `feed`, the first `lines` of its thirty lines.
fn item(feed: usize, about: &str, lines: usize) -> String {
    let text: String = (1..=lines)
        .map(|n| format!("{about} {n}: berth {about}{n} went to ferry {about}{} for {about}{} nights. ", n * 7, n * 31))
        .collect();
    let link = format!("https://outlet{feed}.example/{about}");
    format!(
        "<item><title>Headline of {about} by {feed}</title><link>{link}</link><description>{text}</description></item>"
    )
}

fn config(port: u16, settings: &str) -> String {
    let source = |n: u8| {
        format!(
            "[[sources]]\nid = \"s{n}\"\nurl = \"http://127.0.0.1:{port}/{n}\"\nkind = \"feed\"\nevery = \"1h\"\n\
             full_text = false\n"
        )
    };
    let (one, two) = (source(0), source(1));
    format!("{settings}allow_networks = [\"127.0.0.0/8\"]\nper_host_delay = \"20ms\"\n{one}{two}")
}

fn total(answer: &Answer, what: &str) -> u64 {
    answer.json()["totals"][what].as_u64().unwrap_or_default()
}

fn lanes(answer: &Answer) -> Option<u64> {
    answer.json()["leases"]["daemons"][0]["lanes_max"].as_u64()
}

/// Has the article with this address be first seen long ago.
async fn age(db: &TestDb, url: &str) {
    const AGE: &str = "update articles set first_seen_at = '2020-01-01T00:00:00+00:00' where url = $1";
    if db.name == "sqlite" {
        let mut connection = SqliteConnection::connect(&db.url).await.unwrap();
        sqlx::query(AGE).bind(url).execute(&mut connection).await.unwrap();
    } else {
        let mut connection = PgConnection::connect(&db.url).await.unwrap();
        sqlx::query(AGE).bind(url).execute(&mut connection).await.unwrap();
    }
}

#[test]
fn hosts_at_once_copies_and_retention_are_as_the_changed_file_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for db in databases(&runtime) {
        println!("on {}", db.name);
        let (port, items) = runtime.block_on(host());
        let list = |feed: usize, of: &[String]| items.lock().unwrap()[feed] = of.concat();
        list(0, &[item(0, "storm", 30), item(0, "strike", 30)]);
        list(1, &[item(1, "strike", 24)]);
        let old = "[retention]\narticles = \"3650d\"\n[dedupe]\nsimilarity = 1.0\n[fetch]\nconcurrency = 3\n";
        let folder = Folder::with(&config(port, old));
        let mut daemon =
            Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str()), ("TIDINGS_WEB_TOKEN", TOKEN)]);
        let status = daemon.wait_for("/status", |a| total(a, "articles") == 3 && lanes(a) == Some(3));
        assert_eq!(total(&status, "stories"), 3, "only equal texts are one story");
        runtime.block_on(age(&db, "https://outlet0.example/storm"));

        let new = "[retention]\narticles = \"30d\"\n[dedupe]\nsimilarity = 0.8\n[fetch]\nconcurrency = 2\n";
        std::fs::write(folder.path().join("config.toml"), config(port, new)).unwrap();
        daemon.signal("HUP");
        daemon.wait_for_line("configuration reloaded");
        daemon.wait_for("/status", |a| lanes(a) == Some(2));
        daemon.wait_for("/status", |a| total(a, "articles") == 2);
        let poll = |source: &str| {
            let (status, text) = post(
                &daemon.address,
                &format!("/api/v1/sources/{source}/poll"),
                &format!("Authorization: Bearer {TOKEN}\r\n"),
            );
            assert_eq!(status, 202, "{text}");
        };
        list(0, &[item(0, "flood", 30)]);
        poll("s0");
        daemon.wait_for("/status", |a| total(a, "articles") == 3);
        list(1, &[item(1, "flood", 24)]);
        poll("s1");
        daemon.wait_for("/status", |a| total(a, "articles") == 4);
        let newest = &daemon.get("/api/v1/stories?limit=1").json()["stories"][0];
        assert_eq!(newest["outlets"].as_array().unwrap().len(), 2, "a shortened copy joins: {newest}");
        daemon.signal("TERM");
        assert_eq!(daemon.wait(), Some(0));
    }
}
