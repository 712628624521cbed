//! The real program on the demo's portal in three charsets, from start to feed to stop, on both databases.

use std::collections::{BTreeMap, BTreeSet};

use crate::process::{Answer, Daemon, Folder, get, output};
use crate::support::TestDb;
use chrono::Utc;
use sqlx::Connection;
use tidings::demo::{Portal, Trouble};

/// A portal with everything published, and a runtime that keeps it answering.
pub(crate) fn portal() -> (tokio::runtime::Runtime, Portal) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
    portal.publish(usize::MAX, Utc::now());
    (runtime, portal)
}

pub(crate) fn databases(runtime: &tokio::runtime::Runtime) -> [TestDb; 2] {
    runtime.block_on(TestDb::both())
}

/// What is published as (topic or none) key to outlets.
fn stories(portal: &Portal, topic: Option<&str>) -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut stories: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for article in portal.published().into_iter().filter(|a| topic.is_none_or(|t| a.topic == t)) {
        stories.entry(article.key).or_default().insert(article.outlet);
    }
    stories
}

/// Waits until every published article is stored.
fn wait_until_all_is_stored(daemon: &Daemon, portal: &Portal) {
    let all = portal.published().len();
    daemon.wait_for("/status", |a| {
        let status = a.json();
        status["totals"]["articles"].as_u64() >= Some(all as u64)
            && status["sources"].as_array().unwrap().iter().all(|s| s["pending"] == 0)
    });
}

/// The items of a JSON feed as story key to (id, outlets), by the pages they link to.
fn items(feed: &Answer, portal: &Portal) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let by_url: BTreeMap<String, String> = portal.published().into_iter().map(|a| (a.url.to_string(), a.key)).collect();
    let mut items = BTreeMap::new();
    for item in feed.json()["items"].as_array().unwrap() {
        let key = by_url[item["url"].as_str().unwrap()].clone();
        let outlets = item["_tidings"]["outlets"].as_array().unwrap();
        // The feed of an outlet is a source of its own in the configuration; what it lists is the outlet's page.
        let outlets = outlets.iter().map(|o| o["source"].as_str().unwrap().trim_end_matches("-feed").to_owned());
        let value = (item["id"].as_str().unwrap().to_owned(), outlets.collect());
        assert!(items.insert(key.clone(), value).is_none(), "{key} is told twice");
    }
    items
}

#[test]
fn from_start_to_feed_to_stop() {
    let (runtime, portal) = portal();
    for db in databases(&runtime) {
        println!("on {}", db.name);
        let folder = Folder::with(&portal.config());
        let env = [("TIDINGS_DATABASE_URL", db.url.as_str())];
        let daemon = Daemon::start(&folder.path(), &env);
        assert_eq!(daemon.get("/healthz").status, 200);
        wait_until_all_is_stored(&daemon, &portal);
        let feed = daemon.get("/feeds/chip-export-controls.json?limit=500");
        let found = items(&feed, &portal);
        let told: BTreeMap<String, BTreeSet<String>> =
            found.iter().map(|(k, (_, outlets))| (k.clone(), outlets.clone())).collect();
        let expected: BTreeMap<String, BTreeSet<String>> = stories(&portal, Some("chip"))
            .into_iter()
            .map(|(k, outlets)| (k, outlets.into_iter().map(str::to_owned).collect()))
            .collect();
        assert_eq!(told, expected, "each story of the topic once, with every outlet that ran it, and nothing else");
        for item in feed.json()["items"].as_array().unwrap() {
            let evidence = item["_tidings"]["matches"][0]["evidence"].as_array();
            assert!(evidence.is_some_and(|e| e.len() >= 2), "no evidence: {item}");
        }
        let all = items(&daemon.get("/feeds/all.json?limit=500"), &portal);
        assert_eq!(all.len(), stories(&portal, None).len());
        for (format, kind) in [("rss", "application/rss+xml"), ("atom", "application/atom+xml")] {
            let path = format!("/feeds/chip-export-controls.{format}?limit=500");
            let answer = daemon.get(&path);
            assert!(answer.header("content-type").unwrap().starts_with(kind));
            let parsed = feed_rs::parser::parse(answer.body.as_bytes()).unwrap();
            let ids: BTreeSet<String> = parsed.entries.into_iter().map(|e| e.id).collect();
            assert_eq!(ids, found.values().map(|(id, _)| id.clone()).collect(), "{format}");
            let tag = format!("If-None-Match: {}", answer.header("etag").unwrap());
            assert_eq!(get(&daemon.address, &path, &[&tag]).status, 304);
        }
        let ready = daemon.get("/readyz");
        assert_eq!(ready.status, 200, "{}", ready.body);
        let metrics = daemon.get("/metrics").body;
        assert!(metrics.contains("tidings_visits_total{outcome=\"ok\",source=\"gbk\"}"), "{metrics}");
        for source in daemon.get("/status").json()["sources"].as_array().unwrap() {
            assert_eq!(source["state"], "ok", "{source}");
        }
        daemon.signal("TERM");
        assert_eq!(daemon.wait(), Some(0));
        let again = Daemon::start(&folder.path(), &env);
        let after = items(&again.get("/feeds/chip-export-controls.json?limit=500"), &portal);
        assert_eq!(after, found, "identifiers survive a restart");
        again.signal("INT");
        assert_eq!(again.wait(), Some(0));
    }
}

