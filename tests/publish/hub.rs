//! The hub before subscribers that consent, lie, are slow, down, gone and elsewhere, on both databases.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{TimeDelta, Utc};
use tidings::{
    fetch,
    publish::{Copies, Hub},
    store::{HubState, Store},
    websub::{Ask, Content, Mode, verify},
};
use tokio::net::TcpListener;
use url::Url;

use crate::support::TestDb;
use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(20);
const SECRET: &str = "s3cret";

/// A subscriber on loopback.
#[derive(Clone)]
pub(crate) struct Subscriber {
    pub(crate) kept: Arc<Kept>,
    url: Url,
}

pub(crate) struct Kept {
    /// What it answers when it is asked whether it meant it; `None`: the challenge.
    intent: Mutex<Option<(u16, String)>>,
    /// How it takes what is sent, and after how long.
    pub(crate) takes: Mutex<(u16, Duration)>,
    asked: Mutex<Vec<String>>,
    got: Mutex<Vec<(HeaderMap, Bytes)>>,
}

impl Subscriber {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/told?id=7", listener.local_addr().unwrap()).parse().unwrap();
        let kept = Arc::new(Kept {
            intent: Mutex::default(),
            takes: Mutex::new((200, Duration::ZERO)),
            asked: Mutex::default(),
            got: Mutex::default(),
        });
        let app = Router::new().route("/told", get(asked).post(told)).with_state(kept.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { kept, url }
    }

    fn ask(&self, mode: Mode, topic: &str) -> Ask {
        let secret = Some(SECRET.to_owned());
        Ask { mode, topic: topic.parse().unwrap(), callback: self.url.clone(), secret, lease_s: 3600 }
    }

    pub(crate) fn got(&self) -> Vec<String> {
        self.kept.got.lock().unwrap().iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect()
    }

    fn asked(&self) -> Vec<String> {
        self.kept.asked.lock().unwrap().clone()
    }
}

async fn asked(State(kept): State<Arc<Kept>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    kept.asked.lock().unwrap().push(query);
    let challenge = pairs.iter().find(|(k, _)| k == "hub.challenge").map(|(_, v)| v.clone()).unwrap_or_default();
    match kept.intent.lock().unwrap().clone() {
        Some((status, body)) => (StatusCode::from_u16(status).unwrap(), body).into_response(),
        None => challenge.into_response(),
    }
}

async fn told(State(kept): State<Arc<Kept>>, headers: HeaderMap, body: Bytes) -> Response {
    let (status, pause) = *kept.takes.lock().unwrap();
    kept.got.lock().unwrap().push((headers, body));
    tokio::time::sleep(pause).await;
    StatusCode::from_u16(status).unwrap().into_response()
}

/// A feed that says how many changes there are; how often it was made is counted.
pub(crate) fn copies(store: &Store, made: &Arc<AtomicUsize>) -> Copies {
    let (store, made) = (store.clone(), made.clone());
    Arc::new(move |path| {
        let (store, made) = (store.clone(), made.clone());
        Box::pin(async move {
            made.fetch_add(1, Ordering::Relaxed);
            if !path.starts_with("/feeds/all.rss") && !path.starts_with("/feeds/chip.rss") {
                return Err(404);
            }
            let topic = path.contains("chip").then_some("chip");
            let changes = store.changes(0, topic, 500).await.map_err(|_| 503_u16)?;
            let text = format!("{path} {}", changes.len());
            Ok(Content { content_type: "application/rss+xml; charset=utf-8".into(), bytes: text.into_bytes() })
        })
    })
}

pub(crate) const ALL: &str = "https://news.example.org/t/feeds/all.rss";
pub(crate) const CHIP: &str = "https://news.example.org/t/feeds/chip.rss";

pub(crate) fn hub(world: &World, holder: &str, copies: Copies, settings: &fetch::Settings) -> Hub {
    let sinks = world.sinks(holder, settings);
    Hub {
        store: world.store.clone(),
        metrics: sinks.metrics,
        head: sinks.head,
        round: sinks.round,
        holder: holder.into(),
        pace: sinks.pace,
        base: "https://news.example.org/t/".parse().unwrap(),
        on: true,
        ping: vec![],
        topics: Arc::new(|| vec!["chip".into()]),
        copies,
        items: 50,
    }
}

pub(crate) fn open() -> fetch::Settings {
    fetch::Settings { allow_networks: vec!["127.0.0.0/8".parse().unwrap()], ..fetch::Settings::default() }
}

pub(crate) async fn until(what: &str, good: impl AsyncFn() -> bool) {
    let wait = async {
        while !good().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "it did not come to that: {what}");
}

pub(crate) async fn state(world: &World) -> HubState {
    world.store.hub_state().await.unwrap()
}

