//! What one visit makes of what a server answers; no database in sight.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod lists;
mod pace;

use std::io::Write;
use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use tidings::{
    cadence,
    config::presets,
    fetch::{self, Fetcher},
    model::{Announced, Entry, FailureKind, Health, Outcome, Pace, Past, Source, Target, TargetKind, Visit},
    topic::{Spec, Topics},
    visit::{As, Kit, look, visit},
};

const BODY: &str =
    "出口管制的细则今天公布，两款光刻机列入许可范围，供应商须在九十天内提交客户名册，逾期的订单不得出货。";

fn article(title: &str, text: &str, next: &str) -> String {
    format!(
        "<html><head><meta charset=utf-8><title>{title} - 站</title></head><body><div class=\"bm vw\"><div class=\"h\">\
         <h1 class=\"ph\">{title}</h1><p class=\"xg1\">2026-11-20 10:00 | 来自: 晨报</p></div>\
         <table><tr><td id=\"article_content\">{text}</td></tr></table>{next}</div></body></html>"
    )
}

fn items(n: usize, content: &str) -> String {
    let item = |i: usize| {
        format!(
            "<item><title>第{i}条芯片消息</title><link>/a/{i}</link><guid>g{i}</guid><pubDate>Fri, 20 Nov 2026 10:{i:02}:00 GMT</pubDate>\
             <description>芯片与出口管制的摘要 {i}</description>{content}</item>"
        )
    };
    let all: String = (0..n).map(item).collect();
    format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>F</title>{all}</channel></rss>"
    )
}

/// A list of five in a container of this class; `empty` has none, `other` leads elsewhere, `feed` announces one.
fn list(like: &str) -> String {
    let at = if like == "other" { "/tags/x" } else { "/a/" };
    let class = if like.starts_with("gone") || like == "other" { "renamed" } else { "list" };
    let item = |n: usize| {
        format!("<li><a href=\"{at}{n}00{n}.html\">港口重新开放 第{n}批货轮今天靠岸</a> <span>2026-11-2{n}</span></li>")
    };
    let items: String = if like == "empty" { String::new() } else { (0..5).map(item).collect() };
    let feed = if like.starts_with("feed") {
        "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed\">"
    } else {
        ""
    };
    format!("<html><head><title>列表</title>{feed}</head><body><ul class=\"{class}\">{items}</ul></body></html>")
}

