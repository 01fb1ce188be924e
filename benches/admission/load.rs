//! Drives a webhook: at a fixed rate counted from when each request was due, or as fast as it answers.

use std::{
    cell::Cell,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{anyhow, ensure};
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{net::TcpStream, task::LocalSet, time::sleep_until};
use tokio_rustls::TlsConnector;

use crate::webhooks::{HOST, Running};

/// Connections that are kept alive, as an API server keeps its own.
const CONNECTIONS: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// Requests a second, due at even distances whether the one before was answered or not.
    Rate(u32),
    /// The next as soon as the one before is answered, on every connection.
    Saturation,
}

impl Load {
    pub const ALL: [Load; 4] = [Load::Rate(50), Load::Rate(200), Load::Rate(500), Load::Saturation];
}

/// What all rounds of one row saw.
pub struct Measured {
    /// Nanoseconds from when a request was due to its answer.
    pub latency: Histogram<u64>,
    pub answered: u64,
    pub seconds: f64,
    /// Seconds of the webhook's CPU.
    pub cpu: f64,
}

impl Default for Measured {
    fn default() -> Self {
        let latency = Histogram::new_with_bounds(1_000, 60_000_000_000, 3).expect("bounds that make sense");
        Measured { latency, answered: 0, seconds: 0.0, cpu: 0.0 }
    }
}

/// One round.
pub async fn run(
    webhook: &mut Running,
    load: Load,
    bodies: &[Bytes],
    round: Duration,
    into: &mut Measured,
) -> anyhow::Result<()> {
    ensure!(webhook.lives()?, "the {} webhook has ended", webhook.arm.name());
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(connect(webhook).await?);
    }
    let start = Instant::now();
    let next = Rc::new(Cell::new(0_u64));
    let due = move |number: u64| match load {
        Load::Rate(rate) => Some(start + Duration::from_secs_f64(number as f64 / f64::from(rate))),
        Load::Saturation => None,
    };
    let end = start + round;
    let set = LocalSet::new();
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|connection| {
            let (next, bodies) = (next.clone(), bodies.to_vec());
            set.spawn_local(async move { drive(connection, next, due, &bodies, end).await })
        })
        .collect();
    set.await;
    for task in tasks {
        for latency in task.await?? {
            into.latency.saturating_record(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
            into.answered += 1;
        }
    }
    into.seconds += start.elapsed().as_secs_f64();
    Ok(())
}

/// Takes the next request that is due, sends it, waits for its answer, until the round is over.
async fn drive(
    mut connection: http1::SendRequest<Full<Bytes>>,
    next: Rc<Cell<u64>>,
    due: impl Fn(u64) -> Option<Instant>,
    bodies: &[Bytes],
    end: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    loop {
        let number = next.get();
        next.set(number + 1);
        let due = due(number);
        if due.unwrap_or_else(Instant::now) >= end || Instant::now() >= end + Duration::from_secs(5) {
            return Ok(latencies);
        }
        if let Some(due) = due {
            sleep_until(due.into()).await;
        }
        let from = due.unwrap_or_else(Instant::now);
        let body = bodies[usize::try_from(number).unwrap_or(0) % bodies.len()].clone();
        let request = Request::post("/admission/warn?timeout=2s")
            .header(header::HOST, HOST)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))?;
        connection.ready().await?;
        let response = connection.send_request(request).await?;
        ensure!(response.status().is_success(), "it answered {}", response.status());
        let answer = response.into_body().collect().await?.to_bytes();
        latencies.push(from.elapsed());
        ensure!(answer.windows(9).any(|part| part == b"\"allowed\""), "no review came back");
    }
}

async fn connect(webhook: &Running) -> anyhow::Result<http1::SendRequest<Full<Bytes>>> {
    let mut roots = RootCertStore::empty();
    roots.add(webhook.certificate.clone().into())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let socket = TcpStream::connect(webhook.address).await?;
    socket.set_nodelay(true)?;
    let name = ServerName::try_from(HOST).map_err(|error| anyhow!("{error}"))?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, socket).await?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}
