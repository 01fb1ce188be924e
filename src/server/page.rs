//! The report's page and its JSON, read-only on a port of their own, for whoever forwards it with kubectl.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use ring::digest::{SHA256, digest};
use tokio::sync::Mutex;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};
use tracing::warn;

/// What was made is served this long: reloading makes no work.
const KEPT: Duration = Duration::from_secs(15);
/// Making it for the largest cluster takes seconds.
const REQUEST_TIME: Duration = Duration::from_secs(30);

/// The page needs its own script and style, and nothing else from anywhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// One report in both forms.
pub struct Made {
    pub html: String,
    pub json: String,
}

/// Why there is none: not yet, or not at all.
pub enum NotMade {
    Yet(String),
    Failed(Box<dyn Error + Send + Sync>),
}

pub type Make = Arc<dyn Fn() -> Result<Made, NotMade> + Send + Sync>;

#[derive(Clone)]
struct Page {
    make: Make,
    /// Held while it's made, so that many who ask at once wait for one.
    last: Arc<Mutex<Last>>,
}

/// What was made last, and when.
type Last = Option<(Instant, Arc<Forms>)>;

struct Forms {
    html: Form,
    json: Form,
}

#[derive(Clone)]
struct Form {
    body: Bytes,
    tag: HeaderValue,
}

/// The routes of the page's port.
pub fn router(make: Make) -> Router {
    Router::new()
        .route("/", get(html))
        .route("/report.json", get(json))
        .with_state(Page { make, last: Arc::default() })
        .layer(from_fn(guard))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIME))
        .layer(CatchPanicLayer::new())
}

async fn html(State(page): State<Page>, headers: HeaderMap) -> Response {
    page.answer(&headers, "text/html; charset=utf-8", |forms| &forms.html).await
}

async fn json(State(page): State<Page>, headers: HeaderMap) -> Response {
    page.answer(&headers, "application/json", |forms| &forms.json).await
}

impl Page {
    async fn answer(&self, headers: &HeaderMap, kind: &'static str, of: fn(&Forms) -> &Form) -> Response {
        let forms = match self.forms().await {
            Ok(forms) => forms,
            Err(refusal) => return refusal,
        };
        let Form { body, tag } = of(&forms).clone();
        let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag);
        let tagged = [(header::ETAG, tag)];
        if known {
            return (StatusCode::NOT_MODIFIED, tagged).into_response();
        }
        (tagged, [(header::CONTENT_TYPE, kind)], body).into_response()
    }

    async fn forms(&self) -> Result<Arc<Forms>, Response> {
        let mut last = self.last.lock().await;
        if let Some((made, forms)) = &*last
            && made.elapsed() < KEPT
        {
            return Ok(forms.clone());
        }
        // The old one goes first: two at once would take twice the memory.
        *last = None;
        let make = self.make.clone();
        let made = tokio::task::spawn_blocking(move || make()).await;
        let failed = |error: &dyn std::fmt::Display| {
            warn!("the page wasn't made: {error}");
            (StatusCode::INTERNAL_SERVER_ERROR, "the page wasn't made: the operator's log says why\n")
                .into_response()
        };
        match made {
            Ok(Ok(Made { html, json })) => {
                let forms = Arc::new(Forms { html: Form::new(html), json: Form::new(json) });
                *last = Some((Instant::now(), forms.clone()));
                Ok(forms)
            }
            Ok(Err(NotMade::Yet(why))) => {
                Err((StatusCode::SERVICE_UNAVAILABLE, format!("not yet: {why}\n")).into_response())
            }
            Ok(Err(NotMade::Failed(error))) => Err(failed(&error)),
            Err(panicked) => Err(failed(&panicked)),
        }
    }
}

impl Form {
    fn new(text: String) -> Form {
        let digest = digest(&SHA256, text.as_bytes());
        let hash: String = digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        // Digits within quotes: always a header's value.
        let tag = HeaderValue::try_from(format!("\"{hash}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        Form { body: Bytes::from(text), tag }
    }
}

/// Answers only those who asked for this machine by name, and says what a browser may do with the answer.
async fn guard(request: Request, next: Next) -> Response {
    // A page elsewhere whose name was made to lead here would ask for that name.
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let mut response = if host.is_none_or(is_local) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "only as localhost: kubectl port-forward leads here\n").into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn is_local(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    matches!(name.map_or(host, |(name, _)| name), "localhost" | "127.0.0.1" | "[::1]")
}
