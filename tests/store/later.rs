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

#[tokio::test]
async fn what_is_stored_can_be_asked_for_to_try_queries_on() {
    on_both(|store| async move {
        furnish(&store).await;
        assert_eq!(store.newest_article().await.unwrap(), 0);
        let mut articles = vec![];
        for n in 1..=3_u8 {
            let url = format!("https://a.example/{n}");
            let matches = if n == 2 { vec![matched("chip")] } else { vec![] };
            articles.push(add(&store, "a", &draft(&url, "题"), n, &matches, at(i64::from(n) * 10)).await.1);
        }
        assert_eq!(store.newest_article().await.unwrap(), articles[2]);
        let ids = |texts: Vec<tidings::store::StoredText>| texts.into_iter().map(|t| t.id).collect::<Vec<_>>();
        assert_eq!(ids(store.texts_since(0, at(20), 10).await.unwrap()), articles[1..]);
        assert_eq!(ids(store.texts_since(0, at(0), 2).await.unwrap()), articles[..2]);
        assert_eq!(ids(store.texts_since(articles[1], at(0), 10).await.unwrap()), articles[2..]);
        let found = store.text_at("https://a.example/2").await.unwrap().unwrap();
        assert_eq!((found.id, found.url.as_str(), found.first_seen_at), (articles[1], "https://a.example/2", at(20)));
        assert_eq!(store.text_at("https://a.example/9").await.unwrap(), None);
        assert_eq!(store.matched("chip", at(0)).await.unwrap(), articles[1..2]);
        assert!(store.matched("chip", at(21)).await.unwrap().is_empty());
        assert_eq!(store.topics_of_article(articles[1]).await.unwrap(), ["chip"]);
        assert!(store.topics_of_article(articles[0]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_a_removed_topic_matched_is_kept_for_a_while() {
    on_both(|store| async move {
        furnish(&store).await;
        let (_, article) = add(&store, "a", &draft("https://a.example/1", "题"), 1, &[matched("chip")], at(1)).await;
        let topics = [("rice".to_owned(), "Rice".to_owned(), vec![2])];
        store.sync_topics(&topics, at(10)).await.unwrap();
        assert_eq!(store.forget_topics(at(10)).await.unwrap(), 0, "it was removed only then");
        assert_eq!(store.topics_of_article(article).await.unwrap(), ["chip"]);
        let back = [topics[0].clone(), ("chip".into(), "Chips".into(), vec![1])];
        store.sync_topics(&back, at(11)).await.unwrap();
        assert_eq!(store.feed(Some("chip"), None, 10).await.unwrap().len(), 1, "it is as it was");
        store.sync_topics(&topics, at(12)).await.unwrap();
        assert_eq!(store.forget_topics(at(13)).await.unwrap(), 1);
        assert_eq!(store.forget_topics(at(13)).await.unwrap(), 0);
        assert!(store.topics_of_article(article).await.unwrap().is_empty());
        assert!(store.changes(0, Some("chip"), 10).await.unwrap().is_empty());
        assert_eq!(store.changes(0, None, 10).await.unwrap().len(), 1, "the log itself stays");
        store.sync_topics(&back, at(14)).await.unwrap();
        assert!(store.backlog().await.unwrap().iter().any(|b| b.id == "chip"), "it is matched anew");
    })
    .await;
}

#[tokio::test]
async fn what_a_page_tells_of_itself_is_kept() {
    on_both(|store| async move {
        furnish(&store).await;
        let told = tidings::model::Draft {
            canonical: Some("https://a.example/whole".parse().unwrap()),
            section: Some("科技\0".into()),
            tags: vec!["芯片".into(), "出口".into()],
            comments: Some(7),
            ..draft("https://a.example/1", "题")
        };
        let (_, article) = add(&store, "a", &told, 1, &[], at(1)).await;
        let (_, plain) = add(&store, "a", &draft("https://a.example/2", "题"), 2, &[], at(2)).await;
        let kept = store.article(article).await.unwrap().unwrap().lead.draft;
        assert_eq!((kept.canonical, kept.section.as_deref()), (told.canonical, Some("科技")));
        assert_eq!((kept.tags, kept.comments), (told.tags, Some(7)));
        let kept = store.article(plain).await.unwrap().unwrap().lead.draft;
        assert_eq!((kept.canonical, kept.section, kept.tags, kept.comments), (None, None, vec![], None));
    })
    .await;
}

#[tokio::test]
async fn a_pace_that_is_made_shorter_holds_at_once() {
    on_both(|store| async move {
        let mut listed = source("a", "https://a.example/list");
        store.sync_sources(std::slice::from_ref(&listed), at(0)).await.unwrap();
        let far = at(86_400 * 30);
        let due = async || store.due_targets("a.example", far, far, 9).await.unwrap().len();
        let planned = async |in_s: i64, good: bool, from: i64| {
            let target = store.due_targets("a.example", far, far, 9).await.unwrap().remove(0);
            let mut visit = tidings::model::Visit::begun(target, at(from));
            if !good {
                let kind = tidings::model::FailureKind::Timeout;
                visit.outcome = tidings::model::Outcome::Failed(tidings::model::Failure {
                    kind,
                    reason: "slow".into(),
                    status: None,
                    retry_after_s: None,
                });
                visit.target.failures += 1;
            }
            visit.next_visit_at = Some(at(in_s));
            let mut tx = store.begin().await.unwrap();
            tx.record_visits(&[store::Ended::of(&visit)], at(0)).await.unwrap();
            tx.commit().await.unwrap();
        };
        let is_due =
            async |now: i64| !store.due_targets("a.example", at(now), at(now + 9_000_000), 9).await.unwrap().is_empty();
        planned(7_200, true, 0).await;
        assert_eq!(due().await, 1);
        store.sync_sources(std::slice::from_ref(&listed), at(10)).await.unwrap();
        assert!(!is_due(20).await, "nothing changed");
        listed.every = Some(std::time::Duration::from_secs(60));
        store.sync_sources(std::slice::from_ref(&listed), at(10)).await.unwrap();
        assert!(is_due(20).await);
        planned(7_200, false, 20).await;
        store.sync_sources(std::slice::from_ref(&listed), at(30)).await.unwrap();
        assert!(!is_due(40).await, "one that fails keeps its pause");
    })
    .await;
}

#[tokio::test]
async fn changes_of_state_are_told_once() {
    on_both(|store| async move {
        furnish(&store).await;
        let ids: Vec<_> = store.standings().await.unwrap().into_iter().map(|s| s.id).collect();
        assert_eq!(ids, store.sources().await.unwrap().into_iter().map(|s| s.id).collect::<Vec<_>>());
        let states = |state: &'static str| [("a".to_owned(), state, "why\0".to_owned())];
        assert!(store.note_states(&states("waiting"), at(0)).await.unwrap().is_empty(), "nothing was known before");
        assert_eq!(store.note_states(&states("ok"), at(1)).await.unwrap().len(), 1);
        assert!(store.note_states(&states("ok"), at(2)).await.unwrap().is_empty());
        assert!(store.incidents(9).await.unwrap().is_empty(), "a first good visit is no incident");
        let noted = store.note_states(&states("failing"), at(3)).await.unwrap();
        assert_eq!((noted[0].was.as_deref(), noted[0].state.as_str(), noted[0].at), (Some("ok"), "failing", at(3)));
        let other = [("b".to_owned(), "blocked", String::new())];
        assert_eq!(store.note_states(&other, at(3)).await.unwrap().len(), 1, "it begins with trouble");
        // Another daemon saw the same.
        assert!(store.note_states(&states("failing"), at(4)).await.unwrap().is_empty());
        store.note_states(&states("ok"), at(5)).await.unwrap();
        assert_eq!(store.incidents(9).await.unwrap().len(), 3);
        let told: Vec<_> = store.incidents(9).await.unwrap().into_iter().map(|i| (i.state, i.why)).collect();
        assert_eq!(told[0], ("ok".to_owned(), "why".to_owned()));
        assert_eq!(store.incidents(1).await.unwrap().len(), 1);
        // Sinks may be called like sources, and have a list of their own.
        store.sync_sinks(&["a"], at(5)).await.unwrap();
        assert!(store.note_sink_states(&states("ok"), at(6)).await.unwrap().is_empty());
        let noted = store.note_sink_states(&states("gone"), at(7)).await.unwrap();
        assert_eq!((noted[0].about.as_str(), noted[0].was.as_deref()), ("a", Some("ok")));
        assert!(store.note_sink_states(&states("gone"), at(8)).await.unwrap().is_empty());
        assert_eq!((store.sink_incidents(9).await.unwrap(), store.incidents(9).await.unwrap().len()), (noted, 3));
    })
    .await;
}
