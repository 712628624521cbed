//! The real program, as its user runs it: a folder with a configuration, a process, and HTTP to it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a thread of it has for its calls: half of what is usual, so that an unoptimised build is known to be far from the end.
const STACK_BYTES: usize = 1024 * 1024;

/// `tidings` with these arguments, and an environment without settings of ours.
pub(crate) fn tidings(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = bare(env!("CARGO_BIN_EXE_tidings"), folder);
    command.args(arguments);
    command
}

/// A program in `folder`, and an environment without settings of ours.
fn bare(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TIDINGS_") {
            command.env_remove(name);
        }
    }
    command.env("RUST_MIN_STACK", STACK_BYTES.to_string());
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn output(folder: &Path, arguments: &[&str], env: &[(&str, &str)]) -> Output {
    tidings(folder, arguments).envs(env.iter().copied()).output().unwrap()
}

/// A running daemon.
pub(crate) struct Daemon {
    child: Child,
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    log: mpsc::Receiver<String>,
    said: Vec<String>,
}

impl Daemon {
    /// Starts `tidings run` in `folder`, where `config.toml` is, on a free port; returns when it listens.
    pub(crate) fn start(folder: &Path, env: &[(&str, &str)]) -> Self {
        Self::run(tidings(folder, &["run"]), env)
    }

    /// The same where no more than `files` may be open at once.
    pub(crate) fn start_with_files(folder: &Path, env: &[(&str, &str)], files: u32) -> Self {
        let mut command = bare("sh", folder);
        command.arg("-c").arg(format!("ulimit -n {files} && exec \"$0\" run")).arg(env!("CARGO_BIN_EXE_tidings"));
        Self::run(command, env)
    }

    fn run(mut command: Command, env: &[(&str, &str)]) -> Self {
        let mut child = command
            .env("TIDINGS_WEB_LISTEN", "127.0.0.1:0")
            .envs(env.iter().copied())
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (send, log) = mpsc::channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| send.send(line)));
        let mut daemon = Self { child, address: String::new(), log, said: vec![] };
        let line = daemon.wait_for_line("listening on http://");
        let rest = line.split("http://").nth(1).unwrap();
        daemon.address = rest.split(['/', ' ']).next().unwrap().to_owned();
        daemon
    }

    /// The next log line that contains `text`.
    pub(crate) fn wait_for_line(&mut self, text: &str) -> String {
        let begun = Instant::now();
        while let Ok(line) = self.log.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
            self.said.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
        panic!("it never said `{text}`, but:\n{}", self.said.join("\n"));
    }

    /// Every log line so far.
    pub(crate) fn said(&mut self) -> String {
        self.said.extend(self.log.try_iter());
        self.said.join("\n")
    }

    /// GETs `path`.
    pub(crate) fn get(&self, path: &str) -> Answer {
        get(&self.address, path, &[])
    }

    /// Waits until `path` answers so that `good` is true; returns that answer.
    pub(crate) fn wait_for(&self, path: &str, good: impl Fn(&Answer) -> bool) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.get(path);
            if good(&answer) {
                return answer;
            }
            assert!(begun.elapsed() < PATIENCE, "{path} still answers {}: {}", answer.status, answer.body);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end; the exit code, `None` when a signal ended it.
    pub(crate) fn wait(mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "it does not end; it said:\n{}",
                self.log.try_iter().collect::<Vec<_>>().join("\n")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let how =
                self.child.try_wait().unwrap().map_or("was still running".into(), |how| format!("had ended: {how}"));
            eprintln!("the daemon {how}; it said:\n{}", self.said());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|l| {
            let (n, v) = l.split_once(':')?;
            n.eq_ignore_ascii_case(name).then(|| v.trim())
        })
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

/// GETs `path` from `address` with extra header lines, by HTTP/1.0: one answer, then the end.
pub(crate) fn get(address: &str, path: &str, headers: &[&str]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let lines: String = headers.iter().map(|h| format!("{h}\r\n")).collect();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n{lines}\r\n").unwrap();
    let mut bytes = vec![];
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text.as_str(), ""));
    let status = head.split_whitespace().nth(1).and_then(|s| s.parse().ok()).unwrap_or_default();
    Answer { status, head: head.into(), body: body.into() }
}

/// A folder with `config.toml`.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    /// With this configuration.
    pub(crate) fn with(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        Self { folder }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}
