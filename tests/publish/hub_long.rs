//! The hub before feeds that take long to be put together, on both databases.

use std::{sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use tidings::{publish::Copies, store::Store};

use crate::hub::{ALL, CHIP, Subscriber, copies, hub, open, state, subscribed, until};
use crate::support::TestDb;
use crate::world::World;

/// A copy that took long to make leaves as much of the lease for the sending as another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_is_held_for_as_long_as_the_sending_may_last() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let world = World::new(Store::open(&db.url).await.unwrap(), Vec::<tidings::publish::Sink>::new()).await;
        let subscriber = Subscriber::start().await;
        *subscriber.kept.takes.lock().unwrap() = (200, Duration::from_secs(8));
        let made = copies(&world.store, &Arc::default());
        let slow: Copies = Arc::new(move |path| {
            let copy = made(path);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(4)).await;
                copy.await
            })
        });
        let stop = tokio_util::sync::CancellationToken::new();
        let running = tokio::spawn(hub(&world, "one", slow, &open()).run(stop.clone()));
        subscribed(&world, &subscriber, ALL).await;
        world.publish("第一条", false).await;
        until("it is being sent", async || subscriber.got().len() == 1).await;
        // As long as a subscriber may take, and half of what is left for the rest.
        let then = Utc::now() + TimeDelta::seconds(22);
        let due = world.store.hub_due(i64::MAX, then).await.unwrap();
        assert!(due.is_empty(), "another daemon would send it as well");
        stop.cancel();
        running.await.unwrap();
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feeds_that_take_long_hold_nobody_up() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let world = World::new(Store::open(&db.url).await.unwrap(), Vec::<tidings::publish::Sink>::new()).await;
        let (quick, made) = (Subscriber::start().await, copies(&world.store, &Arc::default()));
        let some_slow: Copies = Arc::new(move |path| {
            let copy = made(path.clone());
            Box::pin(async move {
                if path.contains("chip") {
                    tokio::time::sleep(Duration::from_secs(2)).await;
                    return Err(503);
                }
                copy.await
            })
        });
        let stop = tokio_util::sync::CancellationToken::new();
        let running = tokio::spawn(hub(&world, "one", some_slow, &open()).run(stop.clone()));
        for n in 0..6 {
            let slow = Subscriber::start().await;
            subscribed(&world, &slow, &format!("{CHIP}?q={n}")).await;
        }
        subscribed(&world, &quick, ALL).await;
        for n in 1..=3 {
            let begun = tokio::time::Instant::now();
            world.publish(&format!("第{n}条"), true).await;
            until("told", async || quick.got().len() == n).await;
            assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        }
        until("seen", async || state(&world).await.failing == 6).await;
        stop.cancel();
        running.await.unwrap();
        world.store.close().await;
    }
}
