//! A stream and readers of mail, told by the real program through the real servers of others while it is killed.

use std::{collections::BTreeSet, path::Path, process::Command, time::Duration};

use chrono::{TimeDelta, Utc};
use tidings::{demo::Portal, store::Store};

use crate::process::{Daemon, Folder, output};
use crate::servers::Server;
use crate::support::TestDb;

/// What lets us in at the stream.
const PASSWORD: &str = "T0K3N";

/// A certificate of our own for localhost in `folder`: (certificate, key).
fn certificate(folder: &Path) -> (String, String) {
    let path = |name: &str| folder.join(name).display().to_string();
    let (certificate, key) = (path("cert.pem"), path("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &key, "-out", &certificate])
        .output()
        .expect("this test needs openssl, which scripts/test installs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (certificate, key)
}

/// As if every sink had been there for a day.
async fn age_sinks(url: &str) {
    let (store, then) = (Store::open(url).await.unwrap(), Utc::now() - TimeDelta::days(1));
    let statement = "update sinks set added_at = $1";
    match &store {
        Store::Postgres(pool) => drop(sqlx::query(statement).bind(then).execute(pool).await.unwrap()),
        Store::Sqlite(pool) => drop(sqlx::query(statement).bind(then).execute(pool).await.unwrap()),
    }
    store.close().await;
}

/// (subject, number) of what the stream has, in order.
async fn notes(server: &Server, certificate: &str) -> Vec<(String, i64)> {
    let options = async_nats::ConnectOptions::new().add_root_certificates(certificate.into()).require_tls(true);
    let options = options.user_and_password("me".into(), PASSWORD.into());
    let client = options.connect(format!("tls://localhost:{}", server.port)).await.unwrap();
    let mut stream = async_nats::jetstream::new(client).get_stream("NEWS").await.unwrap();
    let last = stream.info().await.unwrap().state.last_sequence;
    let mut notes = vec![];
    for sequence in 1..=last {
        let note = stream.get_raw_message(sequence).await.unwrap();
        notes.push((note.subject.to_string(), note.headers.get("Tidings-Change").unwrap().as_str().parse().unwrap()));
    }
    notes
}

/// What new stories there are, by the log: (subject, number) as the stream has them, and the titles of those that a topic matched.
fn expected(changes: &serde_json::Value) -> (Vec<(String, i64)>, BTreeSet<String>) {
    let (mut subjects, mut titles) = (vec![], BTreeSet::new());
    for change in changes.as_array().unwrap().iter().filter(|c| c["kind"] == "story_new") {
        let topics: Vec<&str> = change["topics"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
        let number = change["number"].as_i64().unwrap();
        let unmatched = if topics.is_empty() { vec!["_unmatched"] } else { vec![] };
        subjects.extend(topics.iter().chain(&unmatched).map(|topic| (format!("news.{topic}"), number)));
        if !topics.is_empty() {
            titles.insert(change["title"].as_str().unwrap().to_owned());
        }
    }
    (subjects, titles)
}

#[test]
fn streams_and_readers_of_mail_are_told_once_though_the_program_is_killed() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for db in runtime.block_on(TestDb::both()) {
        println!("on {}", db.name);
        let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
        let keys = tempfile::tempdir().unwrap();
        let (certificate, key) = certificate(keys.path());
        let mut bus =
            Server::nats(&["--tls", "--tlscert", &certificate, "--tlskey", &key, "--user", "me", "--pass", PASSWORD]);
        // It takes nothing before STARTTLS.
        let post = Server::smtp(&["--tlscert", &certificate, "--tlskey", &key]);
        let at = (Utc::now() - TimeDelta::minutes(2)).format("%H:%M");
        let config = format!(
            "{}\n[[nats]]\nid = \"bus\"\nurl = \"tls://me:{PASSWORD}@localhost:{}\"\nprefix = \"news\"\nstream = \"NEWS\"\n\
             [[digests]]\nid = \"morning\"\nurl = \"smtp://localhost:{}\"\nfrom = \"news@here.example\"\n\
             to = [\"lin@there.example\"]\nat = \"{at}\"\n",
            portal.config(),
            bus.port,
            post.port
        );
        let folder = Folder::with(&config);
        let env = [("TIDINGS_DATABASE_URL", db.url.as_str()), ("SSL_CERT_FILE", certificate.as_str())];
        let first = Daemon::start(&folder.path(), &env);
        portal.publish(usize::MAX, Utc::now());
        let articles = portal.published().len() as u64;
        std::thread::sleep(Duration::from_millis(900));
        bus.kill();
        std::thread::sleep(Duration::from_millis(300));
        bus.rise();
        first.wait_for("/status", |a| a.json()["totals"]["articles"].as_u64() == Some(articles));
        first.signal("KILL");
        assert_eq!(first.wait(), None);
        runtime.block_on(age_sinks(&db.url));
        for pause in [900, 300, 600] {
            let daemon = Daemon::start(&folder.path(), &env);
            std::thread::sleep(Duration::from_millis(pause));
            daemon.signal("KILL");
            assert_eq!(daemon.wait(), None);
        }
        let daemon = Daemon::start(&folder.path(), &env);
        let status =
            daemon.wait_for("/status", |a| a.json()["sinks"].as_array().unwrap().iter().all(|s| s["lag"] == 0));
        assert_eq!(status.json()["sinks"].as_array().unwrap().len(), 2, "{}", status.body);
        let (subjects, titles) = expected(&daemon.get("/api/v1/changes?since=0&limit=500").json()["changes"]);
        assert_eq!(runtime.block_on(notes(&bus, &certificate)), subjects);
        let mails = post.mails();
        let ids: BTreeSet<&str> = mails.iter().map(|mail| mail.header("Message-ID")[0]).collect();
        assert_eq!(ids.len(), 1, "{mails:?}");
        let told: Vec<String> =
            mails[0].text.lines().filter_map(|l| l.strip_prefix("* ")).map(ToOwned::to_owned).collect();
        assert_eq!((told.len(), told.into_iter().collect::<BTreeSet<_>>()), (titles.len(), titles));
        assert!(mails[0].html.contains("<mark>"), "{}", mails[0].html);
        for (arguments, code, said) in [
            (&["sink", "status"][..], 0, "morning  ok"),
            (&["sink", "status", "bus"], 0, "bus  ok"),
            (&["sink", "skip", "morning"], 2, "nothing to skip"),
            (&["sink", "replay", "morning", "--dead"], 2, "--since N"),
            (&["sink", "replay", "bus", "--since", "0"], 0, "bus is told"),
        ] {
            let ended = output(&folder.path(), arguments, &env);
            let shown = [ended.stdout, ended.stderr].concat();
            let shown = String::from_utf8_lossy(&shown);
            assert!(ended.status.code() == Some(code) && shown.contains(said), "{arguments:?}: {shown}");
        }
        daemon.signal("TERM");
        assert_eq!(daemon.wait(), Some(0));
    }
}
