//! Every public method of the store, by the same test on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod control;
mod lanes;
mod later;
mod occasions;
mod pace;
mod search;
mod sinks;
mod stories;
#[path = "../support/mod.rs"]
mod support;
mod watch;
mod websub;

use chrono::{DateTime, TimeDelta, Utc};
use support::TestDb;
use tidings::{
    model::{
        Change, ChangeKind, Digest, Draft, Entry, Evidence, Failure, FailureKind, Field, Match, Outcome, Source,
        Target, TargetKind, Visit,
    },
    store::{self, NewArticle, Store, Turn},
};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000 + seconds, 123_456_000).unwrap()
}

fn source(id: &str, url: &str) -> Source {
    Source { name: format!("名 {id}"), ..Source::at(id, url.parse().unwrap()) }
}

fn draft(url: &str, title: &str) -> Draft {
    Draft {
        url: url.parse().unwrap(),
        title: title.into(),
        text: format!("{title} 的正文\n第二段 \0"),
        html: "<p>正文</p>".into(),
        published: Some(at(-60)),
        modified: None,
        author: Some("林知远".into()),
        origin: Some("晨报".into()),
        language: Some("zh-Hans".into()),
        image: Some("https://img.example/1.jpg".parse().unwrap()),
        canonical: None,
        section: None,
        tags: vec![],
        comments: None,
        next: None,
    }
}

fn digest(n: u8) -> Digest {
    Digest([n; 33])
}

fn matched(topic: &str) -> Match {
    let evidence = Evidence {
        term: "芯片".into(),
        found: "晶片".into(),
        field: Field::Title,
        excerpt: "…晶片\0出口…".into(),
        count: 2,
    };
    Match { topic: topic.into(), score: 1.5, evidence: vec![evidence] }
}

fn visit(target: Target, outcome: Outcome, next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Visit {
    Visit { duration_ms: 7, outcome, next_visit_at: next, ..Visit::begun(target, now) }
}

async fn on_both<F: Future<Output = ()>>(test: impl Fn(Store) -> F) {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let store = Store::open(&db.url).await.unwrap();
        test(store.clone()).await;
        store.close().await;
    }
}

/// Two sources, two topics.
async fn furnish(store: &Store) {
    let sources = [source("a", "https://a.example/list"), source("b", "https://b.example:8443/list")];
    store.sync_sources(&sources, at(0)).await.unwrap();
    let topics = [("chip".into(), "Chips".into(), vec![1]), ("rice".into(), "Rice".into(), vec![2])];
    store.sync_topics(&topics, at(0)).await.unwrap();
}

async fn due(store: &Store, host: &str, now: DateTime<Utc>) -> Vec<Target> {
    store.due_targets(host, now, now + TimeDelta::days(1), 100).await.unwrap()
}

/// Adds one article as the ledger does; returns (story, article).
async fn add(store: &Store, source: &str, draft: &Draft, n: u8, matches: &[Match], now: DateTime<Utc>) -> (i64, i64) {
    let mut tx = store.begin().await.unwrap();
    tx.lock_log().await.unwrap();
    let number = tx.head().await.unwrap() + 1;
    let new = NewArticle { source, target: Some(i64::from(n)), key: draft.url.as_str(), draft, digest: digest(n) };
    let known = tx.story_of(digest(n)).await.unwrap();
    let story = match known {
        Some(story) => story,
        None => tx.add_story(number, now).await.unwrap(),
    };
    tx.add_digest(digest(n), story).await.unwrap();
    let article = tx.add_article(story, new, now).await.unwrap();
    tx.set_matches(article, story, matches, number, now).await.unwrap();
    let change = Change {
        number,
        kind: if known.is_some() { ChangeKind::StoryJoined } else { ChangeKind::StoryNew },
        story,
        article,
        source: source.into(),
        title: draft.title.clone(),
        url: draft.url.to_string(),
        topics: matches.iter().map(|m| m.topic.clone()).collect(),
        at: now,
    };
    tx.append(&change).await.unwrap();
    tx.commit().await.unwrap();
    (story, article)
}

#[test]
fn both_migration_folders_hold_the_same_steps() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let names = |db: &str| {
        let mut names: Vec<String> =
            std::fs::read_dir(here.join(db)).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("postgres"), names("sqlite"));
    assert_eq!(names("sqlite"), store::migration_files().collect::<Vec<_>>());
}

#[tokio::test]
async fn each_statement_is_one_that_the_database_prepares() {
    on_both(|store| async move {
        store.ping().await.unwrap();
        assert_eq!(store.prepare_all().await.unwrap(), store::statements().count());
    })
    .await;
}

