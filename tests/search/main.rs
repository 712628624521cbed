//! Search over what the ledger wrote: complete, ranked, the same on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

#[path = "../ledger/bench.rs"]
#[expect(dead_code, reason = "the ledger's own tests use all of it")]
mod bench;
mod order;
#[path = "../support/mod.rs"]
mod support;

use bench::{found, on_both};
use tidings::ledger;
use tidings::search::Query;
use tidings::serve::{Hit, Place, seek};
use tidings::store::{Filled, Store, Wanted, words_version};

/// Every result, by pages of `limit`.
pub(crate) async fn all(store: &Store, query: &str, wanted: &Wanted, limit: usize) -> Vec<Hit> {
    let query = Query::parse(query).unwrap();
    let (mut hits, mut place): (Vec<Hit>, Option<Place>) = (vec![], None);
    for _ in 0..1000 {
        let (page, next) = seek(store, &query, wanted, place, limit).await.unwrap();
        assert!(page.len() <= limit);
        hits.extend(page);
        place = next;
        if place.is_none() {
            return hits;
        }
    }
    panic!("it never ends");
}

async fn titles(store: &Store, query: &str) -> Vec<String> {
    all(store, query, &Wanted::default(), 10).await.into_iter().map(|h| h.found.title).collect()
}

#[tokio::test]
async fn what_the_ledger_writes_is_found_in_its_newest_state() {
    on_both(|bench| async move {
        let url = "https://a.example/1";
        let first = bench.page("a", found(url, "港口關閉", "渡輪停航，等待風暴過去。", true, &[])).await;
        bench.record(first.clone()).await;
        assert_eq!(titles(&bench.store, "渡轮停航").await, ["港口關閉"]);
        let mut again = first;
        again.findings = vec![found(url, "港口開放", "渡輪復航，風暴已經過去。", true, &[])];
        bench.record(again).await;
        assert!(titles(&bench.store, "停航").await.is_empty(), "what it said before is not searched");
        let hits = all(&bench.store, "渡轮 开放", &Wanted::default(), 10).await;
        assert_eq!(hits.len(), 1);
        let shown = |spans: &[tidings::search::Span]| -> String {
            spans.iter().map(|s| if s.found { format!("[{}]", s.text) } else { s.text.clone() }).collect()
        };
        assert_eq!(
            (shown(&hits[0].title), shown(&hits[0].excerpt)),
            ("港口[開放]".into(), "[渡輪]復航，風暴已經過去。".into())
        );
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_stored_before_there_was_search_is_indexed_in_the_background() {
    on_both(|bench| async move {
        let store = bench.store.clone();
        for n in 0..120 {
            let title = format!("第{n}次航班");
            let visit = bench.page("a", found(&format!("https://a.example/{n}"), &title, &title, true, &[])).await;
            bench.record(visit).await;
        }
        store.clear_words("an older version").await.unwrap();
        assert!(titles(&store, "航班").await.is_empty());
        let pages = std::cell::Cell::new(0);
        let stopped = || pages.replace(pages.get() + 1) >= 2;
        assert_eq!(ledger::index(&store, stopped).await.unwrap(), 50, "a page, then it was stopped");
        assert!(matches!(store.search_filled(&words_version()).await.unwrap(), Filled::From(from) if from > 1));
        assert_eq!(titles(&store, "航班").await.len(), 50, "the newest first");
        assert_eq!(ledger::index(&store, || false).await.unwrap(), 70, "it goes on where it was");
        assert_eq!(store.search_filled(&words_version()).await.unwrap(), Filled::All);
        assert_eq!(titles(&store, "航班").await.len(), 120);
        assert_eq!(ledger::index(&store, || false).await.unwrap(), 0, "and once only");
        bench.close().await;
    })
    .await;
}
