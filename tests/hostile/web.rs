//! A web on loopback: every address of 127.0.0.0/8 is a host of its own on one port, and remembers what it was asked.

use std::collections::HashMap;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::sites::{Reply, Site};

/// Files that may be open at once.
const FILES: u64 = 16_384;
/// Longest request head that is read, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) path: String,
    pub(crate) at: Instant,
    /// Requests of the same host that were not answered yet when it came.
    pub(crate) beside: usize,
    /// When it was answered, or broken off.
    pub(crate) done: Option<Instant>,
}

#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) port: u16,
    log: Arc<Mutex<HashMap<Ipv4Addr, Vec<Ask>>>>,
}

impl Web {
    /// Serves whatever `site` says of a host.
    pub(crate) async fn start(site: fn(Ipv4Addr) -> Site) -> Self {
        // A connection a host, and as many again that were not closed yet.
        let limit = getrlimit(Resource::Nofile);
        let current = limit.maximum.map_or(FILES, |most| most.min(FILES));
        setrlimit(Resource::Nofile, Rlimit { current: Some(current), ..limit }).unwrap();
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let web = Self { port: listener.local_addr().unwrap().port(), log: Arc::default() };
        let serving = web.clone();
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                let web = serving.clone();
                tokio::spawn(async move { web.converse(stream, site).await });
            }
        });
        web
    }

    /// What `host` was asked, in order.
    pub(crate) fn asked(&self, host: Ipv4Addr) -> Vec<Ask> {
        self.log.lock().unwrap().get(&host).cloned().unwrap_or_default()
    }

    /// Who was asked anything.
    pub(crate) fn hosts(&self) -> Vec<Ipv4Addr> {
        self.log.lock().unwrap().keys().copied().collect()
    }

    /// How often all were asked.
    pub(crate) fn requests(&self) -> usize {
        self.log.lock().unwrap().values().map(Vec::len).sum()
    }

    /// How often `host` was asked for `path`.
    pub(crate) fn times(&self, host: Ipv4Addr, path: &str) -> usize {
        let log = self.log.lock().unwrap();
        log.get(&host).map_or(0, |asked| asked.iter().filter(|ask| ask.path == path).count())
    }

    fn note(&self, host: Ipv4Addr, path: &str) -> usize {
        let mut log = self.log.lock().unwrap();
        let asked = log.entry(host).or_default();
        let beside = asked.iter().filter(|ask| ask.done.is_none()).count();
        asked.push(Ask { path: path.into(), at: Instant::now(), beside, done: None });
        asked.len() - 1
    }

    async fn converse(&self, mut stream: TcpStream, site: fn(Ipv4Addr) -> Site) {
        let Ok(SocketAddr::V4(here)) = stream.local_addr() else { return };
        let host = *here.ip();
        loop {
            let Some(head) = head(&mut stream).await else { return };
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let number = self.note(host, &path);
            let reply = site(host).answer(&format!("http://{host}:{}", self.port), &path, &head);
            let open = speak(&mut stream, reply).await;
            let now = Some(Instant::now());
            self.log.lock().unwrap().entry(host).and_modify(|asked| asked[number].done = now);
            if !open {
                return;
            }
        }
    }
}

async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = vec![];
    while !bytes.ends_with(b"\r\n\r\n") {
        if bytes.len() > HEAD_BYTES_MAX {
            return None;
        }
        bytes.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Says what is to be said; whether the connection goes on.
async fn speak(stream: &mut TcpStream, reply: Reply) -> bool {
    match reply {
        Reply::Whole(bytes) => stream.write_all(&bytes).await.is_ok(),
        Reply::Close(bytes) => {
            let _ = stream.write_all(&bytes).await;
            false
        }
        Reply::Reset(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.set_zero_linger();
            false
        }
        Reply::Slow(bytes, pause) => {
            for part in bytes.chunks(bytes.len() / 4 + 1) {
                tokio::time::sleep(pause).await;
                if stream.write_all(part).await.is_err() {
                    return false;
                }
            }
            true
        }
        Reply::Never(bytes) => {
            let _ = stream.write_all(&bytes).await;
            // Until the other side has had enough.
            let _ = tokio::time::timeout(Duration::from_secs(60), stream.read_u8()).await;
            false
        }
        Reply::Endless(head, part) => {
            let _ = stream.write_all(&head).await;
            while stream.write_all(&part).await.is_ok() {}
            false
        }
    }
}

/// A whole response.
pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// `bytes` as a gzip file.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// The host with this number: within the networks that may be visited.
pub(crate) fn host(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 1, u8::try_from(number / 200).unwrap(), u8::try_from(number % 200 + 1).unwrap())
}

/// The number of this host.
pub(crate) fn number(host: Ipv4Addr) -> usize {
    let [.., c, d] = host.octets();
    usize::from(c) * 200 + usize::from(d).saturating_sub(1)
}

/// Whether nobody may visit `host`, though it would answer.
pub(crate) fn is_forbidden(host: Ipv4Addr) -> bool {
    let allowed: ipnet::IpNet = "127.1.0.0/16".parse().unwrap();
    !allowed.contains(&IpAddr::V4(host))
}
