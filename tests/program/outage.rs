//! PostgreSQL goes away in the middle of everything and comes back: a cluster of this test's own, stopped and started by its tools.

use std::{
    net::TcpListener,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use chrono::Utc;
use tidings::{demo::Portal, store::Store};

use crate::{
    crash::check,
    process::{Daemon, Folder},
};

/// A free port is known only by taking it.
const TRIES_MAX: usize = 8;

/// PostgreSQL with a database `tidings`.
struct Cluster {
    home: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
}

impl Cluster {
    fn start() -> Self {
        let bin = bin();
        // Its own path, short enough for a socket, where another user can get.
        let home = tempfile::Builder::new().prefix("tidings-pg.").tempdir_in("/tmp").unwrap();
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let mut cluster = Self { home, bin, port: 0 };
        let data = cluster.data();
        let made = cluster.run("initdb", &["--username=postgres", "--auth=trust", "--no-sync", "--pgdata", &data]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        for _ in 0..TRIES_MAX {
            cluster.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if cluster.go() {
                let created =
                    cluster.run("createdb", &["-h127.0.0.1", "-Upostgres", &format!("-p{}", cluster.port), "tidings"]);
                assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
                return cluster;
            }
        }
        panic!("PostgreSQL does not start; its log is in {}", cluster.home.path().display());
    }

    fn data(&self) -> String {
        self.home.path().join("data").display().to_string()
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/tidings", self.port)
    }

    /// Runs one of its programs, as a user that it allows.
    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let path = self.bin.join(program);
        let is_root = Path::new("/proc/self").metadata().unwrap().uid() == 0;
        let mut command = if is_root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        // What it starts keeps what it inherits open.
        let log = self.home.path().join("said");
        let out = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let status = command
            .args(arguments)
            .current_dir("/tmp")
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .status()
            .unwrap();
        Output { status, stdout: vec![], stderr: std::fs::read(log).unwrap() }
    }

    /// Starts it on its port; whether it did.
    fn go(&self) -> bool {
        let home = self.home.path().display();
        let options = format!("-p {} -k {home} -c listen_addresses=127.0.0.1 -c fsync=on", self.port);
        let (data, log) = (self.data(), format!("{home}/log"));
        self.run("pg_ctl", &["start", "--wait", "--pgdata", &data, "--log", &log, "--options", &options])
            .status
            .success()
    }

    /// Stops it at once: connections break in the middle, and it recovers when it is started.
    fn stop(&self) {
        let data = self.data();
        assert!(self.run("pg_ctl", &["stop", "--mode=immediate", "--wait", "--pgdata", &data]).status.success());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        self.run("pg_ctl", &["stop", "--mode=immediate", "--pgdata", &data]);
    }
}

/// Where the programs of the newest PostgreSQL of Debian's are.
fn bin() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").map(|all| all.map_while(Result::ok).collect::<Vec<_>>());
    let mut bins: Vec<PathBuf> = versions.unwrap_or_default().iter().map(|v| v.path().join("bin")).collect();
    bins.retain(|bin| bin.join("initdb").exists());
    bins.sort();
    bins.pop().expect("this test needs the PostgreSQL server: run scripts/test, or install Debian's `postgresql`")
}

#[test]
fn ingestion_pauses_while_postgresql_is_away_and_loses_nothing() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
    let cluster = Cluster::start();
    let folder = Folder::with(&portal.config().replace("per_host_delay = \"20ms\"", "per_host_delay = \"100ms\""));
    let url = cluster.url();
    let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", url.as_str())]);
    assert_eq!(daemon.get("/readyz").status, 200);
    portal.publish(usize::MAX, Utc::now());
    let stored = |a: &crate::process::Answer| a.json()["totals"]["articles"].as_u64().unwrap_or_default();
    let begun = stored(&daemon.wait_for("/status", |a| a.status == 200 && stored(a) > 2));

    // A restart in the middle.
    cluster.stop();
    assert!(cluster.go());
    daemon.wait_for("/readyz", |a| a.status == 200);

    // Away for a while.
    cluster.stop();
    let away = daemon.wait_for("/readyz", |a| a.status == 503);
    assert!(away.json()["reasons"].to_string().contains("database"), "{}", away.body);
    assert_eq!(daemon.get("/healthz").status, 200);
    assert_eq!(daemon.get("/feeds/all.json").status, 503, "it says so, and does not hang");
    let asked = portal.requests().len();
    std::thread::sleep(Duration::from_secs(3));
    assert!(portal.requests().len() <= asked + 20, "what could not be recorded is not fetched over and over");
    assert!(cluster.go());

    let all = portal.published().len() as u64;
    assert!(begun < all, "it was all over before PostgreSQL went: {begun} of {all}");
    daemon.wait_for("/status", |a| {
        a.status == 200 && stored(a) == all && a.json()["sources"].as_array().unwrap().iter().all(|s| s["pending"] == 0)
    });
    daemon.wait_for("/readyz", |a| a.status == 200);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    let store = runtime.block_on(Store::open(&url)).unwrap();
    runtime.block_on(check(&store, &portal));
    runtime.block_on(store.close());
}
