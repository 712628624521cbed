//! Killed a hundred times while thousands of articles come in and three sinks of different temper listen, on both databases.

use std::{
    collections::{BTreeMap, HashMap},
    io::Write,
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{Html, IntoResponse},
    routing::get,
};

use crate::{
    process::{Daemon, Folder},
    sinks::message,
    support::TestDb,
};

/// Sites, each a host of its own.
const SITES: usize = 10;
/// Articles of one site.
const ARTICLES: usize = 500;
/// One in so many stands at the next site as well.
const SHARED: usize = 10;
/// Kills.
const KILLS: usize = 100;
/// How long it may take in the end.
const PATIENCE: Duration = Duration::from_secs(300);

/// Some number for a number, the same in every run.
fn chance(seed: usize) -> usize {
    let hash = blake3::hash(&seed.to_le_bytes());
    usize::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap())
}

/// What article `n` of `site` is about: those that are shared tell what the site before tells.
fn about(site: usize, n: usize) -> usize {
    let from = if n.is_multiple_of(SHARED) && site % 2 == 1 { site - 1 } else { site };
    from * ARTICLES + n
}

/// Words that no other subject has in this order.
fn words(subject: usize, from: usize, count: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ka", "lo", "mi", "nu", "re", "sa", "to", "vi", "bel", "dor", "fen", "gar", "hul", "jor", "pim", "wes"];
    let word = |n: usize| {
        let x = chance(subject * 1_000 + from + n);
        [x, x >> 4, x >> 8].map(|y| SYLLABLES[y % 16]).concat()
    };
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

#[derive(Clone)]
struct Site {
    number: usize,
    published: Arc<AtomicUsize>,
}

async fn feed(State(site): State<Site>) -> impl IntoResponse {
    let item = |n: usize| {
        let title = words(about(site.number, n), 0, 5);
        format!("<item><title>{title}</title><link>/a/{n}</link><description>{title}</description></item>")
    };
    let items: String = (0..site.published.load(Ordering::Relaxed)).rev().map(item).collect();
    let text = format!("<rss version=\"2.0\"><channel><title>S</title><link>/</link>{items}</channel></rss>");
    ([(header::CONTENT_TYPE, "application/rss+xml")], text)
}

async fn page(State(site): State<Site>, Path(n): Path<usize>) -> Html<String> {
    let subject = about(site.number, n);
    let line = |l: usize| format!("<p>{}.</p>", words(subject, 10 + l * 20, 20));
    let (title, text) = (words(subject, 0, 5), (0..4).map(line).collect::<String>());
    Html(format!(
        "<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"
    ))
}

/// Sites with articles that appear as `published` grows; the configuration that polls them.
async fn sites(published: &Arc<AtomicUsize>) -> String {
    let mut config = "[fetch]\nallow_networks = [\"127.0.0.0/8\"]\nper_host_delay = \"0s\"\n".to_owned();
    for number in 0..SITES {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::new(127, 0, 8, u8::try_from(number + 1).unwrap()), 0))
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let site = Site { number, published: published.clone() };
        let router = Router::new().route("/feed", get(feed)).route("/a/{n}", get(page)).with_state(site);
        tokio::spawn(async move { axum::serve(listener, router).await });
        config += &format!(
            "[[sources]]\nid = \"s{number}\"\nurl = \"http://{address}/feed\"\nevery = \"10s\"\nfull_text = true\n\
             robots = false\nfirst_visit = 1000\n"
        );
    }
    config
}

/// How a receiver is.
#[derive(Clone, Copy, PartialEq)]
enum Temper {
    Flaky,
    Slow,
    Down,
}

/// A message: its identifier, the numbers of its changes, whether it was taken.
type Message = (String, Vec<i64>, bool);

struct Receiver {
    address: String,
    got: Arc<Mutex<Vec<Message>>>,
}

impl Receiver {
    /// `down` tells one that is down for a while whether it is.
    fn start(temper: Temper, down: Arc<AtomicBool>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let got = Arc::<Mutex<Vec<Message>>>::default();
        let kept = got.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if temper != Temper::Down || !down.load(Ordering::Relaxed) {
                    let _ = answer(stream, temper, &kept);
                }
            }
        });
        Self { address, got }
    }

    /// What it must have been told, and how.
    fn check(&self, all: &[i64], batch: usize) {
        let got = self.got.lock().unwrap();
        let (mut by_id, mut first, mut newest) = (HashMap::new(), Vec::<i64>::new(), 0);
        for (id, numbers, taken) in got.iter() {
            assert!(numbers.is_sorted() && numbers.len() <= batch);
            let place = all.iter().position(|n| *n == numbers[0]).unwrap();
            let reached = all.iter().position(|n| *n == newest).map_or(0, |p| p + 1);
            assert!(place + batch >= reached, "it went back from {newest} to {}", numbers[0]);
            if !taken {
                continue;
            }
            let before = by_id.insert(id.clone(), numbers.clone());
            assert!(before.as_ref().is_none_or(|b| b == numbers), "{id} was another message before");
            if before.is_none() {
                first.extend(numbers);
            }
            newest = newest.max(*numbers.last().unwrap());
        }
        assert_eq!(first, all, "every change, in order, once for who knows the identifiers");
    }
}

