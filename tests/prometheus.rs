//! What Prometheus says of requests becomes evidence, and one that lies, hangs or isn't there costs nothing else.
#![cfg(feature = "cluster")]

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, Response},
};
use berth::{
    catalog::Catalog,
    evaluate,
    facts::Source,
    observe::{Key, Kind, Object, Workload, traffic::Traffic, workload},
    operator::{
        View,
        prometheus::{Address, Asking, Look, Refused, Window, queries},
    },
    policy::Policy,
    server::Metrics,
};
use serde_json::{Value, json};

/// What a query is answered with, by its text: a status and a body; nothing never answers.
type Answers = fn(&str) -> Option<(u16, String)>;

#[derive(Clone)]
struct Server {
    answers: Answers,
    asked: Arc<Mutex<Vec<(String, HeaderMap)>>>,
}

async fn answer(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response<Body> {
    let fields = query.unwrap_or_default();
    let asked = form_urlencoded::parse(fields.as_bytes()).find(|(name, _)| name == "query");
    let asked = asked.map(|(_, query)| query.into_owned()).unwrap_or_default();
    server.asked.lock().unwrap().push((asked.clone(), headers));
    match (server.answers)(&asked) {
        Some((status, body)) => Response::builder()
            .status(status)
            .header("location", "/elsewhere")
            .body(Body::from(body))
            .unwrap(),
        None => std::future::pending().await,
    }
}

/// A look at a Prometheus that answers like this, with a Deployment shop/web in view; and what it was asked.
async fn look(answers: Answers) -> (Result<Look, Refused>, Vec<(String, HeaderMap)>, Arc<View>, Metrics) {
    let server = Server { answers, asked: Arc::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    // Everything but the path below the address that was given is no Prometheus.
    let router =
        Router::new().route("/below/api/v1/query", axum::routing::get(answer)).with_state(server.clone());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let view = Arc::new(View::default());
    let object = json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": {"template": {"spec":
        {"containers": [{"name": "web", "image": "web:1", "ports": [{"name": "http", "containerPort": 80}]}]}}}});
    let web: Workload = serde_json::from_value::<workload::Deployment>(object).unwrap().into();
    view.write(|seen| seen.index.put(Object::Workload(Box::new(web))));
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), "s3cret").unwrap();
    let asking = Asking {
        address: Address {
            url: format!("http://{at}/below").parse().unwrap(),
            bearer_token: Some(token.path().to_owned()),
            authorities: None,
        },
        queries: queries::default().unwrap(),
        window: Window(Duration::from_secs(86_400)),
        every: Duration::from_secs(3600),
    };
    let metrics = Metrics::new();
    let looked = asking.look(&view, &metrics).await;
    serving.abort();
    let asked = server.asked.lock().unwrap().clone();
    (looked, asked, view, metrics)
}

fn series(all: &[(Value, &str)]) -> Option<(u16, String)> {
    let result: Vec<Value> =
        all.iter().map(|(labels, value)| json!({"metric": labels, "value": [1764000000.5, value]})).collect();
    let body = json!({"status": "success", "data": {"resultType": "vector", "result": result}});
    Some((200, body.to_string()))
}

fn key() -> Key {
    Key { namespace: "shop".to_owned(), kind: Kind::Deployment, name: "web".to_owned() }
}

fn web() -> Value {
    json!({"namespace": "shop", "workload": "web"})
}

/// As a Prometheus that knows one service by the names of its guides.
fn honest(query: &str) -> Option<(u16, String)> {
    if !query.contains("http_requests_total") && !query.contains("http_request_duration_seconds_bucket") {
        return series(&[]);
    }
    let stray = json!({"namespace": "shop", "workload": "gone"});
    let value = match query.split('(').next().unwrap_or_default() {
        "count_over_time" => "288",
        "avg_over_time" => "4",
        "max_over_time" => "30",
        "histogram_quantile" => "0.2",
        _ => "3.5",
    };
    series(&[(web(), value), (stray, value)])
}

