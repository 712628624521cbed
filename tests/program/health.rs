//! What the daemon says of its own health, and keeps for whoever mends a source.

use std::{
    io::Write,
    os::unix::net::UnixDatagram,
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    http::{Uri, header},
    response::{IntoResponse, Response},
};
use sqlx::Connection;

use crate::process::{Daemon, Folder};
use crate::support::TestDb;
use crate::whole::{databases, portal};

#[test]
fn promtool_finds_nothing_to_say_about_the_metrics() {
    let (runtime, portal) = portal();
    for db in databases(&runtime) {
        let folder = Folder::with(&portal.config());
        let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
        daemon.wait_for("/status", |a| a.json()["totals"]["articles"].as_u64() > Some(0));
        let metrics =
            daemon.wait_for("/metrics", |a| a.body.contains("tidings_visit_phase_duration_seconds_count")).body;
        for name in [
            "tidings_visits_total{",
            "tidings_visit_duration_seconds_bucket{",
            "tidings_visit_phase_duration_seconds_bucket{phase=\"first_byte\"",
            "tidings_body_bytes_total{",
            "tidings_due_lag_seconds ",
            "tidings_due_targets ",
            "tidings_ledger_queue_visits ",
            "tidings_leases ",
            "tidings_daemons 1",
            "tidings_ready 1",
            "tidings_source_last_success_timestamp_seconds{",
            "tidings_source_articles{",
            "tidings_source_entries{",
            "tidings_ledger_batches_total ",
            "tidings_ledger_batch_visits_bucket{",
            "tidings_database_connections{state=\"busy\"}",
            "tidings_database_connections_max ",
            "process_resident_memory_bytes ",
            "process_open_fds ",
            "process_cpu_seconds_total ",
        ] {
            assert!(metrics.lines().any(|l| l.starts_with(name)), "{name} is missing in {metrics}");
        }
        let mut promtool = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("this test needs promtool: run scripts/test, or install the package `prometheus` of Debian");
        promtool.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
        let said = promtool.wait_with_output().unwrap();
        let words = [said.stdout, said.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat();
        assert!(said.status.success() && words.trim().is_empty(), "{words}");
    }
}

#[test]
fn a_database_that_hangs_is_told_to_probes_and_to_the_watchdog_until_it_answers_again() {
    let (runtime, portal) = portal();
    let [_, db] = databases(&runtime);
    let folder = Folder::with(&portal.config());
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    let (pat, pats) = mpsc::channel();
    // Whatever nobody reads would hold up the daemon.
    std::thread::spawn(move || {
        let mut bytes = [0; 256];
        while let Ok(n) = manager.recv(&mut bytes) {
            if bytes[..n].starts_with(b"WATCHDOG=1") && pat.send(()).is_err() {
                return;
            }
        }
    });
    let is_patted = |within: Duration| {
        pats.try_iter().for_each(drop);
        pats.recv_timeout(within).is_ok()
    };
    let socket = path.display().to_string();
    let env =
        [("TIDINGS_DATABASE_URL", db.url.as_str()), ("NOTIFY_SOCKET", socket.as_str()), ("WATCHDOG_USEC", "3000000")];
    let daemon = Daemon::start(&folder.path(), &env);
    daemon.wait_for("/readyz", |a| a.status == 200);
    assert!(is_patted(Duration::from_secs(10)));
    let lock = runtime.block_on(async {
        let mut connection = sqlx::PgConnection::connect(&db.url).await.unwrap();
        sqlx::query("begin").execute(&mut connection).await.unwrap();
        sqlx::query("lock table targets in access exclusive mode").execute(&mut connection).await.unwrap();
        connection
    });
    let begun = Instant::now();
    let mut answer = daemon.get("/readyz");
    while answer.status == 200 {
        assert!(begun.elapsed() < Duration::from_secs(100), "it still calls itself ready");
        std::thread::sleep(Duration::from_millis(500));
        answer = daemon.get("/readyz");
    }
    assert!(begun.elapsed() > Duration::from_secs(55), "a hesitation is no trouble");
    let reasons = answer.json()["reasons"].to_string();
    assert!(answer.status == 503 && reasons.contains("has not"), "{reasons}");
    assert!(!is_patted(Duration::from_secs(8)), "nor is the watchdog patted");
    drop(lock);
    let answer = daemon.wait_for("/readyz", |a| a.status == 200).json();
    assert!(answer["reasons"].as_array().unwrap().is_empty(), "{answer}");
    assert!(is_patted(Duration::from_secs(10)));
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

/// A feed that is none, a page whose text is in another encoding than its source says, a page without what the selectors want.
async fn bad(uri: Uri) -> Response {
    let body: Vec<u8> = match uri.path() {
        "/broken.xml" => b"Ferries: none today. This is no feed.".to_vec(),
        "/list.html" => [b"<html><body>".as_slice(), &[0x81, 0x82, 0x83, 0x84].repeat(400), b"</body></html>"].concat(),
        _ => return axum::http::StatusCode::NOT_FOUND.into_response(),
    };
    ([(header::CONTENT_TYPE, "text/html")], body).into_response()
}

#[test]
fn a_body_that_could_not_be_read_is_kept_on_request_and_handed_out_as_a_file() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let port = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(bad)).await });
        port
    });
    let at = format!("http://127.0.0.1:{port}");
    for (db, keep) in
        runtime.block_on(TestDb::both()).into_iter().flat_map(|db| [(db, true)]).chain([(TestDb::sqlite(), false)])
    {
        let folder = Folder::with(&format!(
            "[fetch]\nallow_networks = [\"127.0.0.0/8\"]\nper_host_delay = \"10ms\"\nkeep_failed_bodies = {keep}\n\
             [[sources]]\nid = \"broken\"\nurl = \"{at}/broken.xml\"\nkind = \"feed\"\n\
             [[sources]]\nid = \"garbled\"\nurl = \"{at}/list.html\"\ncharset = \"utf-8\"\n"
        ));
        let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
        let status = daemon.wait_for("/status", |a| {
            a.json()["sources"].as_array().unwrap().iter().all(|s| s["last_visit_at"].is_string())
        });
        let garbled = &status.json()["sources"][1];
        assert_eq!(garbled["state"], "garbled", "{garbled}");
        assert!(garbled["advice"].as_str().unwrap().contains("/body"), "{garbled}");
        let body = daemon.get("/api/v1/sources/broken/body");
        if !keep {
            assert_eq!(body.status, 404);
            assert!(body.body.contains("keep_failed_bodies"), "{}", body.body);
            continue;
        }
        assert_eq!((body.status, body.body.as_str()), (200, "Ferries: none today. This is no feed."));
        assert_eq!(body.header("content-type"), Some("application/octet-stream"));
        assert_eq!(body.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(body.header("content-disposition"), Some("attachment; filename=\"broken-listing.bin\""));
        assert_eq!(body.header("tidings-url"), Some(format!("{at}/broken.xml").as_str()));
        assert_eq!(body.header("tidings-content-type"), Some("text/html"));
        assert_eq!(body.header("tidings-whole-bytes"), Some("37"));
        assert!(body.header("tidings-why").is_some_and(|w| !w.is_empty()), "{}", body.head);
        let raw = daemon.get("/api/v1/sources/garbled/body?kind=listing");
        assert_eq!((raw.status, raw.header("tidings-whole-bytes")), (200, Some("1626")));
        assert_eq!(daemon.get("/api/v1/sources/garbled/body?kind=article").status, 404);
        assert_eq!(daemon.get("/api/v1/sources/garbled/body?kind=x").status, 400);
        assert_eq!(daemon.get("/api/v1/sources/nobody/body").status, 404);
    }
}

#[test]
fn visits_say_how_their_time_was_spent() {
    let (runtime, portal) = portal();
    for db in databases(&runtime) {
        let folder = Folder::with(&portal.config());
        let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
        daemon.wait_for("/status", |a| a.json()["totals"]["articles"].as_u64() > Some(3));
        let visits =
            daemon.wait_for("/api/v1/sources/utf8/visits", |a| a.json()["visits"].as_array().unwrap().len() > 2);
        for visit in visits.json()["visits"].as_array().unwrap() {
            let ms = |name: &str| visit[name].as_i64().unwrap_or_else(|| panic!("{name} of {visit}"));
            let phases = ["turn_ms", "connect_ms", "first_byte_ms", "body_ms", "read_ms"].map(ms);
            assert_eq!(phases.iter().sum::<i64>(), ms("duration_ms"), "{visit}");
            assert!(phases.iter().all(|p| *p >= 0), "{visit}");
        }
    }
}
