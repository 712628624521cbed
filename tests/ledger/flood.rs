//! A site that gives its articles new addresses is not told anew.

use chrono::{TimeDelta, Utc};
use tidings::{
    ledger::{Settings, retain},
    model::{ChangeKind, Entry, Finding, Listing, ListingKind},
    store::Order,
};

use crate::bench::{Bench, found, on_both};

const OLD: usize = 8;

fn title(n: usize) -> String {
    format!("第{n}号泊位今天启用")
}

/// Stores articles from their pages, and one visit of the listing that succeeded.
async fn furnish(bench: &Bench) {
    for n in 0..OLD {
        let page = found(&format!("https://a.example/old/{n}"), &title(n), &format!("正文{n}"), true, &["chip"]);
        let visit = bench.page("a", page).await;
        bench.record(visit).await;
    }
}

/// The titles of before and one more, under new addresses.
fn listed() -> Vec<Entry> {
    let mut all: Vec<String> = (0..OLD).map(title).collect();
    all.insert(0, "从未有过的标题".into());
    let entry = |(n, title): (usize, String)| Entry {
        title: Some(title),
        ..Entry::at(format!("https://a.example/new/{n}.html").parse().unwrap())
    };
    all.into_iter().enumerate().map(entry).collect()
}

async fn waiting(bench: &Bench) -> usize {
    let now = Utc::now() + TimeDelta::minutes(1);
    let due = bench.store.due_targets("a.example", now, now, 100).await.unwrap();
    due.iter().filter(|t| t.url.path().starts_with("/new/")).count()
}

#[tokio::test]
async fn pages_with_known_titles_are_held_back_until_an_operator_decides() {
    on_both(|bench| async move {
        furnish(&bench).await;
        let mut visit = bench.listing("a").await;
        visit.listing = Some(Listing::of(ListingKind::Portal, listed()));
        visit.wanted = listed();
        bench.record(visit.clone()).await;
        assert_eq!(waiting(&bench).await, 1, "what is really new is visited");
        let row = bench.store.sources().await.unwrap().remove(0);
        assert_eq!((row.held, row.entries_new), (8, 1));
        assert!(row.held_since.is_some());
        bench.record(visit).await;
        assert_eq!(bench.store.sources().await.unwrap().remove(0).held, 8, "they are known now");

        assert_eq!(bench.store.order("a", Order::Release, Utc::now()).await.unwrap(), 8);
        assert_eq!(waiting(&bench).await, 9);
        assert_eq!(bench.store.sources().await.unwrap().remove(0).held, 0);
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn articles_that_a_feed_carries_whole_are_held_back_as_well() {
    on_both(|bench| async move {
        furnish(&bench).await;
        let mut visit = bench.listing("a").await;
        let carried = |e: &Entry| -> Finding {
            found(e.link.as_str(), e.title.as_deref().unwrap(), &format!("另一种正文 {}", e.link), false, &["chip"])
        };
        visit.findings = listed().iter().map(carried).collect();
        visit.listing = Some(Listing::of(ListingKind::Feed, listed()));
        let before = bench.kinds().await.len();
        bench.record(visit).await;
        assert_eq!(bench.kinds().await[before..], [ChangeKind::StoryNew], "only the new one is told");
        assert_eq!(bench.store.sources().await.unwrap().remove(0).held, 8);

        // Nobody says a word: after a week they count as seen, and are never told.
        let later = Utc::now() + TimeDelta::days(8);
        retain(&bench.store, &Settings::default(), later).await.unwrap();
        assert_eq!(bench.store.sources().await.unwrap().remove(0).held, 0);
        assert_eq!(waiting(&bench).await, 0);
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn titles_that_only_the_list_had_are_known_as_well() {
    on_both(|bench| async move {
        for n in 0..OLD {
            let own = format!("港口专题之{n}：另起的大标题");
            let page = found(&format!("https://a.example/old/{n}"), &own, &format!("正文{n}"), true, &[]);
            let visit = bench.page_listed("a", page, Some(title(n))).await;
            bench.record(visit).await;
        }
        let mut visit = bench.listing("a").await;
        visit.listing = Some(Listing::of(ListingKind::Portal, listed()));
        visit.wanted = listed();
        bench.record(visit).await;
        assert_eq!(bench.store.sources().await.unwrap().remove(0).held, 8);
        assert_eq!(waiting(&bench).await, 1, "what is really new is visited");
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_first_listing_is_no_flood() {
    on_both(|bench| async move {
        for n in 0..OLD {
            let carried = found(&format!("https://a.example/old/{n}"), &title(n), "同", false, &[]);
            let mut visit = bench.listing("a").await;
            visit.findings = vec![carried];
            bench.record(visit).await;
        }
        let mut visit = bench.listing("b").await;
        visit.target.last_success_at = None;
        visit.listing = Some(Listing::of(ListingKind::Portal, listed()));
        visit.wanted = listed();
        bench.record(visit).await;
        assert!(
            bench.store.sources().await.unwrap().iter().all(|s| s.held == 0),
            "titles of another source say nothing"
        );
        bench.close().await;
    })
    .await;
}