#[test]
fn what_was_published_is_what_is_read() {
    let (runtime, portal) = portal();
    let [db, _] = databases(&runtime);
    let folder = Folder::with(&portal.config());
    let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
    wait_until_all_is_stored(&daemon, &portal);
    let mut seen = 0;
    let published = portal.published();
    for item in daemon.get("/feeds/all.json?limit=500").json()["items"].as_array().unwrap() {
        let article = published.iter().find(|a| a.url.as_str() == item["url"].as_str().unwrap()).unwrap();
        assert_eq!(item["title"], article.title.as_str(), "the original script is shown");
        let html = item["content_html"].as_str().unwrap();
        for paragraph in &article.paragraphs {
            let escaped = paragraph.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            assert!(html.contains(&escaped), "{}: `{paragraph}` is not in {html}", article.url);
        }
        for furniture in ["甩卖", "甩賣", "display:none", "formhash", "鲜花", "鮮花", "<script", "相关阅读", "更多要"]
        {
            assert!(!html.contains(furniture), "{}: {furniture} in {html}", article.url);
        }
        assert_eq!(item["_tidings"]["origin"].as_str().unwrap_or_default(), article.origin, "{}", article.url);
        let published_at: chrono::DateTime<Utc> = item["date_published"].as_str().unwrap().parse().unwrap();
        assert!((published_at - article.at).num_seconds().abs() < 120, "{published_at} is not {}", article.at);
        if !article.author.is_empty() {
            assert_eq!(item["authors"][0]["name"], article.author.as_str());
        }
        seen += 1;
    }
    assert_eq!(seen, stories(&portal, None).len());
}

