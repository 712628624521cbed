//! Stories by pages and one by one, counts of topics, and the log from its oldest change on.

use tidings::store::TopicCounts;

use super::*;

/// Three stories: the first in both outlets and of `chip`, the second of `rice`, the third of nothing.
async fn three(store: &Store) -> [i64; 3] {
    furnish(store).await;
    let (one, _) = add(store, "a", &draft("https://a.example/1", "芯片"), 1, &[matched("chip")], at(1)).await;
    add(store, "b", &draft("https://b.example/1", "晶片"), 1, &[matched("chip")], at(2)).await;
    let (two, _) = add(store, "b", &draft("https://b.example/2", "米价"), 2, &[matched("rice")], at(3)).await;
    let (three, _) = add(store, "a", &draft("https://a.example/3", "渡轮"), 3, &[], at(4)).await;
    [one, two, three]
}

#[tokio::test]
async fn stories_come_by_pages_newest_first() {
    on_both(|store| async move {
        let [one, two, three] = three(&store).await;
        let ids = async |topic: Option<&str>, source: Option<&str>, below: i64, limit: i64| -> Vec<i64> {
            let rows = store.story_page(topic, source, below, limit).await.unwrap();
            rows.into_iter().map(|r| r.lead.story_id).collect()
        };
        assert_eq!(ids(None, None, i64::MAX, 10).await, [three, two, one]);
        assert_eq!(ids(None, None, i64::MAX, 2).await, [three, two]);
        let page = store.story_page(None, None, i64::MAX, 2).await.unwrap();
        assert_eq!(ids(None, None, page[1].lead.number, 2).await, [one], "below the last of the page before");
        assert_eq!(ids(Some("chip"), None, i64::MAX, 10).await, [one]);
        assert_eq!(ids(None, Some("a"), i64::MAX, 10).await, [three, one]);
        assert_eq!(ids(Some("rice"), Some("a"), i64::MAX, 10).await, [] as [i64; 0]);
        let row = store.story_page(Some("chip"), None, i64::MAX, 10).await.unwrap().remove(0);
        assert_eq!((row.lead.source_id.as_str(), row.lead.title.as_str(), row.outlets.len()), ("a", "芯片", 2));
        assert_eq!(row.matches[0].evidence[0].found, "晶片");
    })
    .await;
}

#[tokio::test]
async fn a_story_is_its_articles_and_why_each_matched() {
    on_both(|store| async move {
        let [one, _, third] = three(&store).await;
        let (number, parts) = store.story(one).await.unwrap().unwrap();
        assert_eq!((number, parts.len()), (1, 2));
        assert_eq!((parts[1].outlet.as_str(), parts[1].title.as_str(), parts[1].gone_at), ("名 b", "晶片", None));
        assert!(parts.iter().all(|p| p.matches.len() == 1 && p.matches[0].topic == "chip"));
        assert!(store.story(third).await.unwrap().unwrap().1[0].matches.is_empty());
        assert_eq!(store.story(99).await.unwrap(), None);
        store.delete_articles(at(3), 10).await.unwrap();
        assert_eq!(store.story(one).await.unwrap(), None, "nothing is left of it");
    })
    .await;
}

#[tokio::test]
async fn topics_are_counted() {
    on_both(|store| async move {
        three(&store).await;
        let counts = store.topic_counts(&["chip".into(), "rice".into(), "none".into()]).await.unwrap();
        assert_eq!(counts["chip"], TopicCounts { stories: 1, articles: 2, newest_at: Some(at(2)) });
        assert_eq!(counts["rice"], TopicCounts { stories: 1, articles: 1, newest_at: Some(at(3)) });
        assert_eq!((counts["none"], counts.len()), (TopicCounts::default(), 3));
    })
    .await;
}

#[tokio::test]
async fn the_log_is_read_by_kinds_and_topics() {
    on_both(|store| async move {
        three(&store).await;
        let numbers = async |since: i64, topic: Option<&str>, kinds: &[ChangeKind], limit: i64| -> Vec<i64> {
            store.changes_of(since, topic, kinds, limit).await.unwrap().into_iter().map(|c| c.number).collect()
        };
        use ChangeKind::{ArticleGone, StoryJoined, StoryNew};
        assert_eq!(numbers(0, None, &[], 10).await, [1, 2, 3, 4]);
        assert_eq!(numbers(0, None, &[StoryJoined], 10).await, [2]);
        assert_eq!(numbers(1, None, &[StoryNew, StoryJoined], 2).await, [2, 3]);
        assert_eq!(numbers(0, Some("chip"), &[StoryNew], 10).await, [1]);
        assert_eq!(numbers(0, None, &[ArticleGone], 10).await, [] as [i64; 0]);
        assert_eq!(store.changes_of(2, None, &[StoryNew], 10).await.unwrap()[0].topics, ["rice"]);
    })
    .await;
}

#[tokio::test]
async fn old_changes_are_forgotten_but_for_the_newest_and_what_a_sink_waits_for() {
    on_both(|store| async move {
        assert_eq!(store.oldest_change().await.unwrap(), 0);
        assert_eq!(store.forget_changes(at(9), 10).await.unwrap(), 0);
        three(&store).await;
        assert_eq!(store.oldest_change().await.unwrap(), 1);
        assert_eq!(store.forget_changes(at(0), 10).await.unwrap(), 0, "none is so old");
        assert_eq!(store.forget_changes(at(3), 1).await.unwrap(), 1, "few at once");
        store.sync_sinks(&["chat"], at(5)).await.unwrap();
        assert!(store.rewind_sink("chat", 2).await.unwrap());
        assert_eq!(store.forget_changes(at(9), 10).await.unwrap(), 1, "the sink is still to be told of number 3");
        assert_eq!(store.oldest_change().await.unwrap(), 3);
        store.sync_sinks(&[], at(6)).await.unwrap();
        assert_eq!(store.forget_changes(at(9), 10).await.unwrap(), 1);
        assert_eq!((store.oldest_change().await.unwrap(), store.head().await.unwrap()), (4, 4), "the newest stays");
        let (_, _) = add(&store, "a", &draft("https://a.example/9", "米"), 9, &[], at(7)).await;
        assert_eq!(store.head().await.unwrap(), 5, "numbers go on");
    })
    .await;
}
