//! Every change, in order, at least once, under one identifier, whatever the receiver does and however often we die.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tidings::publish::Webhook;
use tidings::store::Store;

use crate::receiver::{Got, Receiver, status};
use crate::support::TestDb;
use crate::world::World;

const CHANGES: i64 = 60;
/// Daemons that die, however fast the machine is.
const LIVES_MIN: u64 = 5;
/// More than one read of the log gives.
const BACKLOG: i64 = 1_300;

/// Whoever dedupes by identifier has each change once and in order; one identifier always says the same.
#[track_caller]
fn check(name: &str, got: &[Got], expected: &[i64]) {
    let mut by_id: BTreeMap<&str, &[i64]> = BTreeMap::new();
    let mut by_first: BTreeMap<i64, &str> = BTreeMap::new();
    let mut told: Vec<i64> = vec![];
    for message in got {
        assert!(message.numbers.is_sorted(), "{name}: {message:?}");
        let before = by_id.insert(&message.id, &message.numbers);
        assert!(before.is_none_or(|b| b == message.numbers), "{name}: {} says something else", message.id);
        let before = by_first.insert(message.numbers[0], &message.id);
        assert!(before.is_none_or(|b| b == message.id), "{name}: {} was tried as {before:?}", message.id);
        // In order: nothing is tried before all that comes before it was taken.
        let first = message.numbers[0];
        let due = expected.iter().find(|n| !told.contains(n));
        assert!(due.is_none_or(|due| first <= *due), "{name}: {first} came before {due:?}");
        if message.status == 200 {
            told.extend(message.numbers.iter().filter(|n| !told.contains(n)).copied().collect::<Vec<_>>());
        }
    }
    assert_eq!(told, expected, "{name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_sink_is_told_everything_in_order_though_daemons_die() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let flaky = Receiver::start(|got, _| status(if got.len() % 3 == 1 { 500 } else { 200 })).await;
        let slow = Receiver::start(|_, _| (200, None, Duration::from_millis(150))).await;
        let down = Receiver::start(|_, _| status(503)).await;
        let good = Receiver::start(|_, _| status(200)).await;
        let hooks = vec![
            Webhook { batch: 7, ..flaky.webhook("flaky") },
            Webhook { batch: 5, ..slow.webhook("slow") },
            down.webhook("down"),
            Webhook { topics: vec!["chip".into()], ..good.webhook("good") },
        ];
        let mut world = World::new(Store::open(&db.url).await.unwrap(), hooks).await;
        // They fail by chance or for a while, at no change in particular.
        world.pace.dead_after = Duration::from_secs(3600);
        let done = AtomicBool::new(false);
        let ingest = async {
            for n in 0..CHANGES {
                world.publish(&format!("第{n}条"), n % 3 == 0).await;
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
        };
        // What a kill leaves behind: a row that says that a dead process holds it, and no memory.
        let dying = async {
            let mut lives = 0;
            while lives < LIVES_MIN || !done.load(Ordering::Relaxed) {
                lives += 1;
                let holder = format!("daemon {lives}");
                let life = world.live(&holder, &db.url);
                tokio::time::sleep(Duration::from_millis(110 + 37 * (lives % 5))).await;
                life.kill().await;
                world.forget(&holder).await;
            }
            world.tell("the last")
        };
        let watching = async {
            let mut furthest: BTreeMap<String, i64> = BTreeMap::new();
            while !done.load(Ordering::Relaxed) {
                for row in world.store.sinks().await.unwrap() {
                    let before = furthest.insert(row.id.clone(), row.cursor).unwrap_or(0);
                    assert!(row.cursor >= before, "{} went back from {before} to {}", row.id, row.cursor);
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let story = async {
            ingest.await;
            // However slow the machine is and short the lives: another gets on while this one is down.
            let begun = std::time::Instant::now();
            while good.taken().len() <= 5 {
                assert!(begun.elapsed() < Duration::from_secs(60), "a receiver that is down holds up another");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert!(down.taken().is_empty());
            down.answer(|_, _| status(200));
            done.store(true, Ordering::Relaxed);
        };
        let (telling, (), ()) = tokio::join!(dying, watching, story);
        for id in ["flaky", "slow", "down"] {
            world.until(id, |row| row.cursor == CHANGES).await;
        }
        world.until("good", |row| row.cursor >= CHANGES - 2).await;
        telling.end().await;
        let all: Vec<i64> = (1..=CHANGES).collect();
        for (name, receiver) in [("flaky", &flaky), ("slow", &slow), ("down", &down)] {
            check(name, &receiver.got(), &all);
        }
        check("good", &good.got(), &all.iter().copied().filter(|n| (n - 1) % 3 == 0).collect::<Vec<_>>());
        for row in world.store.sinks().await.unwrap() {
            assert_eq!((row.holder, row.tries, row.dead), (None, 0, 0), "{}", row.id);
        }
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_is_told_whole_also_when_little_of_it_concerns_the_sink() {
    for db in TestDb::both().await {
        // Each message fails at first, and by then the daemon has died: what was one message stays one.
        let sparse = Receiver::start(|got, numbers| {
            status(if got.iter().any(|g| g.numbers.first() == numbers.first()) { 200 } else { 500 })
        })
        .await;
        let all = Receiver::start(|_, _| status(200)).await;
        let chip = Webhook { topics: vec!["chip".into()], batch: 9, ..sparse.webhook("sparse") };
        let world = World::new(
            Store::open(&db.url).await.unwrap(),
            vec![chip, Webhook { batch: 100, ..all.webhook("all") }, all.webhook("single")],
        )
        .await;
        world.append(BACKLOG, 97).await;
        let begun = std::time::Instant::now();
        let mut lives = 0;
        while world.row("sparse").await.cursor < BACKLOG - 97 {
            lives += 1;
            let holder = format!("daemon {lives}");
            let telling = world.tell(&holder);
            let before = sparse.got().len();
            while sparse.got().len() == before && world.row("sparse").await.cursor < BACKLOG - 97 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            world.append(3, 97).await;
            telling.end().await;
            assert!(lives < 60, "{:?}", world.row("sparse").await);
        }
        let head = world.store.head().await.unwrap();
        let telling = world.tell("the last");
        world.until("sparse", |row| row.cursor == head).await;
        world.until("all", |row| row.cursor == head).await;
        let single = world.until("single", |row| row.cursor == head).await;
        println!("on {}: {head} changes one by one in {:?}, {lives} lives", db.name, begun.elapsed());
        assert_eq!((single.delivered, single.dead), (head, 0));
        telling.end().await;
        let concerned: Vec<i64> = (1..=head).filter(|n| n % 97 == 0).collect();
        check("sparse", &sparse.got(), &concerned);
        let lists: Vec<Got> = all.got().into_iter().filter(|g| g.id.starts_with("all")).collect();
        check("all", &lists, &(1..=head).collect::<Vec<_>>());
        assert!(lists.iter().filter(|g| g.numbers.len() == 100).count() >= 10, "lists are full while there is enough");
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_daemons_one_tells_a_sink_and_the_other_takes_over() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let receiver = Receiver::start(|_, _| (200, None, Duration::from_millis(5))).await;
        let world = World::new(Store::open(&db.url).await.unwrap(), vec![receiver.webhook("chat")]).await;
        let (one, two) = (world.tell("one"), world.tell("two"));
        for n in 0..20 {
            world.publish(&format!("第{n}条"), false).await;
        }
        world.until("chat", |row| row.cursor == 20).await;
        let numbers = |got: &[Got]| got.iter().flat_map(|g| g.numbers.clone()).collect::<Vec<_>>();
        assert_eq!(numbers(&receiver.got()), (1..=20).collect::<Vec<_>>(), "each once");
        let first = world.row("chat").await.holder.unwrap();
        let (holds, other) = if first == "one" { (one, two) } else { (two, one) };
        holds.end().await;
        world.publish("下一条", false).await;
        let row = world.until("chat", |row| row.cursor == 21).await;
        assert_ne!(row.holder, Some(first));
        other.end().await;
        assert_eq!(numbers(&receiver.got()), (1..=21).collect::<Vec<_>>());
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_reaches_its_receiver_at_once() {
    let receiver = Receiver::start(|_, _| status(200)).await;
    let db = TestDb::sqlite();
    let world = World::new(Store::open(&db.url).await.unwrap(), vec![receiver.webhook("chat")]).await;
    let telling = world.tell("one");
    let mut took = vec![];
    for n in 0..21 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        world.publish(&format!("第{n}条"), true).await;
        let begun = std::time::Instant::now();
        world.until("chat", |row| row.cursor == n + 1).await;
        took.push(receiver.got().last().unwrap().at.saturating_duration_since(begun));
    }
    took.sort();
    println!("median {:?}", took[10]);
    assert!(took[10] < Duration::from_millis(50), "{took:?}");
    telling.end().await;
    let body = &receiver.got()[0].body;
    assert_eq!((&body["type"], &body["data"]["article"]["origin"]), (&"story.new".into(), &"晨报".into()), "{body}");
    let (matched, article) = (&body["data"]["matches"][0], &body["data"]["article"]);
    assert_eq!((&matched["topic"], &matched["evidence"][0]["found"]), (&"chip".into(), &"出口管制".into()));
    assert!(article["excerpt"].as_str().unwrap().starts_with("港口今日公布") && article["published"].is_string());
    assert_eq!(body["data"]["outlets"][0]["source"], "harbor");
    assert_eq!(receiver.got()[0].id, "chat_t3st_1");
}
