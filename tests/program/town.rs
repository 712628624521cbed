//! Hosts on loopback that always have more to be read, and a log of who asked what, from when to when.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;

/// What is kept between two requests to a host.
pub(crate) const GAP: Duration = Duration::from_millis(100);
/// How long an answer takes.
const ANSWER: Duration = Duration::from_millis(150);
/// Entries of a feed: more than are read before it is asked again.
const ENTRIES: usize = 120;

/// A request, as its server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) host: usize,
    /// The `User-Agent`.
    pub(crate) by: String,
    pub(crate) path: String,
    pub(crate) began: Instant,
    /// When it was answered, or given up by whoever asked.
    pub(crate) ended: Option<Instant>,
}

/// The hosts.
#[derive(Clone)]
pub(crate) struct Town {
    log: Arc<Mutex<Vec<Ask>>>,
    hosts: usize,
    port: u16,
}

/// A request that is being answered.
struct Open(Arc<Mutex<Vec<Ask>>>, usize);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.lock().unwrap()[self.1].ended = Some(Instant::now());
    }
}

impl Town {
    /// So many hosts, all on one port.
    pub(crate) async fn open(hosts: usize) -> Self {
        let log: Arc<Mutex<Vec<Ask>>> = Arc::default();
        let (mut listeners, mut port) = (vec![], 0);
        while listeners.len() < hosts {
            match TcpListener::bind((address(listeners.len()), port)).await {
                Ok(listener) => {
                    port = listener.local_addr().unwrap().port();
                    listeners.push(listener);
                }
                // Somebody has that port at one of the addresses: all over, with another.
                Err(_) => (listeners, port) = (vec![], 0),
            }
        }
        for (host, listener) in listeners.into_iter().enumerate() {
            let router = Router::new().fallback(answer).with_state((log.clone(), host, port));
            tokio::spawn(async move { axum::serve(listener, router).await });
        }
        Self { log, hosts, port }
    }

    /// A configuration that polls them all, a host a source.
    pub(crate) fn config(&self) -> String {
        let mut config = format!(
            "[fetch]\nallow_networks = [\"127.0.0.0/8\"]\nper_host_delay = \"{}ms\"\nevery_min = \"10s\"\n",
            GAP.as_millis()
        );
        for host in 0..self.hosts {
            let (address, port) = (address(host), self.port);
            config += &format!(
                "\n[[sources]]\nid = \"h{host}\"\nurl = \"http://{address}:{port}/feed\"\nevery = \"10s\"\n\
                 first_visit = {ENTRIES}\nfull_text = true\n"
            );
        }
        config
    }

    /// What was asked so far, in order.
    pub(crate) fn log(&self) -> Vec<Ask> {
        self.log.lock().unwrap().clone()
    }

    /// Hosts that were asked by `who` since `since`.
    pub(crate) fn asked_by(&self, who: &str, since: Instant) -> usize {
        let log = self.log();
        let mut hosts: Vec<usize> = log.iter().filter(|a| a.by == who && a.began >= since).map(|a| a.host).collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts.len()
    }
}

/// Where the host numbered `host` listens.
fn address(host: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 9, u8::try_from(host + 1).unwrap())
}

/// The log, which host it is, and the port.
type Site = (Arc<Mutex<Vec<Ask>>>, usize, u16);

async fn answer(State((log, host, port)): State<Site>, headers: HeaderMap, uri: Uri) -> Response {
    let by = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let _open = {
        let mut asks = log.lock().unwrap();
        let path = uri.path().to_owned();
        asks.push(Ask { host, by, path, began: Instant::now(), ended: None });
        Open(log.clone(), asks.len() - 1)
    };
    tokio::time::sleep(ANSWER).await;
    match uri.path() {
        "/robots.txt" => StatusCode::NOT_FOUND.into_response(),
        "/feed" => ([(header::CONTENT_TYPE, "application/rss+xml")], feed(host, port)).into_response(),
        // Some articles of the other hosts have moved to the first, so that lanes meet there.
        path if host > 0 && path.ends_with('7') => {
            (StatusCode::FOUND, [(header::LOCATION, format!("http://{}:{port}{path}", address(0)))]).into_response()
        }
        path => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page(path)).into_response(),
    }
}

/// Entries that were never there before.
fn feed(host: usize, port: u16) -> String {
    let now = chrono::Utc::now();
    let items: String = (0..ENTRIES)
        .map(|n| {
            let stamp = now.timestamp_millis();
            format!(
                "<item><title>Ferry {stamp} takes berth {n}</title><link>http://{}:{port}/{stamp}/{n}</link></item>",
                address(host)
            )
        })
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Harbour {host}</title>{items}</channel></rss>")
}

fn page(path: &str) -> String {
    let lines: String = (0..6)
        .map(|n| format!("<p>Paragraph {n} of {path}: the ferry was late again, and the harbour master wrote it into his book.</p>"))
        .collect();
    format!(
        "<html><head><title>Ferry {path}</title></head><body><article><h1>Ferry {path}</h1>{lines}</article></body></html>"
    )
}