#[test]
fn a_source_in_trouble_is_seen_is_left_in_peace_and_recovers() {
    let (runtime, portal) = portal();
    let [db, _] = databases(&runtime);
    portal.trouble("gbk", Some(Trouble::Status(503)));
    portal.trouble("big5", Some(Trouble::Status(404)));
    let folder = Folder::with(&portal.config());
    let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
    let source = |status: &Answer, id: &str| {
        let all = status.json()["sources"].as_array().unwrap().clone();
        all.into_iter().find(|s| s["id"] == id).unwrap()
    };
    let status = daemon
        .wait_for("/status", |a| source(a, "gbk")["state"] == "failing" && source(a, "big5")["state"] == "failing");
    assert_eq!(source(&status, "gbk")["status"], 503);
    assert!(!source(&status, "big5")["reason"].as_str().unwrap().is_empty());
    daemon.wait_for("/status", |a| source(a, "utf8")["state"] == "ok");
    let incidents = daemon.wait_for("/feeds/incidents.atom", |a| a.body.matches(" is failing").count() >= 2);
    assert!(incidents.body.contains("What can be done"), "{}", incidents.body);
    portal.trouble("gbk", None);
    portal.trouble("big5", None);
    daemon.wait_for("/status", |a| source(a, "gbk")["state"] == "ok" && source(a, "big5")["state"] == "ok");
    let visits = daemon.get("/api/v1/sources/gbk/visits").json();
    let listings: Vec<_> = visits["visits"].as_array().unwrap().iter().filter(|v| v["kind"] == "listing").collect();
    assert_eq!((&listings[0]["outcome"], &listings[0]["charset_used"]), (&"ok".into(), &"GBK".into()), "{visits}");
    assert!(listings.iter().any(|v| v["status"] == 503), "{visits}");
    assert_eq!(daemon.get("/api/v1/sources/nobody/visits").status, 404);
    let article = daemon.get("/api/v1/articles/1").json();
    assert!(
        !article["text"].as_str().unwrap().is_empty() && article["edits"].as_array().unwrap().is_empty(),
        "{article}"
    );
    assert_eq!(daemon.get("/api/v1/articles/x").status, 404);
    let page = daemon.get("/articles/1");
    let line = article["text"].as_str().unwrap().lines().next().unwrap();
    assert!(page.status == 200 && page.body.contains(line), "{}", page.body);
    assert_eq!((daemon.get("/articles/x").status, daemon.get("/articles/99999").status), (404, 404));
}

#[test]
fn once_visits_all_that_is_due_and_ends() {
    let (runtime, portal) = portal();
    for db in databases(&runtime) {
        let folder = Folder::with(&portal.config());
        let env = [("TIDINGS_DATABASE_URL", db.url.as_str())];
        let first = output(&folder.path(), &["run", "--once"], &env);
        let said = String::from_utf8_lossy(&first.stdout).into_owned();
        assert!(first.status.success(), "{said} {}", String::from_utf8_lossy(&first.stderr));
        assert!(said.contains(&format!("{} new articles", portal.published().len())), "{said}");
        let second = output(&folder.path(), &["run", "--once"], &env);
        let said = String::from_utf8_lossy(&second.stdout).into_owned();
        assert!(second.status.success() && said.contains("0 new articles, 0 changes"), "{said}");
    }
}

#[test]
fn one_request_at_a_time_with_a_gap_and_nothing_forbidden() {
    let (runtime, portal) = portal();
    let [db, _] = databases(&runtime);
    let folder = Folder::with(&portal.config().replace("per_host_delay = \"20ms\"", "per_host_delay = \"60ms\""));
    let run = output(&folder.path(), &["run", "--once"], &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
    assert!(run.status.success());
    let requests = portal.requests();
    for outlet in ["utf8", "gbk", "big5"] {
        let mine: Vec<_> = requests.iter().filter(|r| r.outlet == outlet).collect();
        assert!(mine.len() > 10);
        assert_eq!(mine[0].path, "/robots.txt", "it is asked before anything else");
        let gaps: Vec<i64> = mine[1..].windows(2).map(|w| (w[1].at - w[0].at).num_milliseconds()).collect();
        assert!(gaps.iter().all(|g| *g >= 59), "{outlet}: {gaps:?}");
        let mut paths: Vec<&str> = mine.iter().map(|r| r.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), mine.len(), "nothing is fetched twice");
    }
}

