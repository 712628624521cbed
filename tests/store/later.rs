//! What comes later: changed topics, retention, a database that is not there.

use super::*;

#[tokio::test]
async fn a_changed_topic_is_matched_again_with_what_is_stored() {
    on_both(|store| async move {
        furnish(&store).await;
        for topic in store.backlog().await.unwrap() {
            store.record_backfill(&topic, &[], None, at(0)).await.unwrap();
        }
        let (_, article) = add(&store, "a", &draft("https://a.example/1", "题"), 1, &[matched("chip")], at(1)).await;
        assert!(store.backlog().await.unwrap().is_empty());
        let texts = store.texts(0, 10).await.unwrap();
        assert_eq!((texts.len(), texts[0].id, texts[0].title.as_str()), (1, article, "题"));
        let topics = [("chip".into(), "Chips".into(), vec![9]), ("rice".into(), "Rice".into(), vec![2])];
        store.sync_topics(&topics, at(5)).await.unwrap();
        let backlog = store.backlog().await.unwrap();
        assert_eq!(backlog.iter().map(|b| (b.id.as_str(), b.backfilled_to)).collect::<Vec<_>>(), [("chip", 0)]);
        assert!(store.feed(Some("chip"), None, 10).await.unwrap().is_empty(), "the old query's matches are gone");
        let found = [(article, matched("chip"))];
        let mut stale = backlog[0].clone();
        stale.query_digest = vec![8];
        assert!(!store.record_backfill(&stale, &found, Some(article), at(6)).await.unwrap(), "another query's");
        assert!(store.feed(Some("chip"), None, 10).await.unwrap().is_empty());
        assert!(
            !store.record_backfill(&backlog[0], &[], None, at(6)).await.unwrap(),
            "an article is still to be matched"
        );
        assert!(store.record_backfill(&backlog[0], &found, Some(article), at(6)).await.unwrap());
        assert!(!store.record_backfill(&backlog[0], &found, Some(article), at(6)).await.unwrap(), "done by somebody");
        let next = store.backlog().await.unwrap().remove(0);
        assert_eq!(next.backfilled_to, article, "restartable");
        assert!(store.record_backfill(&next, &[], None, at(6)).await.unwrap());
        assert!(store.backlog().await.unwrap().is_empty());
        let feed = store.feed(Some("chip"), None, 10).await.unwrap();
        assert_eq!((feed.len(), feed[0].number), (1, 1));
        assert_eq!(store.head().await.unwrap(), 1, "announced to nobody");
        store.sync_topics(&topics[1..], at(7)).await.unwrap();
        assert!(store.feed(None, None, 10).await.unwrap()[0].matches.is_empty(), "a removed topic does not show");
    })
    .await;
}

#[tokio::test]
async fn what_is_deleted_for_its_age_does_not_come_back_as_new() {
    on_both(|store| async move {
        furnish(&store).await;
        for n in 1..=5_u8 {
            let url = format!("https://a.example/{n}");
            add(&store, "a", &draft(&url, "题"), n, &[matched("chip")], at(i64::from(n))).await;
        }
        assert_eq!(store.delete_articles(at(4), 2).await.unwrap(), 2);
        assert_eq!(store.delete_articles(at(4), 2).await.unwrap(), 1);
        assert_eq!(store.delete_articles(at(4), 2).await.unwrap(), 0);
        assert_eq!(store.feed(Some("chip"), None, 10).await.unwrap().len(), 2);
        assert_eq!(store.feed(None, None, 10).await.unwrap().len(), 2);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.story_of(digest(1)).await.unwrap().is_some(), "the identity stays");
        drop(tx);
        assert_eq!(store.changes(0, None, 10).await.unwrap().len(), 5, "so does the log");
    })
    .await;
}

#[tokio::test]
async fn a_database_that_cannot_be_had_is_told_with_what_to_do() {
    for (url, says) in [
        ("mysql://x/y", "neither `sqlite:` nor `postgres:`"),
        ("sqlite::memory:", "a file is needed"),
        ("sqlite:///proc/no/such/place.db", "cannot be opened"),
        ("postgres://u:secret@127.0.0.1:1/none", "cannot be opened"),
        ("postgres://u@127.0.0.1:1/none?password=secret", "cannot be opened"),
    ] {
        let error = Store::open(url).await.unwrap_err();
        let told = format!("{error}; {}", error.hint());
        assert!(told.contains(says), "{told}");
        assert!(!told.contains("secret"), "{told}");
    }
}
