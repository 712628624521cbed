//! The pages from made-up rows, and the routes that need no store, through a real server.

use axum::http::header;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{App, Feed, Settings, Token, limit, page, router, run, status};
use crate::model::{ArticleRow, Change, ChangeKind, Draft, Evidence, Field, Match, Outlet, StoryItem};
use crate::store::{SourceRow, Store, Totals};
use crate::telemetry::{Metrics, Pulse};
use crate::topic::Vocabulary;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

pub(super) fn row(id: &str) -> SourceRow {
    SourceRow {
        id: id.into(),
        name: format!("The {id}"),
        url: format!("https://{id}.example/list"),
        last_visit_at: None,
        last_success_at: None,
        next_visit_at: None,
        failures: 0,
        outcome: None,
        reason: None,
        status: None,
        entries_seen: 0,
        entries_new: 0,
        last_new_at: None,
        news_every_s: None,
        missed: 0,
        health: None,
        health_since: None,
        paused_at: None,
        expect_every_s: None,
        held: 0,
        held_since: None,
        articles: 0,
        pending: 0,
    }
}

pub(super) fn topics() -> Vec<Feed> {
    [("chip", "Chips & controls"), ("port", "Ports")]
        .map(|(id, title)| Feed { id: id.into(), title: title.into() })
        .into()
}

/// An app whose store is never asked. The senders are gone, as they are at shutdown.
pub(super) fn app() -> App {
    let now = Utc::now();
    App {
        store: Store::Sqlite(sqlx::SqlitePool::connect_lazy("sqlite::memory:").unwrap()),
        metrics: Metrics::new().unwrap(),
        pulse: Pulse::new(now),
        settings: Settings::default(),
        topics: watch::channel(topics()).1,
        vocabulary: watch::channel(Vocabulary::default()).1,
        authority: "news.example.org,2026".into(),
        started_at: now,
        head: watch::channel(0).1,
        base: "https://news.example.org/".parse().unwrap(),
        pushes: None,
    }
}

pub(super) fn change(number: i64) -> Change {
    Change {
        number,
        kind: ChangeKind::StoryNew,
        story: 1,
        article: 1,
        source: "harbor".into(),
        title: "港口".into(),
        url: "https://harbor.example/1".into(),
        topics: vec![],
        at: DateTime::UNIX_EPOCH,
    }
}

pub(super) fn story(n: i64, title: &str, outlets: &[&str]) -> StoryItem {
    let outlet = |name: &&str| Outlet {
        source: name.to_lowercase(),
        name: (*name).into(),
        url: format!("https://{}.example/{n}?a=1&b=2", name.to_lowercase()),
        title: title.into(),
        first_seen_at: at(-n),
    };
    StoryItem {
        number: n,
        lead: ArticleRow {
            id: n,
            story: n,
            source: outlets[0].to_lowercase(),
            draft: Draft {
                url: format!("https://{}.example/{n}?a=1&b=2", outlets[0].to_lowercase()).parse().unwrap(),
                title: title.into(),
                text: String::new(),
                html: String::new(),
                published: None,
                modified: None,
                author: None,
                origin: Some("Harbor Wire".into()),
                language: Some("zh-Hant".into()),
                image: None,
                canonical: None,
                section: None,
                tags: vec![],
                comments: None,
                next: None,
            },
            first_seen_at: at(-7 * n),
            revised_at: at(-n),
            revision: n,
        },
        outlets: outlets.iter().map(outlet).collect(),
        matches: vec![Match {
            topic: "chip".into(),
            score: 3.0,
            evidence: vec![Evidence {
                term: "出口管制".into(),
                found: "出口管制".into(),
                field: Field::Body,
                excerpt: "……商務部門週二公布新的出口管制清單，涉及先進製程設備……".into(),
                count: 2,
            }],
        }],
    }
}

fn rows() -> Vec<SourceRow> {
    let (mut harbor, mut delta, mut coast) = (row("harbor"), row("delta"), row("coast"));
    harbor.name = "港口日報 要聞".into();
    (harbor.last_visit_at, harbor.next_visit_at, harbor.last_new_at) = (Some(at(-3)), Some(at(2)), Some(at(-40)));
    (harbor.entries_seen, harbor.articles, harbor.pending) = (30, 12_345, 4);
    (delta.failures, delta.reason) = (12, Some("the server answered 403: the page is <blocked>".into()));
    (delta.last_visit_at, delta.next_visit_at, delta.last_success_at) = (Some(at(-20)), Some(at(90)), Some(at(-900)));
    (coast.last_visit_at, coast.next_visit_at) = (Some(at(-95)), Some(at(-35)));
    vec![row("new"), harbor, delta, coast]
}