#[test]
fn a_changed_file_is_applied_on_hangup_or_the_old_one_kept() {
    let (runtime, portal) = portal();
    for db in databases(&runtime) {
        let folder = Folder::with(&portal.config());
        let file = folder.path().join("config.toml");
        let mut daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
        wait_until_all_is_stored(&daemon, &portal);
        let head = daemon.get("/api/v1/changes?since=0").json()["head"].as_i64().unwrap();
        std::fs::write(&file, format!("{}\n[[topics]]\nid = \"broken\"\nquery = \"((\"\n", portal.config())).unwrap();
        daemon.signal("HUP");
        daemon.wait_for_line("the old one stays");
        assert_eq!(daemon.get("/feeds/broken.atom").status, 404);
        let topic = "\n[[topics]]\nid = \"every-story\"\ntitle = \"Every\"\nquery = '的 OR the'\n";
        std::fs::write(&file, format!("{}{topic}", portal.config())).unwrap();
        daemon.signal("HUP");
        daemon.wait_for_line("configuration reloaded");
        let feed = daemon.wait_for("/feeds/every-story.json?limit=500", |a| {
            a.status == 200 && !a.json()["items"].as_array().unwrap().is_empty()
        });
        assert!(feed.json()["items"].as_array().unwrap().len() > 10, "what is stored is found too");
        let changes = daemon.get(&format!("/api/v1/changes?since={head}")).json();
        assert_eq!(changes["changes"].as_array().unwrap().len(), 0, "and announced to nobody");
        let feed = &portal.outlets()[0].feed;
        let source = format!("\n[[sources]]\nid = \"added\"\nurl = \"{feed}\"\n");
        std::fs::write(&file, format!("{}{source}", portal.config())).unwrap();
        daemon.signal("HUP");
        daemon.wait_for_line("configuration reloaded");
        daemon.wait_for("/status", |a| {
            let all = a.json()["sources"].as_array().unwrap().clone();
            all.iter().any(|s| s["id"] == "added" && s["state"] == "ok")
        });
        assert_eq!(daemon.get("/feeds/every-story.json").status, 404, "the topic is gone again");
    }
}

#[test]
fn it_ends_though_configurations_pile_up_before_a_database_that_hangs() {
    let (runtime, portal) = portal();
    let [_, db] = databases(&runtime);
    let folder = Folder::with(&portal.config());
    let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
    wait_until_all_is_stored(&daemon, &portal);
    let _lock = runtime.block_on(async {
        let mut connection = sqlx::PgConnection::connect(&db.url).await.unwrap();
        sqlx::query("begin").execute(&mut connection).await.unwrap();
        sqlx::query("lock table topics in access exclusive mode").execute(&mut connection).await.unwrap();
        connection
    });
    for _ in 0..4 {
        daemon.signal("HUP");
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

#[test]
fn try_with_a_configuration_that_is_not_there_says_so() {
    let folder = Folder::with("");
    let run = output(&folder.path(), &["try", "--config", "elsewhere.toml", "http://127.0.0.1:1/"], &[]);
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.contains("elsewhere.toml"), "{said}");
}

#[test]
fn a_long_poll_is_woken_by_the_next_change() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
    let [db, _] = databases(&runtime);
    let folder = Folder::with(&portal.config());
    let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
    wait_until_all_is_stored(&daemon, &portal);
    let head = daemon.get("/api/v1/changes?since=0").json()["head"].as_i64().unwrap();
    portal.publish(3, Utc::now());
    let answer = daemon.get(&format!("/api/v1/changes?since={head}&wait=45s")).json();
    assert_eq!(answer["changes"][0]["number"].as_i64(), Some(head + 1), "{answer}");
}

#[test]
fn try_shows_a_page_and_stores_nothing() {
    let (_runtime, portal) = portal();
    let folder = Folder::with(&portal.config());
    let run = |arguments: &[&str]| {
        let run = output(&folder.path(), arguments, &[]);
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    };
    let article = portal.published().into_iter().find(|a| a.outlet == "big5" && a.topic == "chip").unwrap();
    let said = run(&["try", article.url.as_str()]);
    for expected in ["Big5", "by the document's own declaration", &article.title, "chip-export-controls"] {
        assert!(said.contains(expected), "`{expected}` is not in {said}");
    }
    let visit: serde_json::Value = serde_json::from_str(&run(&["try", article.url.as_str(), "--json"])).unwrap();
    assert_eq!(visit["findings"][0]["draft"]["title"], article.title.as_str());
    assert_eq!(visit["charset"]["used"], "Big5");
    let said = run(&["try", "gbk"]);
    let listed = portal.published().into_iter().filter(|a| a.outlet == "gbk").count();
    assert!(said.contains("GBK") && said.contains(&format!("{listed} entries")), "over all pages: {said}");
    let said = run(&["try", "gbk-feed"]);
    assert!(said.contains("It is a feed"), "{said}");
    assert!(!folder.path().join("data").exists(), "nothing is stored");
    let missing = output(&folder.path(), &["try", "nobody"], &[]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("utf8, gbk, gbk-feed, big5"));
}

