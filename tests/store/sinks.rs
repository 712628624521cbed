//! Sinks: cursors, leases, dead letters.

use tidings::store::{SinkRow, SinkState, Unsent};

use super::*;

async fn get(store: &Store, id: &str) -> SinkRow {
    store.sink(id).await.unwrap().unwrap()
}

async fn claimed(store: &Store, holder: &str, settled: Option<i64>, now: i64) -> bool {
    let row = get(store, "chat").await;
    store.claim_sink(&row, holder, settled, at(now), at(now + 30)).await.unwrap()
}

fn unsent(trying_to: Option<i64>, state: SinkState) -> Unsent<'static> {
    Unsent { reason: "the receiver\0 answered 500", status: Some(500), trying_to, next_try_at: Some(at(60)), state }
}

/// A log of three changes, and the sinks `chat` and `mail`, which began before the second.
async fn begun(store: &Store) {
    furnish(store).await;
    add(store, "a", &draft("https://a.example/1", "题"), 1, &[], at(1)).await;
    store.sync_sinks(&["chat", "mail"], at(2)).await.unwrap();
    add(store, "a", &draft("https://a.example/2", "题"), 2, &[], at(3)).await;
    add(store, "a", &draft("https://a.example/3", "题"), 3, &[], at(4)).await;
}

#[tokio::test]
async fn a_new_sink_begins_at_the_head_and_one_that_was_away_goes_on() {
    on_both(|store| async move {
        begun(&store).await;
        let rows = store.sinks().await.unwrap();
        assert_eq!(rows.iter().map(|r| (r.id.as_str(), r.cursor)).collect::<Vec<_>>(), [("chat", 1), ("mail", 1)]);
        assert_eq!((rows[0].state, rows[0].added_at, rows[0].dead), (SinkState::Active, at(2), 0));
        store.sync_sinks(&["mail", "pager"], at(5)).await.unwrap();
        assert!(store.sink("chat").await.unwrap().is_none());
        assert_eq!(get(&store, "pager").await.cursor, 3);
        assert!(!store.resume_sink("chat").await.unwrap() && !store.rewind_sink("chat", 0).await.unwrap());
        store.sync_sinks(&["chat"], at(6)).await.unwrap();
        assert_eq!(store.sinks().await.unwrap().len(), 1);
        assert_eq!(get(&store, "chat").await.cursor, 1, "it missed nothing");
    })
    .await;
}

#[tokio::test]
async fn only_who_holds_a_sink_moves_it_and_only_from_where_it_is() {
    on_both(|store| async move {
        begun(&store).await;
        assert!(claimed(&store, "one", Some(2), 10).await);
        assert!(!claimed(&store, "two", None, 39).await, "held");
        assert!(claimed(&store, "one", Some(3), 11).await, "again");
        let row = get(&store, "chat").await;
        assert_eq!((row.holder.as_deref(), row.trying_to), (Some("one"), Some(2)), "what was settled stays");
        assert!(!store.move_sink(&row, "two", 2, 1, at(12)).await.unwrap());
        assert!(!store.fail_sink(&row, "two", unsent(None, SinkState::Active), at(12)).await.unwrap());
        assert!(!store.pass_sink(&row, "two", 2, at(12)).await.unwrap());
        assert!(store.fail_sink(&row, "one", unsent(Some(2), SinkState::Active), at(13)).await.unwrap());
        assert!(store.fail_sink(&row, "one", unsent(Some(2), SinkState::Active), at(14)).await.unwrap());
        let row = get(&store, "chat").await;
        assert_eq!((row.tries, row.failing_since, row.next_try_at), (2, Some(at(13)), Some(at(60))));
        assert_eq!((row.last_error.as_deref(), row.last_status), (Some("the receiver answered 500"), Some(500)));
        assert!(store.move_sink(&row, "one", 2, 1, at(61)).await.unwrap());
        assert!(!store.move_sink(&row, "one", 2, 1, at(61)).await.unwrap(), "it is no longer there");
        let row = get(&store, "chat").await;
        assert_eq!((row.cursor, row.delivered, row.tries, row.trying_to), (2, 1, 0, None));
        assert_eq!((row.last_success_at, row.last_error, row.next_try_at), (Some(at(61)), None, None));
        assert!(claimed(&store, "two", None, 100).await, "the lease ran out");
        store.release_sinks("two").await.unwrap();
        assert!(claimed(&store, "one", None, 101).await);
        let row = get(&store, "chat").await;
        assert!(store.pass_sink(&row, "one", 3, at(102)).await.unwrap());
        assert!(!store.pass_sink(&row, "one", 3, at(102)).await.unwrap());
        assert_eq!(get(&store, "mail").await.cursor, 1, "the other one stays");
    })
    .await;
}

#[tokio::test]
async fn what_a_sink_would_not_take_is_kept_until_it_does() {
    on_both(|store| async move {
        begun(&store).await;
        assert!(claimed(&store, "one", Some(3), 10).await);
        let row = SinkRow { tries: 4, ..get(&store, "chat").await };
        assert!(!store.bury(&row, &[], "nothing", None, at(11)).await.unwrap());
        assert!(store.bury(&row, &[2], "the receiver answered 400", Some(400), at(11)).await.unwrap());
        assert!(!store.bury(&row, &[3], "late", None, at(12)).await.unwrap(), "it is no longer there");
        let now = get(&store, "chat").await;
        assert_eq!((now.cursor, now.dead, now.tries, now.trying_to), (2, 1, 0, None));
        let letters = store.dead_letters("chat").await.unwrap();
        assert_eq!(letters.len(), 1);
        assert_eq!((letters[0].number, letters[0].tries, letters[0].status, letters[0].at), (2, 4, Some(400), at(11)));
        assert!(store.dead_again("chat").await.unwrap().is_none());
        assert_eq!(store.replay_dead("chat").await.unwrap(), 1);
        assert_eq!(store.dead_again("chat").await.unwrap().unwrap().number, 2);
        store.settle_dead("chat", 2, Some(("still no", Some(422))), at(20)).await.unwrap();
        assert!(store.dead_again("chat").await.unwrap().is_none());
        assert_eq!(store.dead_letters("chat").await.unwrap()[0].tries, 5);
        store.replay_dead("chat").await.unwrap();
        store.settle_dead("chat", 2, None, at(21)).await.unwrap();
        assert!(store.move_sink(&now, "one", now.cursor, 1, at(21)).await.unwrap());
        let now = get(&store, "chat").await;
        assert_eq!((now.cursor, now.dead, now.delivered), (2, 0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_sink_is_set_back_or_on_by_its_operator() {
    on_both(|store| async move {
        begun(&store).await;
        assert!(claimed(&store, "one", Some(3), 10).await);
        let row = get(&store, "chat").await;
        assert!(store.fail_sink(&row, "one", unsent(Some(3), SinkState::Gone), at(11)).await.unwrap());
        assert_eq!(get(&store, "chat").await.state, SinkState::Gone);
        assert!(!claimed(&store, "one", None, 12).await, "nobody tells it");
        assert!(store.resume_sink("chat").await.unwrap());
        let row = get(&store, "chat").await;
        assert_eq!((row.state, row.tries, row.next_try_at, row.trying_to), (SinkState::Active, 0, None, Some(3)));
        assert!(store.move_sink(&row, "one", 3, 2, at(13)).await.unwrap());
        assert!(!store.rewind_sink("chat", 4).await.unwrap(), "it was not told of that");
        assert!(store.rewind_sink("chat", 0).await.unwrap());
        assert_eq!(get(&store, "chat").await.cursor, 0);
    })
    .await;
}