async fn answer(uri: Uri, headers: HeaderMap) -> Response {
    let html = |body: String| ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response();
    let xml =
        |body: String| ([(header::CONTENT_TYPE, "application/xml"), (header::ETAG, "\"v1\"")], body).into_response();
    let pager = "<div class=\"pg\"><a class=\"nxt\" href=\"/paged?page=2\">下一页</a></div>";
    match (uri.path(), uri.query()) {
        ("/feed", _) if headers.contains_key(header::IF_NONE_MATCH) => StatusCode::NOT_MODIFIED.into_response(),
        ("/feed", _) => xml(items(30, "")),
        ("/whole", _) => {
            xml(items(3, &format!("<content:encoded><![CDATA[<p>{}</p>]]></content:encoded>", BODY.repeat(20))))
        }
        ("/paged", None) => html(article("两页的文章", &format!("<p>{BODY}</p>"), pager)),
        ("/paged", _) => html(article("两页的文章", "<p>第二页的正文在这里，写的是审查的过程和等待的日子。</p>", "")),
        ("/secret", _) => {
            let carried = headers.get("x-key").map_or("nothing", |v| v.to_str().unwrap());
            html(article(&format!("带来了 {carried}"), &format!("<p>{BODY}</p>"), ""))
        }
        ("/nul", _) => html(article("零字符的新闻", &format!("<p>{BODY}\0</p>"), "")),
        ("/list", Some(q)) => html(list(q)),
        ("/keep-out", Some("test")) => html("<html><head><title>Just a moment...</title></head><body></body></html>".into()),
        ("/keep-out", Some(_)) => html(
            "<html><head><title>会员登录</title></head><body><form><input name=u><input type=password></form></body></html>"
                .into(),
        ),
        ("/index", Some(_)) => xml("<sitemapindex><sitemap><loc>/none.xml</loc></sitemap></sitemapindex>".into()),
        ("/index", _) => xml("<sitemapindex><sitemap><loc>/s1.xml</loc><lastmod>2026-11-20</lastmod></sitemap>\
             <sitemap><loc>/s2.xml.gz</loc><lastmod>2026-11-21</lastmod></sitemap></sitemapindex>"
            .into()),
        ("/outline", _) => xml("<opml version='2.0'><head><title>一览</title></head><body><outline text='新闻'>\
             <outline type='rss' text='甲' xmlUrl='/feed'/><outline text='乙' xmlUrl='/none.xml'/></outline>\
             <outline type='link' text='专题' url='/one' created='Mon, 23 Nov 2026 08:00:00 GMT'/></body></opml>"
            .into()),
        ("/s1.xml", _) => xml("<urlset><url><loc>/a/1</loc></url><url><loc>/a/2</loc></url></urlset>".into()),
        ("/s2.xml.gz", _) => {
            let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
            packed.write_all(b"<urlset><url><loc>/a/2</loc></url><url><loc>/a/3</loc></url></urlset>").unwrap();
            ([(header::CONTENT_TYPE, "application/gzip")], packed.finish().unwrap()).into_response()
        }
        ("/bomb.gz", _) => {
            let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
            (0..40).for_each(|_| packed.write_all(&vec![b' '; 1024 * 1024]).unwrap());
            ([(header::CONTENT_TYPE, "application/gzip")], packed.finish().unwrap()).into_response()
        }
        ("/linkless", _) => xml(items(3, "")
            .replace("<link>/a/0</link>", "")
            .replace("<title>第0条芯片消息</title>", "")
            .replace("<link>/a/1</link>", "")
            .replace("<guid>g1</guid>", "")
            .replace("<guid>g0</guid>", "<guid isPermaLink='false'>g0</guid>")),
        ("/behind", _) => {
            xml(items(3, &format!("<content:encoded><![CDATA[<p>{}</p>]]></content:encoded>", BODY.repeat(20)))
                .replace("<link>/a/0</link>", "<link>/a/1</link>"))
        }
        ("/one", _) => html(article("光刻机出口许可", &format!("<p>{BODY}</p>"), "")),
        ("/message", _) => html(
            "<html><body><div id=\"messagetext\" class=\"alert_error\"><p>抱歉，文章不存在</p></div></body></html>"
                .into(),
        ),
        ("/login", _) => StatusCode::FORBIDDEN.into_response(),
        ("/busy", _) => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7200")]).into_response(),
        ("/garbled", _) => {
            let bytes: Vec<u8> =
                b"<html><body>".iter().copied().chain((0..4000_u32).map(|n| 0x80 + (n * 7 % 0x1f) as u8)).collect();
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], bytes).into_response()
        }
        ("/moved", _) => (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, "/one")]).into_response(),
        _ => pace::answer(&uri).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response()),
    }
}

struct Bench {
    base: String,
    source: Source,
    kit: Arc<Kit>,
}

impl Bench {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let mut source = Source::at("s", format!("{base}/feed").parse().unwrap());
        source.time_zone = chrono_tz::Asia::Hong_Kong;
        source.recipe = presets::get("discuz").unwrap();
        let spec =
            Spec {
                id: "chip".into(), title: "Chip".into(), query: "光刻机 AND 出口管制".into(), threshold: 0.0
            };
        let kit = Kit {
            fetcher: Fetcher::new(&fetch::Settings {
                per_host_delay: Duration::ZERO,
                allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
                ..fetch::Settings::default()
            })
            .unwrap(),
            topics: Topics::compile(&[spec], &Default::default()).unwrap().into(),
            sources: HashMap::new(),
            cadence: cadence::Settings::default(),
            revisits_per_hour: 100,
            concurrency: 1,
        };
        Self { base, source, kit: Arc::new(kit) }
    }

    fn target(&self, path: &str, kind: TargetKind) -> Target {
        Target {
            id: 1,
            source: "s".into(),
            kind,
            url: format!("{}{path}", self.base).parse().unwrap(),
            etag: None,
            last_modified: None,
            failures: 0,
            first_seen_at: now(),
            last_visit_at: None,
            last_success_at: None,
            entry: None,
            past: Default::default(),
        }
    }

    async fn visit(&self, target: Target) -> Visit {
        visit(target, &self.source, &self.kit, now()).await
    }

    async fn page(&self, path: &str) -> Visit {
        let mut target = self.target(path, TargetKind::Article);
        let mut entry = Entry::at(target.url.clone());
        entry.title = Some("列表里的标题".into());
        entry.summary = Some("光刻机的出口管制，列表里的摘要。".into());
        target.entry = Some(entry);
        self.visit(target).await
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_796_000_000, 0).unwrap()
}

