//! What the sites of the hostile web do.

use std::net::Ipv4Addr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{TimeDelta, Utc};

use crate::web::{gzip, host, number, response};

/// What is done with one request.
pub(crate) enum Reply {
    Whole(Vec<u8>),
    Close(Vec<u8>),
    Reset(Vec<u8>),
    /// In four parts, a pause before each.
    Slow(Vec<u8>, Duration),
    /// And then nothing, for ever.
    Never(Vec<u8>),
    /// The first, then the second for ever.
    Endless(Vec<u8>, Vec<u8>),
}

/// How a site behaves. Everything but what its name says is as with [`Site::Good`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    Good,
    Slow,
    NeverAnswers,
    NeverEnds,
    Partial,
    TooShort,
    Reset,
    Early,
    Circle,
    Chain,
    ToPrivate,
    LinksPrivate,
    GzipBomb,
    ZstdBomb,
    Endless,
    Binary,
    Unchanged,
    OtherTag,
    Busy(&'static str, &'static str),
    BusyUntil(&'static str),
    Gone,
    PagesGone,
    Legal,
    Elsewhere,
    RobotsAll,
    RobotsPages,
    RobotsFault,
    RobotsNever,
    RobotsDelay,
    RobotsCircle,
    RobotsEndless,
    RobotsToPrivate,
    HeaderFlood,
}

pub(crate) const KINDS: &[Site] = &[
    Site::Good,
    Site::Slow,
    Site::NeverAnswers,
    Site::NeverEnds,
    Site::Partial,
    Site::TooShort,
    Site::Reset,
    Site::Early,
    Site::Circle,
    Site::Chain,
    Site::ToPrivate,
    Site::LinksPrivate,
    Site::GzipBomb,
    Site::ZstdBomb,
    Site::Endless,
    Site::Binary,
    Site::Unchanged,
    Site::OtherTag,
    Site::Busy("429 Too Many Requests", "3600"),
    Site::Busy("429 Too Many Requests", "soon"),
    Site::Busy("503 Service Unavailable", "3600"),
    Site::Busy("503 Service Unavailable", "99999999999999999999"),
    Site::BusyUntil("429 Too Many Requests"),
    Site::BusyUntil("503 Service Unavailable"),
    Site::Gone,
    Site::PagesGone,
    Site::Legal,
    Site::Elsewhere,
    Site::RobotsAll,
    Site::RobotsPages,
    Site::RobotsFault,
    Site::RobotsNever,
    Site::RobotsDelay,
    Site::RobotsCircle,
    Site::RobotsEndless,
    Site::RobotsToPrivate,
    Site::HeaderFlood,
];

/// A host that must never be asked, though it would answer.
const FORBIDDEN: Ipv4Addr = Ipv4Addr::new(127, 200, 0, 1);
/// Pages of each site.
pub(crate) const PAGES: usize = 3;

static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| gzip(&vec![b' '; 64 << 20]));
static ZSTD_BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| zstd::encode_all(&vec![b' '; 64 << 20][..], 3).unwrap());
static TAGS: AtomicUsize = AtomicUsize::new(0);

/// So many hosts that lead elsewhere lead to the same.
const SHARING: usize = 4;

/// What the site of `host` is.
pub(crate) fn site(address: Ipv4Addr) -> Site {
    KINDS[number(address) % KINDS.len()]
}

fn html(body: &str) -> Reply {
    Reply::Whole(response("200 OK", "Content-Type: text/html; charset=utf-8\r\n", body.as_bytes()))
}

fn redirect(to: &str) -> Reply {
    Reply::Whole(response("302 Found", &format!("Location: {to}\r\n"), b""))
}

impl Site {
    /// What `base` answers to a request.
    pub(crate) fn answer(self, base: &str, path: &str, head: &str) -> Reply {
        match path {
            "/robots.txt" => self.robots(base),
            "/list" => self.list(base, head),
            _ if path.starts_with("/a/") => self.page(base, path),
            // The stops of circles and chains.
            _ => match (self, path.strip_prefix("/hop/").and_then(|n| n.parse::<u32>().ok())) {
                (Self::Circle | Self::RobotsCircle, Some(n)) => redirect(&format!("/hop/{}", (n + 1) % 3)),
                (Self::Chain, Some(n)) => redirect(&format!("/hop/{}", n + 1)),
                _ => Reply::Whole(response("404 Not Found", "", b"")),
            },
        }
    }

    fn robots(self, base: &str) -> Reply {
        let text = |text: &str| Reply::Whole(response("200 OK", "", text.as_bytes()));
        match self {
            Self::RobotsAll => text("User-agent: *\nDisallow: /\n"),
            Self::RobotsPages => text("User-agent: *\nDisallow: /a/\n"),
            Self::RobotsDelay => text("User-agent: tidings\nCrawl-delay: 0.4\n"),
            Self::RobotsFault => Reply::Whole(response("500 Internal Server Error", "", b"")),
            Self::RobotsNever => Reply::Never(vec![]),
            Self::RobotsCircle => redirect("/hop/0"),
            Self::RobotsToPrivate => redirect(&base.replace("127.1.", "127.200.")),
            Self::RobotsEndless => Reply::Endless(
                b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /never\n".to_vec(),
                b"# and on and on\n".repeat(4096),
            ),
            _ => Reply::Whole(response("404 Not Found", "", b"")),
        }
    }

