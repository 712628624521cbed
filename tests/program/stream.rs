//! The change log as server-sent events, read as a browser reads it, on both databases.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use chrono::Utc;
use tidings::demo::Portal;
use tidings::model::{Change, ChangeKind};

use crate::process::{Daemon, Folder, get};
use crate::support::TestDb;

/// A stream that is being read.
struct Reader {
    lines: BufReader<TcpStream>,
    head: String,
}

impl Reader {
    fn open(address: &str, path: &str, headers: &[&str]) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let lines: String = headers.iter().map(|h| format!("{h}\r\n")).collect();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\nAccept: text/event-stream\r\n{lines}\r\n").unwrap();
        let mut lines = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(lines.read_line(&mut head).unwrap() > 0, "{head}");
        }
        Self { lines, head }
    }

    /// The next event that carries something; `None`: the stream has ended.
    fn next(&mut self) -> Option<Change> {
        let (mut id, mut data) = (None, None);
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("id", value)) => id = Some(value.parse::<i64>().unwrap()),
                Some(("data", value)) => data = Some(serde_json::from_str::<Change>(value).unwrap()),
                _ if line == "\n" => {
                    if let Some(change) = data.take() {
                        assert_eq!(id, Some(change.number));
                        return Some(change);
                    }
                }
                _ => {}
            }
        }
    }

    fn take(&mut self, n: usize) -> Vec<Change> {
        (0..n).map(|_| self.next().unwrap()).collect()
    }
}

#[test]
fn a_stream_is_resumed_where_it_broke_off_and_ends_with_the_daemon() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for db in runtime.block_on(TestDb::both()) {
        println!("on {}", db.name);
        let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
        let folder = Folder::with(&portal.config());
        let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
        let mut live = Reader::open(&daemon.address, "/api/v1/stream", &[]);
        assert!(live.head.contains(" 200 ") && live.head.contains("content-type: text/event-stream"), "{}", live.head);
        assert!(live.head.contains("x-accel-buffering: no") && live.head.contains("nosniff"), "{}", live.head);
        let mut follows = Reader::open(&daemon.address, "/api/v1/stream?topic=chip-export-controls", &[]);
        let mut joins = Reader::open(&daemon.address, "/api/v1/stream?since=0&kind=story_joined", &[]);
        portal.publish(usize::MAX, Utc::now());
        // Some of it live, the rest after it broke off; a browser sends both its first address and where it was.
        let mut told = live.take(5);
        drop(live);
        let last = format!("Last-Event-ID: {}", told[4].number);
        let mut resumed = Reader::open(&daemon.address, "/api/v1/stream?since=2", &[&last]);
        let articles = portal.published().len() as u64;
        daemon.wait_for("/status", |a| a.json()["totals"]["articles"].as_u64() == Some(articles));
        let log: Vec<Change> =
            serde_json::from_value(daemon.get("/api/v1/changes?since=0&limit=500").json()["changes"].clone()).unwrap();
        told.extend(resumed.take(log.len() - 5));
        assert_eq!(told, log, "each once, in order");
        let mut topic = Reader::open(&daemon.address, "/api/v1/stream?since=0&topic=chip-export-controls", &[]);
        let chip: Vec<Change> =
            log.iter().filter(|c| c.topics.iter().any(|t| t == "chip-export-controls")).cloned().collect();
        assert!(chip.len() > 3 && chip.len() < log.len());
        assert_eq!(topic.take(chip.len()), chip);
        assert_eq!(follows.take(chip.len()), chip, "who was there before it happened is told the same");
        let joined: Vec<Change> = log.iter().filter(|c| c.kind == ChangeKind::StoryJoined).cloned().collect();
        assert!(joined.len() > 3);
        assert_eq!(joins.take(joined.len()), joined);
        let mut elsewhere = Reader::open(&daemon.address, "/api/v1/stream", &["Last-Event-ID: 999999"]);
        for (path, header) in [
            ("/api/v1/stream?topic=x", "X: y"),
            ("/api/v1/stream?since=x", "X: y"),
            ("/api/v1/stream", "Last-Event-ID: x"),
        ] {
            assert_eq!(get(&daemon.address, path, &[header]).status, 400, "{path} {header}");
        }
        daemon.signal("TERM");
        assert!(resumed.next().is_none() && topic.next().is_none() && elsewhere.next().is_none());
        assert_eq!(daemon.wait(), Some(0));
    }
}

#[test]
fn there_is_room_for_a_bounded_number_of_streams_and_it_is_given_back() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
    let db = TestDb::sqlite();
    let folder = Folder::with(&portal.config());
    // Half of what may be open are connections, half of which may be streams.
    let daemon = Daemon::start_with_files(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())], 800);
    let mut readers: Vec<Reader> =
        (0..200).map(|_| Reader::open(&daemon.address, "/api/v1/stream?since=0", &[])).collect();
    assert!(readers.iter().all(|r| r.head.contains(" 200 ")));
    let refused = get(&daemon.address, "/api/v1/stream", &[]);
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("10")));
    assert_eq!(daemon.get("/api/v1/changes?since=0").status, 200, "others are served");
    portal.publish(6, Utc::now());
    let begun = Utc::now();
    let mut late: Vec<i64> = readers
        .iter_mut()
        .map(|reader| {
            let change = reader.next().unwrap();
            (Utc::now() - change.at.max(begun)).num_milliseconds()
        })
        .collect();
    late.sort_unstable();
    println!("200 readers had the first change after {} ms (median), {} ms (last)", late[100], late[199]);
    readers.truncate(100);
    let open = || Reader::open(&daemon.address, "/api/v1/stream?since=0", &[]);
    let mut again = open();
    for _ in 0..500 {
        if again.head.contains(" 200 ") {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
        again = open();
    }
    assert_eq!(again.next().map(|change| change.number), Some(1));
}
