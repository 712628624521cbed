//! Topics that change, and by what their terms count.

use std::sync::Arc;

use chrono::Utc;
use tidings::{
    ledger,
    topic::{Spec, Topics},
};

use crate::bench::{Bench, found, on_both, source};

fn spec(query: &str) -> Spec {
    Spec { id: "chip".into(), title: "Chips".into(), query: query.into(), threshold: 0.0 }
}

/// Makes `query` the one of topic `chip`; its topics.
async fn ask(bench: &Bench, query: &str) -> Arc<Topics> {
    let topics = Topics::compile(&[spec(query)], &Default::default()).unwrap();
    let all: Vec<_> = topics.queries().iter().map(|(id, d)| (id.clone(), "Chips".into(), d.to_vec())).collect();
    bench.store.sync_topics(&all, Utc::now()).await.unwrap();
    Arc::new(topics)
}

async fn catch_up(bench: &Bench, topics: &Arc<Topics>) -> usize {
    ledger::backfill(&bench.store, topics, |id| Some(source(id).into()), || false).await.unwrap()
}

async fn titles(bench: &Bench) -> Vec<String> {
    let feed = bench.store.feed(Some("chip"), None, 99).await.unwrap();
    feed.into_iter().map(|s| s.lead.draft.title).collect()
}

#[tokio::test]
async fn a_topic_that_changes_under_a_visit_gets_what_it_asks_for_now() {
    on_both(|mut bench| async move {
        let old = ask(&bench, "旧词").await;
        bench.queries = old.queries().clone();
        catch_up(&bench, &old).await;
        let about_old = bench.page("a", found("https://a.example/1", "旧词的事", "文一", true, &["chip"])).await;
        let about_new = bench.page("a", found("https://a.example/2", "新词的事", "文二", true, &[])).await;
        // Both were visited by the old query, and are recorded after it changed, and after the new one was caught up.
        let new = ask(&bench, "新词").await;
        assert_eq!(catch_up(&bench, &new).await, 0);
        assert!(bench.store.backlog().await.unwrap().is_empty());
        bench.record(about_old).await;
        bench.record(about_new).await;
        assert!(titles(&bench).await.is_empty(), "the old query's match is none of the new one's");
        assert!(bench.store.changes(0, Some("chip"), 9).await.unwrap().is_empty());
        assert_eq!(catch_up(&bench, &old).await, 0, "an older configuration leaves it alone");
        assert_eq!(catch_up(&bench, &new).await, 1);
        assert_eq!(titles(&bench).await, ["新词的事"]);
        assert!(bench.store.backlog().await.unwrap().is_empty());
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn catching_up_misses_nothing_that_is_stored_meanwhile() {
    on_both(|mut bench| async move {
        let old = ask(&bench, "旧词").await;
        bench.queries = old.queries().clone();
        let mut visits = vec![];
        for n in 0..40 {
            let finding = found(&format!("https://a.example/{n}"), &format!("新词{n}"), &format!("文{n}"), true, &[]);
            visits.push(bench.page("a", finding).await);
        }
        let new = ask(&bench, "新词*").await;
        let bench = Arc::new(bench);
        let (stored, topics) = (bench.clone(), new.clone());
        let writing = tokio::spawn(async move {
            for visit in visits {
                stored.record(visit).await;
            }
        });
        while !writing.is_finished() {
            catch_up(&bench, &topics).await;
        }
        writing.await.unwrap();
        catch_up(&bench, &new).await;
        assert!(bench.store.backlog().await.unwrap().is_empty());
        assert_eq!(titles(&bench).await.len(), 40);
    })
    .await;
}

/// Terms that stand in nearly everything count less than those that are rare, once what is stored was counted.
#[tokio::test]
async fn terms_count_by_how_rare_they_are_in_what_is_stored() {
    on_both(|bench| async move {
        for n in 0..300 {
            let text = if n == 7 { "港口 光刻机".to_owned() } else { format!("港口 第{n}号") };
            let finding = found(&format!("https://a.example/{n}"), &format!("题{n}"), &text, true, &[]);
            let visit = bench.page("a", finding).await;
            bench.record(visit).await;
        }
        let specs = [spec("港口"), Spec { id: "rare".into(), ..spec("光刻机") }];
        let topics = tidings::visit::Watched::from(Topics::compile(&specs, &Default::default()).unwrap());
        let scores = || {
            let subject = tidings::topic::Subject { text: "港口 光刻机", ..Default::default() };
            topics.now().matches(&subject).into_iter().map(|m| m.score).collect::<Vec<_>>()
        };
        assert_eq!(scores(), [2.0, 2.0]);
        ledger::weigh(&bench.store, &topics).await.unwrap();
        let weighed = scores();
        assert!(weighed[0] < 2.0 && weighed[1] > 2.0, "{weighed:?}");
    })
    .await;
}
