//! Listings of a real Discuz portal in four renderings, and the test feeds of Python's feedparser.
//!
//! An extra: the samples are no part of the project. They are looked for where `TIDINGS_SAMPLES` says, else beside the
//! crate; without them there is nothing to hold.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::{DateTime, TimeZone, Utc};
use serde_json::Value;
use tidings::{
    config::presets,
    model::{Listing, ListingKind, Recipe, Source},
    read::{Page, listing},
};
use url::Url;

const RENDERINGS: [&str; 4] = ["utf8", "big5", "gbk", "big5_s2t"];
/// How many of feedparser's test feeds parse without error: measured, and not to fall.
const WELLFORMED_MIN: usize = 863;
const ILLFORMED_MIN: usize = 8;
const ENTITIES_MIN: usize = 118;

fn samples() -> Option<PathBuf> {
    let place = std::env::var_os("TIDINGS_SAMPLES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples"), PathBuf::from);
    place.is_dir().then_some(place)
}

/// When the pages were saved: 07:09:41 in Hong Kong.
fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 23, 9, 41).unwrap()
}

/// These tests are not about charsets: each rendering's own is given.
fn text(folder: &str, bytes: &[u8]) -> String {
    let encoding = match folder {
        "gbk" => encoding_rs::GBK,
        "big5" | "big5_s2t" => encoding_rs::BIG5,
        _ => encoding_rs::UTF_8,
    };
    // The feeds of every rendering are as their declaration says.
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
    let encoding = if head.contains("encoding=\"utf-8\"") { encoding_rs::UTF_8 } else { encoding };
    encoding.decode(bytes).0.into_owned()
}

fn source(url: &Url, recipe: Recipe) -> Source {
    Source { name: "Sample".into(), time_zone: chrono_tz::Asia::Hong_Kong, recipe, ..Source::at("sample", url.clone()) }
}

struct Site {
    folder: &'static str,
    place: PathBuf,
}

impl Site {
    fn all() -> Vec<Self> {
        let place = samples();
        RENDERINGS
            .iter()
            .filter_map(|folder| Some(Self { folder, place: place.as_ref()?.join("discuz").join(folder) }))
            .collect()
    }

    fn address(&self, file: &str) -> Option<Url> {
        let urls = fs::read_to_string(self.place.join("URLS.txt")).unwrap();
        let line = urls.lines().find(|l| l.starts_with(&format!("{file} ")))?.to_owned();
        Url::parse(line.rsplit(' ').next()?).ok()
    }

    /// `None` when this rendering has no such page.
    fn read(&self, file: &str, recipe: Recipe) -> Option<Listing> {
        let url = self.address(file)?;
        let bytes = fs::read(self.place.join(file)).ok()?;
        let text = text(self.folder, &bytes);
        let page = Page { url: &url, content_type: None, text: &text };
        Some(listing(page, &source(&url, recipe), now()).unwrap_or_else(|p| panic!("{}/{file}: {p:?}", self.folder)))
    }

    fn by_preset(&self, file: &str) -> Listing {
        self.read(file, presets::get("discuz").unwrap()).unwrap_or_else(|| panic!("{}/{file} is missing", self.folder))
    }
}

/// (aid, title, date in Hong Kong) of every article.
fn manifest() -> Vec<(u64, String, String)> {
    let text = fs::read_to_string(samples().unwrap().join("discuz/manifest.json")).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    let of = |a: &Value, key: &str| a[key].as_str().unwrap().to_owned();
    all["articles"]
        .as_object()
        .unwrap()
        .values()
        .map(|a| (a["aid"].as_u64().unwrap(), of(a, "title"), of(a, "date")))
        .collect()
}

fn aid(url: &Url) -> Option<u64> {
    url.query_pairs().find(|(name, _)| name == "aid")?.1.parse().ok()
}

/// What is wrong with the entries of `listing`, by the manifest: titles only where the rendering leaves them as they are.
fn wrong(site: &Site, file: &str, listing: &Listing, dated: bool) -> Vec<String> {
    let known = manifest();
    let mut wrong = vec![];
    for entry in &listing.entries {
        let Some((_, title, date)) = known.iter().find(|(id, ..)| Some(*id) == aid(&entry.link)) else {
            wrong.push(format!("{}/{file}: {} is no article", site.folder, entry.link));
            continue;
        };
        if entry.link.host_str() != Some("127.0.0.1") {
            wrong.push(format!("{}/{file}: {} leaves the site", site.folder, entry.link));
        }
        let shown = entry.title.clone().unwrap_or_default();
        let plain = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
        let same = if matches!(site.folder, "utf8" | "big5") {
            shown == plain(title)
        } else {
            // Machine conversion changes characters, not their number.
            shown.chars().count() == plain(title).chars().count()
        };
        if !same {
            wrong.push(format!("{}/{file}: `{shown}` instead of `{title}`", site.folder));
        }
        let at = entry
            .published
            .map(|at| at.with_timezone(&chrono_tz::Asia::Hong_Kong).format("%Y-%m-%d %H:%M").to_string());
        if dated && at.as_deref() != Some(date) {
            wrong.push(format!("{}/{file}: {at:?} instead of {date}", site.folder));
        }
    }
    wrong
}

