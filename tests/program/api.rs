//! The API as programs meet it: by its own document, and at its bounds, on both databases.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
};

use crate::process::{Answer, Daemon, Folder, get, output};
use crate::whole::{databases, portal};

/// Requests for each kind of operation and phase.
const EXAMPLES: &str = "15";
/// What a search must find in the demo's portal, whose texts are its own.
const SEMICONDUCTOR: &str = "%E5%8D%8A%E5%AF%BC%E4%BD%93";

/// What is run against the API; `scripts/test` installs it.
fn schemathesis() -> String {
    std::env::var("TIDINGS_TEST_SCHEMATHESIS").unwrap_or_else(|_| "schemathesis".into())
}

fn wait_until_all_is_stored(daemon: &Daemon, articles: usize) {
    daemon.wait_for("/status", |a| a.json()["totals"]["articles"].as_u64() >= Some(articles as u64));
}

/// The pages of a list, up to its end.
fn pages(daemon: &Daemon, path: &str, list: &str) -> Vec<serde_json::Value> {
    let (mut all, mut cursor) = (vec![], String::new());
    for _ in 0..100 {
        let page = daemon.get(&format!("{path}&cursor={cursor}")).json();
        all.extend(page[list].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return all,
        }
    }
    panic!("{path} never ends");
}

#[test]
fn no_request_by_the_document_meets_an_answer_off_the_document() {
    let (runtime, portal) = portal();
    for db in databases(&runtime) {
        println!("on {}", db.name);
        let folder = Folder::with(&portal.config());
        let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
        wait_until_all_is_stored(&daemon, portal.published().len());
        let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance";
        let run = Command::new(schemathesis())
            .current_dir(folder.path())
            .args(["run", &format!("http://{}/api/v1/openapi.json", daemon.address), "--checks", checks])
            // A stream has no end.
            .args(["--exclude-path", "/api/v1/stream", "--max-examples", EXAMPLES, "--request-timeout", "70"])
            .args(["--seed", "1", "--generation-database", ":memory:", "--no-color"])
            .output()
            .expect("this test needs schemathesis (PyPI): run scripts/test, or name it in TIDINGS_TEST_SCHEMATHESIS");
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
        assert!(said.contains("Tested: "), "{said}");
    }
}

#[test]
fn everything_is_searched_and_paged() {
    let (runtime, portal) = portal();
    let mut found: Vec<Vec<String>> = vec![];
    for db in databases(&runtime) {
        println!("on {}", db.name);
        let folder = Folder::with(&portal.config());
        let env = [("TIDINGS_DATABASE_URL", db.url.as_str())];
        let daemon = Daemon::start(&folder.path(), &env);
        wait_until_all_is_stored(&daemon, portal.published().len());
        let hits = pages(&daemon, &format!("/api/v1/search?q={SEMICONDUCTOR}&limit=3"), "results");
        let mut urls: Vec<String> = hits.iter().map(|h| h["url"].as_str().unwrap().to_owned()).collect();
        urls.sort_unstable();
        assert!(urls.len() > 6 && urls.windows(2).all(|w| w[0] != w[1]), "{urls:?}");
        let scripts = |mark: &str| hits.iter().any(|h| h["marked_title"].to_string().contains(mark));
        assert!(scripts("半导体") && scripts("半導體"), "one word, two scripts");
        found.push(urls);
        assert_eq!(daemon.get("/status").json()["search"]["complete"], true);
        let stories = pages(&daemon, "/api/v1/stories?limit=4", "stories");
        assert_eq!(stories.len() as u64, daemon.get("/status").json()["totals"]["stories"].as_u64().unwrap());
        let lead = stories.iter().find(|s| s["outlets"].as_array().unwrap().len() > 1).unwrap();
        let whole = daemon.get(&format!("/api/v1/stories/{}", lead["id"])).json();
        assert_eq!(whole["articles"][0]["id"], lead["lead"]);
        assert!(whole["articles"].as_array().unwrap().len() > 1);
        assert_eq!(pages(&daemon, "/api/v1/sources?limit=1", "sources").len(), portal_sources(&daemon));
        let page = daemon.get(&format!("/search?q={SEMICONDUCTOR}&limit=2"));
        assert!(page.status == 200 && page.body.contains("<mark>") && page.body.contains(">More</a>"), "{}", page.body);
        assert_eq!(daemon.get("/search?q=%22%22").status, 400);
        daemon.signal("TERM");
        assert_eq!(daemon.wait(), Some(0));
        let said = output(&folder.path(), &["search", "半导体", "--limit", "3"], &env);
        let said = String::from_utf8(said.stdout).unwrap();
        assert!(said.matches("http://").count() == 3 && said.contains("There is more"), "{said}");
    }
    assert_eq!(found[0].len(), found[1].len());
}

