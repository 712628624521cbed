//! What a client has is not sent again, and that is known without reading an article.

use std::io::Read;

use sqlx::{AssertSqlSafe, Connection};

use crate::{
    support::TestDb,
    world::{World, at, on_both, source, told},
};

#[tokio::test]
async fn tags_move_with_what_the_feed_shows_and_with_nothing_else() {
    on_both(50, |w| async move {
        w.tell(&told("a", 1, "港口新闻一", &["chip"])).await;
        w.tell(&told("a", 2, "稻米新闻", &["rice"])).await;
        let feed = "/feeds/chip.atom";
        let mut tag = w.tag(feed).await;
        assert_eq!(World::with(w.store.clone(), 50).await.tag(feed).await, tag, "after a restart");
        w.tell(&told("a", 3, "稻米新闻又一则", &["rice"])).await;
        assert_eq!(w.again(feed, &tag, "").await, 304, "another topic's news");
        let body = w.text(feed).await;
        let mut moved = |now: String, why: &str| {
            assert_ne!(now, tag, "{why}");
            tag = now;
        };
        w.edit(&told("a", 1, "港口新闻一，更正", &["chip"]), true).await;
        moved(w.tag(feed).await, "an edit");
        w.edit(&told("a", 1, "港口新闻一，全文", &["chip"]), false).await;
        w.age();
        moved(w.tag(feed).await, "the page after the listing: no change says so");
        w.tell(&told("b", 4, "港口新闻一，全文", &[])).await;
        moved(w.tag(feed).await, "another outlet, whom no topic matched");
        w.store.sync_sources(&[source("a", "Renamed"), source("b", "Beta")], at(5)).await.unwrap();
        w.age();
        moved(w.tag(feed).await, "another name of an outlet");
        let mut topics = crate::world::topics();
        topics[0].title = "Wafers".into();
        w.topics.send_replace(topics);
        moved(w.tag(feed).await, "another title, at once");
        w.store.delete_articles(at(2), 10).await.unwrap();
        w.age();
        assert!(w.tag(feed).await != tag && w.text(feed).await != body, "retention");
    })
    .await;
}

#[tokio::test]
async fn an_unchanged_feed_is_known_without_the_articles() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let store = tidings::store::Store::open(&db.url).await.unwrap();
        store.sync_sources(&[source("a", "Alpha"), source("b", "Beta")], at(0)).await.unwrap();
        store.sync_topics(&[("chip".into(), "Chips".into(), vec![1; 32])], at(0)).await.unwrap();
        let w = World::with(store.clone(), 2).await;
        for n in 1..=5 {
            w.tell(&told("a", n, &format!("港口新闻{n}"), &["chip"])).await;
        }
        let feeds = [
            "/feeds/chip.rss",
            "/feeds/all.atom",
            "/feeds/source/a.json",
            "/feeds/all.rss?source=a",
            "/feeds/all.rss?q=港口",
        ];
        let mut tags = vec![];
        for feed in feeds {
            tags.push(w.tag(feed).await);
        }
        execute(&db, "alter table articles rename to hidden").await;
        // Nothing is kept in memory of this one.
        let restarted = World::with(store.clone(), 2).await;
        for (feed, tag) in feeds.iter().zip(&tags) {
            assert_eq!(restarted.again(feed, tag, "gzip").await, 304, "{feed}");
            assert_eq!(restarted.get(feed, &[]).await.0, 503, "{feed}: its articles are away, so this test sees that");
            w.age();
            assert_eq!(w.get(feed, &[]).await.0, 200, "{feed}: what is kept still holds");
            let (status, headers, _) = w.get(feed, &[("accept-encoding", "gzip")]).await;
            assert_eq!((status, headers["content-encoding"].to_str().unwrap()), (200, "gzip"), "{feed}: also packed");
        }
        store.close().await;
    }
}

#[tokio::test]
async fn each_coding_has_a_strong_tag_of_its_own_and_any_will_do() {
    on_both(50, |w| async move {
        for n in 1..=9 {
            w.tell(&told("a", n, &format!("港口新闻{n}").repeat(30), &["chip"])).await;
        }
        let feed = "/feeds/chip.rss";
        let (_, headers, plain) = w.get(feed, &[]).await;
        let tag = headers["etag"].to_str().unwrap().to_owned();
        assert_eq!(headers["cache-control"], "max-age=60");
        for (coding, ending) in [("br", "-br\""), ("zstd", "-zst\""), ("gzip", "-gz\"")] {
            let (status, headers, packed) = w.get(feed, &[("accept-encoding", coding)]).await;
            assert_eq!((status, headers["content-encoding"].to_str().unwrap()), (200, coding));
            assert_eq!(
                (&headers["vary"], &headers["content-type"]),
                (
                    &"accept-encoding, sec-fetch-dest".parse().unwrap(),
                    &"application/rss+xml; charset=utf-8".parse().unwrap()
                )
            );
            let mut unpacked = vec![];
            match coding {
                "br" => brotli::BrotliDecompress(&mut &packed[..], &mut unpacked).unwrap(),
                "zstd" => unpacked = zstd::bulk::decompress(&packed, plain.len()).unwrap(),
                _ => drop(flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap()),
            }
            assert!(unpacked == plain && packed.len() * 2 < plain.len(), "{coding}");
            let own = headers["etag"].to_str().unwrap().to_owned();
            assert!(own.starts_with('"') && own.ends_with(ending), "{own}");
            for (known, asks) in [(&own, coding), (&tag, coding), (&own, "")] {
                assert_eq!(w.again(feed, known, asks).await, 304, "{known} {asks}");
            }
            let (_, again, same) = w.get(feed, &[("accept-encoding", coding)]).await;
            assert!(again["etag"] == headers["etag"] && same == packed, "the same bytes under the same tag");
        }
        assert_eq!(w.again(feed, "\"else-br\"", "br").await, 200);
        assert!(!headers.contains_key("last-modified"), "another change could have the same second");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'; script-src 'self'"), "{policy}");
    })
    .await;
}