pub(crate) async fn subscribed(world: &World, subscriber: &Subscriber, topic: &str) {
    let before = state(world).await.subscriptions;
    world.store.ask_hub(&subscriber.ask(Mode::Subscribe, topic), Utc::now()).await.unwrap();
    until("subscribed", async || state(world).await.subscriptions > before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_consents_is_sent_the_signed_feed_once_and_until_it_leaves() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let world = World::new(Store::open(&db.url).await.unwrap(), Vec::<tidings::publish::Sink>::new()).await;
        let (subscriber, made) = (Subscriber::start().await, Arc::default());
        // Two daemons on one database: one of them sends.
        let hubs = ["one", "two"].map(|holder| hub(&world, holder, copies(&world.store, &made), &open()));
        let stop = tokio_util::sync::CancellationToken::new();
        let running: Vec<_> = hubs.into_iter().map(|h| tokio::spawn(h.run(stop.clone()))).collect();
        subscribed(&world, &subscriber, ALL).await;
        let question = subscriber.asked().remove(0);
        assert!(
            question.starts_with("id=7&hub.mode=subscribe&hub.topic=https%3A%2F%2Fnews")
                && question.ends_with("hub.lease_seconds=3600"),
            "{question}"
        );
        world.publish("第一条", false).await;
        until("sent", async || subscriber.got().len() == 1).await;
        let (headers, body) = subscriber.kept.got.lock().unwrap()[0].clone();
        let header =
            |name: &str| headers.get_all(name).iter().map(|v| v.to_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(header("content-type"), ["application/rss+xml; charset=utf-8"]);
        assert_eq!(
            header("link"),
            ["<https://news.example.org/t/websub>; rel=\"hub\"".to_owned(), format!("<{ALL}>; rel=\"self\"")]
        );
        assert!(
            verify(SECRET, &body, &header("x-hub-signature")[0]) && header("x-hub-signature")[0].starts_with("sha256=")
        );
        assert_eq!(body, "/feeds/all.rss 1");

        world.store.ask_hub(&subscriber.ask(Mode::Unsubscribe, ALL), Utc::now()).await.unwrap();
        until("left", async || state(&world).await.subscriptions == 0).await;
        world.publish("第二条", false).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(subscriber.got().len(), 1, "once, though two daemons run, and not after it left");
        stop.cancel();
        for task in running {
            task.await.unwrap();
        }
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_repeat_the_challenge_is_not_subscribed_and_a_private_callback_is_not_asked() {
    let [db, _] = TestDb::both().await;
    let world = World::new(Store::open(&db.url).await.unwrap(), Vec::<tidings::publish::Sink>::new()).await;
    let (subscriber, made) = (Subscriber::start().await, Arc::default());
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(hub(&world, "one", copies(&world.store, &made), &open()).run(stop.clone()));
    for (n, answer) in [(200, ""), (200, "yes"), (404, ""), (302, ""), (500, "")].into_iter().enumerate() {
        *subscriber.kept.intent.lock().unwrap() = Some((answer.0, answer.1.into()));
        world.store.ask_hub(&subscriber.ask(Mode::Subscribe, ALL), Utc::now()).await.unwrap();
        until("asked", async || state(&world).await.requests == 0 && subscriber.asked().len() == n + 1).await;
        assert_eq!(state(&world).await.subscriptions, 0, "{answer:?}");
    }
    // Who is subscribed stays so when somebody else says that it wants to leave.
    *subscriber.kept.intent.lock().unwrap() = None;
    subscribed(&world, &subscriber, ALL).await;
    *subscriber.kept.intent.lock().unwrap() = Some((404, String::new()));
    world.store.ask_hub(&subscriber.ask(Mode::Unsubscribe, ALL), Utc::now()).await.unwrap();
    until("asked", async || state(&world).await.requests == 0).await;
    assert_eq!(state(&world).await.subscriptions, 1);
    stop.cancel();
    running.await.unwrap();

    let (guarded, before) = (Subscriber::start().await, Utc::now());
    let stop = tokio_util::sync::CancellationToken::new();
    let closed = hub(&world, "two", copies(&world.store, &made), &fetch::Settings::default());
    let running = tokio::spawn(closed.run(stop.clone()));
    world.store.ask_hub(&guarded.ask(Mode::Subscribe, ALL), before).await.unwrap();
    until("tried", async || {
        world.store.hub_requests(Utc::now() + TimeDelta::hours(1)).await.unwrap().iter().any(|r| r.tries > 0)
    })
    .await;
    assert!(guarded.asked().is_empty());
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_failing_and_gone_subscribers_hold_nobody_up() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let world = World::new(Store::open(&db.url).await.unwrap(), Vec::<tidings::publish::Sink>::new()).await;
        let (good, slow, down, gone) = (
            Subscriber::start().await,
            Subscriber::start().await,
            Subscriber::start().await,
            Subscriber::start().await,
        );
        let made = Arc::default();
        let stop = tokio_util::sync::CancellationToken::new();
        let running = tokio::spawn(hub(&world, "one", copies(&world.store, &made), &open()).run(stop.clone()));
        for subscriber in [&good, &slow, &down, &gone] {
            subscribed(&world, subscriber, ALL).await;
        }
        *slow.kept.takes.lock().unwrap() = (200, Duration::from_secs(8));
        *down.kept.takes.lock().unwrap() = (503, Duration::ZERO);
        *gone.kept.takes.lock().unwrap() = (410, Duration::ZERO);
        for n in 1..=3 {
            let begun = tokio::time::Instant::now();
            world.publish(&format!("第{n}条"), false).await;
            until("told", async || good.got().last() == Some(&format!("/feeds/all.rss {n}"))).await;
            assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        }
        assert_eq!(gone.got().len(), 1, "it is left in peace");
        until("gone", async || state(&world).await.subscriptions == 3).await;
        until("tried again", async || down.got().len() > 2).await;
        *down.kept.takes.lock().unwrap() = (204, Duration::ZERO);
        until("told after all", async || state(&world).await.failing == 0).await;
        assert_eq!(down.got().last().unwrap(), "/feeds/all.rss 3", "what is new by then, in one");
        assert_eq!(slow.got().first().unwrap(), "/feeds/all.rss 1");
        stop.cancel();
        running.await.unwrap();
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_feeds_that_changed_are_sent_with_all_that_is_new_and_one_that_is_gone_is_denied() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let world = World::new(Store::open(&db.url).await.unwrap(), Vec::<tidings::publish::Sink>::new()).await;
        let (chip, all, made) = (Subscriber::start().await, Subscriber::start().await, Arc::default());
        let stop = tokio_util::sync::CancellationToken::new();
        let running = tokio::spawn(hub(&world, "one", copies(&world.store, &made), &open()).run(stop.clone()));
        subscribed(&world, &chip, CHIP).await;
        subscribed(&world, &all, ALL).await;
        world.publish("港口", false).await;
        until("told", async || all.got().len() == 1).await;
        assert!(chip.got().is_empty(), "no chip in it");
        world.publish("芯片", true).await;
        until("told", async || chip.got().len() == 1 && all.got().len() == 2).await;
        // More than a feed usually has.
        world.append(120, 2).await;
        until("told", async || chip.got().len() == 2 && all.got().len() == 3).await;
        assert_eq!(chip.got()[1], "/feeds/chip.rss?limit=60 61");
        assert_eq!(all.got()[2], "/feeds/all.rss?limit=120 122");
        let gone = Subscriber::start().await;
        subscribed(&world, &gone, "https://news.example.org/t/feeds/rice.rss").await;
        world.publish("米", false).await;
        until("denied", async || gone.asked().iter().any(|q| q.contains("hub.mode=denied"))).await;
        until("ended", async || state(&world).await.subscriptions == 2).await;
        stop.cancel();
        running.await.unwrap();
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hubs_elsewhere_are_told_which_feeds_have_something_new() {
    let [db, _] = TestDb::both().await;
    let world = World::new(Store::open(&db.url).await.unwrap(), Vec::<tidings::publish::Sink>::new()).await;
    let (elsewhere, made) = (Subscriber::start().await, Arc::default());
    *elsewhere.kept.takes.lock().unwrap() = (500, Duration::ZERO);
    let mut pinging = hub(&world, "one", copies(&world.store, &made), &open());
    (pinging.on, pinging.ping) = (false, vec![elsewhere.url.clone()]);
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn(pinging.run(stop.clone()));
    tokio::time::sleep(Duration::from_millis(500)).await;
    world.publish("芯片", true).await;
    until("tried again", async || elsewhere.got().len() > 2).await;
    *elsewhere.kept.takes.lock().unwrap() = (204, Duration::ZERO);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let said = elsewhere.got();
    let last = said.last().unwrap();
    assert!(said.iter().all(|s| s == last), "{said:?}");
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(last.as_bytes()).into_owned().collect();
    assert_eq!(pairs[0], ("hub.mode".into(), "publish".into()));
    let of_source = "https://news.example.org/t/feeds/source/harbor.atom";
    for url in [ALL, CHIP, "https://news.example.org/t/feeds/all.json", of_source] {
        assert!(pairs.contains(&("hub.url".into(), url.into())), "{pairs:?}");
    }
    let count = said.len();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(elsewhere.got().len(), count, "once it is taken, it is told no more");
    stop.cancel();
    running.await.unwrap();
}
