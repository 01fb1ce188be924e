//! The webhook's route and how it's served: over TLS, with a bound on the time of each request.

use std::{
    future::{Ready, ready},
    io,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use axum_server::{
    Handle,
    accept::Accept,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use rustls::RootCertStore;
use tokio::{io::BufReader, net::TcpStream, time::Instant};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer, timeout::TimeoutLayer};

use super::{
    Served,
    admit::{Admission, Answer, Asked},
    intake::{Intake, Refused},
};
use crate::server::{Metrics, on, shutdown::Drain};

/// Longer than any API server waits for a warning.
const REQUEST_TIME: Duration = Duration::from_secs(5);
/// For the handshake, and for the head of a request.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// A connection on which nobody answers is closed; the API server keeps idle ones open for longer.
const PING: Duration = Duration::from_secs(60);
/// Requests of one connection at once, and what of a body may come before it's read. The connection has room for all of
/// them: with less, bodies that wait for memory would hold up those that are read.
const STREAMS: u32 = 64;
const STREAM_WINDOW: u32 = 32 << 10;
/// What is read from a connection at once: two of TLS's largest records. TLS alone asks for 4 KiB at a time.
const READ: usize = 32 << 10;

#[derive(Clone)]
struct Webhook {
    admission: Admission,
    intake: Intake,
    metrics: Arc<Metrics>,
}

/// The webhook's routes, whose connections end with an answer once they are drained.
pub fn router(admission: Admission, metrics: Arc<Metrics>, drain: Drain) -> Router {
    let connection =
        SetResponseHeaderLayer::overriding(header::CONNECTION, move |_: &Response| drain.connection());
    Router::new()
        .route("/admission/warn", post(warn))
        .route("/admission/deny", post(deny))
        .with_state(Webhook { admission, intake: Intake::default(), metrics })
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIME))
        .layer(CatchPanicLayer::new())
        .layer(connection)
}

/// Serves until the handle says to stop.
///
/// # Errors
/// When the address can't be listened on or TLS can't be set up.
pub async fn serve(
    address: SocketAddr,
    handle: Handle<SocketAddr>,
    served: Arc<Served>,
    clients: Option<RootCertStore>,
    router: Router,
) -> io::Result<()> {
    let config = served.config(clients).map_err(io::Error::other)?;
    let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(Arc::new(config)))
        .handshake_timeout(CONNECT_TIME)
        .acceptor(InLargeReads);
    let mut server =
        axum_server::bind(address).acceptor(acceptor).handle(handle).first_request_timeout(CONNECT_TIME);
    server
        .http_builder()
        .http2()
        .keep_alive_interval(PING)
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(STREAMS * STREAM_WINDOW);
    server.serve(router.into_make_service()).await.map_err(|error| on(address, &error))
}

/// Reads ahead, and sends each answer at once.
#[derive(Clone, Copy, Debug)]
struct InLargeReads;

impl<S> Accept<TcpStream, S> for InLargeReads {
    type Stream = BufReader<TcpStream>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(stream.set_nodelay(true).map(|()| (BufReader::with_capacity(READ, stream), service)))
    }
}

async fn warn(State(webhook): State<Webhook>, headers: HeaderMap, body: Body) -> Response {
    answer(Asked::ToWarn, webhook, headers, body).await
}

async fn deny(State(webhook): State<Webhook>, headers: HeaderMap, body: Body) -> Response {
    answer(Asked::ToDeny, webhook, headers, body).await
}

async fn answer(asked: Asked, webhook: Webhook, headers: HeaderMap, body: Body) -> Response {
    let (bytes, _share) = match webhook.intake.take(&headers, body).await {
        Ok(taken) => taken,
        Err(Refused(status, why)) => return invalid(&webhook.metrics, status, why.to_owned(), 0.0),
    };
    let start = Instant::now();
    let answer = webhook.admission.answer(asked, &bytes);
    let seconds = start.elapsed().as_secs_f64();
    match answer {
        Answer::Review { body, decision } => {
            webhook.metrics.admission(decision, seconds);
            ([(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
        Answer::Invalid(why) => invalid(&webhook.metrics, StatusCode::BAD_REQUEST, why, seconds),
    }
}

fn invalid(metrics: &Metrics, status: StatusCode, why: String, seconds: f64) -> Response {
    metrics.admission("invalid", seconds);
    (status, why + "\n").into_response()
}