#[tokio::test]
async fn many_daemons_may_migrate_at_once() {
    for db in TestDb::both().await {
        let opened = futures::future::join_all((0..6).map(|_| Store::open(&db.url))).await;
        for store in opened {
            let store = store.unwrap();
            assert_eq!(store.kind(), db.name);
            store.close().await;
        }
    }
}

#[tokio::test]
async fn a_fact_chosen_once_stays() {
    on_both(|store| async move {
        assert_eq!(store.fact("authority", "one").await.unwrap(), "one");
        assert_eq!(store.fact("authority", "two").await.unwrap(), "one");
    })
    .await;
}

#[tokio::test]
async fn sources_follow_the_configuration() {
    on_both(|store| async move {
        furnish(&store).await;
        let hosts = store.due_hosts(&mut Turn::thorough(), at(1), at(9), 10).await.unwrap();
        assert_eq!(hosts.len(), 2);
        assert!(hosts.contains(&"b.example".to_string()), "{hosts:?}");
        let mut moved = source("a", "https://a.example/other");
        moved.name = "新名".into();
        store.sync_sources(&[moved], at(5)).await.unwrap();
        let rows = store.sources().await.unwrap();
        assert_eq!(rows.iter().map(|r| (r.id.as_str(), r.name.as_str())).collect::<Vec<_>>(), [("a", "新名")]);
        assert_eq!(store.due_hosts(&mut Turn::thorough(), at(6), at(9), 10).await.unwrap(), ["a.example"]);
        assert_eq!(due(&store, "a.example", at(6)).await[0].url.as_str(), "https://a.example/other");
        furnish(&store).await;
        assert_eq!(
            store.due_hosts(&mut Turn::thorough(), at(6), at(9), 10).await.unwrap().len(),
            2,
            "a source that comes back is due"
        );
    })
    .await;
}

/// Who holds what at `now`: (host, holder).
async fn leases(store: &Store, now: DateTime<Utc>) -> Vec<(String, String)> {
    store.held(now, 100).await.unwrap().into_iter().map(|row| (row.host, row.holder)).collect()
}

#[tokio::test]
async fn a_lease_is_held_by_one_until_it_runs_out() {
    on_both(|store| async move {
        furnish(&store).await;
        assert!(store.claim("a.example", "one", at(0), at(60)).await.unwrap());
        assert!(!store.claim("a.example", "two", at(1), at(61)).await.unwrap());
        assert_eq!(
            store.due_hosts(&mut Turn::thorough(), at(1), at(9), 10).await.unwrap(),
            ["b.example"],
            "held hosts are not handed out"
        );
        assert_eq!(leases(&store, at(1)).await, [("a.example".to_string(), "one".to_string())]);
        assert!(store.renew("a.example", "one", at(90)).await.unwrap());
        assert!(!store.claim("a.example", "two", at(61), at(99)).await.unwrap(), "renewed");
        assert!(store.claim("a.example", "two", at(90), at(150)).await.unwrap(), "run out");
        assert!(!store.renew("a.example", "one", at(200)).await.unwrap(), "lost");
        store.release(&["a.example".into()], "one").await.unwrap();
        assert_eq!(leases(&store, at(91)).await.len(), 1, "only the holder gives back");
        store.release_all("two").await.unwrap();
        assert!(leases(&store, at(91)).await.is_empty());
        let hosts = ["a.example", "b.example", "c.example"].map(String::from);
        assert_eq!(store.claim_all(&hosts[..2], "one", at(91), at(150)).await.unwrap(), hosts[..2]);
        assert!(store.claim("c.example", "two", at(91), at(150)).await.unwrap());
        store.release(&hosts[1..], "one").await.unwrap();
        let held = [("a.example".into(), "one".into()), ("c.example".into(), "two".into())];
        assert_eq!(leases(&store, at(92)).await, held, "some of one's own, and nobody else's");
    })
    .await;
}

