//! How long it takes to read a feed of 30 items, and a portal's list of 30, with and without a recipe.

use std::{fmt::Write, hint::black_box};

use chrono::{TimeZone, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use tidings::{
    config::presets,
    model::{Recipe, Source},
    read::{Page, listing},
};
use url::Url;

const ITEMS: usize = 30;

fn source(recipe: Recipe) -> Source {
    Source {
        name: "Bench".into(),
        time_zone: chrono_tz::Asia::Hong_Kong,
        recipe,
        ..Source::at("bench", Url::parse("https://news.example/").expect("a constant address"))
    }
}

fn feed() -> String {
    let mut out = String::from("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Bench</title>");
    for n in 0..ITEMS {
        let text = "港口貨量回升，航運公司加開班次。 ".repeat(40);
        let _ = write!(
            out,
            "<item><title>第 {n} 則 &amp; 其他</title><link>https://news.example/a/{n}.html</link>\
             <pubDate>Mon, 23 Nov 2026 10:{n:02}:00 +0800</pubDate>\
             <description><![CDATA[<p>{text}</p>]]></description></item>"
        );
    }
    out + "</channel></rss>"
}

fn portal() -> String {
    let mut out = String::from("<html><head><base href=\"https://news.example/\"></head><body><div class=\"xld\">");
    for n in 0..ITEMS {
        let _ = write!(
            out,
            "<dl class=\"bbda cl\"><dt><a href=\"portal.php?mod=view&aid={n}\">港口貨量回升第 {n} 報 航運公司加開班次</a></dt>\
             <dd class=\"xs2\">摘要</dd><dd><span class=\"xg1\"> 2026-11-{:02} 21:40</span></dd></dl>",
            n % 20 + 1
        );
    }
    out + "</div></body></html>"
}

fn read(c: &mut Criterion) {
    let url = Url::parse("https://news.example/list").expect("a constant address");
    let now = Utc.with_ymd_and_hms(2026, 11, 24, 0, 0, 0).single().expect("a constant instant");
    let discuz = presets::get("discuz").expect("a preset that ships");
    let (feed, portal) = (feed(), portal());
    for (name, text, recipe) in [
        ("feed", &feed, Recipe::default()),
        ("portal by recipe", &portal, discuz),
        ("portal found", &portal, Recipe::default()),
    ] {
        let source = source(recipe);
        let page = Page { url: &url, content_type: None, text };
        let entries = listing(page, &source, now).map(|l| l.entries.len());
        assert_eq!(entries, Ok(ITEMS), "{name}");
        c.bench_function(&format!("{name} of {ITEMS}"), |b| b.iter(|| listing(black_box(page), &source, now)));
    }
}

/// What the same feed costs feed-rs alone: the measure for all that stands around it.
fn bare(c: &mut Criterion) {
    let feed = feed();
    c.bench_function(&format!("feed of {ITEMS}, feed-rs alone"), |b| {
        b.iter(|| feed_rs::parser::parse(black_box(feed.as_bytes())));
    });
}

criterion_group!(benches, read, bare);
criterion_main!(benches);