    fn list(self, base: &str, head: &str) -> Reply {
        let feed = self.feed(base);
        let typed = "Content-Type: application/rss+xml\r\n";
        let good = response("200 OK", &format!("{typed}ETag: \"1\"\r\n"), &feed);
        match self {
            Self::Slow => Reply::Slow(good, Duration::from_millis(100)),
            Self::NeverAnswers => Reply::Never(vec![]),
            Self::NeverEnds => Reply::Never(good[..good.len() / 2].to_vec()),
            Self::Partial => Reply::Close(good[..good.len() / 2].to_vec()),
            Self::TooShort => Reply::Close([response("200 OK", typed, &feed[..200]), feed[200..].to_vec()].concat()),
            Self::Reset => Reply::Reset(good[..good.len() / 2].to_vec()),
            Self::Early => Reply::Whole([b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(500), good].concat()),
            Self::Circle | Self::Chain => redirect("/hop/0"),
            Self::ToPrivate => {
                let there = [format!("http://{FORBIDDEN}:{}/list", port(base)), "http://169.254.169.254/".into()];
                redirect(&there[TAGS.fetch_add(1, Ordering::Relaxed) % 2])
            }
            Self::GzipBomb => Reply::Whole(response("200 OK", &format!("{typed}Content-Encoding: gzip\r\n"), &BOMB)),
            Self::ZstdBomb => {
                Reply::Whole(response("200 OK", &format!("{typed}Content-Encoding: zstd\r\n"), &ZSTD_BOMB))
            }
            Self::Endless => Reply::Endless(b"HTTP/1.1 200 OK\r\n\r\n<rss>".to_vec(), b"<x>".repeat(16 << 10)),
            Self::Binary => Reply::Whole(response("200 OK", "Content-Type: image/png\r\n", &[0x89; 5000])),
            Self::Unchanged => Reply::Whole(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()),
            Self::OtherTag => {
                let tag = TAGS.fetch_add(1, Ordering::Relaxed);
                Reply::Whole(response("200 OK", &format!("{typed}ETag: \"{tag}\"\r\n"), &feed))
            }
            Self::Busy(status, after) => Reply::Whole(response(status, &format!("Retry-After: {after}\r\n"), b"")),
            Self::BusyUntil(status) => {
                let when = (Utc::now() + TimeDelta::hours(1)).format("%a, %d %b %Y %H:%M:%S GMT");
                Reply::Whole(response(status, &format!("Retry-After: {when}\r\n"), b""))
            }
            Self::Gone => Reply::Whole(response("410 Gone", "", b"")),
            Self::Legal => Reply::Whole(response("451 Unavailable For Legal Reasons", "", b"")),
            Self::HeaderFlood => Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-And: on\r\n".repeat(1000)),
            _ if head.to_ascii_lowercase().contains("if-none-match") => {
                Reply::Whole(b"HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n".to_vec())
            }
            _ => Reply::Whole(good),
        }
    }

    fn feed(self, base: &str) -> Vec<u8> {
        let at = match self {
            Self::LinksPrivate => format!("http://{FORBIDDEN}:{}", port(base)),
            // Every few of its kind lead to the pages of one host, whose own lane they share.
            Self::Elsewhere => format!("http://{}:{}", host(shared(base)), port(base)),
            _ => base.to_owned(),
        };
        let mark = base.replace(|c: char| !c.is_ascii_digit(), "-");
        let item = |n: usize| format!("<item><title>第{n}号公报</title><link>{at}/a/{mark}/{n}</link></item>");
        let items: String = (0..PAGES).map(item).collect();
        format!("<rss version=\"2.0\"><channel><title>站点{mark}</title>{items}</channel></rss>").into_bytes()
    }

    fn page(self, base: &str, path: &str) -> Reply {
        if self == Self::PagesGone {
            return Reply::Whole(response("410 Gone", "", b""));
        }
        let text =
            format!("<p>{base}{path} 的公报全文：港口今天重新开放，二十艘货轮依次靠岸，码头工人从清晨开始卸货。</p>")
                .repeat(6);
        html(&format!(
            "<html><head><title>公报 {path}</title></head><body><article><h1>公报 {path}</h1>{text}</article></body></html>"
        ))
    }
}

/// The good host to which the site at `base` leads.
fn shared(base: &str) -> usize {
    let number = number(base.split(['/', ':']).nth(3).unwrap().parse().unwrap());
    (number / KINDS.len() / SHARING) * SHARING * KINDS.len()
}

fn port(base: &str) -> &str {
    base.rsplit(':').next().unwrap()
}
