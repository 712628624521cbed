//! Archive pages (RFC 5005) say the same for good, and nothing is missing between them and the feed.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::world::{World, at, on_both, path, told};

/// Address of the page before a feed or page, and what stands in that page.
async fn follow(w: &World, from: &str) -> Vec<(String, Vec<i64>)> {
    let (mut pages, mut next) = (vec![], w.json(from).await["next_url"].as_str().map(path));
    while let Some(page) = next {
        assert!(pages.len() < 20, "it does not end: {page}");
        pages.push((page.clone(), w.stories(&page).await));
        next = w.json(&page).await["next_url"].as_str().map(path);
    }
    pages
}

#[tokio::test]
async fn every_story_is_found_by_following_the_archive() {
    on_both(6, |w| async move {
        let mut all = BTreeSet::new();
        for n in 1..=11 {
            all.insert(w.tell(&told("a", n, &format!("港口新闻{n}"), &["chip"])).await);
            for feed in ["/feeds/chip.json", "/feeds/all.json", "/feeds/source/a.json"] {
                let shown = w.stories(feed).await;
                let pages = follow(&w, feed).await;
                let found: BTreeSet<i64> = pages.iter().flat_map(|(_, s)| s).chain(&shown).copied().collect();
                assert_eq!(found, all, "{feed} after {n}");
                assert_eq!(pages.len(), usize::try_from(n / 3 - 1).unwrap_or_default(), "{feed} after {n}");
                assert!(pages.iter().all(|(_, stories)| stories.len() == 3));
            }
        }
        assert!(w.json("/feeds/chip.json?limit=1").await["next_url"].is_null(), "stories lie between");
        assert!(w.json("/feeds/chip.json?source=a").await["next_url"].is_null(), "another feed");
        let page = follow(&w, "/feeds/chip.json").await.remove(0).0;
        let atom = w.text(&page.replace(".json", ".atom")).await;
        for part in [
            "<fh:archive",
            "xmlns:fh=\"http://purl.org/syndication/history/1.0\"",
            "<link href=\"https://news.example.org/feeds/chip.atom\" rel=\"current\"",
            "rel=\"next-archive\"",
            "href=\"../../style.xsl\"",
        ] {
            assert!(atom.contains(part), "{part}: {atom}");
        }
        let rss = w.text(&page.replace(".json", ".rss")).await;
        assert!(rss.contains("<fh:archive") && rss.contains("rel=\"current\""), "{rss}");
        assert!(w.text("/feeds/chip.rss").await.contains("rel=\"prev-archive\""));
    })
    .await;
}

#[tokio::test]
async fn a_page_that_was_read_never_changes() {
    on_both(4, |w| async move {
        for n in 1..=6 {
            w.tell(&told("a", n, &format!("港口新闻{n}"), &["chip"])).await;
        }
        let mut before = vec![];
        for (page, _) in follow(&w, "/feeds/chip.json").await {
            for format in ["json", "atom", "rss"] {
                let page = page.replace("json", format);
                let (_, headers, body) = w.get(&page, &[]).await;
                assert_eq!(headers["cache-control"], "max-age=86400");
                before.push((page, headers["etag"].to_str().unwrap().to_owned(), body));
            }
        }
        assert_eq!(before.len(), 6);
        // An edit, another outlet, another name of the source, another query's match, newer stories.
        w.edit(&told("a", 1, "港口新闻一，已更正", &["chip", "rice"]), true).await;
        w.tell(&told("b", 7, "港口新闻2", &["chip"])).await;
        w.tell(&told("b", 8, "港口新闻8", &["chip"])).await;
        w.store
            .sync_sources(&[crate::world::source("a", "Renamed"), crate::world::source("b", "B")], at(9))
            .await
            .unwrap();
        let restarted = World::with(w.store.clone(), 2).await;
        for w in [&w, &restarted] {
            w.age();
            for (page, tag, body) in &before {
                let (status, headers, now) = w.get(page, &[]).await;
                assert_eq!((status, headers["etag"].to_str().unwrap()), (200, tag.as_str()), "{page}");
                assert!(now == *body, "{page} changed");
                assert_eq!(w.again(page, tag, "br").await, 304);
            }
        }
        let corrected = w.text("/feeds/chip.json?limit=10").await;
        assert!(corrected.contains("已更正") && corrected.contains("Renamed"), "the feed itself does");
    })
    .await;
}

