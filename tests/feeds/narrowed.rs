//! Feeds of sources, parameters, queries of the reader's own, keys, and the list of feeds.

use chrono::Utc;

use crate::world::{on_both, path, told};

#[tokio::test]
async fn a_source_has_a_feed_of_what_it_ran_and_when() {
    on_both(50, |w| async move {
        let first = w.tell(&told("a", 1, "港口新闻一", &["chip"])).await;
        let second = w.tell(&told("a", 2, "港口新闻二", &[])).await;
        assert!(w.stories("/feeds/source/b.json").await.is_empty(), "known, and nothing yet");
        let third = w.tell(&told("b", 3, "港口新闻三", &[])).await;
        assert_eq!(w.tell(&told("b", 4, "港口新闻一", &["chip"])).await, first);
        assert_eq!(w.stories("/feeds/source/a.json").await, [second, first]);
        assert_eq!(w.stories("/feeds/source/b.json").await, [first, third], "by when it ran them");
        assert_eq!(w.stories("/feeds/all.json").await, [third, second, first]);
        let feed = w.json("/feeds/source/b.json").await;
        assert_eq!((&feed["title"], &feed["items"][0]["url"]), (&"Beta".into(), &"https://b.example/4".into()));
        assert_eq!(feed["feed_url"], "https://news.example.org/feeds/source/b.json");
        let outlets = feed["items"][0]["_tidings"]["outlets"].as_array().unwrap();
        assert_eq!(outlets.len(), 2, "who else ran it");
        let (atom, rss) = (w.text("/feeds/source/b.atom").await, w.text("/feeds/source/b.rss").await);
        assert!(atom.contains("<id>tag:news.example.org,2026:feed/source/b</id>"), "{atom}");
        assert!(atom.contains("href=\"../style.xsl\"?>") && rss.contains("href=\"../style.xsl\"?>"));
        assert!(
            rss.contains("<media:content medium=\"image\" url=\"https://img.example/1.jpg?a=1&#x26;b=2\""),
            "{rss}"
        );
        let (status, _, body) = w.get("/feeds/source/c.rss", &[]).await;
        assert!(status == 404 && String::from_utf8(body).unwrap().contains("\"known\":[\"a\",\"b\"]"));
    })
    .await;
}

#[tokio::test]
async fn a_person_who_opens_a_feed_sees_a_page() {
    on_both(50, |w| async move {
        let bad = "<script>alert(1)</script>\"'";
        w.tell(&crate::world::Told { title: bad.into(), ..told("a", 1, &format!("港口{bad}"), &["chip"]) }).await;
        let (status, headers, body) = w.get("/feeds/chip.atom", &[("sec-fetch-dest", "document")]).await;
        let page = String::from_utf8(body).unwrap();
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "text/html; charset=utf-8"));
        assert!(page.contains("<code>https://news.example.org/feeds/chip.atom</code>"), "{page}");
        assert!(page.contains("<mark>港口</mark>&lt;script&gt;") && !page.contains("<script"), "{page}");
        assert!(w.text("/feeds/chip.atom").await.starts_with("<?xml"), "a reader gets the feed");
    })
    .await;
}

#[tokio::test]
async fn parameters_narrow_a_feed() {
    on_both(2, |w| async move {
        let mut all = vec![];
        for n in 1..=5 {
            all.push(w.tell(&told(if n % 2 == 0 { "b" } else { "a" }, n, &format!("港口新闻{n}"), &["chip"])).await);
        }
        all.reverse();
        assert_eq!(w.stories("/feeds/chip.json").await, all[..2]);
        assert_eq!(w.stories("/feeds/chip.json?limit=4").await, all[..4]);
        assert_eq!(w.stories("/feeds/chip.json?limit=9&source=b").await, [all[1], all[3]]);
        assert_eq!(w.stories("/feeds/chip.json?limit=9&since=3").await, all[..2], "after change 3");
        let since = crate::world::at(4).format("%FT%TZ");
        assert_eq!(w.stories(&format!("/feeds/all.json?limit=9&since={since}")).await, all[..2]);
        assert_eq!(w.stories("/feeds/all.json?limit=9&since=2099-01-01").await, [0_i64; 0]);
        for beyond in ["%2B20000-01-01", "-5000-01-01"] {
            assert_eq!(w.get(&format!("/feeds/all.json?since={beyond}"), &[]).await.0, 400, "{beyond}");
        }
        let none = w.json("/feeds/chip.json?content=none").await;
        assert_eq!((&none["items"][0]["content_html"], &none["items"][0]["summary"]), (&().into(), &().into()));
        assert!(!w.text("/feeds/chip.rss?content=none").await.contains("港口新闻"));
        let rss = w.text("/feeds/chip.rss?content=excerpt").await;
        assert!(rss.contains("<description><![CDATA[<mark>港口</mark>新闻5]]>"), "{rss}");
        let own = w.json("/feeds/chip.json?since=3&limit=9&source=b&unknown=1").await;
        assert_eq!(own["feed_url"], "https://news.example.org/feeds/chip.json?source=b&since=3&limit=9");
        assert_eq!(w.get("/feeds/chip.json?source=nobody", &[]).await.0, 404);
        assert_eq!(w.get("/feeds/nothing.json", &[]).await.0, 404);
    })
    .await;
}

