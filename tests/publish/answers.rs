//! What receivers answer, and what comes of it.

use std::time::Duration;

use tidings::fetch;
use tidings::publish::{self, Webhook};
use tidings::store::{SinkState, Store};
use tokio_util::sync::CancellationToken;

use crate::receiver::{Receiver, status};
use crate::support::TestDb;
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_is_gone_stops_its_sink_until_the_operator_says_otherwise() {
    for db in TestDb::both().await {
        let receiver = Receiver::start(|_, _| status(410)).await;
        let world = World::new(Store::open(&db.url).await.unwrap(), vec![receiver.webhook("chat")]).await;
        let telling = world.tell("one");
        for n in 0..3 {
            world.publish(&format!("第{n}条"), false).await;
        }
        let row = world.until("chat", |row| row.state == SinkState::Gone).await;
        assert_eq!((row.cursor, row.last_status), (0, Some(410)));
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(receiver.got().len(), 1, "it is left in peace");
        receiver.answer(|_, _| status(204));
        world.store.resume_sink("chat").await.unwrap();
        world.until("chat", |row| row.cursor == 3).await;
        telling.end().await;
        assert_eq!(receiver.taken(), [1, 2, 3]);
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_a_pause_gets_it() {
    let [db, _] = TestDb::both().await;
    let receiver = Receiver::start(|got, _| match got.len() {
        0 => (429, Some("1"), Duration::ZERO),
        1 => (503, Some("1"), Duration::ZERO),
        _ => status(200),
    })
    .await;
    let world = World::new(Store::open(&db.url).await.unwrap(), vec![receiver.webhook("chat")]).await;
    let telling = world.tell("one");
    world.publish("一条", false).await;
    let row = world.until("chat", |row| row.tries == 1).await;
    assert_eq!(row.last_error.as_deref(), Some("the receiver answered 429 and asks for 1 s"));
    world.until("chat", |row| row.cursor == 1).await;
    telling.end().await;
    let got = receiver.got();
    assert_eq!(got.len(), 3);
    assert!(got.windows(2).all(|w| w[1].at - w[0].at >= Duration::from_millis(980)), "{got:?}");
    assert!(got.iter().all(|g| g.id == got[0].id));
    let metrics = world.metrics.render();
    for (outcome, n) in [("throttled", 2), ("delivered", 1)] {
        let line = format!("tidings_sink_deliveries_total{{outcome=\"{outcome}\",sink=\"chat\"}} {n}");
        assert!(metrics.contains(&line), "{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_is_refused_is_kept_and_the_others_go_on() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let refuse = |_: &[crate::receiver::Got], numbers: &[i64]| status(if numbers.contains(&4) { 400 } else { 200 });
        let (single, lists) = (Receiver::start(refuse).await, Receiver::start(refuse).await);
        let hooks = vec![single.webhook("single"), Webhook { batch: 10, ..lists.webhook("lists") }];
        let world = World::new(Store::open(&db.url).await.unwrap(), hooks).await;
        for n in 0..8 {
            world.publish(&format!("第{n}条"), false).await;
        }
        let telling = world.tell("one");
        for (id, receiver) in [("single", &single), ("lists", &lists)] {
            let row = world.until(id, |row| row.cursor == 8).await;
            assert_eq!((row.dead, row.delivered, row.tries), (1, 7, 0), "{id}");
            assert_eq!(receiver.taken(), [1, 2, 3, 5, 6, 7, 8], "{id}");
            let letters = world.store.dead_letters(id).await.unwrap();
            assert_eq!((letters[0].number, letters[0].status), (4, Some(400)));
            assert!(letters[0].tries >= 3 && letters[0].reason.contains("400"));
            world.store.replay_dead(id).await.unwrap();
            world.store.resume_sink(id).await.unwrap();
        }
        // It is still refused, and lies where it lay; later it is taken.
        world.publish("又一条", false).await;
        for receiver in [&single, &lists] {
            let before = receiver.got().len();
            world.until("lists", |row| row.cursor == 9 && row.dead == 1).await;
            world.until("single", |row| row.cursor == 9 && row.dead == 1).await;
            assert!(receiver.got().len() >= before);
            receiver.answer(|_, _| status(200));
        }
        for id in ["single", "lists"] {
            world.store.replay_dead(id).await.unwrap();
            world.until(id, |row| row.dead == 0 && row.delivered == 9).await;
        }
        telling.end().await;
        assert_eq!(single.taken().last(), Some(&4));
        let ids: Vec<String> = single.got().iter().filter(|g| g.numbers == [4]).map(|g| g.id.clone()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_at_which_a_receiver_breaks_is_kept_and_the_others_go_on() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let breaks = |_: &[crate::receiver::Got], numbers: &[i64]| {
            status(if numbers.iter().any(|n| [4, 5].contains(n)) { 500 } else { 200 })
        };
        let (single, lists) = (Receiver::start(breaks).await, Receiver::start(breaks).await);
        let hooks = vec![single.webhook("single"), Webhook { batch: 10, ..lists.webhook("lists") }];
        let world = World::new(Store::open(&db.url).await.unwrap(), hooks).await;
        for n in 0..8 {
            world.publish(&format!("第{n}条"), false).await;
        }
        let telling = world.tell("one");
        for (id, receiver) in [("single", &single), ("lists", &lists)] {
            let row = world.until(id, |row| row.cursor == 8).await;
            assert_eq!((row.dead, row.delivered, row.tries), (2, 6, 0), "{id}");
            assert_eq!(receiver.taken(), [1, 2, 3, 6, 7, 8], "{id}");
            let took: Vec<_> = receiver.got().into_iter().filter(|g| g.status == 200).flat_map(|g| g.numbers).collect();
            assert_eq!(took, [1, 2, 3, 3, 3, 6, 7, 8], "{id}: one was sent again to see whether the receiver is well");
            let letters = world.store.dead_letters(id).await.unwrap();
            assert_eq!(
                letters.iter().map(|l| (l.number, l.status)).collect::<Vec<_>>(),
                [(4, Some(500)), (5, Some(500))]
            );
            world.store.replay_dead(id).await.unwrap();
        }
        // It breaks again, and is not waited for.
        world.publish("又一条", false).await;
        for id in ["single", "lists"] {
            world.until(id, |row| row.cursor == 9 && row.dead == 2).await;
        }
        telling.end().await;
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_takes_nothing_loses_nothing() {
    for db in TestDb::both().await {
        let receiver = Receiver::start(|_, _| status(200)).await;
        let hooks = vec![receiver.webhook("single"), Webhook { batch: 3, ..receiver.webhook("lists") }];
        let world = World::new(Store::open(&db.url).await.unwrap(), hooks).await;
        let telling = world.tell("one");
        world.publish("第一条", false).await;
        for id in ["single", "lists"] {
            world.until(id, |row| row.cursor == 1).await;
        }
        receiver.answer(|_, _| status(502));
        for n in 1..5 {
            world.publish(&format!("第{n}条又"), false).await;
        }
        for id in ["single", "lists"] {
            let row = world.until(id, |row| row.tries > 12).await;
            assert_eq!((row.cursor, row.dead), (1, 0), "{id}");
        }
        receiver.answer(|_, _| status(200));
        for id in ["single", "lists"] {
            world.until(id, |row| row.cursor == 5 && row.dead == 0).await;
        }
        telling.end().await;
        assert_eq!(receiver.taken(), [1, 2, 3, 4, 5]);
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_skips_and_replays_while_it_runs() {
    for db in TestDb::both().await {
        let receiver = Receiver::start(|_, _| status(500)).await;
        let hook = Webhook { batch: 3, ..receiver.webhook("chat") };
        let world = World::new(Store::open(&db.url).await.unwrap(), vec![hook.clone()]).await;
        assert_eq!(publish::skip(&world.store, &hook.clone().into()).await.unwrap(), None, "there is nothing to skip");
        let telling = world.tell("one");
        for n in 0..5 {
            world.publish(&format!("第{n}条"), false).await;
        }
        world.until("chat", |row| row.tries > 1).await;
        assert_eq!(publish::skip(&world.store, &hook.clone().into()).await.unwrap(), Some(1));
        // A try that is under way when the change is skipped must not succeed after all.
        receiver.answer(|_, numbers| status(if numbers.contains(&1) { 500 } else { 200 }));
        world.until("chat", |row| row.cursor == 5).await;
        let letters = world.store.dead_letters("chat").await.unwrap();
        assert_eq!(letters[0].reason, "skipped after: the receiver answered 500");
        assert_eq!(receiver.taken(), [2, 3, 4, 5]);
        let before = receiver.got().len();
        assert!(world.store.rewind_sink("chat", 3).await.unwrap());
        world.until("chat", |row| row.cursor == 5 && row.delivered == 6).await;
        telling.end().await;
        assert_eq!(receiver.got()[before..].iter().flat_map(|g| g.numbers.clone()).collect::<Vec<_>>(), [4, 5]);
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_addresses_are_refused_unless_allowed_and_nothing_secret_is_said() {
    let db = TestDb::sqlite();
    let receiver = Receiver::start(|_, _| status(200)).await;
    let world = World::new(Store::open(&db.url).await.unwrap(), vec![receiver.webhook("chat")]).await;
    world.publish("一条", false).await;
    let guarded = world.sinks("one", &fetch::Settings::default());
    guarded.once(&CancellationToken::new()).await.unwrap();
    let row = world.row("chat").await;
    let error = row.last_error.unwrap();
    assert!(error.contains("127.0.0.1") && error.contains("allow_networks") && !error.contains("T0K3N"), "{error}");
    assert!(row.tries >= 1);
    assert_eq!((row.cursor, row.holder, receiver.got().len()), (0, None, 0));
    let open = fetch::Settings { allow_networks: vec!["127.0.0.1/32".parse().unwrap()], ..fetch::Settings::default() };
    tokio::time::sleep(Duration::from_millis(30)).await;
    world.sinks("one", &open).once(&CancellationToken::new()).await.unwrap();
    assert_eq!((world.row("chat").await.cursor, receiver.taken()), (1, vec![1]));
    let elsewhere = "https://me:pw@127.0.0.1:1/hook/T0K3N?key=T0K3N".parse().unwrap();
    let poster = fetch::Poster::new(&open).unwrap();
    let failure = poster.post(&elsewhere, &[], vec![], Duration::from_secs(2)).await.unwrap_err();
    assert!(!failure.reason.contains("T0K3N") && !failure.reason.contains("pw"), "{}", failure.reason);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_says_nothing_is_not_waited_for_for_ever() {
    let db = TestDb::sqlite();
    let receiver =
        Receiver::start(|got, _| (200, None, Duration::from_millis(if got.is_empty() { 400 } else { 0 }))).await;
    let hook = Webhook { timeout: Duration::from_millis(200), ..receiver.webhook("chat") };
    let world = World::new(Store::open(&db.url).await.unwrap(), vec![hook]).await;
    let telling = world.tell("one");
    world.publish("一条", false).await;
    let row = world.until("chat", |row| row.tries > 0 || row.cursor == 1).await;
    assert!(row.last_error.unwrap().contains("gave no complete answer within 200ms"));
    world.until("chat", |row| row.cursor == 1).await;
    telling.end().await;
}