#[test]
fn lists_of_articles_are_read_whole() {
    for site in Site::all() {
        for (file, entries, dated, next) in [
            ("list_tech_p1.html", 4, true, true),
            ("list_tech_p2.html", 2, true, false),
            ("list_news_p1.html", 10, true, true),
            ("list_life_onerank.html", 6, false, false),
        ] {
            let listing = site.by_preset(file);
            assert_eq!(listing.kind, ListingKind::Recipe, "{}/{file}", site.folder);
            assert_eq!(listing.entries.len(), entries, "{}/{file}", site.folder);
            assert_eq!(wrong(&site, file, &listing, dated), Vec::<String>::new());
            assert_eq!(listing.next.is_some(), next, "{}/{file}", site.folder);
            assert!(listing.problems.is_empty(), "{}/{file}: {:?}", site.folder, listing.problems);
            assert!(!dated || listing.entries.iter().all(|e| e.summary.is_some()), "{}/{file}", site.folder);
        }
    }
}

#[test]
fn the_lists_are_found_without_selectors_too() {
    for site in Site::all() {
        for (file, entries, dated) in
            [("list_tech_p1.html", 4, true), ("list_news_p1.html", 10, true), ("list_life_onerank.html", 6, false)]
        {
            let listing = site.read(file, Recipe::default()).unwrap();
            assert_eq!(listing.kind, ListingKind::Portal, "{}/{file}", site.folder);
            assert_eq!(listing.entries.len(), entries, "{}/{file}: {:#?}", site.folder, listing.entries);
            assert_eq!(wrong(&site, file, &listing, dated), Vec::<String>::new());
        }
    }
}

#[test]
fn beyond_the_end_there_is_an_empty_list_and_no_trouble() {
    for site in Site::all() {
        let listing = site.by_preset("list_page_beyond_end.html");
        assert_eq!((listing.entries.len(), listing.kind), (0, ListingKind::Recipe), "{}", site.folder);
        assert!(listing.problems.is_empty(), "{}: {:?}", site.folder, listing.problems);
        let message = site.by_preset("list_nocat.html");
        assert_eq!(message.entries.len(), 0, "{}: {:?}", site.folder, message.entries);
        assert!(message.problems.iter().any(|p| p.message.contains("container gone")), "{}", site.folder);
    }
}

#[test]
fn threads_of_a_forum_are_read() {
    for site in Site::all() {
        let listing = site.by_preset("forum_list.html");
        assert_eq!(listing.entries.len(), 5, "{}", site.folder);
        assert!(listing.entries.iter().all(|e| e.link.query().is_some_and(|q| q.contains("mod=viewthread"))));
        let day = |at: DateTime<Utc>| at.with_timezone(&chrono_tz::Asia::Hong_Kong).format("%Y-%m-%d").to_string();
        assert!(
            listing.entries.iter().all(|e| e.published.map(day).as_deref() == Some("2026-11-24")),
            "{:?}",
            listing.entries
        );
        assert_eq!(listing.feeds.len(), 1, "{}", site.folder);
        assert!(listing.problems.is_empty(), "{}: {:?}", site.folder, listing.problems);
    }
}

#[test]
fn feeds_are_read_and_stale_ones_are_empty() {
    for site in Site::all() {
        for (file, entries) in [("rss_portal_all.xml", 20), ("rss_portal_tech.xml", 6)] {
            let listing = site.read(file, Recipe::default()).unwrap();
            assert_eq!((listing.entries.len(), listing.kind), (entries, ListingKind::Feed), "{}/{file}", site.folder);
            assert_eq!(wrong(&site, file, &listing, true), Vec::<String>::new());
            assert_eq!(listing.ttl_s, Some(3600), "{}/{file}", site.folder);
            assert!(listing.entries.iter().all(|e| e.summary.is_some()), "{}/{file}", site.folder);
            assert!(listing.problems.is_empty(), "{}/{file}: {:?}", site.folder, listing.problems);
        }
        assert_eq!(site.read("rss_forum.xml", Recipe::default()).unwrap().entries.len(), 5, "{}", site.folder);
        for file in ["rss_portal_all_STALE.xml", "rss_forum_STALE.xml"] {
            // Only the site as it is was asked while its cache was old.
            let Some(listing) = site.read(file, Recipe::default()) else {
                assert_ne!(site.folder, "utf8", "{file} is missing");
                continue;
            };
            assert!(listing.entries.is_empty() && listing.problems.is_empty(), "{}/{file}: {listing:?}", site.folder);
        }
    }
}

/// Every file of `folder`, read; (how many, those that are no listing).
fn feedparser(folder: &str) -> (usize, Vec<String>) {
    let Some(place) = samples() else { return (0, vec![]) };
    let (mut count, mut refused, mut folders) = (0, vec![], vec![place.join("feedparser").join(folder)]);
    let url = Url::parse("http://127.0.0.1:8097/feed.xml").unwrap();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            count += 1;
            let bytes = fs::read(&path).unwrap();
            let utf16 = bytes.iter().take(40).filter(|b| **b == 0).count() > 10;
            let wide = if bytes.first() == Some(&0) { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE };
            let text = if utf16 { wide } else { encoding_rs::UTF_8 }.decode(&bytes).0.into_owned();
            let page = Page { url: &url, content_type: None, text: &text };
            if let Err(problem) = listing(page, &source(&url, Recipe::default()), now()) {
                refused.push(format!("{}: {}", path.display(), problem.message));
            }
        }
    }
    (count, refused)
}

#[test]
fn feedparsers_feeds_are_read() {
    if samples().is_none() {
        return;
    }
    for (folder, least) in [("wellformed", WELLFORMED_MIN), ("illformed", ILLFORMED_MIN), ("entities", ENTITIES_MIN)] {
        let (count, refused) = feedparser(folder);
        println!("{folder}: {} of {count} read; refused: {refused:#?}", count - refused.len());
        assert!(count - refused.len() >= least, "{folder}: {} of {count} read; {refused:#?}", count - refused.len());
    }
}