#[tokio::test]
async fn a_query_of_the_readers_own_is_a_feed() {
    on_both(50, |w| async move {
        let one = w.tell(&told("a", 1, "新的晶片出口管制清單公布", &["chip"])).await;
        let two = w.tell(&told("b", 2, "芯片工厂开工", &[])).await;
        w.tell(&told("a", 3, "稻米丰收", &["rice"])).await;
        assert_eq!(w.stories("/feeds/all.json?q=芯片").await, [two, one], "either script");
        assert_eq!(w.stories("/feeds/all.json?q=芯片%20AND%20出口管制").await, [one]);
        assert_eq!(w.stories("/feeds/chip.json?q=芯片").await, [one]);
        assert_eq!(w.stories("/feeds/source/b.json?q=芯片").await, [two]);
        assert_eq!(w.stories("/feeds/all.json?q=芯片&limit=1").await, [two]);
        assert_eq!(w.stories("/feeds/all.json?q=source:b").await, [two]);
        let feed = w.json("/feeds/all.json?q=芯片").await;
        let found = &feed["items"][1]["_tidings"]["matches"][0];
        assert_eq!((&found["topic"], &found["evidence"][0]["found"]), (&"芯片".into(), &"晶片".into()));
        let tag = w.tag("/feeds/all.atom?q=芯片").await;
        w.age();
        assert_eq!(w.again("/feeds/all.atom?q=芯片", &tag, "").await, 304);
        w.tell(&told("a", 4, "芯片涨价", &[])).await;
        assert_eq!(w.again("/feeds/all.atom?q=芯片", &tag, "").await, 200);
        for bad in ["(", "NOT%20a", "@nobody", "%22open"] {
            let (status, _, body) = w.get(&format!("/feeds/all.rss?q={bad}"), &[]).await;
            assert_eq!(status, 400, "{bad}: {}", String::from_utf8_lossy(&body));
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_opens_one_feed_until_it_is_revoked() {
    on_both(2, |w| async move {
        for n in 1..=5 {
            w.tell(&told("a", n, &format!("港口新闻{n}"), &["chip"])).await;
        }
        let chip = w.store.add_feed_key("KeyOfChips", "chip", "for Lin", Utc::now()).await.unwrap();
        let source = w.store.add_feed_key("KeyOfAlpha", "source/a", "", Utc::now()).await.unwrap();
        let plain = w.stories("/feeds/chip.json").await;
        assert_eq!(w.stories("/feeds/_/KeyOfChips.json").await, plain);
        let (status, headers, body) = w.get("/feeds/_/KeyOfChips.atom", &[]).await;
        let atom = String::from_utf8(body).unwrap();
        assert_eq!((status, headers["cache-control"].to_str().unwrap()), (200, "private, max-age=60"));
        assert!(atom.contains("<id>tag:news.example.org,2026:feed/chip</id>"), "the same feed: {atom}");
        let feed = w.json("/feeds/_/KeyOfChips.json").await;
        let older = path(feed["next_url"].as_str().unwrap());
        assert!(older.starts_with("/feeds/_/KeyOfChips/archive/"), "{older}");
        assert_eq!(w.stories(&older).await.len(), 1);
        assert_eq!(w.json("/feeds/_/KeyOfAlpha.json").await["title"], "Alpha 港");
        let none = w.store.add_feed_key("KeyOfNone", "removed", "", Utc::now()).await.unwrap();
        for absent in ["/feeds/_/KeyOfChips.json?source=zeta", "/feeds/_/KeyOfNone.json"] {
            let (status, _, body) = w.get(absent, &[]).await;
            let said = String::from_utf8(body).unwrap();
            assert!(status == 404 && !said.contains("known") && !said.contains("rice"), "{absent}: {said}");
        }
        assert!(w.store.revoke_feed_key(chip, Utc::now()).await.unwrap());
        assert!(!w.store.revoke_feed_key(chip, Utc::now()).await.unwrap(), "once");
        w.age();
        for gone in ["/feeds/_/KeyOfChips.atom".to_owned(), older, "/feeds/_/Unknown.rss".into()] {
            let (status, _, body) = w.get(&gone, &[]).await;
            let said = String::from_utf8(body).unwrap();
            assert!(status == 404 && !said.contains("KeyOf"), "{said}");
        }
        assert_eq!(w.get("/feeds/_/KeyOfAlpha.rss", &[]).await.0, 200);
        let keys = w.store.feed_keys().await.unwrap();
        let told: Vec<_> =
            keys.iter().map(|k| (k.id, k.feed.as_str(), k.note.as_str(), k.revoked_at.is_some())).collect();
        let expected = [(chip, "chip", "for Lin", true), (source, "source/a", "", false), (none, "removed", "", false)];
        assert_eq!(told, expected);
        assert_eq!(w.store.feed_of_key("KeyOfAlpha").await.unwrap().as_deref(), Some("source/a"));
    })
    .await;
}

#[tokio::test]
async fn the_list_of_feeds_has_topics_and_sources_and_no_keys() {
    on_both(50, |w| async move {
        w.store.add_feed_key("KeyOfChips", "chip", "for Lin", Utc::now()).await.unwrap();
        let list = w.text("/feeds.opml").await;
        for part in ["/feeds/chip.atom", "/feeds/all.atom", "<outline text=\"Sources\"", "/feeds/source/b.atom"] {
            assert!(list.contains(part), "{part}: {list}");
        }
        assert!(!list.contains("/_/") && !list.contains("KeyOf"), "{list}");
    })
    .await;
}

#[tokio::test]
async fn a_page_that_has_its_name_lead_here_reads_nothing() {
    on_both(5, |w| async move {
        for path in ["/feeds/all.atom", "/", "/status", "/api/v1/changes", "/metrics"] {
            let (status, headers, _) = w.get(path, &[("host", "rebound.example:8473")]).await;
            assert_eq!(
                (status, &headers["content-type"]),
                (403, &"application/problem+json".parse().unwrap()),
                "{path}"
            );
            assert_eq!(w.get(path, &[("host", "news.example.org")]).await.0, 200, "{path}");
        }
        assert_eq!(w.get("/healthz", &[("host", "rebound.example")]).await.0, 200, "it says nothing of anybody");
    })
    .await;
}
