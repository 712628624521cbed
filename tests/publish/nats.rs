//! Streams of the real NATS server: every change once and in order, though daemons and servers die.

use std::time::Duration;

use async_nats::jetstream::{self, stream::Config};
use tidings::{
    bus::{Create, Settings},
    fetch,
    model::ChangeKind,
    publish::Nats,
    store::Store,
};
use tokio_util::sync::CancellationToken;

use crate::servers::Server;
use crate::support::TestDb;
use crate::world::World;

const CHANGES: i64 = 60;

fn sink(server: &Server) -> Nats {
    let servers = vec![format!("nats://127.0.0.1:{}", server.port).parse().unwrap()];
    let create = Create { subject: "news.>".into(), keep: Some(Duration::from_secs(7 * 24 * 3600)) };
    Nats {
        id: "bus".into(),
        bus: Settings { servers, stream: "NEWS".into(), create: Some(create) },
        prefix: "news".into(),
        private: true,
        topics: vec![],
        kinds: vec![ChangeKind::StoryNew],
        timeout: Duration::from_secs(2),
    }
}

async fn context(server: &Server) -> jetstream::Context {
    jetstream::new(async_nats::connect(format!("nats://127.0.0.1:{}", server.port)).await.unwrap())
}

/// (subject, identifier, number, payload) of every note of the stream, in order.
async fn notes(server: &Server) -> Vec<(String, String, i64, serde_json::Value)> {
    let mut stream = context(server).await.get_stream("NEWS").await.unwrap();
    let last = stream.info().await.unwrap().state.last_sequence;
    let mut notes = vec![];
    for sequence in 1..=last {
        let note = stream.get_raw_message(sequence).await.unwrap();
        let header = |name: &str| note.headers.get(name).unwrap().as_str().to_owned();
        let number = header("Tidings-Change").parse().unwrap();
        let said = serde_json::from_slice(&note.payload).unwrap();
        notes.push((note.subject.to_string(), header("Nats-Msg-Id"), number, said));
    }
    notes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_is_in_the_stream_once_and_in_order_though_daemons_and_servers_die() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let mut server = Server::nats(&[]);
        let world = World::new(Store::open(&db.url).await.unwrap(), vec![sink(&server)]).await;
        let dying = async {
            for life in 0..12_u64 {
                let holder = format!("daemon {life}");
                let alive = world.live(&holder, &db.url);
                tokio::time::sleep(Duration::from_millis(200 + 61 * (life % 4))).await;
                if life % 3 == 1 {
                    server.kill();
                    tokio::time::sleep(Duration::from_millis(150)).await;
                    server.rise();
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                alive.kill().await;
                world.forget(&holder).await;
            }
        };
        let ingest = async {
            for n in 0..CHANGES {
                world.publish(&format!("第{n}条"), n % 3 == 0).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::join!(dying, ingest);
        let telling = world.tell("the last");
        let row = world.until("bus", |row| row.cursor == CHANGES).await;
        telling.end().await;
        assert_eq!((row.delivered, row.dead, row.tries), (CHANGES, 0, 0));
        let notes = notes(&server).await;
        assert_eq!(notes.iter().map(|n| n.2).collect::<Vec<_>>(), (1..=CHANGES).collect::<Vec<_>>());
        for (subject, id, number, said) in notes {
            let topic = if (number - 1) % 3 == 0 { "chip" } else { "_unmatched" };
            assert_eq!((subject, id), (format!("news.{topic}"), format!("bus_t3st_{number}_{topic}")));
            assert_eq!((&said["type"], said["data"]["number"].as_i64()), (&"story.new".into(), Some(number)));
        }
        world.store.close().await;
    }
}

/// What a kill between the server's word and the move of the cursor leaves behind, found out long after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_known_again_when_the_server_has_forgotten_its_name() {
    for db in TestDb::both().await {
        let server = Server::nats(&[]);
        let duplicate_window = Duration::from_millis(100);
        let config =
            Config { name: "NEWS".into(), subjects: vec!["news.>".into()], duplicate_window, ..Config::default() };
        context(&server).await.create_stream(config).await.unwrap();
        let sink = sink(&server);
        let sink = Nats { bus: Settings { create: None, ..sink.bus.clone() }, topics: vec!["chip".into()], ..sink };
        let world = World::new(Store::open(&db.url).await.unwrap(), vec![sink]).await;
        for n in 0..3 {
            world.publish(&format!("第{n}条"), true).await;
        }
        for since in [0, 2] {
            let telling = world.tell(&format!("after {since}"));
            world.until("bus", |row| row.cursor == 3).await;
            telling.end().await;
            tokio::time::sleep(Duration::from_millis(400)).await;
            assert_eq!(notes(&server).await.len(), 3, "{since}");
            assert!(world.store.rewind_sink("bus", 2).await.unwrap());
        }
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ails_a_stream_is_said_without_its_secrets_and_passes() {
    let db = TestDb::sqlite();
    let server = Server::nats(&["--user", "me", "--pass", "T0K3N"]);
    let with = |login: &str, create: bool, private: bool| {
        let sink = sink(&server);
        let servers = vec![format!("nats://{login}@127.0.0.1:{}", server.port).parse().unwrap()];
        let create = sink.bus.create.clone().filter(|_| create);
        Nats { bus: Settings { servers, create, ..sink.bus }, private, timeout: Duration::from_secs(1), ..sink }
    };
    let store = Store::open(&db.url).await.unwrap();
    let mut world = World::new(store, vec![with("me:T0K3N", false, false)]).await;
    world.publish("一条", true).await;
    world.sinks("guarded", &fetch::Settings::default()).once(&CancellationToken::new()).await.unwrap();
    let error = world.row("bus").await.last_error.unwrap();
    assert!(error.contains("a loopback address") && error.contains("allow_networks"), "{error}");
    for (sink, why) in [
        (with("me:T0K3NWRONG", false, true), "no NATS server can be reached"),
        (with("me:T0K3N", false, true), "no stream takes the subject news.chip"),
    ] {
        world.instead(vec![sink]);
        let before = world.row("bus").await.tries;
        let telling = world.tell("one");
        let error = world.until("bus", |row| row.tries > before).await.last_error.unwrap();
        telling.end().await;
        assert!(error.contains(why) && !error.contains("T0K3N"), "{error}");
    }
    world.instead(vec![with("me:T0K3N", true, true)]);
    let telling = world.tell("one");
    world.until("bus", |row| row.cursor == 1 && row.last_error.is_none()).await;
    telling.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_asks_for_a_token_gets_it() {
    let db = TestDb::sqlite();
    let server = Server::nats(&["--auth", "T0K3N@/1"]);
    let with = |login: &str| {
        let sink = sink(&server);
        let servers = vec![format!("nats://{login}127.0.0.1:{}", server.port).parse().unwrap()];
        Nats { bus: Settings { servers, ..sink.bus }, timeout: Duration::from_secs(1), ..sink }
    };
    let mut world = World::new(Store::open(&db.url).await.unwrap(), vec![with("")]).await;
    world.publish("一条", true).await;
    for login in ["", "Wr0ng@", "me:T0K3N%40%2F1@"] {
        world.instead(vec![with(login)]);
        let before = world.row("bus").await.tries;
        let telling = world.tell("one");
        let error = world.until("bus", |row| row.tries > before).await.last_error.unwrap();
        telling.end().await;
        assert!(!error.contains("Wr0ng") && !error.contains("T0K3N"), "{error}");
    }
    world.instead(vec![with("T0K3N%40%2F1@")]);
    let telling = world.tell("one");
    world.until("bus", |row| row.cursor == 1 && row.last_error.is_none()).await;
    telling.end().await;
}
