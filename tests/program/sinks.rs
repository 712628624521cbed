//! Webhooks of the real program: told in order through kills, and mended from the command line, on both databases.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use chrono::Utc;
use tidings::demo::Portal;

use crate::process::{Daemon, Folder, output};
use crate::support::TestDb;

/// A receiver that answers with the status it is set to.
struct Receiver {
    address: String,
    status: Arc<AtomicU16>,
    /// Identifier of the message, number of the change, status answered.
    got: Arc<Mutex<Vec<(String, i64, u16)>>>,
}

impl Receiver {
    fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (status, got) = (Arc::new(AtomicU16::new(status)), Arc::<Mutex<Vec<_>>>::default());
        let (answers, kept) = (status.clone(), got.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let _ = answer(stream, &answers, &kept);
            }
        });
        Self { address, status, got }
    }

    fn taken(&self) -> Vec<i64> {
        let mut taken = vec![];
        for (_, number, status) in self.got.lock().unwrap().iter() {
            if *status == 200 && !taken.contains(number) {
                taken.push(*number);
            }
        }
        taken
    }
}

/// Reads one message: its identifier and its body.
pub(crate) fn message(stream: &std::net::TcpStream) -> std::io::Result<(String, serde_json::Value)> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut length, mut id) = (0, String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            // Whoever told us was killed in the middle of it.
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = line.trim().split_once(": ") else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "webhook-id" => id = value.into(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((id, serde_json::from_slice(&body).unwrap()))
}

/// Reads one message and answers it; the connection ends with it.
fn answer(
    mut stream: std::net::TcpStream,
    status: &AtomicU16,
    got: &Mutex<Vec<(String, i64, u16)>>,
) -> std::io::Result<()> {
    let (id, event) = message(&stream)?;
    let status = status.load(Ordering::Relaxed);
    got.lock().unwrap().push((id, event["data"]["number"].as_i64().unwrap(), status));
    write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

#[test]
fn webhooks_are_told_in_order_through_kills() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for db in runtime.block_on(TestDb::both()) {
        println!("on {}", db.name);
        let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
        let (all, stuck) = (Receiver::start(200), Receiver::start(400));
        let hook = |id: &str, at: &Receiver, more: &str| {
            format!(
                "\n[[webhooks]]\nid = \"{id}\"\nurl = \"http://{}/hook/T0K3N\"\nsecret_file = \"key\"\n{more}\n",
                at.address
            )
        };
        let config = [
            portal.config(),
            hook("all", &all, "kinds = [\"story_new\", \"story_joined\"]"),
            hook("stuck", &stuck, "topics = [\"chip-export-controls\"]"),
        ];
        let folder = Folder::with(&config.concat());
        std::fs::write(folder.path().join("key"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let env = [("TIDINGS_DATABASE_URL", db.url.as_str())];
        // The sinks begin at the head of the log, which is empty before the portal publishes.
        let first = Daemon::start(&folder.path(), &env);
        portal.publish(usize::MAX, Utc::now());
        for (daemon, pause) in std::iter::once(first)
            .chain(std::iter::repeat_with(|| Daemon::start(&folder.path(), &env)))
            .zip([900, 300, 150, 500])
        {
            std::thread::sleep(Duration::from_millis(pause));
            daemon.signal("KILL");
            assert_eq!(daemon.wait(), None);
        }
        let daemon = Daemon::start(&folder.path(), &env);
        let articles = portal.published().len() as u64;
        daemon.wait_for("/status", |a| a.json()["totals"]["articles"].as_u64() == Some(articles));
        let status = daemon.wait_for("/status", |a| {
            let status = a.json();
            status["sinks"][0]["lag"] == 0 && status["sinks"][1]["last_status"] == 400
        });
        let (sinks, body) = (status.json()["sinks"].clone(), status.body);
        assert_eq!(
            (&sinks[0]["id"], &sinks[0]["state"], &sinks[1]["id"]),
            (&"all".into(), &"active".into(), &"stuck".into())
        );
        let changes = daemon.get("/api/v1/changes?since=0&limit=500").json()["changes"].clone();
        let numbers = |topic: Option<&str>, kinds: &[&str]| -> Vec<i64> {
            let concerned = |c: &&serde_json::Value| {
                let topics = c["topics"].as_array().unwrap();
                topic.is_none_or(|t| topics.iter().any(|o| o == t)) && kinds.iter().any(|k| c["kind"] == *k)
            };
            changes.as_array().unwrap().iter().filter(concerned).map(|c| c["number"].as_i64().unwrap()).collect()
        };
        assert_eq!(all.taken(), numbers(None, &["story_new", "story_joined"]), "every change, in order");
        let ids: BTreeSet<(String, i64)> = all.got.lock().unwrap().iter().map(|(id, n, _)| (id.clone(), *n)).collect();
        assert_eq!(ids.len(), all.taken().len(), "one identifier for each");
        let metrics = daemon.get("/metrics").body;
        assert!(metrics.contains("tidings_sink_lag{sink=\"all\"} 0"), "{metrics}");
        let chip = numbers(Some("chip-export-controls"), &["story_new"]);
        mend(&folder, &env, &stuck, &chip);
        let is_told = |sink: &serde_json::Value| sink["dead"] == 0 && sink["lag"] == 0;
        daemon.wait_for("/status", |a| a.json()["sinks"].as_array().unwrap().iter().all(is_told));
        assert_eq!(stuck.taken().into_iter().collect::<BTreeSet<_>>(), chip.iter().copied().collect());
        daemon.wait_for("/metrics", |a| {
            a.body.contains("tidings_sink_deliveries_total{outcome=\"delivered\",sink=\"stuck\"}")
        });
        daemon.signal("TERM");
        let said = [metrics, body];
        assert!(said.iter().all(|text| !text.contains("T0K3N") && !text.contains("whsec")), "{said:?}");
        assert_eq!(daemon.wait(), Some(0));
        misses(&folder, &env, runtime.block_on(forget(&db.url)));
    }
}

/// A sink that is set back to before what is kept is said to miss it.
fn misses(folder: &Folder, env: &[(&str, &str)], forgotten: u64) {
    let replayed = output(&folder.path(), &["sink", "replay", "all", "--since", "0"], env);
    let said = String::from_utf8_lossy(&replayed.stdout).into_owned();
    assert!(forgotten > 1 && said.contains(&format!("Changes 1 to {forgotten} are too old")), "{said}");
}

/// Has every change but the newest forgotten, as if they were old; returns how many.
async fn forget(url: &str) -> u64 {
    let store = tidings::store::Store::open(url).await.unwrap();
    let forgotten = store.forget_changes(Utc::now() + chrono::TimeDelta::days(1), 500).await.unwrap();
    store.close().await;
    forgotten
}

/// Skips what the sink is stuck at, and has it told after all.
fn mend(folder: &Folder, env: &[(&str, &str)], stuck: &Receiver, chip: &[i64]) {
    let run = |arguments: &[&str], code: i32| {
        let run = output(&folder.path(), arguments, env);
        let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert_eq!(run.status.code(), Some(code), "{said}");
        assert!(!said.contains("T0K3N"), "{said}");
        said
    };
    let said = run(&["sink", "status", "stuck"], 0);
    assert!(said.contains("failing") && said.contains("the receiver answered 400"), "{said}");
    assert!(!said.contains("all  ok"), "{said}");
    assert!(run(&["sink", "skip", "stuck"], 0).contains(&format!("change {}", chip[0])));
    assert!(run(&["sink", "status"], 0).contains(&format!("change {}, given up", chip[0])));
    assert!(run(&["sink", "replay", "nobody"], 2).contains("all, stuck"));
    assert!(run(&["sink", "replay", "stuck", "--since", "999999"], 2).contains("only told of changes up to"));
    run(&["sink", "replay", "stuck", "--since", "1", "--dead"], 2);
    stuck.status.store(200, Ordering::Relaxed);
    assert!(run(&["sink", "replay", "stuck", "--dead"], 0).contains("1 changes"));
    assert!(run(&["sink", "replay", "all", "--since", "0"], 0).contains("after 0 again"));
}

/// The stories that were told as new after `since`, by the log.
fn new_stories(runtime: &tokio::runtime::Runtime, url: &str, since: i64) -> Vec<i64> {
    runtime.block_on(async {
        let store = tidings::store::Store::open(url).await.unwrap();
        let changes = store.changes(since, None, 500).await.unwrap();
        store.close().await;
        let new = changes.into_iter().filter(|c| c.kind == tidings::model::ChangeKind::StoryNew);
        new.map(|c| c.number).collect()
    })
}

#[test]
fn a_single_run_and_a_reload_tell_sinks_too() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let db = TestDb::sqlite();
    let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
    portal.publish(6, Utc::now());
    let (first, late) = (Receiver::start(200), Receiver::start(200));
    let hook = |id: &str, at: &Receiver| {
        format!("\n[[webhooks]]\nid = \"{id}\"\nurl = \"http://{}/hook/T0K3N\"\nsecret_file = \"key\"\n", at.address)
    };
    let config = portal.config() + &hook("first", &first);
    let folder = Folder::with(&config);
    std::fs::write(folder.path().join("key"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
    let env = [("TIDINGS_DATABASE_URL", db.url.as_str())];
    let run = output(&folder.path(), &["run", "--once"], &env);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let stored = new_stories(&runtime, &db.url, 0);
    assert!(!stored.is_empty());
    assert_eq!(first.taken(), stored);
    let mut daemon = Daemon::start(&folder.path(), &env);
    std::fs::write(folder.path().join("config.toml"), config + &hook("late", &late)).unwrap();
    daemon.signal("HUP");
    let line = daemon.wait_for_line("configuration reloaded");
    assert!(line.contains("sinks_added=\"late\""), "{line}");
    let status = daemon.get("/status").json();
    let (sink, head) = (status["sinks"][1].clone(), status["totals"]["changes"].as_i64().unwrap());
    assert_eq!((&sink["id"], sink["cursor"].as_i64().unwrap() <= head), (&"late".into(), true));
    portal.publish(usize::MAX, Utc::now());
    daemon.wait_for("/status", |a| a.json()["sinks"][1]["delivered"].as_i64() > Some(0));
    let lag = |a: &crate::process::Answer| a.json()["sinks"][1]["lag"].as_i64();
    daemon.wait_for("/status", |a| lag(a) == Some(0));
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    let told = new_stories(&runtime, &db.url, sink["cursor"].as_i64().unwrap());
    let taken = late.taken();
    assert_eq!(taken, told[..taken.len()], "from where the log stood");
}