#[tokio::test]
async fn of_many_claimants_one_wins() {
    on_both(|store| async move {
        let names: Vec<String> = (0..12).map(|n| format!("d{n}")).collect();
        let claims = futures::future::join_all(names.iter().map(|n| store.claim("h", n, at(0), at(60)))).await;
        assert_eq!(claims.into_iter().filter(|c| *c.as_ref().unwrap()).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn targets_are_added_once_visited_and_come_back() {
    on_both(|store| async move {
        furnish(&store).await;
        let mut entry = Entry::at("https://a.example/1".parse().unwrap());
        entry.title = Some("題\0目".into());
        let mut tx = store.begin().await.unwrap();
        assert!(tx.add_target("a", "k1", "a.example", &entry, at(1), Some(at(1))).await.unwrap());
        assert!(!tx.add_target("b", "k1", "a.example", &entry, at(1), Some(at(1))).await.unwrap(), "known");
        assert!(tx.add_target("a", "k2", "a.example", &entry, at(1), None).await.unwrap(), "only remembered");
        tx.commit().await.unwrap();
        let targets = due(&store, "a.example", at(2)).await;
        assert_eq!(targets.iter().map(|t| t.kind).collect::<Vec<_>>(), [TargetKind::Listing, TargetKind::Article]);
        assert_eq!(targets[1].entry.as_ref().unwrap().title.as_deref(), Some("題目"), "U+0000 cannot be kept");
        let failure =
            Failure { kind: FailureKind::Timeout, status: Some(504), reason: "慢".into(), retry_after_s: None };
        let failed = visit(targets[1].clone(), Outcome::Failed(failure), Some(at(100)), at(3));
        let good = visit(targets[0].clone(), Outcome::Ok, Some(at(50)), at(3));
        let mut tx = store.begin().await.unwrap();
        tx.record_visits(&[store::Ended::of(&failed)], at(0)).await.unwrap();
        let good = store::Ended { etag: Some("\"v1\""), last_modified: Some("Mon"), ..store::Ended::of(&good) };
        tx.record_visits(&[good], at(3)).await.unwrap();
        let held = store::Held { seen: 30, new: 2, news_every_s: Some(60), ..Default::default() };
        tx.record_listing(targets[0].id, &held, at(3)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(due(&store, "a.example", at(4)).await.is_empty());
        let again = due(&store, "a.example", at(100)).await;
        assert_eq!(again[0].etag.as_deref(), Some("\"v1\""));
        assert_eq!((again[0].failures, again[0].last_success_at), (0, Some(at(3))));
        assert_eq!((again[1].failures, again[1].last_success_at), (1, None));
        assert!(store.due_targets("a.example", at(100), at(3), 9).await.unwrap().is_empty(), "each once since then");
        let row = store.sources().await.unwrap().remove(0);
        assert_eq!((row.entries_seen, row.entries_new, row.last_new_at, row.pending), (30, 2, Some(at(3)), 1));
        assert_eq!(
            (row.last_visit_at, row.last_success_at, row.next_visit_at),
            (Some(at(3)), Some(at(3)), Some(at(50)))
        );
        assert_eq!(row.outcome.as_deref(), Some("ok"));
        store.rest(again[1].id).await.unwrap();
        assert_eq!(due(&store, "a.example", at(100)).await.len(), 1);
        let totals = store.totals(at(100)).await.unwrap();
        assert_eq!((totals.due, totals.lag_s), (2, 100));
        let known = store.known(&["k1".into(), "k2".into(), "k3".into()]).await.unwrap();
        assert_eq!(known.targets.len(), 2);
        store.sync_sources(&[source("b", "https://b.example:8443/list")], at(100)).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.record_visits(&[store::Ended::of(&visit(again[0].clone(), Outcome::Ok, Some(at(100)), at(100)))], at(0))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(due(&store, "a.example", at(200)).await.is_empty(), "a visit of a removed source does not wake it");
    })
    .await;
}

#[tokio::test]
async fn one_story_two_outlets_once_in_each_feed() {
    on_both(|store| async move {
        furnish(&store).await;
        let (story, lead) =
            add(&store, "a", &draft("https://a.example/1", "芯片出口管制"), 1, &[matched("chip")], at(1)).await;
        let (same, second) =
            add(&store, "b", &draft("https://b.example/9", "晶片出口管制"), 1, &[matched("chip")], at(2)).await;
        let (other, _) = add(&store, "b", &draft("https://b.example/10", "米价"), 2, &[matched("rice")], at(3)).await;
        assert_eq!(story, same);
        assert_ne!(lead, second);
        let feed = store.feed(Some("chip"), None, 10).await.unwrap();
        assert_eq!(feed.len(), 1);
        assert_eq!((feed[0].number, feed[0].lead.id, feed[0].lead.story), (1, lead, story));
        let outlets: Vec<_> = feed[0].outlets.iter().map(|o| (o.source.as_str(), o.title.as_str())).collect();
        assert_eq!(outlets, [("a", "芯片出口管制"), ("b", "晶片出口管制")]);
        assert_eq!(feed[0].matches.len(), 1);
        assert_eq!(feed[0].matches[0].evidence[0].excerpt, "…晶片出口…");
        assert_eq!(feed[0].lead.draft.text, "芯片出口管制 的正文\n第二段 ");
        assert_eq!(feed[0].lead.draft.published, Some(at(-60)));
        let all = store.feed(None, None, 10).await.unwrap();
        assert_eq!(all.iter().map(|i| i.lead.story).collect::<Vec<_>>(), [other, story], "newest first");
        assert_eq!(store.feed(None, Some("a"), 10).await.unwrap().len(), 1);
        assert_eq!(store.feed(Some("rice"), Some("a"), 10).await.unwrap().len(), 0);
        assert_eq!(store.feed(None, None, 1).await.unwrap().len(), 1);
        let changes = store.changes(0, None, 10).await.unwrap();
        assert_eq!(
            changes.iter().map(|c| (c.number, c.kind)).collect::<Vec<_>>(),
            [(1, ChangeKind::StoryNew), (2, ChangeKind::StoryJoined), (3, ChangeKind::StoryNew)]
        );
        assert_eq!(changes[2].topics, ["rice"]);
        assert_eq!(store.changes(1, Some("chip"), 10).await.unwrap().iter().map(|c| c.number).collect::<Vec<_>>(), [2]);
        assert_eq!(store.head().await.unwrap(), 3);
        let totals = store.totals(at(9)).await.unwrap();
        assert_eq!((totals.articles, totals.stories, totals.changes), (3, 2, 3));
        let mut tx = store.begin().await.unwrap();
        assert!(tx.has_outlet(story, "b").await.unwrap());
        assert!(!tx.has_outlet(other, "a").await.unwrap());
        assert_eq!(tx.topics_of(lead).await.unwrap(), ["chip"]);
        drop(tx);
    })
    .await;
}

#[tokio::test]
async fn an_edit_keeps_the_state_before_it_and_a_takedown_is_noted_once() {
    on_both(|store| async move {
        furnish(&store).await;
        let first = draft("https://a.example/1", "原题");
        let (story, article) = add(&store, "a", &first, 1, &[matched("chip")], at(1)).await;
        let second = draft("https://a.example/1", "改题");
        let mut tx = store.begin().await.unwrap();
        let stored = tx.article("https://a.example/1").await.unwrap().unwrap();
        assert_eq!((stored.id, stored.story_id, stored.revision, stored.from_page), (article, story, 1, true));
        let new =
            NewArticle { source: "a", target: Some(1), key: "https://a.example/1", draft: &second, digest: digest(3) };
        tx.revise_article(&stored, new, true, at(5)).await.unwrap();
        tx.set_matches(article, story, &[], 2, at(5)).await.unwrap();
        tx.commit().await.unwrap();
        let revisions = store.revisions(article).await.unwrap();
        assert_eq!(revisions.iter().map(|r| (r.0, r.1.as_str(), r.3)).collect::<Vec<_>>(), [(1, "原题", at(1))]);
        let item = store.feed(None, None, 10).await.unwrap().remove(0);
        assert_eq!((item.lead.revision, item.lead.revised_at, item.lead.first_seen_at), (2, at(5), at(1)));
        assert!(item.matches.is_empty());
        assert_eq!(store.feed(Some("chip"), None, 10).await.unwrap().len(), 1, "what was published stays published");
        let mut tx = store.begin().await.unwrap();
        let gone = tx.take_down(1, at(6)).await.unwrap().remove(0);
        assert_eq!((gone.article, gone.title.as_str(), gone.kind), (article, "改题", ChangeKind::ArticleGone));
        assert!(tx.take_down(1, at(7)).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        let known = store.known(&["https://a.example/1".into()]).await.unwrap();
        assert_eq!(known.articles["https://a.example/1"], ("a".into(), true, "改题".into(), digest(3)));
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing() {
    on_both(|store| async move {
        furnish(&store).await;
        let mut tx = store.begin().await.unwrap();
        tx.lock_log().await.unwrap();
        tx.add_story(1, at(1)).await.unwrap();
        drop(tx);
        add(&store, "a", &draft("https://a.example/1", "题"), 1, &[], at(2)).await;
        assert_eq!(store.totals(at(3)).await.unwrap().stories, 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_appends_waits_for_the_other_so_that_numbers_show_in_order() {
    on_both(|store| async move {
        furnish(&store).await;
        let writers = (0..24_u8).map(|n| {
            let store = store.clone();
            async move {
                let url = format!("https://a.example/{n}");
                add(&store, if n % 2 == 0 { "a" } else { "b" }, &draft(&url, "题"), n / 2, &[], at(1)).await;
                // What is visible now is without a gap, whoever else is writing.
                let seen: Vec<i64> = store.changes(0, None, 100).await.unwrap().iter().map(|c| c.number).collect();
                assert_eq!(seen, (1..=i64::try_from(seen.len()).unwrap()).collect::<Vec<_>>());
            }
        });
        futures::future::join_all(writers).await;
        let totals = store.totals(at(2)).await.unwrap();
        assert_eq!((totals.changes, totals.stories, totals.articles), (24, 12, 24), "no story twice");
    })
    .await;
}
