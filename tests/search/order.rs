//! Everything that holds what is asked for, once, in one order, whatever the database and the size of a page.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use tidings::model::{Digest, Draft, Match};
use tidings::search::{Query, words};
use tidings::store::{NewArticle, Store, Wanted};

use crate::all;
use crate::bench::{found, source};
use crate::support::TestDb;

/// Articles: more than are ranked together.
const ARTICLES: u64 = 2100;

/// Numbers without rhyme that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % n).unwrap()
    }

    /// Words of few characters, so that each pair occurs often and in many neighbourhoods.
    fn text(&mut self, length: usize) -> String {
        const PARTS: [&str; 16] = [
            "渡",
            "輪",
            "轮",
            "港",
            "口",
            "复",
            "航",
            "，",
            " ferry ",
            " ferries ",
            " port",
            "-",
            "。",
            "米",
            "價",
            "价",
        ];
        (0..length).map(|_| PARTS[self.below(16)]).collect()
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000 + seconds, 0).unwrap()
}

fn drafts() -> Vec<Draft> {
    let mut dice = Dice(7);
    let draft = |n| {
        let (title, text) = (dice.below(9) + 2, dice.below(60));
        let (title, text) = (dice.text(title), dice.text(text));
        found(&format!("https://a.example/{n}"), &title, &text, true, &[]).draft
    };
    (0..ARTICLES).map(draft).collect()
}

/// Stores all of them as the ledger does, in few transactions; every third is `b`'s, every fourth is matched by `chip`.
async fn stored(db: &TestDb, drafts: &[Draft]) -> Store {
    let store = Store::open(&db.url).await.unwrap();
    store.sync_sources(&[source("a"), source("b")], at(0)).await.unwrap();
    store.sync_topics(&[("chip".into(), "Chips".into(), vec![1])], at(0)).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    for (n, draft) in (1_i64..).zip(drafts) {
        let source = if n % 3 == 0 { "b" } else { "a" };
        let mut digest = Digest([0; 33]);
        digest.0[..8].copy_from_slice(&n.to_be_bytes());
        let story = tx.add_story(n, at(n)).await.unwrap();
        let new = NewArticle { source, target: None, key: draft.url.as_str(), draft, digest };
        let id = tx.add_article(story, new, at(n)).await.unwrap();
        if n % 4 == 0 {
            let matched = Match { topic: "chip".into(), score: 1.0, evidence: vec![] };
            tx.set_matches(id, story, &[matched], n, at(n)).await.unwrap();
        }
        tx.set_words(id, &words(&draft.title, &draft.text)).await.unwrap();
    }
    tx.commit().await.unwrap();
    store
}

/// What must be found, by looking at everything: (held by the headline, number, score).
fn expected(drafts: &[Draft], query: &str, keep: impl Fn(i64) -> bool) -> Vec<(bool, i64, u32)> {
    let query = Query::parse(query).unwrap();
    let weighed = (1..).zip(drafts).filter(|(n, _)| keep(*n));
    weighed.filter_map(|(n, d)| query.weigh(&d.title, &d.text).map(|w| (w.in_title, n, w.score))).collect()
}

