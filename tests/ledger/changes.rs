//! What changes around a visit while it is on its way: pages that turn away, entries behind one address, retention, topics.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use tidings::{
    model::{ChangeKind, CharsetFacts, Decided, Entry, Health, Listing, ListingKind, Outcome, Past, TargetKind},
    store::{self, Turn},
    topic::Queries,
};

use crate::bench::{blank, found, later, on_both, source};

#[tokio::test]
async fn what_stands_in_for_a_page_that_turns_us_away_is_told() {
    on_both(|bench| async move {
        let mut turned_away = bench.page("a", found("https://a.example/1", "题", "摘要", false, &["chip"])).await;
        turned_away.outcome = Outcome::NotArticle { reason: "login".into() };
        bench.record(turned_away).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew]);
        assert_eq!(bench.store.feed(Some("chip"), None, 9).await.unwrap().len(), 1);
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn entries_behind_one_address_are_an_article_each() {
    on_both(|bench| async move {
        let mut visit = bench.listing("a").await;
        let part = |n: usize| {
            let mut finding =
                found("https://a.example/releases", &format!("第{n}版"), &format!("文{n}"), false, &["chip"]);
            finding.part = Some(format!("guid {n}"));
            finding
        };
        visit.findings = (0..3).map(part).collect();
        bench.record(visit.clone()).await;
        visit.findings = (0..4).map(part).collect();
        bench.record(visit).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew; 4]);
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn one_finding_told_twice_in_a_listing_is_one_article() {
    on_both(|bench| async move {
        let mut visit = bench.listing("a").await;
        visit.findings =
            ["甲文", "乙文"].map(|text| found("https://a.example/1", "题", text, false, &["chip"])).to_vec();
        bench.record(visit.clone()).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew]);
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_page_of_a_deleted_article_is_not_visited_again_and_would_not_be_told() {
    on_both(|bench| async move {
        let visit = bench.page("a", found("https://a.example/1", "题", "文", true, &["chip"])).await;
        bench.record(visit.clone()).await;
        assert_eq!(bench.store.delete_articles(later(Utc::now()), 9).await.unwrap(), 1);
        let far = Utc::now() + TimeDelta::days(900);
        let due = bench.store.due_targets("a.example", far, far, 99).await.unwrap();
        assert!(due.iter().all(|t| t.kind == TargetKind::Listing), "{due:?}");
        // One that was already on its way.
        let mut late = visit;
        late.target.last_success_at = Some(Utc::now());
        late.findings = vec![found("https://a.example/1", "题", "文", true, &["chip"])];
        bench.record(late).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew], "told once, before it was deleted");
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_source_that_leaves_and_comes_back_visits_what_it_still_owes() {
    on_both(|bench| async move {
        let mut listing = bench.listing("a").await;
        listing.wanted = vec![Entry::at("https://a.example/owed".parse().unwrap())];
        listing.skipped = vec![Entry::at("https://a.example/skipped".parse().unwrap())];
        bench.record(listing.clone()).await;
        bench.store.sync_sources(&[source("b")], Utc::now()).await.unwrap();
        // A visit of the source was under way when it left.
        listing.wanted = vec![Entry::at("https://a.example/late".parse().unwrap())];
        listing.skipped.clear();
        bench.record(listing).await;
        let far = Utc::now() + TimeDelta::days(900);
        let due = || async { bench.store.due_targets("a.example", far, far, 99).await.unwrap() };
        assert!(due().await.is_empty(), "nothing of a removed source is visited");
        bench.store.sync_sources(&[source("a"), source("b")], Utc::now()).await.unwrap();
        let mut urls: Vec<String> = due().await.iter().map(|t| t.url.path().to_owned()).collect();
        urls.sort();
        assert_eq!(urls, ["/late", "/list", "/owed"], "and what was skipped stays skipped");
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn other_settings_of_a_source_have_everything_read_anew() {
    on_both(|bench| async move {
        let visit = bench.page("a", found("https://a.example/1", "题", "文", true, &[])).await;
        let mut good = bench.listing("a").await;
        good.http = Some(tidings::model::HttpFacts { etag: Some("\"1\"".into()), ..Default::default() });
        good.wanted = vec![Entry::at("https://a.example/never".parse().unwrap())];
        bench.record(good).await;
        bench.record(visit).await;
        let mut given_up = blank(
            bench
                .store
                .due_targets("a.example", later(Utc::now()), later(Utc::now()), 99)
                .await
                .unwrap()
                .into_iter()
                .find(|t| t.url.path() == "/never")
                .unwrap(),
        );
        given_up.outcome = Outcome::NotArticle { reason: "nothing in it".into() };
        given_up.next_visit_at = None;
        bench.record(given_up).await;
        let now = Utc::now() + TimeDelta::seconds(1);
        let due = || async {
            let rows = bench.store.due_targets("a.example", now, later(now), 99).await.unwrap();
            rows.into_iter().map(|t| (t.url.path().to_owned(), t.etag, t.failures)).collect::<Vec<_>>()
        };
        bench.store.sync_sources(&[source("a"), source("b")], now).await.unwrap();
        assert_eq!(due().await, [], "the same settings change nothing");
        let mut other = source("a");
        other.charset = Some("gbk".into());
        bench.store.sync_sources(&[other, source("b")], now).await.unwrap();
        assert_eq!(due().await, [("/list".into(), None, 0), ("/never".into(), None, 0)]);
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_another_clock_planned_for_the_far_future_is_due() {
    on_both(|bench| async move {
        let mut visit = bench.listing("a").await;
        visit.next_visit_at = Some(Utc::now() + TimeDelta::days(5000));
        bench.record(visit).await;
        let now = Utc::now();
        bench.store.sync_sources(&[source("a"), source("b")], now).await.unwrap();
        assert!(
            bench
                .store
                .due_hosts(&mut Turn::thorough(), now, later(now), 9)
                .await
                .unwrap()
                .contains(&"a.example".to_owned())
        );
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_topic_that_is_gone_takes_no_visit_down_with_it() {
    on_both(|mut bench| async move {
        let visit = bench.page("a", found("https://a.example/1", "题", "文", true, &["chip", "gone"])).await;
        bench.queries = Arc::new(Queries::from([("chip".into(), crate::bench::CHIP), ("gone".into(), [7; 32])]));
        bench.record(visit).await;
        assert_eq!(bench.store.changes(0, None, 9).await.unwrap()[0].topics, ["chip"]);
        bench.close().await;
    })
    .await;
}

/// A listing of these addresses, read as its source says unless it is `broken`.
fn listed(urls: &[&str], broken: Option<&str>) -> Listing {
    let entries = urls.iter().map(|u| Entry::at(u.parse().unwrap())).collect();
    Listing { broken: broken.map(Into::into), ..Listing::of(ListingKind::Recipe, entries) }
}

#[tokio::test]
async fn a_listing_that_was_only_partly_read_says_so_in_its_state() {
    on_both(|bench| async move {
        let mut visit = bench.listing("a").await;
        visit.listing = Some(listed(&[], None));
        visit.problems = vec![tidings::model::Problem::new("recipe", "container gone"); 3];
        bench.record(visit).await;
        let row = bench.store.sources().await.unwrap().remove(0);
        assert_eq!(row.reason.as_deref(), Some("recipe: container gone (and 2 more problems)"));
        assert_eq!((row.failures, row.outcome.as_deref()), (0, Some("ok")));
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn the_last_visits_of_a_source_are_remembered_and_no_more() {
    on_both(|bench| async move {
        let page = bench.page("a", found("https://a.example/1", "题", "文", true, &[])).await;
        bench.record(page).await;
        for n in 0..store::VISITS_KEPT + 5 {
            let mut visit = bench.listing("a").await;
            visit.duration_ms = u64::try_from(n).unwrap();
            visit.charset = Some(CharsetFacts {
                header: Some("gb2312".into()),
                document: None,
                used: "GBK".into(),
                decided: Decided::Header,
                garbled: 0.25,
            });
            bench.record(visit).await;
        }
        let all = bench.store.visits("a", None).await.unwrap();
        assert_eq!(all.iter().filter(|v| v.kind == "article").count(), 1, "pages are not pushed out by listings");
        let listings = bench.store.visits("a", Some(TargetKind::Listing)).await.unwrap();
        assert_eq!(listings.len() as i64, store::VISITS_KEPT);
        assert_eq!(listings[0].duration_ms, store::VISITS_KEPT + 4, "newest first");
        let (used, decided) = (listings[0].charset_used.as_deref(), listings[0].charset_decided.as_deref());
        assert_eq!((used, decided, listings[0].garbled), (Some("GBK"), Some("header"), Some(0.25)));
        assert!(bench.store.visits("b", None).await.unwrap().is_empty());
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_listing_was_like_is_remembered_while_it_is_broken() {
    on_both(|bench| async move {
        let urls = ["https://a.example/n/1.html", "https://a.example/n/22.html", "https://a.example/about"];
        let mut visit = bench.listing("a").await;
        assert_eq!(visit.target.past, Past::default());
        visit.listing = Some(listed(&urls, None));
        visit.listing.as_mut().unwrap().documents = vec!["https://a.example/feed".into()];
        bench.record(visit).await;
        let documents = vec!["https://a.example/feed".to_owned()];
        let mut visit = bench.listing("a").await;
        let shapes = vec!["a.example/n/0.html".to_owned(), "a.example/about".into()];
        assert_eq!(
            visit.target.past,
            Past {
                health: Some(Health::Ok),
                shapes: shapes.clone(),
                documents: documents.clone(),
                ..visit.target.past.clone()
            }
        );
        let since = bench.store.sources().await.unwrap().remove(0).health_since;
        visit.listing = Some(listed(&["https://a.example/x/y"], Some("container gone")));
        bench.record(visit).await;
        let mut visit = bench.listing("a").await;
        assert_eq!(
            visit.target.past,
            Past { health: Some(Health::SelectorBroken), shapes, documents, ..visit.target.past.clone() }
        );
        let broken = bench.store.sources().await.unwrap().remove(0);
        assert_eq!(broken.health.as_deref(), Some("selector_broken"));
        assert!(broken.health_since > since);
        // An answer that is unchanged is as broken as before, and since then.
        visit.outcome = Outcome::NotModified;
        bench.record(visit).await;
        let still = bench.store.sources().await.unwrap().remove(0);
        assert_eq!((still.health, still.health_since), (broken.health, broken.health_since));
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn how_often_something_is_new_is_remembered() {
    on_both(|bench| async move {
        for n in 0..3 {
            let url = format!("https://a.example/{n}");
            let mut visit = bench.listing("a").await;
            visit.listing = Some(listed(&[&url], None));
            visit.wanted = vec![Entry::at(url.parse().unwrap())];
            if n == 2 {
                // As if the last one had come an hour ago, and the others every ten minutes.
                visit.target.past.last_new_at = Some(Utc::now() - TimeDelta::hours(1));
                visit.target.past.news_every_s = Some(600);
            }
            bench.record(visit).await;
        }
        let row = bench.store.sources().await.unwrap().remove(0);
        assert_eq!(row.news_every_s.map(|s| s / 10), Some(120), "a fifth of the way from ten minutes to an hour");
        let mut quiet = bench.listing("a").await;
        quiet.listing = Some(listed(&["https://a.example/0"], None));
        bench.record(quiet).await;
        let same = bench.store.sources().await.unwrap().remove(0);
        assert_eq!((same.news_every_s, same.last_new_at), (row.news_every_s, row.last_new_at));
        bench.close().await;
    })
    .await;
}