#[tokio::test]
async fn a_listing_gives_pages_to_visit_the_oldest_first_and_on_the_first_visit_only_some() {
    let bench = Bench::new().await;
    let first = bench.visit(bench.target("/feed", TargetKind::Listing)).await;
    assert_eq!((first.outcome.as_str(), first.wanted.len(), first.skipped.len()), ("ok", 20, 10));
    let titles: Vec<_> = first.wanted.iter().map(|e| e.title.clone().unwrap()).collect();
    assert_eq!(
        (titles[0].as_str(), titles[19].as_str()),
        ("第10条芯片消息", "第29条芯片消息"),
        "the newest twenty, oldest first"
    );
    let mut again = bench.target("/feed", TargetKind::Listing);
    again.last_success_at = Some(now());
    assert_eq!(bench.visit(again.clone()).await.wanted.len(), 30);
    again.etag = Some("\"v1\"".into());
    again.last_visit_at = Some(now() - TimeDelta::minutes(20));
    let same = bench.visit(again).await;
    assert_eq!(same.outcome, Outcome::NotModified);
    assert!(same.wanted.is_empty() && same.next_visit_at.unwrap() >= now() + TimeDelta::minutes(30));
}

#[tokio::test]
async fn entries_that_carry_the_whole_article_need_no_page() {
    let mut bench = Bench::new().await;
    let visit = bench.visit(bench.target("/whole", TargetKind::Listing)).await;
    assert_eq!((visit.findings.len(), visit.wanted.len()), (3, 0));
    assert!(visit.findings.iter().all(|f| !f.from_page && f.matches.len() == 1 && f.draft.text.contains("光刻机")));
    bench.source.full_text = Some(true);
    let visit = bench.visit(bench.target("/whole", TargetKind::Listing)).await;
    assert_eq!((visit.findings.len(), visit.wanted.len()), (0, 3), "unless the user wants the pages");
    bench.source.full_text = Some(false);
    let visit = bench.visit(bench.target("/feed", TargetKind::Listing)).await;
    assert_eq!((visit.findings.len(), visit.wanted.len()), (20, 0), "or no pages at all");
}

#[tokio::test]
async fn entries_behind_one_address_are_told_apart_and_others_are_not_renamed() {
    let bench = Bench::new().await;
    let visit = bench.visit(bench.target("/behind", TargetKind::Listing)).await;
    let mut parts: Vec<_> = visit.findings.iter().map(|f| f.part.clone()).collect();
    parts.sort();
    assert_eq!(parts, [None, Some("g0".into()), Some("g1".into())]);
}

#[tokio::test]
async fn entries_without_a_link_are_articles_of_their_own() {
    let bench = Bench::new().await;
    let visit = bench.visit(bench.target("/linkless", TargetKind::Listing)).await;
    let told: Vec<_> = visit
        .findings
        .iter()
        .map(|f| (f.part.clone().unwrap(), f.draft.title.clone(), f.draft.url.path().to_owned()))
        .collect();
    assert_eq!(
        told,
        [
            ("第1条芯片消息".into(), "第1条芯片消息".into(), "/linkless".into()),
            ("g0".into(), "芯片与出口管制的摘要 0".into(), "/linkless".into())
        ]
    );
    assert_eq!(visit.wanted.len(), 1, "and nobody visits the front page as an article");
}

