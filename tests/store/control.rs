//! Orders of an operator.

use tidings::store::Order;

use super::*;

async fn due_hosts(store: &Store, now: DateTime<Utc>) -> Vec<String> {
    store.due_hosts(&mut store::Turn::thorough(), now, now + TimeDelta::days(1), 10).await.unwrap()
}

#[tokio::test]
async fn a_paused_source_is_not_visited_until_it_is_resumed() {
    on_both(|store| async move {
        furnish(&store).await;
        assert_eq!(store.order("a", Order::Pause, at(5)).await.unwrap(), 1);
        assert_eq!(store.order("a", Order::Pause, at(50)).await.unwrap(), 1, "paused twice is paused");
        assert_eq!(due_hosts(&store, at(60)).await, ["b.example"]);
        assert!(due(&store, "a.example", at(60)).await.is_empty());
        let totals = store.totals(at(60)).await.unwrap();
        assert_eq!((totals.due, totals.lag_s), (1, 60), "what is paused is not late");
        assert_eq!(store.sources().await.unwrap()[0].paused_at, Some(at(5)), "since the first time");
        assert_eq!(store.order("a", Order::Poll, at(61)).await.unwrap(), 0);
        let sources = [source("a", "https://a.example/list"), source("b", "https://b.example:8443/list")];
        store.sync_sources(&sources, at(62)).await.unwrap();
        assert_eq!(store.sources().await.unwrap()[0].paused_at, Some(at(5)), "a reload does not resume it");
        assert_eq!(store.order("a", Order::Resume, at(63)).await.unwrap(), 1);
        assert_eq!(due(&store, "a.example", at(64)).await.len(), 1);
        assert_eq!(store.order("nobody", Order::Pause, at(64)).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_poll_makes_the_listing_due_and_nothing_else() {
    on_both(|store| async move {
        furnish(&store).await;
        let listing = due(&store, "a.example", at(1)).await.remove(0);
        let mut tx = store.begin().await.unwrap();
        let entry = Entry::at("https://a.example/1".parse().unwrap());
        tx.add_target("a", "https://a.example/1", "a.example", &entry, at(1), Some(at(9000))).await.unwrap();
        tx.record_visits(&[store::Ended::of(&visit(listing, Outcome::Ok, Some(at(9000)), at(1)))], at(1))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(due(&store, "a.example", at(100)).await.is_empty());
        assert_eq!(store.order("a", Order::Poll, at(100)).await.unwrap(), 1);
        let now = due(&store, "a.example", at(100)).await;
        assert_eq!(now.iter().map(|t| t.kind).collect::<Vec<_>>(), [TargetKind::Listing]);
    })
    .await;
}

#[tokio::test]
async fn what_is_held_back_is_released_dismissed_or_forgotten() {
    on_both(|store| async move {
        furnish(&store).await;
        let hold = async |n: usize, now| {
            let url = format!("https://a.example/{n}");
            let entry = Entry { title: Some("题".into()), ..Entry::at(url.parse().unwrap()) };
            let mut tx = store.begin().await.unwrap();
            let new = tx.hold_target("a", &url, "a.example", &entry, now).await.unwrap();
            tx.commit().await.unwrap();
            new
        };
        assert!(hold(1, at(1)).await && hold(2, at(2)).await && !hold(2, at(3)).await);
        let row = store.standings().await.unwrap().remove(0);
        assert_eq!((row.held, row.held_since), (2, Some(at(1))));
        assert_eq!(due(&store, "a.example", at(9)).await.len(), 1, "the listing alone");
        store.expire_held(at(2)).await.unwrap();
        assert_eq!(store.order("a", Order::Release, at(4)).await.unwrap(), 1, "the first was held back for too long");
        let released = due(&store, "a.example", at(4)).await;
        assert_eq!(released.len(), 2);
        assert_eq!(released[1].entry.as_ref().unwrap().title.as_deref(), Some("题"));
        assert!(hold(3, at(5)).await);
        assert_eq!(store.order("a", Order::Dismiss, at(6)).await.unwrap(), 1);
        assert_eq!(store.order("a", Order::Dismiss, at(6)).await.unwrap(), 0);
        assert_eq!(due(&store, "a.example", at(9)).await.len(), 2);
        let titles = store.titles("a", 10).await.unwrap();
        assert!(titles.is_empty());
        add(&store, "a", &draft("https://a.example/1", "新标题"), 7, &[], at(7)).await;
        assert_eq!(store.titles("a", 10).await.unwrap(), ["新标题"]);
    })
    .await;
}

#[tokio::test]
async fn one_source_is_told_of_as_among_all_and_nobody_learns_its_login() {
    on_both(|store| async move {
        let sources = [source("a", "https://reader:hidden@a.example/list"), source("b", "https://b.example:8443/list")];
        store.sync_sources(&sources, at(0)).await.unwrap();
        let listing = due(&store, "a.example", at(1)).await.remove(0);
        let mut tx = store.begin().await.unwrap();
        let entry = Entry::at("https://a.example/1".parse().unwrap());
        tx.add_target("a", "https://a.example/1", "a.example", &entry, at(1), Some(at(9))).await.unwrap();
        tx.record_visits(&[store::Ended::of(&visit(listing, Outcome::Ok, Some(at(9)), at(1)))], at(1)).await.unwrap();
        tx.commit().await.unwrap();
        let all = store.sources().await.unwrap();
        assert_eq!((all[0].pending, all[0].url.as_str()), (1, "https://a.example/list"));
        for row in &all {
            assert_eq!(store.source(&row.id).await.unwrap().as_ref(), Some(row));
        }
        assert_eq!(store.source("nobody").await.unwrap(), None);
        let visits = store.visits("a", None).await.unwrap();
        assert_eq!(visits[0].url, "https://a.example/list");
    })
    .await;
}

#[tokio::test]
async fn what_is_ordered_during_a_visit_holds_after_it() {
    on_both(|store| async move {
        furnish(&store).await;
        let end = async |target: Target, began, next, now| {
            let visit = visit(target, Outcome::Ok, Some(next), began);
            let mut tx = store.begin().await.unwrap();
            let ended = store::Ended { etag: Some("\"old\""), ..store::Ended::of(&visit) };
            tx.record_visits(&[ended], now).await.unwrap();
            tx.commit().await.unwrap();
        };
        let listing = async |now| due(&store, "a.example", now).await.pop();
        let first = listing(at(1)).await.unwrap();
        assert_eq!(store.order("a", Order::Poll, at(2)).await.unwrap(), 1);
        end(first, at(1), at(9000), at(3)).await;
        let polled = listing(at(3)).await.expect("it began before the order: another one is due");
        assert_eq!(polled.etag, None, "the first visit: nothing is compared with yet");
        end(polled.clone(), at(4), at(9000), at(5)).await;
        assert!(listing(at(6)).await.is_none(), "that was it");
        let known = listing(at(9000)).await.unwrap();
        assert_eq!(known.etag.as_deref(), Some("\"old\""));

        let changed = tidings::model::Source { charset: Some("gbk".into()), ..source("a", "https://a.example/list") };
        store.sync_sources(&[changed, source("b", "https://b.example:8443/list")], at(7)).await.unwrap();
        let anew = listing(at(7)).await.expect("other settings have it read anew");
        assert_eq!(anew.etag, None);
        end(known, at(6), at(9000), at(8)).await;
        let again = listing(at(8)).await.expect("also when it was being read by the old ones");
        assert_eq!(again.etag, None, "nothing of it counts as unchanged");
    })
    .await;
}