/// Reads one message and answers it as the receiver is.
fn answer(mut stream: TcpStream, temper: Temper, kept: &Mutex<Vec<Message>>) -> std::io::Result<()> {
    let (id, body) = message(&stream)?;
    let number = |event: &serde_json::Value| event["data"]["number"].as_i64().unwrap();
    let numbers = body["data"].as_array().unwrap().iter().map(number).collect();
    let nth = kept.lock().unwrap().len();
    if temper == Temper::Slow {
        std::thread::sleep(Duration::from_millis(150));
    }
    let taken = temper != Temper::Flaky || !chance(nth).is_multiple_of(5);
    kept.lock().unwrap().push((id, numbers, taken));
    let status = if taken { "204 No Content" } else { "503 Service Unavailable" };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn endure(db: &TestDb, runtime: &tokio::runtime::Runtime) {
    let (published, down) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut config = runtime.block_on(sites(&published));
    let batch = 100;
    let receivers = [Temper::Flaky, Temper::Slow, Temper::Down].map(|t| Receiver::start(t, down.clone()));
    for (n, receiver) in receivers.iter().enumerate() {
        config += &format!(
            "[[webhooks]]\nid = \"sink{n}\"\nurl = \"http://{}/\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n\
             kinds = [\"story_new\", \"story_joined\"]\nbatch = {batch}\n",
            receiver.address
        );
    }
    let folder = Folder::with(&config);
    let env = [("TIDINGS_DATABASE_URL", db.url.as_str())];
    for kill in 0..KILLS {
        published.store((kill + 1) * ARTICLES / KILLS, Ordering::Relaxed);
        down.store((KILLS / 3..KILLS / 2).contains(&kill), Ordering::Relaxed);
        let daemon = Daemon::start(&folder.path(), &env);
        std::thread::sleep(Duration::from_millis(50 + (chance(kill) % 700) as u64));
        daemon.signal("KILL");
        assert_eq!(daemon.wait(), None);
    }
    let daemon = Daemon::start(&folder.path(), &env);
    let begun = Instant::now();
    loop {
        let status = daemon.get("/status").json();
        let told = status["sinks"].as_array().unwrap().iter().all(|s| s["lag"] == 0 && s["dead"] == 0);
        if told && status["totals"]["articles"] == SITES * ARTICLES {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{} and {}", status["totals"], status["sinks"]);
        std::thread::sleep(Duration::from_millis(500));
    }
    check(&daemon, &receivers, batch);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

/// The log, the feed and the sinks tell each story once.
fn check(daemon: &Daemon, receivers: &[Receiver], batch: usize) {
    let (mut all, mut new): (Vec<i64>, BTreeMap<String, i64>) = (vec![], BTreeMap::new());
    loop {
        let since = all.last().copied().unwrap_or_default();
        let page = daemon.get(&format!("/api/v1/changes?limit=500&since={since}")).json();
        let changes = page["changes"].as_array().unwrap();
        if changes.is_empty() {
            break;
        }
        for change in changes {
            all.push(change["number"].as_i64().unwrap());
            match change["kind"].as_str().unwrap() {
                "story_new" => {
                    let story = change["title"].as_str().unwrap().to_owned();
                    assert!(new.insert(story, all[all.len() - 1]).is_none(), "{change} is told twice");
                }
                kind => assert_eq!(kind, "story_joined", "{change}"),
            }
        }
    }
    assert!(all.iter().zip(1..).all(|(n, m)| *n == m), "the log has a gap");
    let shared = SITES / 2 * ARTICLES / SHARED;
    assert_eq!((new.len(), all.len()), (SITES * ARTICLES - shared, SITES * ARTICLES));
    for receiver in receivers {
        receiver.check(&all, batch);
    }
    let feed = daemon.get("/feeds/all.json?limit=500").json();
    let mut ids: Vec<&str> = feed["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 500, "the feed holds a story twice");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn a_hundred_kills_lose_nothing_and_tell_nothing_twice_on_sqlite() {
    endure(&TestDb::sqlite(), &runtime());
}

#[test]
fn a_hundred_kills_lose_nothing_and_tell_nothing_twice_on_postgres() {
    let runtime = runtime();
    let [_, db] = runtime.block_on(TestDb::both());
    endure(&db, &runtime);
}
