//! The webhook's route and how it's served: over TLS, with a bound on the time of each request.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use axum_server::{
    Handle,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use rustls::RootCertStore;
use tokio::time::{Instant, timeout};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};

use super::{
    Served,
    admit::{Admission, Answer, Asked},
    connect::{CROWDED, Connections},
    intake::{Intake, Refused},
};
use crate::server::{Metrics, on, shutdown::Drain};

/// Longer than any API server waits for a warning.
const REQUEST_TIME: Duration = Duration::from_secs(5);
/// For the handshake, and for the head of a request.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// An idle connection is closed after this long: well after API servers close theirs, at 90 seconds. Who closes one first
/// may cut a request that is on its way.
const IDLE: Duration = Duration::from_secs(180);
/// What is read of a body ahead of whoever takes it in.
const UNREAD: usize = 64 << 10;

#[derive(Clone)]
struct Webhook {
    admission: Admission,
    intake: Intake,
    metrics: Arc<Metrics>,
}

/// The webhook's routes, whose connections end with an answer once they are drained.
pub fn router(admission: Admission, metrics: Arc<Metrics>, drain: Drain) -> Router {
    let connection = move |_: &Response<_>| drain.connection();
    Router::new()
        .route("/admission/warn", post(warn))
        .route("/admission/deny", post(deny))
        .with_state(Webhook { admission, intake: Intake::default(), metrics })
        // As one, the outermost first: a router keeps each layer in a box of its own, and copies it for each request.
        .layer((SetResponseHeaderLayer::overriding(header::CONNECTION, connection), CatchPanicLayer::new()))
}

/// Serves until the handle says to stop, over HTTP/1.1.
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
    let connections = handle.clone();
    let crowded = move |_: &Response| {
        (connections.connection_count() > CROWDED).then(|| HeaderValue::from_static("close"))
    };
    let router = router.layer(SetResponseHeaderLayer::if_not_present(header::CONNECTION, crowded));
    let config = served.config(clients).map_err(io::Error::other)?;
    let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(Arc::new(config)))
        .handshake_timeout(CONNECT_TIME)
        .acceptor(Connections::of(handle.clone()));
    let mut server = axum_server::bind(address)
        .acceptor(acceptor)
        .handle(handle)
        .first_request_timeout(CONNECT_TIME)
        // All that API servers speak to webhooks: HTTP/2 would keep each of them at one replica.
        .http1_only();
    server.http_builder().http1().header_read_timeout(IDLE).max_buf_size(UNREAD);
    server.serve(router.into_make_service()).await.map_err(|error| on(address, &error))
}

async fn warn(State(webhook): State<Webhook>, headers: HeaderMap, body: Body) -> Response {
    answer(Asked::ToWarn, webhook, headers, body).await
}

async fn deny(State(webhook): State<Webhook>, headers: HeaderMap, body: Body) -> Response {
    answer(Asked::ToDeny, webhook, headers, body).await
}

async fn answer(asked: Asked, webhook: Webhook, headers: HeaderMap, body: Body) -> Response {
    // All that is waited for. Unlike a layer, this sets its clock only where the body isn't there already: each clock that
    // is set wakes the runtime.
    let taken = timeout(REQUEST_TIME, webhook.intake.take(&headers, body)).await;
    let (bytes, _share) = match taken {
        Ok(Ok(taken)) => taken,
        Ok(Err(Refused(status, why))) => return invalid(&webhook.metrics, status, why.to_owned(), 0.0),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
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
