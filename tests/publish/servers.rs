//! The real servers of others, each on a port of its own on loopback, which can be killed and come back.

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long a server may take to answer after its start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server's process, and what it needs to be started again.
pub(crate) struct Server {
    pub(crate) port: u16,
    folder: TempDir,
    program: &'static str,
    arguments: Vec<String>,
    child: Option<Child>,
}

impl Server {
    /// `program` with `arguments`, which are made of its port and its folder.
    pub(crate) fn start(program: &'static str, arguments: impl FnOnce(u16, &Path) -> Vec<String>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let arguments = arguments(port, folder.path());
        let mut server = Self { port, folder, program, arguments, child: None };
        server.rise();
        server
    }

    /// NATS with a JetStream that keeps what it has on disk; `more` are arguments.
    pub(crate) fn nats(more: &[&str]) -> Self {
        Self::start("nats-server", |port, folder| {
            let store = folder.display().to_string();
            let port = port.to_string();
            let own = ["-a", "127.0.0.1", "-p", &port, "-js", "-sd", &store];
            own.iter().chain(more).map(ToString::to_string).collect()
        })
    }

    /// A mail server that keeps in a folder what it takes; `more` are arguments.
    pub(crate) fn smtp(more: &[&str]) -> Self {
        Self::start("aiosmtpd", |port, folder| {
            let (mails, listen) = (folder.join("mails").display().to_string(), format!("127.0.0.1:{port}"));
            let own = ["-n", "-l", &listen];
            let handler = ["-c", "aiosmtpd.handlers.Mailbox", &mails];
            own.iter().chain(more).chain(&handler).map(ToString::to_string).collect()
        })
    }

    /// Starts it again where it was.
    pub(crate) fn rise(&mut self) {
        let mut command = Command::new(self.program);
        command.env("PYTHONPATH", self.folder.path()).env("PYTHONDONTWRITEBYTECODE", "1");
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|e| {
            panic!(
                "this test needs {}, which scripts/test installs (Debian: nats-server, python3-aiosmtpd): {e}",
                self.program
            )
        });
        self.child = Some(child);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "{} does not listen", self.program);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills it, as when its machine loses power.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// The mails that it took, oldest first.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        mails(&self.folder.path().join("mails/new"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A mail as a mail program reads it.
#[derive(Clone, Debug, serde::Deserialize, PartialEq)]
pub(crate) struct Mail {
    /// (name, value), decoded.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Mail {
    /// The values of the headers called `name`.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
    }
}

/// Python's own reader of mails says what is in one.
const READ: &str = r"
import sys, json, email, email.policy
mails = []
for path in sys.argv[1:]:
    mail = email.message_from_bytes(open(path, 'rb').read(), policy=email.policy.default)
    part = lambda kind: mail.get_body((kind,)).get_content().replace('\r\n', '\n')
    mails.append({'headers': [[k, str(v)] for k, v in mail.items()], 'text': part('plain'), 'html': part('html')})
print(json.dumps(mails))
";

fn mails(folder: &Path) -> Vec<Mail> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let mut paths: Vec<(std::time::SystemTime, PathBuf)> =
        entries.map(|e| e.unwrap()).map(|e| (e.metadata().unwrap().modified().unwrap(), e.path())).collect();
    paths.sort();
    let read = Command::new("python3").arg("-c").arg(READ).args(paths.iter().map(|(_, path)| path)).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    serde_json::from_slice(&read.stdout).unwrap()
}
