//! Copies that are not equal: joined on both databases, and taken apart again.

use chrono::{TimeDelta, Utc};
use tidings::{
    ledger::{self, Settings},
    model::ChangeKind,
};

use crate::bench::{Bench, found, later, on_both};

/// A text of its own for each `seed`.
fn text(seed: u32, chars: u32) -> String {
    let han = |n: u32| char::from_u32(0x4E00 + (n.wrapping_mul(2_654_435_761) >> 8) % 3000).unwrap();
    (0..chars).map(|n| han(seed * 100_000 + n)).collect()
}

async fn tell(bench: &Bench, source: &str, n: u32, text: &str) {
    let url = format!("https://{source}.example/{n}");
    let visit = bench.page(source, found(&url, &format!("题{n}"), text, true, &["chip"])).await;
    bench.record(visit).await;
}

#[tokio::test]
async fn a_shortened_or_extended_copy_is_the_same_story_and_others_are_not() {
    on_both(|bench| async move {
        let whole = text(1, 600);
        tell(&bench, "a", 1, &whole).await;
        tell(&bench, "b", 2, &text(1, 320)).await;
        tell(&bench, "b", 4, &text(2, 600)).await;
        tell(&bench, "b", 5, &format!("{}{}", text(3, 900), text(1, 150))).await;
        tell(&bench, "a", 6, &format!("{}{}", text(2, 600), text(9, 200))).await;
        use ChangeKind::{StoryJoined as Joined, StoryNew as New};
        assert_eq!(bench.kinds().await, [New, Joined, New, New, Joined]);
        let feed = bench.store.feed(Some("chip"), None, 9).await.unwrap();
        assert_eq!(feed.len(), 3);
        assert_eq!(feed[2].outlets.len(), 2, "both outlets are on it");
        let (_, members) = bench.store.story_at("https://a.example/1").await.unwrap().unwrap();
        let joined: Vec<String> = members.iter().map(|m| m.joined.clone().unwrap()).collect();
        assert_eq!(joined[0], "new");
        assert!(joined[1].starts_with("copy "), "{joined:?}");
        // What equals a copy joins without being looked at.
        tell(&bench, "a", 7, &text(1, 320)).await;
        let (_, members) = bench.store.story_at("https://a.example/1").await.unwrap().unwrap();
        assert_eq!(members[2].joined.as_deref(), Some("equal"));
        // An outlet that tells more of its own story tells news.
        tell(&bench, "a", 8, &format!("{whole}{}", text(8, 200))).await;
        assert_eq!(bench.kinds().await.last(), Some(&New));
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_join_that_was_wrong_can_be_undone_and_stays_undone() {
    on_both(|bench| async move {
        tell(&bench, "a", 1, &text(1, 600)).await;
        tell(&bench, "b", 2, &text(1, 400)).await;
        assert_eq!(bench.store.feed(Some("chip"), None, 9).await.unwrap().len(), 1);
        assert!(ledger::split(&bench.store, "https://a.example/none", Utc::now()).await.unwrap().is_none());
        let change = ledger::split(&bench.store, "https://b.example/2", Utc::now()).await.unwrap().unwrap();
        assert_eq!((change.number, change.kind, change.topics.len()), (3, ChangeKind::StoryNew, 1));
        let feed = bench.store.feed(Some("chip"), None, 9).await.unwrap();
        assert_eq!(feed.iter().map(|s| s.outlets.len()).collect::<Vec<_>>(), [1, 1], "a story each");
        assert_eq!(feed[0].lead.draft.url.path(), "/2");
        assert_eq!(feed[0].matches.len(), 1, "with its evidence");
        assert!(ledger::split(&bench.store, "https://b.example/2", Utc::now()).await.unwrap().is_none(), "it is alone");
        tell(&bench, "a", 3, &text(1, 400)).await;
        let (_, members) = bench.store.story_at("https://b.example/2").await.unwrap().unwrap();
        assert_eq!(members.len(), 2, "what equals it goes with it");
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn copies_are_looked_for_in_a_window_of_days() {
    on_both(|bench| async move {
        tell(&bench, "a", 1, &text(1, 600)).await;
        let settings = Settings { articles_kept: None, ..Settings::default() };
        ledger::retain(&bench.store, &settings, Utc::now() + TimeDelta::days(13)).await.unwrap();
        tell(&bench, "b", 2, &text(1, 400)).await;
        assert_eq!(bench.kinds().await.len(), 2);
        ledger::retain(&bench.store, &settings, Utc::now() + TimeDelta::days(33)).await.unwrap();
        tell(&bench, "b", 3, &text(1, 390)).await;
        assert_eq!(bench.kinds().await[2], ChangeKind::StoryNew, "it is too old to be the same");
        assert!(bench.store.delete_articles(later(Utc::now()), 9).await.unwrap() > 0);
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_split_takes_along_what_is_the_articles_own_and_no_more() {
    on_both(|mut bench| async move {
        let queries = [("chip", crate::bench::CHIP), ("port", [2; 32])].map(|(id, q)| (id.to_owned(), q));
        let topics: Vec<_> = queries.iter().map(|(id, q)| (id.clone(), id.to_uppercase(), q.to_vec())).collect();
        bench.store.sync_topics(&topics, Utc::now()).await.unwrap();
        bench.queries = std::sync::Arc::new(queries.into());
        tell(&bench, "a", 1, &text(1, 600)).await;
        tell(&bench, "b", 2, &text(1, 400)).await;
        // Equal to the one that is split, and matched by another topic.
        let visit = bench.page("b", found("https://b.example/3", "题", &text(1, 400), true, &["port"])).await;
        bench.record(visit).await;
        // The text of another story, which the article takes on by an edit.
        tell(&bench, "a", 4, &text(5, 600)).await;
        let change = ledger::split(&bench.store, "https://b.example/2", Utc::now()).await.unwrap().unwrap();
        assert_eq!(change.topics, ["chip", "port"], "every topic hears of the story that it gained");
        let mut edit = bench.page("b", found("https://b.example/9", "题9", &text(1, 420), true, &[])).await;
        bench.record(edit.clone()).await;
        edit.findings = vec![found("https://b.example/9", "题9", &text(5, 600), true, &[])];
        bench.record(edit).await;
        ledger::split(&bench.store, "https://b.example/9", Utc::now()).await.unwrap();
        tell(&bench, "b", 10, &text(5, 600)).await;
        let (_, members) = bench.store.story_at("https://a.example/4").await.unwrap().unwrap();
        assert_eq!(members.len(), 2, "the text stays with the story that told it first");
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_stands_under_every_article_makes_no_copies() {
    on_both(|bench| async move {
        let furniture = text(90, 700);
        let brief = |seed: u32| format!("{}\n{furniture}", text(seed, 110));
        for n in 1..=4 {
            tell(&bench, "a", n, &brief(n)).await;
        }
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew; 4], "of one outlet, that much alike is no copy");
        tell(&bench, "b", 5, &brief(5)).await;
        assert_eq!(
            bench.kinds().await[4..],
            [ChangeKind::StoryNew],
            "nor of another, once it is known what they share"
        );
        tell(&bench, "b", 6, &format!("{}增补\n{furniture}", text(2, 110))).await;
        assert_eq!(bench.kinds().await[5..], [ChangeKind::StoryJoined], "a copy is one all the same");
        // A daemon that begins reads what is stored.
        let store = bench.store.clone();
        bench.end().await;
        let bench = Bench::with(store);
        tell(&bench, "b", 7, &brief(7)).await;
        assert_eq!(bench.kinds().await[6..], [ChangeKind::StoryNew]);
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn one_paper_of_origin_helps_but_never_decides() {
    on_both(|bench| async move {
        let from = |n: u32, text: &str, origin: Option<&str>| {
            let mut finding = found(
                &format!("https://{}.example/{n}", if n == 1 { "a" } else { "b" }),
                &format!("题{n}"),
                text,
                true,
                &[],
            );
            finding.draft.origin = origin.map(str::to_owned);
            finding
        };
        let record = async |source: &str, finding| {
            let visit = bench.page(source, finding).await;
            bench.record(visit).await;
        };
        // As much of it is other text as makes it a copy only where something else says so too.
        let body = |text: &str| tidings::fingerprint::sketch(text).unwrap().body;
        let whole = text(1, 600);
        let edited = |seed| format!("{}{}", text(1, 271), text(seed, 95));
        let like = |text: &str| tidings::fingerprint::likeness(&body(&whole), &body(text)).unwrap();
        let mut fitting = (7..99).map(edited).filter(|t| !like(t).is_copy(0.8, 0.0) && like(t).is_copy(0.8, 1.0));
        record("a", from(1, &whole, Some("紐約時報"))).await;
        record("b", from(2, &text(8, 600), Some("纽约时报"))).await;
        assert_eq!(bench.kinds().await, [ChangeKind::StoryNew; 2], "the paper alone is nothing");
        record("b", from(3, &fitting.next().unwrap(), Some("纽约时报"))).await;
        assert_eq!(bench.kinds().await[2..], [ChangeKind::StoryJoined]);
        let (_, members) = bench.store.story_at("https://b.example/3").await.unwrap().unwrap();
        assert_eq!(members[0].url, "https://a.example/1");
        assert!(fitting.next().is_some_and(|t| !like(&t).is_copy(0.8, 0.0)), "without it this is none");
        bench.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_much_told_story_is_not_furniture() {
    on_both(|bench| async move {
        // An outlet goes on with its story; another takes an update over.
        let line = |n: u32| text(40 + n, 60);
        let update =
            |n: u32| (0..=n + 4).map(|k| line(if k < 5 { k } else { 20 + n * 7 + k }) + "\n").collect::<String>();
        for n in 0..6 {
            tell(&bench, "a", n, &update(n)).await;
        }
        let before = bench.kinds().await.len();
        let cut: String = update(3).chars().skip(6).collect();
        tell(&bench, "b", 90, &cut).await;
        assert_eq!(bench.kinds().await[before..], [ChangeKind::StoryJoined]);
        // A story stands whole in round-ups; another outlet has it, slightly cut.
        let story: String = (0..5).map(|k| text(200 + k, 80) + "\n").collect();
        tell(&bench, "a", 91, &story).await;
        for n in 0..4 {
            let others: String = (0..12).map(|k| text(300 + n * 20 + k, 80) + "\n").collect();
            tell(&bench, "a", 92 + n, &format!("{others}{story}")).await;
        }
        let before = bench.kinds().await.len();
        tell(&bench, "b", 99, &story.chars().skip(5).collect::<String>()).await;
        assert_eq!(bench.kinds().await[before..], [ChangeKind::StoryJoined]);
        bench.close().await;
    })
    .await;
}
