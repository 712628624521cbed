//! The real program in a process of its own, so that nothing of the tests' own counts as its memory.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long its end may take: what it does is bounded.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lines of its log that are shown when a test fails.
const SHOWN: usize = 100;

/// A running daemon.
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts `tidings run` in `folder`, where its `config.toml` is; what it says goes to `log` there.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("TIDINGS_") {
                command.env_remove(name);
            }
        }
        let log = folder.join("log");
        let said = File::create(&log).unwrap();
        command.arg("run").current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
        Self { child: command.spawn().unwrap(), log }
    }

    /// The most memory that it ever took, in MiB, as the kernel says.
    pub(crate) fn peak_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmHWM:")).expect("it runs");
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    /// Asks it to stop, and waits until it has; whether it ended well.
    pub(crate) fn stop(mut self) -> bool {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end though some sites never answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let how =
                self.child.try_wait().unwrap().map_or("was still running".into(), |how| format!("had ended: {how}"));
            let said = std::fs::read_to_string(&self.log).unwrap_or_default();
            let from = said.lines().count().saturating_sub(SHOWN);
            eprintln!(
                "the daemon {how}; the last that it said:\n{}",
                said.lines().skip(from).collect::<Vec<_>>().join("\n")
            );
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
