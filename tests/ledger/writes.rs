//! Stories, revisions, takedowns; what is told once and what holds nobody up.

use std::time::Duration;

use chrono::Utc;
use tidings::{
    model::{ChangeKind, Entry, Failure, FailureKind, Listing, ListingKind, Outcome},
    store::Store,
    telemetry::Bounds,
};

use crate::{
    bench::{Bench, found, later, on_both},
    support::TestDb,
};

#[tokio::test]
async fn the_same_text_at_two_outlets_is_one_story_told_once() {
    on_both(|bench| async move {
        let visit = bench.page("a", found("https://a.example/1", "题一", "同文", true, &["chip"])).await;
        bench.record(visit).await;
        let visit = bench.page("b", found("https://b.example/7", "題二", "同文", true, &["chip"])).await;
        bench.record(visit.clone()).await;
        bench.record(visit).await;
        let visit = bench.page("b", found("https://b.example/8", "题三", "同文", true, &["chip"])).await;
        bench.record(visit).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew, ChangeKind::StoryJoined]);
        let feed = bench.store.feed(Some("chip"), None, 10).await.unwrap();
        assert_eq!(feed.len(), 1);
        assert_eq!(feed[0].outlets.iter().map(|o| o.name.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(*bench.head.borrow(), 2);
        let written = bench.close().await;
        assert_eq!((written.articles_new, written.changes), (3, 2));
    })
    .await;
}