#[tokio::test]
async fn requests_become_evidence() {
    let (looked, asked, view, metrics) = look(honest).await;
    let looked = looked.unwrap();
    let Traffic { requests, mean, p99_seconds, window, queries } = looked.traffic[&key()].clone();
    assert_eq!((requests.count, requests.p50, requests.p95, requests.max), (288, 3.5, 3.5, 30.0));
    assert_eq!((mean, p99_seconds, window.as_str(), queries.as_str()), (4.0, Some(0.2), "24h", "http"));
    assert_eq!((looked.traffic.len(), looked.fitting, looked.stray), (1, 1, 1));
    assert_eq!(asked.len(), 6 + 5, "one question for each that isn't there, and six for the one that is");
    assert!(asked.iter().all(|(_, headers)| headers["authorization"] == "Bearer s3cret"));
    assert!(!metrics.encode().unwrap().contains("berth_evidence_missed_total{"));

    let traffic = looked.traffic[&key()].clone();
    let decision = view.write(|seen| {
        assert_eq!(seen.index.served(&key(), traffic.clone()), Some(key()));
        assert_eq!(seen.index.served(&key(), traffic), None, "the same again is worth no write");
        evaluate(&seen.index.observe(&key()).unwrap(), Catalog::embedded(), &Policy::default())
    });
    let said = |fact: &str| {
        let item = decision.evidence.iter().find(|item| item.fact == fact).unwrap();
        assert_eq!(item.source, Source::Observed);
        (item.value.clone(), item.at.clone())
    };
    assert_eq!(
        said("meanRequestsPerSecond"),
        ("4".to_owned(), "the mean of 24h, by Prometheus (http)".into())
    );
    assert_eq!(said("peakRequestsPerSecond").0, "30");
    assert_eq!(said("trafficShape").0, "Bursty");
    assert_eq!(said("unitDuration"), ("200ms".to_owned(), "p99 of 24h, by Prometheus (http)".into()));
}

#[tokio::test]
async fn one_that_lies_costs_evidence_alone() {
    let lies: [(&str, Answers); 14] = [
        ("a page", |_| Some((200, "<html>sign in</html>".to_owned()))),
        ("nothing", |_| Some((200, String::new()))),
        ("another type", |_| Some((200, json!({"data": {"result": {"a": 1}}}).to_string()))),
        ("a matrix", |_| Some((200, json!({"data": {"result": [{"values": [[1, "2"]]}]}}).to_string()))),
        ("numbers for labels", |_| {
            Some((200, json!({"data": {"result": [{"metric": {"pod": 1}, "value": [1, "2"]}]}}).to_string()))
        }),
        ("more than is read", |_| Some((200, " ".repeat(9 * 1024 * 1024)))),
        ("too many series", |_| series(&vec![(web(), "1"); 20_001])),
        ("no number", |_| series(&[(web(), "NaN")])),
        ("no end", |_| series(&[(web(), "+Inf")])),
        ("less than nothing", |_| series(&[(web(), "-4")])),
        ("other labels", |_| series(&[(json!({"kubernetes_namespace": "shop", "app": "web"}), "4")])),
        ("another place", |_| Some((302, String::new()))),
        ("a fault", |_| Some((500, "x".repeat(1024 * 1024)))),
        ("a refused query", |_| Some((422, json!({"error": "too many samples"}).to_string()))),
    ];
    let looks = lies.map(|(what, lie)| async move { (what, look(lie).await) });
    for (what, (looked, asked, _, metrics)) in futures::future::join_all(looks).await {
        let told = metrics.encode().unwrap().contains("berth_evidence_missed_total{source=\"Prometheus\"} 6");
        match looked {
            Ok(look) => {
                assert!(look.traffic.is_empty(), "{what}: {look:?}");
                let readable = matches!(what, "no number" | "no end" | "less than nothing" | "other labels");
                assert_eq!(told, !readable, "{what}");
            }
            Err(Refused::Altogether(why)) => {
                assert!(matches!(what, "another place" | "a fault"), "{what}: {why}");
                assert!(why.len() < 300, "{why}");
                assert_eq!(asked.len(), 1, "{what}: it isn't asked on");
            }
            Err(Refused::This(why)) => panic!("{what}: {why} ends the look"),
        }
    }
}

#[tokio::test]
async fn one_that_never_answers_is_left_after_its_time() {
    // Nobody waits half a minute: the clock is the test's, once the question has been asked for real.
    let start = Instant::now();
    let looking = tokio::spawn(look(|_| None));
    tokio::time::sleep(Duration::from_millis(500)).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    let (looked, ..) = looking.await.unwrap();
    assert!(matches!(looked, Err(Refused::Altogether(why)) if why.contains("no answer within 30 s")));
    assert!(start.elapsed() < Duration::from_secs(25));
}

#[tokio::test]
async fn one_that_is_not_there_is_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    let asking = Asking {
        address: Address {
            url: format!("http://{at}").parse().unwrap(),
            bearer_token: None,
            authorities: None,
        },
        queries: queries::default().unwrap(),
        window: Window(Duration::from_secs(86_400)),
        every: Duration::from_secs(3600),
    };
    let looked = asking.look(&View::default(), &Metrics::new()).await;
    assert!(matches!(looked, Err(Refused::Altogether(why)) if why.contains("refused")));
}
