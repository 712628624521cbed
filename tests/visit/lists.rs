//! Lists that change under their recipe, and what is read with them.

use super::*;
use tidings::model::ListingKind;

#[tokio::test]
async fn a_list_whose_selectors_no_longer_fit_is_read_if_it_is_like_the_one_before() {
    let mut bench = Bench::new().await;
    bench.source.recipe = tidings::model::Recipe::default();
    bench.source.recipe.list.item = Some("ul.list > li".into());
    let past = |shapes: &[&str]| Past {
        health: None,
        shapes: shapes.iter().map(|s| format!("127.0.0.1{s}")).collect(),
        documents: vec![],
        ..Past::default()
    };
    for (path, past, entries, health) in [
        ("/list?good", past(&[]), 5, Health::Ok),
        ("/list?empty", past(&["/a/0.html"]), 0, Health::Ok),
        ("/list?gone", past(&["/a/0.html"]), 5, Health::SelectorBroken),
        ("/list?gone", past(&[]), 5, Health::SelectorBroken),
        ("/list?other", past(&["/a/0.html"]), 0, Health::SelectorBroken),
    ] {
        let mut target = bench.target(path, TargetKind::Listing);
        target.past = past;
        let visit = bench.visit(target).await;
        assert_eq!((visit.wanted.len(), visit.health()), (entries, health), "{path}: {:?}", visit.problems);
        assert_eq!(visit.note().is_some(), path != "/list?good", "{path}");
    }
    // The container stands, and what it held is somewhere else on the page.
    bench.source.recipe.list.item = Some("body > p.gone".into());
    let mut target = bench.target("/list?good", TargetKind::Listing);
    target.past = past(&["/a/0.html"]);
    let visit = bench.visit(target).await;
    assert_eq!((visit.wanted.len(), visit.health()), (5, Health::SelectorBroken));
}

#[tokio::test]
async fn announced_feeds_are_read_as_the_source_wants() {
    let mut bench = Bench::new().await;
    bench.source.recipe = tidings::model::Recipe::default();
    for (announced, entries) in [(Announced::Ignore, 5), (Announced::Prefer, 20), (Announced::Merge, 25)] {
        bench.source.announced = announced;
        let mut target = bench.target("/list?feed", TargetKind::Listing);
        target.last_success_at = Some(now());
        let visit = bench.visit(target).await;
        assert_eq!(visit.listing.as_ref().unwrap().entries.len(), entries, "{announced:?}");
        assert_eq!(visit.problems, [], "{announced:?}");
        let validators = visit.http.as_ref().and_then(|h| h.etag.clone());
        assert_eq!(validators, None, "the page being unchanged would say nothing of the feed");
        let preferred = announced == Announced::Prefer;
        assert_eq!(
            visit.skipped.len(),
            if preferred {
                5 + 10
            } else if announced == Announced::Merge {
                10
            } else {
                0
            }
        );
    }
}

#[tokio::test]
async fn where_a_page_comes_for_a_feed_the_announced_one_is_read() {
    let mut bench = Bench::new().await;
    bench.source.kind = tidings::model::SourceKind::Feed;
    let visit = bench.visit(bench.target("/list?feed", TargetKind::Listing)).await;
    assert_eq!(visit.listing.as_ref().unwrap().entries.len(), 30);
    assert!(visit.note().unwrap().contains("a page of HTML came"), "and it is said: {:?}", visit.problems);
    let visit = bench.visit(bench.target("/list?good", TargetKind::Listing)).await;
    assert_eq!(visit.listing.as_ref().unwrap().entries.len(), 5, "where none is announced, the page is");
}

#[tokio::test]
async fn an_index_of_sitemaps_is_followed_and_gzip_unpacked_within_bounds() {
    let bench = Bench::new().await;
    let visit = bench.visit(bench.target("/index", TargetKind::Listing)).await;
    let mut paths: Vec<_> = visit.wanted.iter().map(|e| e.link.path()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/a/1", "/a/2", "/a/3"], "{:?}", visit.problems);
    let bomb = bench.visit(bench.target("/bomb.gz", TargetKind::Listing)).await;
    assert_eq!(bomb.outcome.as_str(), "too_large", "{:?}", bomb.outcome);
    // A sitemap that is read for the first time later brings what a first visit takes; the rest counts as seen.
    let mut bench = bench;
    bench.source.first_visit = 1;
    let mut later = bench.target("/index", TargetKind::Listing);
    (later.last_success_at, later.past.documents) = (Some(now()), vec![format!("{}/s2.xml.gz", bench.base)]);
    let visit = bench.visit(later).await;
    let mut skipped: Vec<_> = visit.skipped.iter().map(|e| e.link.path()).collect();
    skipped.sort_unstable();
    assert_eq!((visit.wanted.len(), skipped), (3, vec!["/a/2"]), "one of s1, and s2 as always");
    let lost = bench.visit(bench.target("/index?lost", TargetKind::Listing)).await;
    assert_eq!(
        (lost.outcome.as_str(), lost.health()),
        ("not_found", Health::Failing),
        "an index of nothing is no success"
    );
}

#[tokio::test]
async fn the_feeds_of_an_outline_are_read_for_it() {
    let bench = Bench::new().await;
    let visit = bench.visit(bench.target("/outline", TargetKind::Listing)).await;
    let listing = visit.listing.as_ref().unwrap();
    assert_eq!((listing.kind, listing.title.as_deref(), listing.entries.len()), (ListingKind::Opml, Some("一览"), 31));
    assert_eq!((listing.entries[0].title.as_deref(), listing.entries[0].link.path()), (Some("专题"), "/one"));
    assert!(listing.entries[0].published.is_some());
    let told = visit.problems.iter().any(|p| p.message.contains("feed") && p.message.contains("/none.xml"));
    assert!(told, "{:?}", visit.problems);
}

#[tokio::test]
async fn a_page_that_keeps_programs_out_is_no_empty_list() {
    let mut bench = Bench::new().await;
    for (recipe, kind) in [
        (presets::get("discuz").unwrap(), tidings::model::SourceKind::Auto),
        (tidings::model::Recipe::default(), tidings::model::SourceKind::Feed),
    ] {
        (bench.source.recipe, bench.source.kind) = (recipe, kind);
        for (path, says) in [("/keep-out?test", "a test for browsers"), ("/keep-out?login", "a login")] {
            let visit = bench.visit(bench.target(path, TargetKind::Listing)).await;
            assert_eq!((visit.outcome.as_str(), visit.health()), ("blocked", Health::Blocked), "{path}");
            assert!(visit.outcome.reason().unwrap().contains(says), "{:?}", visit.outcome);
            assert!(visit.next_visit_at.is_some(), "it is tried again");
        }
    }
    let visit = bench.visit(bench.target("/list?empty", TargetKind::Listing)).await;
    assert_eq!(visit.health(), Health::Failing, "a page without a list is no feed");
}

#[tokio::test]
async fn a_list_from_which_all_is_gone_is_told_from_one_that_was_always_empty() {
    let mut bench = Bench::new().await;
    bench.source.recipe = tidings::model::Recipe::default();
    let mut target = bench.target("/list?empty", TargetKind::Listing);
    let visit = bench.visit(target.clone()).await;
    assert_eq!(visit.health(), Health::Ok);
    assert!(visit.note().unwrap().contains("no list of articles"), "{:?}", visit.note());
    target.past.pace.marks = vec![1, 2, 3];
    let visit = bench.visit(target).await;
    assert_eq!(visit.health(), Health::Failing);
    assert!(visit.outcome.reason().unwrap().contains("any more"), "{:?}", visit.outcome);
}