#[tokio::test]
async fn only_an_edit_of_title_or_text_is_a_revision() {
    on_both(|bench| async move {
        let visit = bench.page("a", found("https://a.example/1", "题", "文", true, &[])).await;
        bench.record(visit.clone()).await;
        bench.record(visit.clone()).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew]);
        let mut edited = visit.clone();
        edited.findings = vec![found("https://a.example/1", "题", "改文", true, &["chip"])];
        bench.record(edited).await;
        let mut retitled = visit.clone();
        retitled.findings = vec![found("https://a.example/1", "改题", "改文", true, &["chip"])];
        bench.record(retitled).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew, ChangeKind::ArticleRevised, ChangeKind::ArticleRevised]);
        let item = bench.store.feed(Some("chip"), None, 10).await.unwrap().remove(0);
        assert_eq!((item.lead.revision, item.number), (3, 2), "it enters the feed with the edit that made it match");
        assert_eq!(bench.store.revisions(item.lead.id).await.unwrap().len(), 2);
        let one = bench.store.article(item.lead.id).await.unwrap().unwrap();
        assert_eq!((one.lead, one.outlets, one.matches), (item.lead, item.outlets, item.matches));
        assert!(bench.store.article(999).await.unwrap().is_none());
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_page_replaces_what_the_listing_said_without_noise() {
    on_both(|bench| async move {
        let mut visit = bench.page("a", found("https://a.example/1", "题", "摘要", false, &[])).await;
        visit.outcome = Outcome::NotArticle { reason: "login".into() };
        bench.record(visit.clone()).await;
        let mut page = visit.clone();
        page.outcome = Outcome::Ok;
        page.findings = vec![found("https://a.example/1", "题", "全文", true, &[])];
        bench.record(page).await;
        bench.record(visit).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew]);
        let item = bench.store.feed(None, None, 10).await.unwrap().remove(0);
        assert_eq!((item.lead.draft.text.as_str(), item.lead.revision), ("全文", 1));
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_listing_of_whole_articles_tells_each_once_and_skips_what_was_skipped() {
    on_both(|bench| async move {
        let mut first = bench.listing("a").await;
        let entries: Vec<Entry> =
            (0..5).map(|n| Entry::at(format!("https://a.example/{n}").parse().unwrap())).collect();
        first.listing = Some(Listing::of(ListingKind::Feed, entries.clone()));
        let finding = |n: usize| found(entries[n].link.as_str(), "题", &format!("文{n}"), false, &["chip"]);
        first.skipped = entries[3..].to_vec();
        first.findings = (0..3).map(finding).collect();
        bench.record(first.clone()).await;
        let mut second = first.clone();
        second.skipped.clear();
        second.findings = (0..5).map(finding).collect();
        bench.record(second).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew; 3]);
        let row = bench.store.sources().await.unwrap().remove(0);
        assert_eq!((row.entries_seen, row.entries_new, row.articles), (5, 0, 3));
        bench.store.delete_articles(later(Utc::now()), 99).await.unwrap();
        let mut third = first.clone();
        third.findings = (0..5).map(finding).collect();
        bench.record(third).await;
        assert_eq!(bench.kinds().await.len(), 3, "what retention deleted does not come back");
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_article_that_stays_away_is_gone_once() {
    on_both(|bench| async move {
        let visit = bench.page("a", found("https://a.example/1", "题", "文", true, &["chip"])).await;
        bench.record(visit.clone()).await;
        let mut missing = visit.clone();
        missing.findings.clear();
        missing.outcome = Outcome::Failed(Failure {
            kind: FailureKind::NotFound,
            status: Some(404),
            reason: "404".into(),
            retry_after_s: None,
        });
        bench.record(missing.clone()).await;
        assert_eq!(bench.kinds().await.len(), 1, "once may be an accident");
        missing.next_visit_at = None;
        bench.record(missing.clone()).await;
        bench.record(missing).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew, ChangeKind::ArticleGone]);
        assert_eq!(bench.store.changes(1, Some("chip"), 9).await.unwrap().len(), 1);
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_stored_holds_nobody_up_and_is_seen() {
    on_both(|bench| async move {
        let good = bench.page("a", found("https://a.example/1", "题", "文", true, &[])).await;
        let mut bad = bench.page("b", found("https://b.example/1", "题", "别文", true, &[])).await;
        // A source that the database does not know: no row may refer to it.
        bad.target.source = "nobody".into();
        let far = bench.page("a", found("https://a.example/2", "题", "又文", true, &[])).await;
        let receipts = [bench.deliver(good).await, bench.deliver(bad.clone()).await, bench.deliver(far).await];
        for receipt in receipts {
            tokio::time::timeout(Duration::from_secs(30), receipt).await.unwrap().unwrap();
        }
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew; 2]);
        let far = Utc::now() + chrono::TimeDelta::days(900);
        let targets = bench.store.due_targets("b.example", far, far, 9).await.unwrap();
        let noted = targets.iter().find(|t| t.id == bad.target.id).unwrap();
        assert_eq!(noted.failures, 1, "it is noted as a failed visit");
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_visit_that_changes_nothing_waits_for_nobody() {
    // SQLite has one writer whatever it writes; the lock is PostgreSQL's.
    let db = TestDb::postgres().await;
    let bench = Bench::on(&db).await;
    let visit = bench.page("a", found("https://a.example/1", "题", "文", true, &[])).await;
    bench.record(visit.clone()).await;
    let mut other = bench.store.begin().await.unwrap();
    other.lock_log().await.unwrap();
    bench.record(visit.clone()).await;
    let mut news = visit;
    news.findings = vec![found("https://a.example/1", "题", "改", true, &[])];
    let mut receipt = bench.deliver(news).await;
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut receipt).await.is_err(), "news waits for the lock");
    let bounds = Bounds { success_within: Duration::from_secs(1800), lag_max: Duration::from_secs(3600) };
    assert!(bench.pulse.troubles(Utc::now(), bounds).is_empty());
    let later = Utc::now() + chrono::TimeDelta::seconds(100);
    bench.pulse.claimed(later);
    let said = bench.pulse.troubles(later, bounds).join("; ");
    assert!(said.contains("the ledger"), "a statement that hangs is seen: {said}");
    other.commit().await.unwrap();
    receipt.await.unwrap();
    bench.close().await;
}

#[tokio::test]
async fn two_daemons_on_one_database_never_tell_a_story_twice() {
    for db in TestDb::both().await {
        let one = Bench::on(&db).await;
        let two = Bench::with(Store::open(&db.url).await.unwrap());
        let mut visits = vec![];
        for n in 0..20 {
            let text = format!("文{n}");
            visits.push((
                one.page("a", found(&format!("https://a.example/{n}"), "题", &text, true, &["chip"])).await,
                one.page("b", found(&format!("https://b.example/{n}"), "题", &text, true, &["chip"])).await,
            ));
        }
        let mut receipts = vec![];
        for (a, b) in visits {
            receipts.push(one.deliver(a).await);
            receipts.push(two.deliver(b).await);
        }
        for receipt in receipts {
            receipt.await.unwrap();
        }
        let kinds = one.kinds().await;
        assert_eq!(kinds.iter().filter(|k| **k == ChangeKind::StoryNew).count(), 20, "on {}", db.name);
        assert_eq!(kinds.iter().filter(|k| **k == ChangeKind::StoryJoined).count(), 20);
        assert_eq!(one.store.feed(Some("chip"), None, 500).await.unwrap().len(), 20);
        two.close().await;
        one.close().await;
    }
}

/// Digests of another version say nothing of the text.
#[tokio::test]
async fn a_text_is_the_same_though_another_version_told_its_identity() {
    on_both(|bench| async move {
        let text = "港口的渡轮在周五恢复运营，票价不变。".repeat(12);
        let old = found("https://a.example/1", "题", &text, true, &[]);
        let told = |text: &str| tidings::model::Finding {
            digest: tidings::fingerprint::digest("题", text),
            ..found("https://a.example/1", "题", text, true, &[])
        };
        assert_ne!(old.digest.as_bytes()[0], told(&text).digest.as_bytes()[0], "of another version");
        for finding in [old, told(&text), told(&text)] {
            let visit = bench.page("a", finding).await;
            bench.record(visit).await;
            assert_eq!(bench.kinds().await, [ChangeKind::StoryNew]);
        }
        let copy = tidings::model::Finding {
            digest: told(&text).digest,
            ..found("https://b.example/1", "题", &text, true, &[])
        };
        let visit = bench.page("b", copy).await;
        bench.record(visit).await;
        let visit = bench.page("a", told(&format!("{text}更正。"))).await;
        bench.record(visit).await;
        assert_eq!(bench.kinds().await[1..], [ChangeKind::StoryJoined, ChangeKind::ArticleRevised]);
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_an_older_version_stored_is_known_again() {
    on_both(|bench| async move {
        // Too short to be known by its likeness.
        let text = "港口的渡轮在周五恢复运营。";
        let old = bench.page("a", found("https://a.example/1", "题", text, true, &[])).await;
        bench.record(old).await;
        assert_eq!(tidings::ledger::restamp(&bench.store, || false).await.unwrap(), 1);
        assert_eq!(tidings::ledger::restamp(&bench.store, || false).await.unwrap(), 0, "once is enough");
        let digest = tidings::fingerprint::digest("题", text);
        let copy = tidings::model::Finding { digest, ..found("https://b.example/1", "题", text, true, &[]) };
        let visit = bench.page("b", copy).await;
        bench.record(visit).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew, ChangeKind::StoryJoined]);
        bench.close().await;
    })
    .await;
}
