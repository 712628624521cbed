//! Both ends of WebSub, as far as the store keeps them.

use tidings::{
    model::{Announcement, Pace},
    store::{Asked, SubscriptionState},
    websub::{Ask, Mode},
};

use super::*;

const TOPIC: &str = "https://news.example.org/feeds/all.rss";

fn ask(mode: Mode, n: usize) -> Ask {
    let callback = format!("https://reader{}.example/told/{n}", n % 20).parse().unwrap();
    Ask { mode, topic: TOPIC.parse().unwrap(), callback, secret: Some(format!("秘密{n}\0")), lease_s: 3600 }
}

/// Appends `n` changes that concern nobody; the number of the last.
async fn log(store: &Store, n: i64) -> i64 {
    let mut tx = store.begin().await.unwrap();
    tx.lock_log().await.unwrap();
    let head = tx.head().await.unwrap();
    for number in head + 1..=head + n {
        let (kind, story, article, source) = (ChangeKind::StoryNew, number, number, "a".into());
        let (title, url, topics) = (String::new(), String::new(), vec![]);
        tx.append(&Change { number, kind, story, article, source, title, url, topics, at: at(0) }).await.unwrap();
    }
    tx.commit().await.unwrap();
    head + n
}

/// Has the request of `ask` verified at `now`.
async fn granted(store: &Store, ask: &Ask, now: DateTime<Utc>) {
    assert_eq!(store.ask_hub(ask, now).await.unwrap(), Asked::Taken);
    let row = store.hub_requests(now).await.unwrap().remove(0);
    assert!(store.claim_request(&row, now, now + TimeDelta::seconds(30)).await.unwrap());
    assert!(!store.claim_request(&row, now, now + TimeDelta::seconds(30)).await.unwrap(), "one verifies it");
    assert!(store.settle_request(&row, true, now).await.unwrap());
}

#[tokio::test]
async fn a_subscription_begins_where_it_was_asked_for_and_is_told_once_by_one() {
    on_both(|store| async move {
        log(&store, 5).await;
        store.ask_hub(&ask(Mode::Subscribe, 1), at(0)).await.unwrap();
        let head = log(&store, 2).await;
        let row = store.hub_requests(at(1)).await.unwrap().remove(0);
        assert_eq!((row.cursor, row.secret.as_deref(), row.tries), (5, Some("秘密1"), 0));
        assert!(store.settle_request(&row, true, at(2)).await.unwrap());
        assert!(store.hub_requests(at(9999)).await.unwrap().is_empty());
        let due = store.hub_due(head, at(3)).await.unwrap().remove(0);
        assert_eq!((due.cursor, due.topic.as_str(), due.host.as_str()), (5, TOPIC, "reader1.example"));
        assert!(store.claim_hub(&due, "one", at(3), at(30)).await.unwrap());
        assert!(!store.claim_hub(&due, "two", at(4), at(31)).await.unwrap(), "one tells it");
        assert!(store.hub_due(head, at(4)).await.unwrap().is_empty());
        store.told_hub(due.id, "two", (head, &[7]), at(5)).await.unwrap();
        store.fail_hub(due.id, "one", ("nobody\0 there", None), at(60)).await.unwrap();
        assert!(store.hub_due(head, at(59)).await.unwrap().is_empty());
        assert_eq!(store.hub_state().await.unwrap().failing, 1);
        let due = store.hub_due(head, at(60)).await.unwrap().remove(0);
        assert_eq!((due.tries, due.told), (1, None));
        // Whoever held it died: its lease runs out.
        let due = store.hub_due(head, at(60)).await.unwrap().remove(0);
        assert!(store.claim_hub(&due, "one", at(60), at(90)).await.unwrap());
        assert_eq!(store.hub_due(head, at(89)).await.unwrap().len(), 0);
        assert!(store.claim_hub(&due, "two", at(90), at(120)).await.unwrap());
        store.told_hub(due.id, "two", (head, &[7]), at(91)).await.unwrap();
        assert!(store.hub_due(head, at(200)).await.unwrap().is_empty());
        let head = log(&store, 1).await;
        let due = store.hub_due(head, at(200)).await.unwrap().remove(0);
        assert_eq!((due.cursor, due.told, due.tries), (7, Some(vec![7]), 0));
        store.pass_hub(&[due.id], head, at(200)).await.unwrap();
        assert!(store.hub_due(head, at(200)).await.unwrap().is_empty());
        let ended = (store.expire_hub(at(3601)).await.unwrap(), store.expire_hub(at(3603)).await.unwrap());
        assert_eq!(ended, (0, 1), "an hour after it was granted");
    })
    .await;
}

