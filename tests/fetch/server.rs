//! A server on loopback that answers with whatever bytes it is told, and remembers what it was asked.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What is done with one request.
pub(crate) enum Reply {
    /// Write, and wait for the next request on the connection.
    Keep(Vec<u8>),
    /// Write, and close.
    Close(Vec<u8>),
    /// Write, and break the connection off.
    Reset(Vec<u8>),
    /// Write, and say no more.
    Hang(Vec<u8>),
    /// Write the first, then the second for ever.
    Endless(Vec<u8>, Vec<u8>),
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server that answers each request head by `reply`.
    pub(crate) async fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, reply) = (Arc::new(Mutex::new(vec![])), Arc::new(reply));
        let server = Self { address, asked: Arc::clone(&asked), connections: Arc::default() };
        let connections = Arc::clone(&server.connections);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.fetch_add(1, Ordering::SeqCst);
                let (asked, reply) = (Arc::clone(&asked), Arc::clone(&reply));
                tokio::spawn(async move { converse(stream, &asked, reply.as_ref()).await });
            }
        });
        server
    }

    /// A server that answers everything with `response`.
    pub(crate) async fn always(response: impl Into<Vec<u8>>) -> Self {
        let response = response.into();
        Self::start(move |_| Reply::Close(response.clone())).await
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// How many connections were made so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The heads of the requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The paths asked for so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().iter().map(|head| path(head).to_owned()).collect()
    }
}

/// The path in a request head.
pub(crate) fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// The value of a header in a request head.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().filter_map(|line| line.split_once(": ")).find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
}

/// A whole response.
pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

pub(crate) fn redirect(location: &str) -> Vec<u8> {
    response("302 Found", &format!("Location: {location}\r\n"), b"")
}

async fn converse(mut stream: TcpStream, asked: &Mutex<Vec<String>>, reply: &(dyn Fn(&str) -> Reply + Send + Sync)) {
    let mut bytes = vec![];
    loop {
        while !bytes.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                // A TLS handshake: answer as a plain server does.
                Ok(0x16) if bytes.is_empty() => {
                    let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                    return;
                }
                Ok(byte) => bytes.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8(std::mem::take(&mut bytes)).unwrap();
        asked.lock().unwrap().push(head.clone());
        match reply(&head) {
            Reply::Keep(bytes) => stream.write_all(&bytes).await.unwrap(),
            Reply::Close(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Reply::Reset(bytes) => {
                let _ = stream.write_all(&bytes).await;
                stream.set_zero_linger().unwrap();
                return;
            }
            Reply::Hang(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.read_u8().await;
                return;
            }
            Reply::Endless(head, chunk) => {
                let _ = stream.write_all(&head).await;
                while stream.write_all(&chunk).await.is_ok() {}
                return;
            }
        }
    }
}
