//! Connections, bounded in number and in idleness: `axum::serve` alone bounds neither.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::serve::Listener;
use rustix::process::{Resource, getrlimit};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep},
};

/// Connections at once, where so many files may be open; more wait in the kernel's queue.
const CONNECTIONS_MAX: u64 = 2048;
/// A connection over which nothing went for this long is closed; longer than the longest poll.
const IDLE_MAX: Duration = Duration::from_secs(90);

/// A request that takes longer to arrive, from its first byte to its last, ends its connection: whoever sends a byte now and
/// then would else hold it for ever.
const ARRIVE_MAX: Duration = Duration::from_secs(30);

/// How many connections there may be at once: no more than half of the files that may be open, since visits, sinks and the
/// database need some, too.
pub(super) fn connections_max() -> usize {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(CONNECTIONS_MAX.min(files / 2)).unwrap_or(usize::MAX)
}

/// A listener that accepts only what it has room for.
pub(super) struct Bounded {
    listener: TcpListener,
    room: Arc<Semaphore>,
    idle_max: Duration,
}

impl Bounded {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self { listener, room: Arc::new(Semaphore::new(connections_max())), idle_max: IDLE_MAX }
    }
}

impl Listener for Bounded {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // The permit comes first: a connection that is accepted and then waits would time out at the client's.
        let permit = Arc::clone(&self.room).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Without it, the last packet of each answer waits for the client's acknowledgement.
        if let Err(e) = stream.set_nodelay(true) {
            tracing::debug!(error = %e, "a connection keeps Nagle's algorithm");
        }
        let connection = Connection {
            stream,
            idle: Box::pin(sleep(self.idle_max)),
            idle_max: self.idle_max,
            heard: None,
            _permit: permit,
        };
        (connection, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that ends when it is idle, and makes room when it ends.
pub(super) struct Connection {
    stream: TcpStream,
    idle: Pin<Box<Sleep>>,
    idle_max: Duration,
    /// When the first byte came since something was last written; nothing is heard while an answer is awaited.
    heard: Option<Instant>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Connection {
    /// Hands `progress` on; waiting for too long is an error.
    fn watch<T>(&mut self, progress: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            let until = Instant::now() + self.idle_max;
            self.idle.as_mut().reset(until);
            return progress;
        }
        self.idle.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let progress = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before && self.heard.get_or_insert_with(Instant::now).elapsed() > ARRIVE_MAX {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        self.watch(progress, cx)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.heard = self.heard.filter(|_| progress.is_pending());
        self.watch(progress, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.heard = self.heard.filter(|_| progress.is_pending());
        self.watch(progress, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn bounded(idle_max: Duration) -> (Bounded, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (Bounded { listener, room: Arc::new(Semaphore::new(1)), idle_max }, address)
    }

    #[tokio::test]
    async fn a_silent_connection_ends() {
        let (mut listener, address) = bounded(Duration::from_millis(20)).await;
        let (_client, (mut connection, _)) = tokio::join!(TcpStream::connect(address), listener.accept());
        assert_eq!(connection.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_request_that_never_ends_to_arrive_is_cut_off() {
        let (mut listener, address) = bounded(IDLE_MAX).await;
        let (client, (mut connection, _)) = tokio::join!(TcpStream::connect(address), listener.accept());
        let mut client = client.unwrap();
        client.write_all(b"G").await.unwrap();
        connection.read_u8().await.unwrap();
        connection.heard = Instant::now().checked_sub(ARRIVE_MAX);
        client.write_all(b"E").await.unwrap();
        assert_eq!(connection.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        connection.write_all(b"HTTP").await.unwrap();
        client.write_all(b"G").await.unwrap();
        assert_eq!(connection.read_u8().await.unwrap(), b'G', "an answer begins the count anew");
    }

    #[tokio::test]
    async fn the_next_is_accepted_when_there_is_room() {
        let (mut listener, address) = bounded(IDLE_MAX).await;
        let (_one, (held, _)) = tokio::join!(TcpStream::connect(address), listener.accept());
        let _two = TcpStream::connect(address).await.unwrap();
        assert!(futures::poll!(Box::pin(listener.accept())).is_pending());
        drop(held);
        listener.accept().await;
    }
}