#[tokio::test]
async fn a_page_that_no_feed_names_yet_is_not_there_for_who_guesses_it() {
    on_both(4, |w| async move {
        for n in 1..=4 {
            w.tell(&told("a", n, &format!("港口新闻{n}"), &[])).await;
        }
        assert_eq!(w.get("/feeds/all/archive/2.json", &[]).await.0, 410, "full, but the one after it is not");
        assert_eq!(w.get("/feeds/all/archive/1.json", &[]).await.0, 200);
        w.edit(&told("a", 4, "港口新闻四，全文", &[]), false).await;
        for n in 5..=6 {
            w.tell(&told("a", n, &format!("港口新闻{n}"), &[])).await;
        }
        let page = w.text("/feeds/all/archive/2.atom").await;
        assert!(
            page.contains("rel=\"next-archive\"") && page.contains("全文"),
            "as it stands when it is named: {page}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_page_goes_as_a_whole_with_the_oldest_in_it() {
    on_both(4, |w| async move {
        for n in 1..=9 {
            w.tell(&told("a", n, &format!("港口新闻{n}"), &["chip"])).await;
        }
        let pages: Vec<String> = follow(&w, "/feeds/chip.json").await.into_iter().map(|(page, _)| page).collect();
        let second = w.text(&pages[1]).await;
        // Of /feeds/all nobody has read a page yet.
        w.store.delete_articles(at(1) + TimeDelta::seconds(1), 100).await.unwrap();
        assert_eq!(w.store.forget_archives(Some(at(1) + TimeDelta::seconds(1))).await.unwrap(), 1);
        w.age();
        let world = &w;
        let status = |page: String| async move { world.get(&page, &[]).await.0 };
        assert_eq!(status(pages[2].clone()).await, 410, "one of its two stories is too old");
        assert_eq!(w.text(&pages[1]).await, second, "the others stay as they were");
        assert_eq!(
            (status("/feeds/all/archive/1.rss".into()).await, status("/feeds/all/archive/2.rss".into()).await),
            (200, 200)
        );
        assert_eq!(w.store.forget_archives(None).await.unwrap(), 0);
        for absent in ["/feeds/chip/archive/1.rss", "/feeds/all/archive/99.rss", "/feeds/source/b/archive/1.rss"] {
            assert_eq!(status(absent.into()).await, 410, "{absent}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_story_that_is_taken_apart_takes_no_page_with_it() {
    on_both(4, |w| async move {
        for n in 1..=7 {
            if n == 2 {
                // The topic matches one of two articles of the story, which turn out to be two.
                w.tell(&told("a", 2, "港口新闻2", &[])).await;
                w.tell(&told("b", 102, "港口新闻2", &["chip"])).await;
                w.edit(&told("b", 102, "是另一则", &["chip"]), true).await;
            } else {
                w.tell(&told("a", n, &format!("港口新闻{n}"), &["chip"])).await;
            }
        }
        let whole = w.stories("/feeds/chip.json?limit=10").await;
        let apart = tidings::ledger::split(&w.store, "https://b.example/102", at(9)).await.unwrap().unwrap();
        w.age();
        let now = w.stories("/feeds/chip.json?limit=10").await;
        assert!(
            now.contains(&apart.story) && now.len() == whole.len() && !now.contains(&whole[5]),
            "{whole:?} {now:?}"
        );
        let pages = follow(&w, "/feeds/chip.json").await;
        let found: BTreeSet<i64> =
            pages.iter().flat_map(|(_, s)| s).chain(&w.stories("/feeds/chip.json").await).copied().collect();
        assert_eq!(found, now.into_iter().collect(), "{pages:?}");
        assert_eq!(pages.last().unwrap().1.len(), 1, "what is left of its page");
    })
    .await;
}

#[tokio::test]
async fn another_query_begins_another_archive() {
    on_both(4, |w| async move {
        for n in 1..=5 {
            w.tell(&told("a", n, &format!("港口新闻{n}"), &["chip"])).await;
        }
        let page = follow(&w, "/feeds/chip.json").await.remove(0).0;
        let of = |id: &str, n: u8| (id.to_owned(), id.to_uppercase(), vec![n; 32]);
        w.store.sync_topics(&[of("chip", 9), of("rice", 2)], at(9)).await.unwrap();
        w.age();
        assert_eq!(w.get(&page, &[]).await.0, 410, "its stories are to be matched anew");
        assert!(w.json("/feeds/chip.json").await["next_url"].is_null());
        w.store.forget_archives(None).await.unwrap();
        w.store.sync_topics(&[of("chip", 1), of("rice", 2)], at(9)).await.unwrap();
        w.age();
        assert_eq!(w.get(&page, &[]).await.0, 410, "also when the old query comes back");
    })
    .await;
}
