//! The operator's own page over real HTTP: what it shows, what it refuses, and that it's made once for many.
#![cfg(feature = "cluster")]

#[path = "common/api_server.rs"]
mod api_server;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum_server::Handle;
use berth::{
    catalog::Catalog,
    evaluate,
    observe::manifest::Manifests,
    operator::{Evaluator, Operator, Scope, View, page},
    policy::Policy,
    server::{
        self, Metrics, Need, Readiness,
        page::{Made, Make, NotMade, router},
    },
};
use http_body_util::BodyExt;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;

/// Serves what is made like this, for as long as the test runs.
async fn serve(make: Make) -> SocketAddr {
    let handle = Handle::new();
    let serving = server::serve("127.0.0.1:0".parse().unwrap(), handle.clone(), router(make));
    tokio::spawn(serving);
    handle.listening().await.expect("it listens")
}

async fn ask(address: SocketAddr, request: Request<String>) -> (Response<()>, String) {
    let stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (Response::from_parts(head, ()), String::from_utf8(body.to_vec()).expect("UTF-8"))
}

fn get(path: &str) -> Request<String> {
    Request::get(path).header(header::HOST, "localhost:8081").body(String::new()).unwrap()
}

/// A page that counts how often it was made.
fn counted() -> (Make, Arc<AtomicUsize>) {
    let made: Arc<AtomicUsize> = Arc::default();
    let count = made.clone();
    let make: Make = Arc::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(50));
        Ok(Made { html: "<p>all is well</p>".to_owned(), json: "{}".to_owned() })
    });
    (make, made)
}

/// An operator that has seen the shop, and waits for this.
fn operator(needs: impl IntoIterator<Item = Need>) -> Operator {
    let (client, _) = api_server::answering(|_| (404, Value::Null));
    let mut manifests = Manifests::default();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/shop");
    for file in std::fs::read_dir(folder).expect("the shop").flatten() {
        manifests.text("shop", &std::fs::read_to_string(file.path()).expect("text"));
    }
    let view = Arc::new(View::default());
    view.write(|seen| {
        for (_, object) in manifests.objects {
            seen.index.put(object);
        }
    });
    Operator {
        client,
        view,
        evaluator: Evaluator::new(Catalog::embedded().clone(), Policy::default()),
        scope: Scope::new("berth-system"),
        cluster_name: "eu-1".to_owned(),
        readiness: Arc::new(Readiness::new(needs)),
        metrics: Arc::new(Metrics::new()),
        open_reports: None,
        prometheus: None,
        look: Duration::from_secs(300),
    }
}

#[tokio::test]
async fn the_page_and_its_json_are_the_clusters_report() {
    let operator = operator([]);
    let address = serve(page::make(operator.clone())).await;
    let (head, html) = ask(address, get("/")).await;
    assert_eq!(head.status(), StatusCode::OK, "{html}");
    assert_eq!(head.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert!(html.contains("<h1 id=\"verdict\">7 of 9 workloads don"), "{html}");
    let (head, json) = ask(address, get("/report.json")).await;
    assert_eq!(head.headers()[header::CONTENT_TYPE], "application/json");
    let document: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(document["platform"]["misplaced"], 7);
    assert_eq!(document["overview"]["moveFirst"].as_array().map(Vec::len), Some(7));
    // Each decision is the one that its status has.
    let workloads = document["workloads"].as_array().expect("workloads");
    assert_eq!(workloads.len(), 10);
    for key in operator.view.everything(&operator.scope) {
        let observed = operator.view.read(|seen| seen.index.observe(&key)).expect("it's there");
        let decision = evaluate(&observed, Catalog::embedded(), &Policy::default());
        let shown =
            workloads.iter().find(|w| w["kind"] == key.kind.name() && w["name"] == *key.name).expect("it");
        let advice = serde_json::to_value(&decision.recommendation).unwrap();
        assert_eq!((&shown["recommendation"], &shown["cluster"]), (&advice, &Value::from("eu-1")), "{key}");
    }
}

#[tokio::test]
async fn before_all_is_listed_there_is_no_page() {
    let operator = operator([Need::Watch("Service")]);
    let readiness = operator.readiness.clone();
    let address = serve(page::make(operator)).await;
    let (head, body) = ask(address, get("/")).await;
    assert_eq!(head.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body, "not yet: the first list of every Service\n");
    readiness.met(Need::Watch("Service"));
    assert_eq!(ask(address, get("/")).await.0.status(), StatusCode::OK, "what isn't there yet isn't kept");
}

#[tokio::test]
async fn a_browser_is_told_what_the_page_may_do() {
    let (make, _) = counted();
    let address = serve(make).await;
    for path in ["/", "/report.json", "/elsewhere"] {
        let (head, _) = ask(address, get(path)).await;
        let says =
            |name: &str| head.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(says("content-security-policy").starts_with("default-src 'none';"), "{path}");
        assert!(says("content-security-policy").ends_with("frame-ancestors 'none'"), "{path}");
        assert_eq!((says("x-content-type-options"), says("x-frame-options")), ("nosniff", "DENY"), "{path}");
        assert_eq!(says("cross-origin-resource-policy"), "same-origin", "{path}");
    }
}

#[tokio::test]
async fn nothing_but_reading_is_answered() {
    let (make, made) = counted();
    let address = serve(make).await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let request = Request::builder().method(method).uri("/").header(header::HOST, "localhost");
        let (head, _) = ask(address, request.body("x".repeat(1000)).unwrap()).await;
        assert_eq!(head.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    assert_eq!(ask(address, get("/etc/passwd")).await.0.status(), StatusCode::NOT_FOUND);
    assert_eq!(made.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_somebody_made_lead_here_gets_nothing() {
    let (make, made) = counted();
    let address = serve(make).await;
    for (host, expected) in [
        ("evil.example", StatusCode::FORBIDDEN),
        ("localhost.evil.example:8081", StatusCode::FORBIDDEN),
        ("10.0.0.7:8081", StatusCode::FORBIDDEN),
        ("127.0.0.1:8081", StatusCode::OK),
        ("localhost", StatusCode::OK),
        ("[::1]:8081", StatusCode::OK),
    ] {
        let request = Request::get("/").header(header::HOST, host).body(String::new()).unwrap();
        assert_eq!(ask(address, request).await.0.status(), expected, "{host}");
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn many_who_ask_at_once_make_one_page() {
    let (make, made) = counted();
    let address = serve(make).await;
    let asked = futures::future::join_all((0..20).map(|_| ask(address, get("/")))).await;
    assert!(asked.iter().all(|(head, body)| head.status() == StatusCode::OK && body == "<p>all is well</p>"));
    let tag = asked[0].0.headers()[header::ETAG].clone();
    let mut again = get("/");
    again.headers_mut().insert(header::IF_NONE_MATCH, tag);
    let (head, body) = ask(address, again).await;
    assert_eq!((head.status(), body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn one_that_cant_be_made_says_so_without_its_inside() {
    let address = serve(Arc::new(|| Err(NotMade::Failed("secret path".into())))).await;
    let (head, body) = ask(address, get("/")).await;
    assert_eq!(head.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body, "the page wasn't made: the operator's log says why\n");
    let address = serve(Arc::new(|| panic!("a bug"))).await;
    assert_eq!(ask(address, get("/")).await.0.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