#[tokio::test]
async fn asking_again_replaces_once_it_is_verified_and_leaving_needs_that_too() {
    on_both(|store| async move {
        let head = log(&store, 1).await;
        granted(&store, &ask(Mode::Subscribe, 1), at(0)).await;
        let again = Ask { secret: Some("other".into()), lease_s: 60, ..ask(Mode::Subscribe, 1) };
        assert_eq!(store.ask_hub(&again, at(10)).await.unwrap(), Asked::Taken);
        let first = store.hub_requests(at(10)).await.unwrap().remove(0);
        let newer = Ask { secret: Some("newest".into()), ..again.clone() };
        assert_eq!(store.ask_hub(&newer, at(11)).await.unwrap(), Asked::Taken);
        assert!(!store.settle_request(&first, true, at(12)).await.unwrap(), "a newer one took its place");
        let secret = async || store.hub_due(head + 9, at(13)).await.unwrap()[0].secret.clone().unwrap();
        assert_eq!(secret().await, "秘密1", "nothing has changed yet");
        let row = store.hub_requests(at(13)).await.unwrap().remove(0);
        assert!(store.settle_request(&row, false, at(13)).await.unwrap());
        assert_eq!(secret().await, "秘密1", "nor by what was not verified");
        granted(&store, &newer, at(14)).await;
        assert_eq!((secret().await.as_str(), store.hub_state().await.unwrap().subscriptions), ("newest", 1));

        assert_eq!(store.ask_hub(&ask(Mode::Unsubscribe, 2), at(20)).await.unwrap(), Asked::Nothing);
        assert_eq!(store.ask_hub(&ask(Mode::Unsubscribe, 1), at(20)).await.unwrap(), Asked::Taken);
        assert_eq!(store.hub_state().await.unwrap().subscriptions, 1);
        let row = store.hub_requests(at(20)).await.unwrap().remove(0);
        store.postpone_request(&row, at(50)).await.unwrap();
        assert!(store.hub_requests(at(49)).await.unwrap().is_empty());
        let row = store.hub_requests(at(50)).await.unwrap().remove(0);
        assert!(store.settle_request(&row, true, at(51)).await.unwrap());
        assert_eq!(store.hub_state().await.unwrap().subscriptions, 0);
    })
    .await;
}

#[tokio::test]
async fn one_host_cannot_fill_the_hub() {
    on_both(|store| async move {
        let on_one_host = |n: usize| Ask {
            callback: format!("https://greedy.example/{n}").parse().unwrap(),
            ..ask(Mode::Subscribe, n)
        };
        let mut taken = 0;
        for n in 0..60 {
            taken += usize::from(store.ask_hub(&on_one_host(n), at(0)).await.unwrap() == Asked::Taken);
        }
        assert_eq!(taken, 50, "the others have to wait");
        assert_eq!(store.ask_hub(&on_one_host(0), at(1)).await.unwrap(), Asked::Taken, "one that waits is replaced");
        assert_eq!(store.ask_hub(&ask(Mode::Subscribe, 7), at(1)).await.unwrap(), Asked::Taken);
        assert_eq!(store.hub_state().await.unwrap().requests, 51);
    })
    .await;
}

#[tokio::test]
async fn a_hub_that_is_pinged_goes_on_where_it_was() {
    on_both(|store| async move {
        let (hub, head) = ("https://hub.example/", log(&store, 3).await);
        store.add_ping(hub).await.unwrap();
        assert_eq!(store.claim_ping(hub, "one", head, at(0), at(30)).await.unwrap(), None, "nothing is new");
        let head = log(&store, 2).await;
        store.add_ping(hub).await.unwrap();
        assert_eq!(store.claim_ping(hub, "one", head, at(1), at(30)).await.unwrap(), Some((3, 0)));
        assert_eq!(store.claim_ping(hub, "two", head, at(2), at(30)).await.unwrap(), None);
        store.fail_ping(hub, "one", ("it answered 500", Some(500)), at(40)).await.unwrap();
        assert_eq!(store.claim_ping(hub, "two", head, at(39), at(70)).await.unwrap(), None);
        assert_eq!(store.claim_ping(hub, "two", head, at(40), at(70)).await.unwrap(), Some((3, 1)));
        store.told_ping(hub, "two", head, at(50), at(41)).await.unwrap();
        let head = log(&store, 1).await;
        assert_eq!(store.claim_ping(hub, "one", head, at(49), at(90)).await.unwrap(), None, "it was told just now");
        assert_eq!(store.claim_ping(hub, "one", head, at(50), at(90)).await.unwrap(), Some((5, 0)));
    })
    .await;
}

