//! How a connection is taken: no more than fit into the memory, watched for peers that died, and read in large pieces.

use std::{
    future::{Ready, ready},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum_server::{
    Handle,
    accept::{Accept, TcpConfigAcceptor, TcpKeepaliveConfig, TcpSocketConfig},
};
use tokio::{io::BufReader, net::TcpStream};
use tracing::warn;

/// An API server keeps 25 idle ones and opens another for each request at once. What each may hold unread, some 150 KiB,
/// times this leaves half of the chart's memory limit.
const CONNECTIONS_MAX: usize = 512;
/// Beyond this many, each ends with its first answer: none is kept from others by being idle.
pub const CROWDED: usize = CONNECTIONS_MAX / 2;
/// So often it's told at most that there are too many.
const TELL: Duration = Duration::from_secs(60);
/// An API server that died says nothing: asked this long after its last word, and again, its connection ends.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// What is read at once: two of TLS's largest records. TLS alone asks for 4 KiB at a time.
const READ: usize = 32 << 10;

#[derive(Clone, Debug)]
pub struct Connections {
    handle: Handle<SocketAddr>,
    most: usize,
    tcp: TcpConfigAcceptor,
    /// When it was told last that there are too many.
    told: Arc<Mutex<Option<Instant>>>,
}

impl Connections {
    /// Those of the server with this handle, which counts them.
    pub fn of(handle: Handle<SocketAddr>) -> Self {
        let keepalive = TcpKeepaliveConfig::new().time(KEEPALIVE).interval(KEEPALIVE).retries(2);
        let socket = TcpSocketConfig::new().nodelay(true).keepalive(keepalive);
        Connections {
            handle,
            most: CONNECTIONS_MAX,
            tcp: TcpConfigAcceptor::new(socket),
            told: Arc::default(),
        }
    }

    fn has_room(&self) -> bool {
        if self.handle.connection_count() <= self.most {
            return true;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|told| told.elapsed() > TELL) {
            *told = Some(Instant::now());
            warn!(
                "{} connections are open and more are refused, the API server's too: who else connects?",
                self.most
            );
        }
        false
    }
}

impl<S> Accept<TcpStream, S> for Connections {
    type Stream = BufReader<TcpStream>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        if !self.has_room() {
            return ready(Err(io::Error::new(io::ErrorKind::QuotaExceeded, "too many connections")));
        }
        let taken = self.tcp.accept(stream, service).into_inner();
        ready(taken.map(|(stream, service)| (BufReader::with_capacity(READ, stream), service)))
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::get};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// What the server says on this connection.
    async fn asked(stream: &mut TcpStream) -> String {
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: berth\r\n\r\n").await;
        let mut answer = [0; 256];
        let read = stream.read(&mut answer).await.unwrap_or_default();
        String::from_utf8_lossy(&answer[..read]).into_owned()
    }

    #[tokio::test]
    async fn what_is_beyond_the_bound_is_refused_until_there_is_room() {
        let handle = Handle::new();
        let acceptor = Connections { most: 2, ..Connections::of(handle.clone()) };
        let router = Router::new().route("/", get(async || "ok"));
        let server = axum_server::bind(SocketAddr::from(([127, 0, 0, 1], 0)));
        let server = server.acceptor(acceptor).handle(handle.clone()).serve(router.into_make_service());
        let server = tokio::spawn(server);
        let address = handle.listening().await.expect("it listens");
        let connect = async || TcpStream::connect(address).await.unwrap();

        let (mut first, mut second) = (connect().await, connect().await);
        assert!(asked(&mut first).await.ends_with("ok") && asked(&mut second).await.ends_with("ok"));
        assert_eq!(asked(&mut connect().await).await, "", "a third was let in");
        assert!(asked(&mut first).await.ends_with("ok"), "one that was there was closed");
        drop(second);
        while handle.connection_count() > 1 {
            tokio::task::yield_now().await;
        }
        assert!(asked(&mut connect().await).await.ends_with("ok"));
        server.abort();
    }
}