fn portal_sources(daemon: &Daemon) -> usize {
    daemon.get("/status").json()["sources"].as_array().unwrap().len()
}

/// Sends `request` as it stands; status and body of the answer.
fn raw(address: &str, request: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = vec![];
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.into(), body: body.into() }
}

#[test]
fn every_refusal_is_a_problem() {
    let (_runtime, portal) = portal();
    let folder = Folder::with(&portal.config());
    let daemon = Daemon::start(&folder.path(), &[]);
    let long = "x".repeat(9000);
    let asked = [
        (format!("GET /{long} HTTP/1.0"), "", 414),
        ("GET /api/v1/nothing HTTP/1.0".into(), "", 404),
        ("GET /api/v1/articles/x HTTP/1.0".into(), "", 404),
        ("GET /api/v1/stories/999999 HTTP/1.0".into(), "", 404),
        ("GET /api/v1/search HTTP/1.0".into(), "", 400),
        ("GET /api/v1/search?q=x&cursor=1.0.1.0.x HTTP/1.0".into(), "", 400),
        ("GET /api/v1/search?q=x&topic=none HTTP/1.0".into(), "", 400),
        ("GET /api/v1/search?q=x&since=soon HTTP/1.0".into(), "", 400),
        ("GET /api/v1/changes?kind=story HTTP/1.0".into(), "", 400),
        ("DELETE /api/v1/topics HTTP/1.0".into(), "", 405),
        ("POST /status HTTP/1.0".into(), "Content-Length: 99999999\r\n", 413),
    ];
    for (line, headers, status) in asked {
        let answer = raw(&daemon.address, &format!("{line}\r\nHost: localhost\r\n{headers}\r\n"));
        assert_eq!(answer.status, status, "{line}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{line}");
        let told = answer.json();
        assert_eq!(told["status"], status, "{line}");
        assert!(told["title"].is_string() && told["detail"].is_string(), "{line}: {told}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{line}");
    }
    let search = |from: &str| get(&daemon.address, "/api/v1/search?q=x", &[&format!("X-Forwarded-For: {from}")]);
    let answers: Vec<u16> = (0..40).map(|_| search("192.0.2.7").status).collect();
    assert!(answers[..30].iter().all(|s| *s == 200) && answers.contains(&429), "{answers:?}");
    let refused = search("192.0.2.7");
    assert_eq!((refused.status, refused.json()["status"].as_u64()), (429, Some(429)));
    assert!(refused.header("retry-after").is_some_and(|s| s.parse::<u32>().is_ok()));
    assert_eq!(search("192.0.2.8").status, 200, "others are not held up");
    assert_eq!(daemon.get("/api/v1/search?q=x").status, 200, "nor is this machine");
}

#[test]
fn a_reader_whose_cursor_is_older_than_the_log_is_told_so() {
    let (runtime, portal) = portal();
    for db in databases(&runtime) {
        println!("on {}", db.name);
        let folder = Folder::with(&portal.config());
        let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
        wait_until_all_is_stored(&daemon, portal.published().len());
        runtime.block_on(async {
            let store = tidings::store::Store::open(&db.url).await.unwrap();
            assert_eq!(store.forget_changes(chrono::Utc::now() + chrono::TimeDelta::days(1), 5).await.unwrap(), 5);
            store.close().await;
        });
        for path in ["/api/v1/changes", "/api/v1/stream"] {
            let gone = daemon.get(&format!("{path}?since=3"));
            assert_eq!((gone.status, gone.json()["oldest"].as_i64()), (410, Some(6)), "{}", gone.body);
        }
        let resumed = get(&daemon.address, "/api/v1/stream", &["Last-Event-ID: 4"]);
        assert_eq!(resumed.status, 410, "{}", resumed.body);
        let first = |since: u32| {
            daemon.get(&format!("/api/v1/changes?since={since}&limit=1")).json()["changes"][0]["number"].as_i64()
        };
        assert_eq!((first(5), first(0)), (Some(6), Some(6)), "nothing was missed, or nothing was read before");
        let kinds = daemon.get("/api/v1/changes?since=5&kind=story_joined&limit=500").json();
        assert!(kinds["changes"].as_array().unwrap().iter().all(|c| c["kind"] == "story_joined"));
        assert_eq!(kinds["next"], kinds["head"]);
    }
}
