//! How long one article page takes: the scan before the parser, a page with a recipe, a page without.
#![expect(clippy::unwrap_used, reason = "a fixture that does not parse is a failure")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tidings::extract::{Page, article};
use tidings::model::{ArticleRecipe, Recipe, Source, SourceKind};
use tidings::text::tame;

const PARAGRAPH: &str =
    "<p>　　港務局公布新的靠泊章程，規定大型船隻必須提前四十八小時申報，章程將在下個月生效，船東協會表示歡迎。</p>\n";
const LINK: &str =
    "<li><a href=\"/news/7.html\" title=\"t\">另一條新聞的標題</a> <span class=\"xg1\">2026-05-05</span></li>\n";

/// A page of the usual proportions: as many links around the article as text in it.
fn page() -> String {
    let head = "<html><head><title>章程公布 - 海港網</title><script>var a = '<div>';</script></head><body><ul>";
    let links = LINK.repeat(120);
    // What is said twice is taken for furniture.
    let body: String = (40..60).map(|hours| PARAGRAPH.replace("四十八", &hours.to_string())).collect();
    format!(
        "{head}{links}</ul><h1 class=ph>章程公布</h1><p class=xg1>來源：海報 | 作者：甲</p><div id=body>{body}</div><ul>{links}</ul></body></html>"
    )
}

fn source(body: Option<&str>) -> Source {
    let article = ArticleRecipe { body: body.map(str::to_owned), ..ArticleRecipe::default() };
    Source {
        name: "Bench".into(),
        kind: SourceKind::Portal,
        time_zone: chrono_tz::Asia::Taipei,
        recipe: Recipe { article, ..Recipe::default() },
        ..Source::at("bench", "https://port.example/".parse().unwrap())
    }
}

fn extract(c: &mut Criterion) {
    let html = page();
    let url = "https://port.example/news/1.html".parse().unwrap();
    let now = "2026-05-06T00:00:00Z".parse().unwrap();
    let mut group = c.benchmark_group("extract");
    group.throughput(Throughput::Bytes(html.len() as u64));
    group.bench_function("tame", |b| b.iter(|| tame(black_box(&html)).len()));
    for (name, body) in [("recipe", Some("#body")), ("generic", None)] {
        let source = source(body);
        let page = Page { url: &url, text: &html };
        assert!(article(page, None, &source, now).is_ok_and(|d| d.text.lines().count() == 20));
        group.bench_function(name, |b| b.iter(|| article(black_box(page), None, &source, now)));
    }
    let nested = "<div>".repeat(50_000);
    group.throughput(Throughput::Bytes(nested.len() as u64));
    group.bench_function("tame_nested", |b| b.iter(|| tame(black_box(&nested)).len()));
    group.finish();
}

/// Pages made to hang, at one size and twice that: time is to grow with size.
fn hostile(c: &mut Criterion) {
    let url = "https://port.example/news/1.html".parse().unwrap();
    let now = "2026-05-06T00:00:00Z".parse().unwrap();
    let source = source(None);
    let mut group = c.benchmark_group("hostile");
    group.sample_size(10);
    let nested_row = "<table><tr><td>x";
    for (name, piece, count) in [
        ("divs", "<div>", 400_000),
        ("tables", nested_row, 20_000),
        ("links", "<a href=/x>words of a link</a> ", 40_000),
        ("paragraphs", "<p class=share>Ships may dock at any hour of the day.</p>", 20_000),
    ] {
        for times in [1, 2] {
            let html = format!("<title>Rules change</title>{}", piece.repeat(count * times));
            group.throughput(Throughput::Bytes(html.len() as u64));
            let page = Page { url: &url, text: &html };
            group
                .bench_function(format!("{name}_{times}"), |b| b.iter(|| article(black_box(page), None, &source, now)));
        }
    }
    group.finish();
}

criterion_group!(benches, extract, hostile);
criterion_main!(benches);
