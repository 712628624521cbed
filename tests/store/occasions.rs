//! Occasions of digests: begun once, done with only when all of it was told, in one step with the cursor.

use tidings::store::Period;

use super::*;

#[tokio::test]
async fn an_occasion_is_done_with_when_its_last_change_was_told() {
    on_both(|store| async move {
        furnish(&store).await;
        store.sync_sinks(&["mail"], at(0)).await.unwrap();
        assert_eq!(store.period("mail").await.unwrap(), None);
        store.open_period("mail", at(10), 8).await.unwrap();
        store.open_period("mail", at(20), 9).await.unwrap();
        let open = Period { ended_at: None, due_at: Some(at(10)), upto: Some(8) };
        assert_eq!(store.period("mail").await.unwrap(), Some(open), "the one that is being told goes on");
        let get = async || store.sink("mail").await.unwrap().unwrap();
        let row = get().await;
        assert!(store.claim_sink(&row, "one", Some(5), at(11), at(40)).await.unwrap());
        let row = get().await;
        assert!(!store.close_period(&row, "two", 5, Some(3), at(12)).await.unwrap(), "it is another's");
        assert!(!store.close_period(&row, "two", 5, None, at(12)).await.unwrap(), "it is another's");
        assert!(store.close_period(&row, "one", 5, Some(3), at(12)).await.unwrap());
        assert!(!store.close_period(&row, "one", 8, Some(3), at(12)).await.unwrap(), "it stands elsewhere by now");
        assert_eq!(store.period("mail").await.unwrap(), Some(open), "there is more of it");
        let row = get().await;
        assert_eq!((row.cursor, row.delivered, row.trying_to), (5, 3, None));
        // The rest does not concern it.
        assert!(store.close_period(&row, "one", 8, None, at(13)).await.unwrap());
        let done = Period { ended_at: Some(at(10)), due_at: None, upto: None };
        assert_eq!((store.period("mail").await.unwrap(), get().await.delivered), (Some(done), 3));
        store.open_period("mail", at(20), 8).await.unwrap();
        let open = Period { ended_at: Some(at(10)), due_at: Some(at(20)), upto: Some(8) };
        assert_eq!(store.period("mail").await.unwrap(), Some(open));
        let row = get().await;
        assert!(store.close_period(&row, "one", 8, None, at(21)).await.unwrap(), "nothing was new");
        assert_eq!(store.period("mail").await.unwrap().unwrap().ended_at, Some(at(20)));
    })
    .await;
}
