//! Feeds to be read: by nginx from files, or from memory of any host of 127.0.0.0/8.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How long nginx may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest request that is read, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// The host with this number.
pub(crate) fn host(number: usize) -> Ipv4Addr {
    let [high, low] = [number / 250, number % 250 + 1].map(|part| u8::try_from(part).unwrap_or(u8::MAX));
    Ipv4Addr::new(127, 9, high, low)
}

/// A feed of so many items, no two with a text in common.
pub(crate) fn feed(name: &str, items: usize) -> String {
    let mut out = format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>{name}</title>");
    for n in 0..items {
        let mark = blake3::hash(format!("{name}/{n}").as_bytes()).to_hex();
        let text = mark.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four)).collect::<Vec<_>>().join(" ");
        let _ = write!(
            out,
            "<item><title>第 {n} 则 {}</title><link>https://{name}.example/a/{n}.html</link>\
             <pubDate>Mon, 23 Nov 2026 10:{n:02}:00 +0800</pubDate>\
             <description><![CDATA[<p>{text}</p><p>港口货量回升，航运公司加开班次：{text}。</p>]]></description></item>",
            &mark[..12]
        );
    }
    out + "</channel></rss>"
}

/// nginx; it ends with this value.
pub(crate) struct Nginx {
    child: Child,
    /// The port on which a conditional request is answered by 304.
    pub(crate) honest: u16,
    /// The port on which everything is answered in full.
    pub(crate) forgetful: u16,
}

impl Nginx {
    /// Serves `folder`/ADDRESS/ on each of `hosts`.
    pub(crate) fn start(folder: &Path, hosts: &[Ipv4Addr]) -> anyhow::Result<Self> {
        let (honest, forgetful) = (free_port()?, free_port()?);
        let at = folder.display();
        let listens = |port: u16| hosts.iter().map(|h| format!("listen {h}:{port};\n")).collect::<String>();
        // One process: with a master, the worker of a root's nginx would be another user, who may not read the files.
        let config = format!(
            "daemon off; master_process off; error_log stderr; pid {at}/nginx.pid;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; log_not_found off; default_type application/rss+xml; root {at}/$server_addr; keepalive_requests 1000000;\n\
             client_body_temp_path {at}/t1; proxy_temp_path {at}/t2; fastcgi_temp_path {at}/t3; uwsgi_temp_path {at}/t4;\n\
             scgi_temp_path {at}/t5;\n\
             server {{ {} }}\nserver {{ if_modified_since off; etag off; {} }} }}\n",
            listens(honest),
            listens(forgetful)
        );
        fs::write(folder.join("nginx.conf"), config)?;
        let child = Command::new("nginx")
            .arg("-c")
            .arg(folder.join("nginx.conf"))
            .args(["-p", &folder.to_string_lossy(), "-e", "stderr"])
            .stdin(Stdio::null())
            .spawn()
            .context("nginx is needed: apt-get install nginx-light")?;
        let nginx = Self { child, honest, forgetful };
        let begun = Instant::now();
        while TcpStream::connect((hosts[0], forgetful)).is_err() {
            ensure!(begun.elapsed() < PATIENCE, "nginx does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody has at the moment.
fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("0.0.0.0:0")?.local_addr()?.port())
}

/// Serves a feed that has something new whenever it is asked for; returns the port.
pub(crate) async fn serve_news() -> anyhow::Result<u16> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let asked = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let asked = asked.clone();
            tokio::spawn(converse(stream, move |_| {
                let number = asked.fetch_add(1, Ordering::Relaxed);
                // One and the one before, so that no window is missed.
                let first = feed(&format!("n{}", number.saturating_sub(1)), 1);
                let (head, tail) = (feed(&format!("n{number}"), 1), "</channel></rss>");
                let item = first.split_once("<item>").map(|(_, item)| format!("<item>{item}"));
                (format!("n{number}"), head.trim_end_matches(tail).to_owned() + &item.unwrap_or_default())
            }));
        }
    });
    Ok(port)
}

/// Serves a feed of so many items on every host; returns the port.
pub(crate) async fn serve(items: usize) -> anyhow::Result<u16> {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, move |name| ("1".into(), feed(name, items))));
        }
    });
    Ok(port)
}

/// Answers one connection: with what `made` gives for the name of a host, a tag and a feed.
async fn converse(mut stream: tokio::net::TcpStream, made: impl Fn(&str) -> (String, String)) -> Option<()> {
    let SocketAddr::V4(here) = stream.local_addr().ok()? else { return None };
    let name = here.ip().to_string().replace('.', "-");
    let mut head = Vec::with_capacity(1024);
    loop {
        head.clear();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() > HEAD_BYTES_MAX || stream.read_buf(&mut head).await.ok()? == 0 {
                return None;
            }
        }
        let asked = String::from_utf8_lossy(&head);
        let answer = if asked.starts_with("GET /robots.txt") {
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned()
        } else if asked.to_ascii_lowercase().contains("if-none-match: \"1\"") {
            "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n".to_owned()
        } else {
            let (tag, body) = made(&name);
            let head =
                format!("ETag: \"{tag}\"\r\nContent-Type: application/rss+xml\r\nContent-Length: {}", body.len());
            format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}")
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}