#[test]
fn what_is_wrong_at_the_start_is_said_in_a_sentence_with_a_hint() {
    let (runtime, portal) = portal();
    let folder = Folder::with(&portal.config());
    let path = folder.path();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    // A database of a later version: it has a step that this one does not know.
    let [later, _] = databases(&runtime);
    runtime.block_on(async {
        let store = tidings::store::Store::open(&later.url).await.unwrap();
        let tidings::store::Store::Sqlite(pool) = &store else { panic!("the first is SQLite") };
        sqlx::query("insert into _sqlx_migrations select 9999, 'later', installed_on, success, checksum, execution_time from _sqlx_migrations where version = 1")
            .execute(pool)
            .await
            .unwrap();
        store.close().await;
    });
    let free = ("TIDINGS_WEB_LISTEN", "127.0.0.1:0");
    for (arguments, env, code, says) in [
        (vec!["run", "-c", "none.toml"], vec![free], 2, vec!["none.toml", "--config"]),
        (vec!["run"], vec![("TIDINGS_WEB_LISTEN", taken.as_str())], 1, vec!["cannot listen on", "TIDINGS_WEB_LISTEN"]),
        (
            vec!["run"],
            vec![free, ("TIDINGS_DATABASE_URL", "postgres://u:secret@127.0.0.1:1/x")],
            1,
            vec!["cannot be opened", "hint:", "***"],
        ),
        (
            vec!["run"],
            vec![free, ("TIDINGS_DATABASE_URL", later.url.as_str())],
            1,
            vec!["cannot be migrated", "9999", "hint:"],
        ),
        (
            vec!["run"],
            vec![free, ("TIDINGS_DATABASE_URL", "sqlite:///proc/x/y.db")],
            1,
            vec!["cannot be opened", "hint:"],
        ),
    ] {
        let run = output(&path, &arguments, &env);
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(code), "{said}");
        for expected in says {
            assert!(said.contains(expected), "`{expected}` is not in: {said}");
        }
        assert!(!said.contains("secret") && !said.contains("panicked"), "{said}");
        assert!(said.lines().count() <= 6, "{said}");
    }
}

#[test]
fn health_is_asked_as_a_container_asks_it() {
    let (runtime, portal) = portal();
    let [db, _] = databases(&runtime);
    let folder = Folder::with(&portal.config());
    let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
    let url = format!("http://{}/", daemon.address);
    let healthy = output(&folder.path(), &["healthcheck", "--url", &url], &[]);
    assert!(healthy.status.success(), "{}", String::from_utf8_lossy(&healthy.stderr));
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    assert_eq!(output(&folder.path(), &["healthcheck", "--url", &url], &[]).status.code(), Some(1));
}

#[test]
fn the_demo_shows_the_whole_job() {
    let folder = Folder::with("");
    let arguments = ["demo", "--listen", "127.0.0.1:0", "--every", "1", "--stop-after", "12"];
    let run = output(&folder.path(), &arguments, &[]);
    let said = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success(), "{said} {}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains("/feeds/chip-export-controls.rss") && said.contains("/status"), "{said}");
    assert!(said.contains(" new ") && said.contains(" also "), "a story in two scripts is one: {said}");
    assert!(said.lines().filter(|l| l.starts_with('*')).count() >= 3, "{said}");
}
