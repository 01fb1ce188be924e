//! A real Prometheus scrapes a small service, and Berth reads from it what the service was asked for.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, extract::State, routing::get};
use berth::{
    observe::{Key, Kind, Object, Workload, workload},
    operator::{
        View,
        prometheus::{Address, Asking, Look, Refused, Window, queries},
    },
    server::Metrics,
};
use prometheus_client::{
    encoding::text,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

/// Counts what it's asked, scrapes included, as the services of many do.
struct Service {
    registry: Registry,
    requests: Family<Vec<(String, String)>, Counter>,
    seconds: Histogram,
}

impl Service {
    fn new() -> Self {
        let (requests, seconds) = (Family::default(), Histogram::new([0.05, 0.1, 0.5, 1.0]));
        let mut registry = Registry::default();
        registry.register("http_requests", "Requests", requests.clone());
        registry.register("http_request_duration_seconds", "Their time", seconds.clone());
        Service { registry, requests, seconds }
    }

    fn count(&self, handler: &str) {
        self.requests.get_or_create(&vec![("handler".to_owned(), handler.to_owned())]).inc();
    }
}

async fn pay(State(service): State<Arc<Service>>) {
    service.count("/pay");
    service.seconds.observe(0.08);
}

async fn metrics(State(service): State<Arc<Service>>) -> String {
    // As a hundred probes would.
    (0..100).for_each(|_| service.count("/metrics"));
    let mut text = String::new();
    text::encode(&mut text, &service.registry).expect("metrics can be written");
    text
}

async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("an address");
    let router = Router::new()
        .route("/pay", get(pay))
        .route("/metrics", get(metrics))
        .with_state(Arc::new(Service::new()));
    tokio::spawn(async move { axum::serve(listener, router).await });
    at
}

/// Twenty payments a second, for as long as the test runs.
async fn pay_on(at: SocketAddr) {
    loop {
        let mut stream = TcpStream::connect(at).await.expect("the service is there");
        stream
            .write_all(b"GET /pay HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n")
            .await
            .expect("asked");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("answered");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Prometheus with the labels that Kubernetes' service discovery gives a Pod's series.
async fn prometheus(folder: &Path, service: SocketAddr) -> (Child, SocketAddr) {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools");
    let found = Command::new(tools).arg("prometheus").stderr(Stdio::inherit()).output().await.expect("run");
    let program = String::from_utf8(found.stdout).expect("a path").trim().to_owned();
    assert!(found.status.success(), "there is no Prometheus");
    let at = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    let config = json!({
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [{"job_name": "pods", "static_configs": [{
            "targets": [service.to_string()],
            "labels": {"namespace": "shop", "pod": "web-7d4b9c6f5-x2x9z"},
        }]}],
    });
    let file = folder.join("prometheus.yml");
    fs::write(&file, config.to_string()).expect("written");
    let child = Command::new(program)
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
        .arg(format!("--web.listen-address={at}"))
        .arg("--log.level=error")
        .kill_on_drop(true)
        .spawn()
        .expect("Prometheus starts");
    (child, at)
}

#[tokio::test]
async fn what_a_service_is_asked_for_is_read_from_prometheus() {
    let service = serve().await;
    tokio::spawn(pay_on(service));
    let folder = tempfile::tempdir().expect("a folder");
    let (mut child, at) = prometheus(folder.path(), service).await;

    let view = View::default();
    let object = json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": {"template": {}}});
    let web: Workload = serde_json::from_value::<workload::Deployment>(object).expect("a workload").into();
    view.write(|seen| seen.index.put(Object::Workload(Box::new(web))));
    let url = format!("http://{at}").parse().expect("a URL");
    let asking = Asking {
        address: Address { url, bearer_token: None, authorities: None },
        queries: queries::default().expect("queries"),
        window: Window(Duration::from_secs(120)),
        every: Duration::from_secs(3600),
    };
    let (metrics, deadline) = (Metrics::new(), Instant::now() + Duration::from_secs(120));
    let key = Key { namespace: "shop".to_owned(), kind: Kind::Deployment, name: "web".to_owned() };
    let look: Look = loop {
        match asking.look(&view, &metrics).await {
            Ok(look) if look.traffic.get(&key).is_some_and(|traffic| traffic.requests.count >= 30) => {
                break look;
            }
            answer => assert!(Instant::now() < deadline, "not within two minutes: {answer:?}"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    let told = metrics.encode().expect("metrics");
    assert!(!told.contains("berth_evidence_missed_total{"), "a query was refused: {told}");
    assert_eq!((look.traffic.len(), look.stray), (1, 0));
    let traffic = &look.traffic[&key];
    assert_eq!((traffic.queries.as_str(), traffic.window.as_str()), ("http", "2m"));
    // The rate looks back over a minute, of which the first samples fill a part; no scrape is among them.
    let requests = &traffic.requests;
    assert!(requests.p50 <= requests.p95 && requests.p95 <= requests.max, "{traffic:?}");
    assert!((1.0..30.0).contains(&traffic.mean) && (5.0..30.0).contains(&requests.max), "{traffic:?}");
    // All took 80 ms, in the bucket from 50 to 100.
    assert!((0.09..=0.1).contains(&traffic.p99_seconds.expect("a histogram")), "{traffic:?}");

    child.kill().await.expect("stopped");
    let answer = asking.look(&view, &metrics).await;
    assert!(matches!(answer, Err(Refused::Altogether(_))), "{answer:?}");
}
