//! Laws of the pure chain: bytes to text to entries and articles to identity and matches.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use tidings::{
    config::presets,
    extract, fingerprint,
    model::{Digest, Recipe, Source, SourceKind},
    read, text,
    topic::{Spec, Subject, Topics},
};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_796_000_000, 0).unwrap()
}

fn source(recipe: Recipe, kind: SourceKind) -> Source {
    Source {
        name: "S".into(),
        kind,
        time_zone: chrono_tz::Asia::Hong_Kong,
        recipe,
        ..Source::at("s", "https://news.example/list".parse().unwrap())
    }
}

/// The whole chain on one body; what comes out does not matter, that something does is the law.
fn chain(bytes: &[u8], content_type: Option<&str>, topics: &Topics) {
    let decoded = text::decode(bytes, None, content_type);
    let url = "https://news.example/portal.php?mod=view&aid=1".parse().unwrap();
    for (recipe, kind) in [
        (Recipe::default(), SourceKind::Auto),
        (Recipe::default(), SourceKind::Feed),
        (presets::get("discuz").unwrap(), SourceKind::Portal),
    ] {
        let source = source(recipe, kind);
        let page = read::Page { url: &url, content_type, text: &decoded.text };
        if let Ok(listing) = read::listing(page, &source, now()) {
            for entry in &listing.entries {
                let _ = extract::from_entry(entry, &source);
            }
        }
        if let Ok(draft) = extract::article(extract::Page { url: &url, text: &decoded.text }, None, &source, now()) {
            let _ = fingerprint::digest(&draft.title, &draft.text);
            let _ = topics.matches(&Subject { title: &draft.title, text: &draft.text, ..Subject::default() });
        }
    }
}

fn topics() -> Topics {
    let spec = Spec {
        id: "t".into(),
        title: "T".into(),
        query: "芯片 OR (chip* AND NOT \"export ban\")".into(),
        threshold: 0.0,
    };
    Topics::compile(&[spec], &Default::default()).unwrap()
}

/// Scraps that listings and articles are made of, so that random documents get past the first check.
const SCRAPS: &[&str] = &[
    "<?xml version=\"1.0\" encoding=\"gbk\"?>",
    "<rss version=\"2.0\">",
    "<channel>",
    "<item>",
    "</item>",
    "<title>",
    "</title>",
    "<link>/a/1</link>",
    "<pubDate>Mon, 23 Nov 2026</pubDate>",
    "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
    "<entry>",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE html>",
    "<html>",
    "<meta charset=\"big5\">",
    "<dl class=\"bbda\">",
    "<dt>",
    "<a href=\"portal.php?mod=view&aid=2\">",
    "</a>",
    "</dt>",
    "</dl>",
    "<h1 class=\"ph\">",
    "</h1>",
    "<p class=\"xg1\">2025-12-9 19:20 | 來自: 晨報</p>",
    "<td id=\"article_content\">",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<table>",
    "<br>",
    "&nbsp;",
    "&#x6676;",
    "&#99999999;",
    "芯片出口管制",
    "　　",
    "{\"items\":[",
    "{\"url\":\"/1\"}",
    "]}",
    "<script>",
    "</script>",
    "\u{0}",
    "\u{FEFF}",
    "<",
    ">",
    "\"",
    "昨天 12:30",
    "<urlset>",
    "<loc>https://n.example/1</loc>",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_on_random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000), label in 0..5_usize) {
        let label = [None, Some("text/html; charset=gbk"), Some("text/xml; charset=utf-16"), Some("text/html; charset=\"big5"), Some(";;")][label];
        chain(&bytes, label, &topics());
    }

    #[test]
    fn nothing_breaks_on_scraps_of_documents(picks in proptest::collection::vec(0..SCRAPS.len(), 0..60), cut in 0..3000_usize) {
        let text: String = picks.into_iter().map(|n| SCRAPS[n]).collect();
        let mut bytes = text.into_bytes();
        bytes.truncate(cut);
        chain(&bytes, None, &topics());
    }

    #[test]
    fn the_digest_does_not_change_with_layout(
        paragraphs in proptest::collection::vec("[一-龥A-Za-z0-9，。]{30,60}", 3..6),
        layout in 0..4_usize,
    ) {
        let plain = digest(&page(&paragraphs, 0));
        prop_assert_eq!(digest(&page(&paragraphs, layout)), plain);
    }
}

/// An article page whose paragraphs are marked up in one of four ways, with the furniture of a portal around them.
fn page(paragraphs: &[String], layout: usize) -> String {
    let body: String = match layout {
        0 => paragraphs.iter().map(|p| format!("<p>{p}</p>")).collect(),
        1 => paragraphs.iter().map(|p| format!("　　{p}<br />\n<br />\n")).collect(),
        2 => paragraphs.iter().map(|p| format!("<div>&nbsp; &nbsp;<font face=\"x\">{p}</font></div>\n")).collect(),
        _ => paragraphs
            .iter()
            .map(|p| format!("<p class=\"MsoNormal\">\n<span lang=\"ZH\">\u{3000}\u{3000}{p}</span></p>"))
            .collect(),
    };
    format!(
        "<html><head><title>t - site</title></head><body><div class=\"bm vw\"><div class=\"h\"><h1 class=\"ph\">题目</h1>\
         <p class=\"xg1\">2026-11-20 10:00 | 查看: {layout}</p></div><table><tr><td id=\"article_content\">{body}\
         <script>var x = {layout};</script></td></tr></table></div></body></html>"
    )
}

fn digest(page: &str) -> Digest {
    let url = "https://news.example/portal.php?mod=view&aid=1".parse().unwrap();
    let source = source(presets::get("discuz").unwrap(), SourceKind::Portal);
    let draft = extract::article(extract::Page { url: &url, text: page }, None, &source, now()).unwrap();
    fingerprint::digest(&draft.title, &draft.text)
}