#[tokio::test]
async fn everything_is_found_once_in_one_order_on_both_databases() {
    let drafts = drafts();
    let mut orders: Vec<Vec<Vec<i64>>> = vec![];
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let store = stored(&db, &drafts).await;
        let (mut of_this, mut unordered) = (vec![], 0);
        for query in
            ["渡轮", "渡輪港", "\"ferry port\"", "fer* 港口", "米", "渡轮复航 价", "port口", "ferry", "渡轮 渡轮港口"]
        {
            let hits = all(&store, query, &Wanted::default(), 500).await;
            let got: Vec<(bool, i64, u32)> =
                hits.iter().map(|h| (h.weight.in_title, h.found.id, h.weight.score)).collect();
            let mut sorted = got.clone();
            sorted.sort_by_key(|g| g.1);
            assert_eq!(sorted, expected(&drafts, query, |_| true), "{query}");
            assert!(got.is_sorted_by_key(|g| Reverse(g.0)), "{query}: headlines first");
            for in_title in [true, false] {
                let ordered = got.iter().filter(|g| g.0 == in_title).is_sorted_by_key(|g| Reverse((g.2, g.1)));
                let tokens = Query::parse(query).unwrap().lookups();
                let tokens = tokens.iter().map(|t| if in_title { t.in_title() } else { t.clone() }).collect();
                let wanted = Wanted { tokens, ..Wanted::default() };
                let candidates = store.search(&wanted, i64::MAX, 9999).await.unwrap().len();
                // Of more than are ranked together, the newest are ranked first.
                assert!(ordered || candidates > 1000, "{query}: {candidates}");
                unordered += usize::from(!ordered);
            }
            for limit in if query == "渡輪港" { [7, 100] } else { [300, 450] } {
                let paged: Vec<i64> =
                    all(&store, query, &Wanted::default(), limit).await.iter().map(|h| h.found.id).collect();
                assert!(paged.iter().eq(got.iter().map(|g| &g.1)), "{query} by pages of {limit}");
            }
            of_this.push(got.into_iter().map(|g| g.1).collect());
        }
        assert!(unordered > 0, "some query finds more than are ranked together");
        orders.push(of_this);
        let narrow = Wanted {
            source: Some("b".into()),
            topic: Some("chip".into()),
            since: Some(at(300)),
            until: Some(at(2000)),
            ..Wanted::default()
        };
        let mut got: Vec<i64> = all(&store, "渡轮", &narrow, 50).await.iter().map(|h| h.found.id).collect();
        got.sort_unstable();
        let kept = |n: i64| n % 12 == 0 && (300..2000).contains(&n);
        assert_eq!(got, expected(&drafts, "渡轮", kept).iter().map(|e| e.1).collect::<Vec<_>>());
        assert!(got.len() > 10);
        store.close().await;
    }
    assert!(orders[0] == orders[1], "one order");
    let counts: Vec<usize> = orders[0].iter().map(Vec::len).collect();
    assert!(counts.iter().all(|n| *n > 0) && counts.iter().any(|n| *n > 1000), "{counts:?}");
}

#[tokio::test]
async fn articles_that_arrive_between_two_pages_move_nothing() {
    let drafts = drafts();
    let db = TestDb::sqlite();
    let store = stored(&db, &drafts[..60]).await;
    let query = Query::parse("渡").unwrap();
    let (whole, _) = tidings::serve::seek(&store, &query, &Wanted::default(), None, 500).await.unwrap();
    let (first, place) = tidings::serve::seek(&store, &query, &Wanted::default(), None, 5).await.unwrap();
    let draft = found("https://a.example/new", "渡渡渡", "渡", true, &[]).draft;
    let mut tx = store.begin().await.unwrap();
    let story = tx.add_story(9000, at(9000)).await.unwrap();
    let new = NewArticle { source: "a", target: None, key: "new", draft: &draft, digest: Digest([9; 33]) };
    let id = tx.add_article(story, new, at(9000)).await.unwrap();
    tx.set_words(id, &words(&draft.title, &draft.text)).await.unwrap();
    tx.commit().await.unwrap();
    let (rest, next) = tidings::serve::seek(&store, &query, &Wanted::default(), place, 500).await.unwrap();
    assert!(next.is_none() && whole.len() > 20);
    assert_eq!(first.into_iter().chain(rest).collect::<Vec<_>>(), whole);
    store.close().await;
}

#[tokio::test]
async fn articles_that_go_between_two_pages_take_no_other_with_them() {
    let drafts = drafts();
    for db in TestDb::both().await {
        let store = stored(&db, &drafts).await;
        let query = Query::parse("渡").unwrap();
        let page = async |place, limit| {
            let (hits, next) = tidings::serve::seek(&store, &query, &Wanted::default(), place, limit).await.unwrap();
            (hits.into_iter().map(|h| h.found.id).collect::<Vec<_>>(), next)
        };
        let mut whole = vec![];
        let (mut some, mut next) = page(None, 500).await;
        while let Some(place) = next {
            whole.append(&mut some);
            (some, next) = page(Some(place), 500).await;
        }
        whole.append(&mut some);
        let (mut got, mut next) = page(None, 100).await;
        // Some that were given, and some that were not, of windows in the middle and at the end.
        let gone = at(700);
        while let Some(place) = next {
            if got.len() > 900 {
                store.delete_articles(gone, 1).await.unwrap();
            }
            let (more, after) = page(Some(place), 100).await;
            got.extend(more);
            next = after;
        }
        let mut once = got.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), got.len(), "none twice");
        let left: Vec<i64> = store.search_shown(&whole).await.unwrap().iter().map(|f| f.id).collect();
        assert!(left.len() < whole.len() && left.iter().all(|id| got.contains(id)), "what is left was all given");
        store.close().await;
    }
}