fn sample(rows: Vec<SourceRow>, stories: &[StoryItem]) -> String {
    let totals = Totals { articles: 15_210, stories: 9_034, changes: 16_002, due: 7, lag_s: 2_100, leases: 2 };
    let sources = rows.into_iter().map(|r| status::stand(r, at(0))).collect();
    page::html(page::Page {
        now: at(0),
        started_at: at(-4000),
        totals,
        topics: &topics(),
        sources,
        stories,
        sinks: &[],
        daemons: &[],
    })
}

#[test]
fn the_page_shows_trouble_first_and_why() {
    let stories = [story(1, "新的<出口管制>清單 & more", &["Harbor", "Delta"]), story(2, "Ports reopen", &["Coast"])];
    let html = sample(rows(), &stories);
    let places: Vec<_> =
        ["failing\">failing", "late\">late", "waiting\">waiting", "ok\">ok"].map(|s| html.find(s)).into();
    assert!(places.is_sorted() && places[0].is_some(), "{places:?}");
    assert!(html.contains("the page is &lt;blocked&gt; (12 failed visits, last answered well 15 h ago)"));
    assert!(html.contains("新的&lt;出口管制&gt;清單 &amp; more"));
    assert!(html.contains("新的<mark>出口管制</mark>清單，涉及"));
    assert!(
        html.contains("<a href=\"https://delta.example/1?a=1&amp;b=2\" rel=\"noreferrer\">Delta</a>, from Harbor Wire")
    );
    assert!(html.contains("9,034 stories in 15,210 articles") && html.contains(">12,345</td>"));
    assert!(html.contains("4 sources, <b class=\"failing\">2 in trouble</b>"));
    assert_eq!(html.matches("<link rel=\"alternate\"").count(), 9, "two topics and all, in three formats");
}

#[test]
fn nothing_hostile_reaches_the_page_as_markup() {
    let bad = "\"'><script>alert(1)</script>\u{0}";
    let mut s = story(1, bad, &["Harbor"]);
    s.outlets[0].url = "javascript:alert(1)".into();
    s.outlets[0].name = bad.into();
    s.lead.draft.language = Some(bad.into());
    s.lead.draft.origin = Some(bad.into());
    s.matches[0].topic = bad.into();
    s.matches[0].evidence[0].excerpt = bad.repeat(50);
    s.matches[0].evidence[0].found = "<script>".into();
    let mut r = row("harbor");
    (r.id, r.name, r.url, r.reason, r.failures) = (bad.into(), bad.into(), "javascript:x".into(), Some(bad.into()), 1);
    let html = sample(vec![r], &[s]);
    assert!(!html.contains("<script") && !html.contains("javascript:") && !html.contains('\u{0}'), "{html}");
}

#[test]
fn an_empty_page_says_so() {
    let html = sample(vec![], &[]);
    assert!(html.contains("No source is configured.") && html.contains("Nothing yet."));
}

struct Server {
    base: String,
    http: reqwest::Client,
    shutdown: CancellationToken,
    ended: tokio::task::JoinHandle<std::io::Result<()>>,
}

async fn serve() -> Server {
    // A second call is refused, which is fine: one provider serves all tests.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let shutdown = CancellationToken::new();
    let ended = tokio::spawn(run(listener, app(), shutdown.clone()));
    Server { base, http: reqwest::Client::builder().no_gzip().no_brotli().no_zstd().build().unwrap(), shutdown, ended }
}

impl Server {
    async fn get(&self, path: &str) -> reqwest::Response {
        self.http.get(format!("{}{path}", self.base)).send().await.unwrap()
    }
}