#[tokio::test]
async fn documents_beside_the_feeds_hold_like_them() {
    on_both(50, |w| async move {
        w.tell(&told("a", 1, "The ferry sinks at noon", &["chip"])).await;
        let edits = "/feeds/chip/changes.atom";
        let none = w.tag(edits).await;
        w.edit(&told("a", 1, &format!("The ferry sank at noon{}", ", they say".repeat(80)), &["chip"]), true).await;
        assert_eq!(w.again(edits, &none, "").await, 200);
        for n in 2..=30 {
            w.tell(&told("a", n, &format!("港口新闻{n}"), &["rice"])).await;
            w.edit(&told("a", n, &format!("港口新闻{n}，已更正"), &["rice"]), true).await;
        }
        w.store.note_states(&[("a".into(), "failing", "no answer".repeat(200))], at(1)).await.unwrap();
        for document in ["/feeds/all/changes.atom", "/feeds/incidents.atom", "/feeds/style.xsl"] {
            let tag = w.tag(document).await;
            for (coding, ending) in [("br", "-br\""), ("gzip", "-gz\"")] {
                let (status, headers, packed) = w.get(document, &[("accept-encoding", coding)]).await;
                assert_eq!((status, headers["content-encoding"].to_str().unwrap()), (200, coding), "{document}");
                let own = headers["etag"].to_str().unwrap();
                assert!(own.starts_with('"') && own.ends_with(ending), "{document}: {own}");
                assert_eq!(headers["content-length"].to_str().unwrap(), packed.len().to_string(), "{document}");
                assert_eq!((w.again(document, own, coding).await, w.again(document, &tag, coding).await), (304, 304));
            }
        }
        let text = w.text(edits).await;
        assert!(
            text.contains("The ferry &#x3C;del&gt;sinks&#x3C;/del&gt;&#x3C;ins&gt;sank&#x3C;/ins&gt; at noon"),
            "{text}"
        );
        let tag = w.tag(edits).await;
        w.store.sync_sources(&[source("a", "Renamed"), source("b", "Beta")], at(5)).await.unwrap();
        assert_eq!(w.again(edits, &tag, "").await, 200, "another name of an outlet");
    })
    .await;
}

#[tokio::test]
async fn monsters_are_told_of_and_cost_no_more_than_is_bounded() {
    on_both(200, |w| async move {
        let long = |n: i64| format!("渡轮{n}号。").repeat(200_000);
        w.tell(&told("a", 1, &long(1), &["chip"])).await;
        for n in 2..=80 {
            w.tell(&told("a", n, &format!("{n}{}", "港".repeat(190_000)), &["chip"])).await;
        }
        w.tell(&told("a", 81, "港口新闻，不长", &["chip"])).await;
        let feed = w.json("/feeds/chip.json").await;
        let of = |n: usize| feed["items"][n]["content_html"].as_str().unwrap().to_owned();
        assert_eq!(feed["items"].as_array().unwrap().len(), 81);
        assert!(of(0).contains("港口新闻，不长"), "as it is");
        assert!(of(1).chars().count() > 190_000, "whole, as long as there is room");
        let monster = of(80).chars().count();
        assert!(monster < 250_000, "a text of a million characters: {monster}");
        let page =
            w.store.places(tidings::store::Scope::Topic("chip"), &tidings::store::Span::default()).await.unwrap();
        let read = w.store.stories(tidings::store::Scope::Topic("chip"), &page).await.unwrap();
        let bytes: usize = read.iter().map(|s| s.lead.draft.html.len() + s.lead.draft.text.len()).sum();
        assert!((30 << 20..33 << 20).contains(&bytes), "{bytes}");
        assert_eq!(w.store.article(1).await.unwrap().unwrap().lead.draft.text, long(1), "alone it is told in full");
    })
    .await;
}

async fn execute(db: &TestDb, statement: &'static str) {
    if db.name == "sqlite" {
        let mut connection = sqlx::SqliteConnection::connect(&db.url).await.unwrap();
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    } else {
        let mut connection = sqlx::PgConnection::connect(&db.url).await.unwrap();
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn a_date_is_given_once_no_other_change_can_have_it() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let store = tidings::store::Store::open(&db.url).await.unwrap();
        store.sync_sources(&[source("a", "Alpha"), source("b", "Beta")], at(0)).await.unwrap();
        let w = World::with(store.clone(), 50).await;
        w.tell(&told("a", 1, "港口新闻一", &[])).await;
        w.tell(&told("a", 2, "港口新闻二", &[])).await;
        let feed = "/feeds/all.rss";
        assert!(!w.get(feed, &[]).await.1.contains_key("last-modified"));
        execute(&db, "update stories set changed_at = '2026-05-01T08:00:00.5+00:00'").await;
        w.age();
        let (_, headers, _) = w.get(feed, &[]).await;
        let date = headers["last-modified"].to_str().unwrap();
        assert_eq!(date, "Fri, 01 May 2026 08:02:00 GMT");
        assert_eq!(w.get(feed, &[("if-modified-since", date)]).await.0, 304);
        w.edit(&told("a", 1, "港口新闻一，全文", &[]), false).await;
        w.age();
        assert_eq!(w.get(feed, &[("if-modified-since", date)]).await.0, 200, "also what no change tells of");
        store.close().await;
    }
}
