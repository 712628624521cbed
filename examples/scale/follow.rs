//! Readers that follow the log: what they cost while nothing happens, and how soon they and a webhook hear of a change.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::database::{self, Look};
use crate::process::Daemon;
use crate::round::median;
use crate::web;

/// How long the streams are left alone before their memory is looked at.
const SETTLE: Duration = Duration::from_secs(20);
/// How long the changes of a round may take to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the streams may take of memory, in MiB.
const MIB_MAX: f64 = 40.0;
/// Median time from the commit of a change to whom is told of it.
const LATE_MAX_MS: f64 = 50.0;

/// When a change was told after it was recorded, in milliseconds: an upper bound of the time since its commit.
type Late = mpsc::UnboundedSender<f64>;

/// Measures and prints.
pub(crate) async fn report(streams: usize, rounds: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let port = web::serve_news().await?;
    let mut over = vec![];
    for url in database::empty(folder.path()).await? {
        let kind = url.split(':').next().unwrap_or_default().to_owned();
        let (late, mut posted) = mpsc::unbounded_channel();
        let hook = receive(late).await?;
        fs::write(folder.path().join("config.toml"), config(&url, port, hook))?;
        let daemon = Daemon::start(folder.path())?;
        let look = Look::open(&url).await?;
        wait_visited(&look).await?;
        let (late, mut streamed) = mpsc::unbounded_channel();
        tokio::spawn(follow(TcpStream::connect(daemon.address()).await?, late));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let alone = told(&look, rounds, (&mut streamed, 1), &mut posted).await?;
        let (before, worked, begun) = (daemon.mib("VmRSS")?, daemon.worked()?, Instant::now());
        let (late, mut streamed) = mpsc::unbounded_channel();
        for _ in 0..streams {
            tokio::spawn(follow(TcpStream::connect(daemon.address()).await?, late.clone()));
        }
        tokio::time::sleep(SETTLE).await;
        let (after, share) = (daemon.mib("VmRSS")?, (daemon.worked()? - worked).div_duration_f64(begun.elapsed()));
        println!("{kind}: {streams} idle streams: {:.1} MiB, {:.2} % of a core", after - before, share * 100.0);
        let many = told(&look, rounds, (&mut streamed, streams), &mut posted).await?;
        for (count, (stream, hook)) in [(1, alone), (streams, many)] {
            println!(
                "{kind}: {count} streams are told {stream:.1} ms, a webhook {hook:.1} ms after a change (medians)"
            );
        }
        if after - before > MIB_MAX || alone.0 > LATE_MAX_MS || alone.1 > LATE_MAX_MS {
            over.push(kind);
        }
        look.close().await;
        drop(daemon);
        database::drop(&url).await?;
    }
    ensure!(over.is_empty(), "more than {MIB_MAX} MiB or {LATE_MAX_MS} ms on {}", over.join(", "));
    Ok(())
}

fn config(url: &str, port: u16, hook: u16) -> String {
    let mut config = format!(
        "[database]\nurl = \"{url}\"\n[fetch]\nper_host_delay = \"0s\"\nallow_networks = [\"127.0.0.0/8\"]\n\
         [log]\nlevel = \"error,tidings::daemon=info\"\n\
         [[webhooks]]\nid = \"hook\"\nurl = \"http://127.0.0.1:{hook}/\"\nsecret = \"whsec_{}\"\nbatch = 1\n",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    );
    let _ = write!(
        config,
        "[[sources]]\nid = \"news\"\nurl = \"http://127.0.0.1:{port}/feed\"\nkind = \"feed\"\nevery = \"4h\"\nfull_text = false\n"
    );
    config
}

/// Has one thing happen in each of `rounds`; after how many milliseconds so many streams and the webhook were told, medians.
async fn told(
    look: &Look,
    rounds: usize,
    (streamed, streams): (&mut mpsc::UnboundedReceiver<f64>, usize),
    posted: &mut mpsc::UnboundedReceiver<f64>,
) -> anyhow::Result<(f64, f64)> {
    while posted.try_recv().is_ok() || streamed.try_recv().is_ok() {}
    let (mut by_stream, mut by_hook) = (vec![], vec![]);
    for _ in 0..rounds {
        look.make_due(Utc::now()).await?;
        by_stream.extend(take(streamed, streams).await?);
        by_hook.extend(take(posted, 1).await?);
    }
    Ok((median(by_stream), median(by_hook)))
}

async fn wait_visited(look: &Look) -> anyhow::Result<()> {
    let begun = Instant::now();
    while look.unvisited().await? > 0 {
        ensure!(begun.elapsed() < PATIENCE, "the sources were not visited");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Follows the stream, and says how late each change came.
async fn follow(mut stream: TcpStream, late: Late) -> anyhow::Result<()> {
    stream.write_all(b"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await?;
    let mut lines = BufReader::with_capacity(1024, stream).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some(change) = line.strip_prefix("data: ") {
            let now = Utc::now();
            let told: tidings::model::Change = serde_json::from_str(change)?;
            late.send((now - told.at).as_seconds_f64() * 1e3)?;
        }
    }
    Ok(())
}

/// Takes what the webhook is told; returns its port.
async fn receive(late: Late) -> anyhow::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let late = Arc::new(late);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, late.clone()));
        }
    });
    Ok(port)
}

async fn answer(stream: TcpStream, late: Arc<Late>) -> anyhow::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut bytes, mut line) = (0, String::new());
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let lower = line.to_ascii_lowercase();
            if let Some(length) = lower.strip_prefix("content-length:") {
                bytes = length.trim().parse()?;
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; bytes];
        stream.read_exact(&mut body).await?;
        let now = Utc::now();
        let told: serde_json::Value = serde_json::from_slice(&body)?;
        let at: DateTime<Utc> = told["timestamp"].as_str().unwrap_or_default().parse()?;
        late.send((now - at).as_seconds_f64() * 1e3)?;
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
    }
}

/// The next `count`.
async fn take(from: &mut mpsc::UnboundedReceiver<f64>, count: usize) -> anyhow::Result<Vec<f64>> {
    let mut taken = Vec::with_capacity(count);
    while taken.len() < count {
        let next = tokio::time::timeout(PATIENCE, from.recv()).await;
        let next = next.with_context(|| format!("only {} of {count} were told", taken.len()))?;
        taken.push(next.context("nobody listens any more")?);
    }
    Ok(taken)
}
