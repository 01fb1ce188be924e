//! The HTTP port: /healthz for the kubelet's restarts, /readyz for Services, /metrics for Prometheus.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_server::Handle;

use super::{Metrics, Readiness};

#[derive(Clone)]
struct Shown {
    readiness: Arc<Readiness>,
    metrics: Arc<Metrics>,
}

/// The routes of the HTTP port.
pub fn router(readiness: Arc<Readiness>, metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(exposition))
        .with_state(Shown { readiness, metrics })
}

/// Serves until the handle says to stop.
///
/// # Errors
/// When the address can't be listened on.
pub async fn serve(address: SocketAddr, handle: Handle<SocketAddr>, router: Router) -> io::Result<()> {
    axum_server::bind(address)
        .handle(handle)
        .serve(router.into_make_service())
        .await
        .map_err(|error| on(address, &error))
}

/// The same error, naming the address.
pub(crate) fn on(address: SocketAddr, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{address}: {error}"))
}

async fn ready(State(shown): State<Shown>) -> Response {
    let missing = shown.readiness.missing();
    if missing.is_empty() {
        return "ok\n".into_response();
    }
    let body: String = missing.iter().map(|need| format!("not yet: {need}\n")).collect();
    (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
}

async fn exposition(State(shown): State<Shown>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match shown.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, kind)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    use super::*;
    use crate::server::Need;

    async fn get(router: Router, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn ready_names_what_is_missing_until_nothing_is() {
        let readiness = Arc::new(Readiness::new([Need::Watch("Service"), Need::Certificate]));
        let router = router(readiness.clone(), Arc::new(Metrics::new()));
        readiness.met(Need::Certificate);
        let (status, body) = get(router.clone(), "/readyz").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body, "not yet: the first list of every Service\n");
        readiness.met(Need::Watch("Service"));
        assert_eq!(get(router.clone(), "/readyz").await, (StatusCode::OK, "ok\n".to_owned()));
        readiness.unmet(Need::Stopping);
        assert_eq!(get(router.clone(), "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(get(router, "/healthz").await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn metrics_carry_the_version() {
        let router = router(Arc::new(Readiness::new([])), Arc::new(Metrics::new()));
        let (status, body) = get(router, "/metrics").await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            body.contains(concat!("berth_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1")),
            "{body}"
        );
        assert!(body.ends_with("# EOF\n"), "{body}");
    }
}