#[tokio::test]
async fn a_header_of_the_source_goes_to_its_own_site_only() {
    let mut bench = Bench::new().await;
    bench.source.headers = vec![("x-key".into(), "geheim".into())];
    let own = bench.page("/secret").await;
    assert_eq!(own.findings[0].draft.title, "带来了 geheim");
    let mut linked = bench.target("/secret", TargetKind::Article);
    linked.url = format!("{}/secret", bench.base.replace("127.0.0.1", "localhost")).parse().unwrap();
    let elsewhere = bench.visit(linked).await;
    assert_eq!(elsewhere.findings[0].draft.title, "带来了 nothing");
}

#[tokio::test]
async fn what_no_database_keeps_is_no_part_of_a_text() {
    let bench = Bench::new().await;
    let finding = bench.page("/nul").await.findings.remove(0);
    assert!(!finding.draft.text.contains('\0') && !finding.draft.html.contains('\0'));
}

#[tokio::test]
async fn a_page_becomes_an_article_over_all_its_pages_and_redirects() {
    let bench = Bench::new().await;
    let visit = bench.page("/paged").await;
    let draft = &visit.findings[0].draft;
    assert_eq!((draft.title.as_str(), draft.origin.as_deref()), ("两页的文章", Some("晨报")));
    assert!(draft.text.starts_with("出口管制") && draft.text.contains("第二页的正文"), "{}", draft.text);
    assert!(visit.findings[0].from_page);
    let evidence: Vec<_> = visit.findings[0].matches[0].evidence.iter().map(|e| e.found.as_str()).collect();
    assert_eq!(evidence, ["光刻机", "出口管制"]);
    let moved = bench.page("/moved").await;
    assert!(moved.findings[0].draft.url.path().ends_with("/one"));
    assert!(moved.next_visit_at.unwrap() >= now() + TimeDelta::hours(1), "it is looked at again for edits");
}

#[tokio::test]
async fn a_page_that_cannot_be_had_does_not_lose_the_article() {
    let bench = Bench::new().await;
    for (path, outcome) in [("/login", "blocked"), ("/message", "not_article")] {
        let visit = bench.page(path).await;
        assert_eq!(visit.outcome.as_str(), outcome);
        assert!(visit.outcome.reason().is_some());
        let finding = &visit.findings[0];
        assert!(!finding.from_page && finding.draft.title == "列表里的标题" && finding.matches.len() == 1);
        assert!(visit.next_visit_at.is_some(), "the page is tried again");
    }
    let missing = bench.page("/nowhere").await;
    assert_eq!(missing.outcome.as_str(), "not_found");
    assert!(missing.findings.is_empty(), "what is not there is no article");
}

#[tokio::test]
async fn trouble_is_classed_and_the_pace_follows() {
    let mut bench = Bench::new().await;
    let busy = bench.visit(bench.target("/busy", TargetKind::Listing)).await;
    assert!(
        matches!(&busy.outcome, Outcome::Failed(f) if f.kind == FailureKind::Throttled && f.retry_after_s == Some(7200))
    );
    assert!(busy.next_visit_at.unwrap() >= now() + TimeDelta::hours(2));
    // A setting is final, also a wrong one: then it is said what to do.
    bench.source.charset = Some("utf-8".into());
    let garbled = bench.page("/garbled").await;
    let says = garbled.outcome.reason().unwrap();
    assert!(says.contains("garbled") && says.contains("charset"), "{says}");
    assert_eq!((garbled.outcome.as_str(), garbled.health()), ("garbled", Health::Garbled));
    let nothing = bench.visit(bench.target("/garbled", TargetKind::Listing)).await;
    assert!(!nothing.outcome.is_success() && nothing.next_visit_at.is_some(), "a source never stops");
}

#[tokio::test]
async fn a_dry_run_tells_an_article_from_a_list_by_itself() {
    let bench = Bench::new().await;
    let at = |path: &str| format!("{}{path}", bench.base).parse().unwrap();
    let article = look(&at("/one"), &bench.source, As::Either, &[], &bench.kit, now()).await.visit;
    assert_eq!((article.target.kind, article.findings.len()), (TargetKind::Article, 1));
    let list = look(&at("/feed"), &bench.source, As::Either, &[], &bench.kit, now()).await.visit;
    assert_eq!(list.listing.unwrap().entries.len(), 30);
    assert!(list.skipped.is_empty(), "it shows all of it");
}