#[tokio::test]
async fn errors_are_problems_and_every_answer_is_safe() {
    let s = serve().await;
    for (path, status, part) in [
        ("/feeds/chips.rss", 404, "\"known\":[\"chip\",\"port\",\"all\"]"),
        ("/feeds/chip.rss?limit=0", 400, "from 1 to 500"),
        ("/feeds/chip.rss?source=A%20b", 400, "no identifier"),
        ("/api/v1/changes?since=x", 400, "`since`"),
        ("/api/v1/changes?topic=chips", 400, "\"known\":[\"chip\",\"port\"]"),
        ("/api/v1/changes?wait=2m", 400, "at most 60s"),
        ("/feeds/%FF.rss", 404, "not UTF-8"),
        ("/no/such/page", 404, "/no/such/page"),
    ] {
        let r = s.get(path).await;
        assert_eq!(r.status(), status, "{path}");
        assert_eq!(r.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(r.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(r.headers()[header::CACHE_CONTROL], "no-store");
        assert!(r.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'none'"));
        let body = r.text().await.unwrap();
        assert!(body.contains(part), "{path}: {body}");
    }
    let post = s.http.post(format!("{}/feeds.opml", s.base)).body("x").send().await.unwrap();
    assert_eq!(post.status(), 405);
    assert_eq!(post.headers()[header::CONTENT_TYPE], "application/problem+json");
}

#[tokio::test]
async fn bodies_are_validated_compressed_and_headed() {
    let s = serve().await;
    let plain = s.get("/feeds/style.xsl").await;
    let tag = plain.headers()[header::ETAG].to_str().unwrap().to_owned();
    let length = plain.headers()[header::CONTENT_LENGTH].clone();
    assert!(plain.text().await.unwrap().contains("<xsl:stylesheet"));
    let path = format!("{}/feeds/style.xsl", s.base);
    let head = s.http.head(&path).send().await.unwrap();
    assert_eq!((head.status().as_u16(), &head.headers()[header::CONTENT_LENGTH]), (200, &length));
    for (encoding, ending) in [("gzip", "-gz\""), ("br", "-br\"")] {
        let packed = s.http.get(&path).header(header::ACCEPT_ENCODING, encoding).send().await.unwrap();
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], encoding);
        let own = packed.headers()[header::ETAG].to_str().unwrap().to_owned();
        assert_eq!(own, format!("{}{ending}", tag.trim_end_matches('"')), "strong, and of these bytes");
        let again = s.http.get(&path).header(header::IF_NONE_MATCH, &own).send().await.unwrap();
        assert_eq!(
            (again.status().as_u16(), &again.headers()[header::VARY]),
            (304, &"accept-encoding".parse().unwrap())
        );
        assert!(again.text().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn it_answers_until_it_is_told_to_stop() {
    let s = serve().await;
    assert_eq!(s.get("/healthz").await.text().await.unwrap(), "ok\n");
    let topics: serde_json::Value = serde_json::from_str(&s.get("/api/v1/topics").await.text().await.unwrap()).unwrap();
    assert_eq!(topics["topics"][0]["feeds"]["json"], "https://news.example.org/feeds/chip.json");
    assert_eq!(topics["topics"][2]["id"], "all");
    s.shutdown.cancel();
    // The client still holds an idle connection.
    s.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn readers_on_other_machines_need_the_token() {
    let far: std::net::SocketAddr = "192.0.2.7:4000".parse().unwrap();
    let token = "0123456789abcdef0123456789abcdef";
    let settings = Settings { token: Some(Token::new(token.into())), ..Settings::default() };
    let app = App { settings, ..app() };
    let peer = axum::Extension(axum::extract::ConnectInfo(limit::Client(far)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router(app.into()).layer(peer)).await });
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    for path in [
        "/",
        "/status",
        "/metrics",
        "/feeds/all.rss",
        "/feeds/chip/changes.atom",
        "/feeds/incidents.atom",
        "/feeds.opml",
        "/articles/1",
        "/api/v1/changes",
        "/api/v1/stream",
        "/api/v1/topics",
        "/api/v1/sources",
        "/api/v1/sources/harbor/visits",
        "/api/v1/articles/1",
    ] {
        let refused = http.get(format!("{base}{path}")).send().await.unwrap();
        assert_eq!(refused.status(), 401, "{path}");
        assert_eq!(refused.headers().get_all(header::WWW_AUTHENTICATE).iter().count(), 2, "{path}");
    }
    assert_eq!(http.get(format!("{base}/healthz")).send().await.unwrap().status(), 200);
    let document = http.get(format!("{base}/api/v1/openapi.json"));
    assert_eq!(document.bearer_auth(token).send().await.unwrap().status(), 200);
}
