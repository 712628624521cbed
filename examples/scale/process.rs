//! The real program, and what the kernel says of it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};

/// Ticks of a second in `/proc` (proc(5)): on Linux for programs always.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running daemon; it ends with this value.
pub(crate) struct Daemon {
    child: Child,
    address: String,
}

impl Daemon {
    /// Starts `tidings run` in `folder`, where its `config.toml` is; returns when it listens.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let us = std::env::current_exe()?;
        let program = us.ancestors().nth(2).context("an example lies in a folder")?.join("tidings");
        ensure!(program.exists(), "{} is missing: cargo build --release", program.display());
        let mut child = Command::new(&program)
            .arg("run")
            .current_dir(folder)
            .env("TIDINGS_WEB_LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("its log is piped")?).lines();
        let mut daemon = Self { child, address: String::new() };
        let mut said = String::new();
        loop {
            let line = lines.next().with_context(|| format!("it ended before it listened:\n{said}"))??;
            if let Some((_, rest)) = line.split_once("listening on http://") {
                daemon.address = rest.split(['/', ' ']).next().unwrap_or_default().to_owned();
                break;
            }
            said = said + &line + "\n";
        }
        // Somebody must read on, or it would wait for ever.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(daemon)
    }

    /// Where it answers: `127.0.0.1:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A line of `/proc/PID/status` in MiB: `VmRSS`, `VmHWM`.
    pub(crate) fn mib(&self, name: &str) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kib = line.and_then(|line| line.split_whitespace().next()).context("no such line")?;
        Ok(kib.parse::<f64>()? / 1024.0)
    }

    /// Processor time that it took so far.
    pub(crate) fn worked(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the command in parentheses, which may hold anything.
        let fields: Vec<&str> = stat.rsplit_once(')').context("proc(5)")?.1.split_whitespace().collect();
        let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(Duration::from_secs_f64(ticks as f64 / TICKS_PER_SECOND))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
