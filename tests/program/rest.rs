//! A host that asks to be left alone.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;

use crate::process::{Daemon, Folder};
use crate::support::TestDb;

/// How often each path was asked for.
type Asked = Arc<Mutex<BTreeMap<String, usize>>>;

async fn answer(State(asked): State<Asked>, uri: Uri) -> Response {
    *asked.lock().unwrap().entry(uri.path().to_owned()).or_default() += 1;
    let item = |n: usize| format!("<item><title>Ferry {n} is late again</title><link>/ferry/{n}</link></item>");
    match uri.path() {
        "/feed" => {
            let items: String = (0..5).map(item).collect();
            let feed = format!("<rss version=\"2.0\"><channel><title>Harbour</title>{items}</channel></rss>");
            ([(header::CONTENT_TYPE, "application/rss+xml")], feed).into_response()
        }
        "/robots.txt" => StatusCode::NOT_FOUND.into_response(),
        _ => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "600")]).into_response(),
    }
}

#[test]
fn where_one_page_asks_for_rest_the_whole_host_is_left_alone() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for db in runtime.block_on(TestDb::both()) {
        let asked = Asked::default();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(answer).with_state(asked.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        let folder = Folder::with(&format!(
            "[fetch]\nallow_networks = [\"127.0.0.0/8\"]\nper_host_delay = \"0s\"\nevery_min = \"10s\"\n\
             [[sources]]\nid = \"harbour\"\nurl = \"http://127.0.0.1:{port}/feed\"\nevery = \"10s\"\nfull_text = true\n"
        ));
        let mut daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
        daemon.wait_for_line("asks to be left alone; all of it waits");
        let next = |source: &serde_json::Value| {
            let next: chrono::DateTime<chrono::Utc> = source["next_visit_at"].as_str()?.parse().ok()?;
            Some((next - chrono::Utc::now()).num_seconds())
        };
        let status = daemon.wait_for("/status", |a| next(&a.json()["sources"][0]).is_some_and(|s| s > 500)).json();
        assert_eq!(status["sources"][0]["state"], "ok", "its feed answered well");
        std::thread::sleep(Duration::from_secs(2));
        let asked = asked.lock().unwrap().clone();
        let pages: usize = asked.iter().filter(|(path, _)| path.starts_with("/ferry/")).map(|(_, n)| n).sum();
        assert_eq!((pages, asked["/feed"]), (1, 1), "{asked:?}");
    }
}
