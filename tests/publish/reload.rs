//! Sinks while the configuration is changed, on both databases.

use std::{sync::Arc, time::Duration};

use tidings::{
    fetch::{self, Poster},
    publish::{Round, Sink, Sinks, Webhook},
    store::Store,
};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::receiver::{Receiver, status};
use crate::support::TestDb;
use crate::world::World;

/// How long the slow receiver takes: longer than a shutdown waits.
const SLOW: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_under_way_is_not_sent_again_because_somebody_reloads_and_others_are_not_held_up() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let slow = Receiver::start(|_, _| (200, None, SLOW)).await;
        let quick = Receiver::start(|_, _| status(200)).await;
        let patient = Webhook { timeout: 2 * SLOW, ..slow.webhook("slow") };
        let told: Vec<Sink> = vec![patient.into(), quick.webhook("quick").into()];
        let world = World::new(Store::open(&db.url).await.unwrap(), told.clone()).await;
        let settings =
            fetch::Settings { allow_networks: vec!["127.0.0.0/8".parse().unwrap()], ..fetch::Settings::default() };
        let round = |sinks: &[Sink]| Arc::new(Round { sinks: sinks.to_vec(), poster: Poster::new(&settings).unwrap() });
        let (rounds, now) = watch::channel(round(&told));
        let stop = CancellationToken::new();
        let running = tokio::spawn(Sinks { round: now, ..world.sinks("one", &settings) }.run(stop.clone()));
        world.publish("第一条", true).await;
        while slow.got().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Twice: who waits for the first one to end is itself waited for.
        for _ in 0..2 {
            rounds.send_replace(round(&told));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let begun = Instant::now();
        world.publish("第二条", true).await;
        world.until("quick", |row| row.cursor == 2).await;
        assert!(begun.elapsed() < SLOW / 2, "{:?}", begun.elapsed());
        world.until("slow", |row| row.cursor == 1).await;
        let sent = slow.got().iter().filter(|got| got.numbers == [1]).count();
        assert_eq!(sent, 1, "one message");
        // Taken out of the configuration, it is told nothing more.
        rounds.send_replace(round(&told[1..]));
        world.store.sync_sinks(&["quick"], chrono::Utc::now()).await.unwrap();
        world.publish("第三条", true).await;
        world.until("quick", |row| row.cursor == 3).await;
        let begun = Instant::now();
        stop.cancel();
        running.await.unwrap();
        assert!(begun.elapsed() < SLOW, "a shutdown does not wait for long");
        assert!(slow.got().len() <= 2 && slow.got().iter().all(|got| got.numbers != [3]));
        world.store.close().await;
    }
}