fn announced(topic: &str) -> Announcement {
    Announcement { hub: Some("https://hub.example/".parse().unwrap()), topic: Some(topic.parse().unwrap()) }
}

async fn announce(store: &Store, what: &Announcement, now: DateTime<Utc>) {
    let mut tx = store.begin().await.unwrap();
    tx.announce("a", what, now).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_source_is_subscribed_renewed_and_given_up() {
    on_both(|store| async move {
        furnish(&store).await;
        announce(&store, &Announcement::default(), at(0)).await;
        assert!(store.subscriptions().await.unwrap().is_empty());
        announce(&store, &announced("https://a.example/feed"), at(0)).await;
        announce(&store, &announced("https://a.example/feed"), at(1)).await;
        let row = store.subscriptions_due(at(0), 9).await.unwrap().remove(0);
        assert_eq!((row.state, row.next_try_at), (SubscriptionState::Announced, at(0)));
        let asked = SubscriptionState::Asked;
        let words = store.ask_subscription(&row, ("k", "s"), asked, at(2), at(300)).await.unwrap();
        assert_eq!(words, Some(("k".into(), "s".into())));
        let other = store.ask_subscription(&row, ("k2", "s2"), asked, at(2), at(300)).await.unwrap();
        assert_eq!(other, None, "another daemon did");
        assert!(!store.confirm_subscription("k2", at(1000), at(700)).await.unwrap());
        assert!(store.confirm_subscription("k", at(1000), at(700)).await.unwrap());
        let row = store.subscription("k").await.unwrap().unwrap();
        assert_eq!((row.state, row.expires_at, row.tries), (SubscriptionState::Active, Some(at(1000)), 0));
        store.pushed("a", at(400)).await.unwrap();
        store.refused_push("a", "unsigned").await.unwrap();
        let row = store.subscriptions_due(at(700), 9).await.unwrap().remove(0);
        assert_eq!((row.pushes, row.last_push_at, row.last_error.as_deref()), (1, Some(at(400)), Some("unsigned")));
        let active = SubscriptionState::Active;
        let words = store.ask_subscription(&row, ("k3", "s3"), active, at(700), at(800)).await.unwrap();
        assert_eq!(words, Some(("k".into(), "s".into())), "the address that the hub knows stays");

        // It is not renewed: the listing is visited at once, and no longer thought to be told of.
        let listing = store.listing("a").await.unwrap().unwrap();
        let mut told = visit(listing, Outcome::Ok, Some(at(90_000)), at(800));
        told.pace = Pace { pushed_at: Some(at(800)), missed: 2, ..Pace::default() };
        let mut tx = store.begin().await.unwrap();
        tx.record_visits(&[store::Ended::of(&told)], at(0)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!store.lapse_subscription("a", at(999)).await.unwrap());
        assert!(store.lapse_subscription("a", at(1000)).await.unwrap());
        let listing = store.listing("a").await.unwrap().unwrap();
        assert_eq!((listing.past.pace.pushed_at, listing.past.pace.missed), (None, 2));
        assert_eq!(due(&store, "a.example", at(1000)).await.len(), 1);

        store.deny_subscription("k", "no", at(1100), at(2000)).await.unwrap();
        assert_eq!(store.subscription("k").await.unwrap().unwrap().state, SubscriptionState::Denied);
        announce(&store, &announced("https://a.example/feed2"), at(1200)).await;
        assert!(store.subscription("k").await.unwrap().is_none(), "another topic is another subscription");
        announce(&store, &Announcement::default(), at(1300)).await;
        let row = store.subscriptions_due(at(1300), 9).await.unwrap().remove(0);
        assert_eq!(row.state, SubscriptionState::Leaving);
        store.end_subscription("a").await.unwrap();
        assert!(store.subscriptions().await.unwrap().is_empty());
        store.order("a", store::Order::Pause, at(1400)).await.unwrap();
        assert!(store.listing("a").await.unwrap().is_none(), "what is paused is not listened to either");
    })
    .await;
}
