//! That the watches survive what clusters do: an object that can't be read, an expired watch, a silent deletion.
#![cfg(feature = "cluster")]

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    http::{Method, Request, Response},
};
use berth::{
    catalog::Catalog,
    observe::{Fleet, Index},
    operator::{
        Evaluator, Leadership, Operator, Scope, View, needs,
        prometheus::{Address, Asking, Window, queries},
    },
    policy::Policy,
    server::{Metrics, Readiness, tasks::Tasks},
};
use http_body_util::BodyExt;
use k8s_controller::LeaderElection;
use kube::Client;
use serde_json::{Value, json};

fn deployment(name: &str, replicas: Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop", "uid": name, "resourceVersion": "5"},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "main", "image": "a:1"}]}}},
    })
}

/// Lists Deployments; the watch expires; the next list is another.
#[derive(Clone, Default)]
struct ApiServer {
    /// What the first list has, and what the others have.
    deployments: Arc<[Vec<Value>; 2]>,
    lists: Arc<AtomicU32>,
    created: Arc<Mutex<Vec<String>>>,
    /// The platform's statuses, as they were written.
    reports: Arc<Mutex<Vec<Value>>>,
    /// Whether the Lease is another's.
    stands_by: bool,
    /// The Lease, by which this replica leads and goes on leading.
    lease: Arc<Mutex<Option<Value>>>,
}

impl ApiServer {
    fn answer(&self, method: &Method, path: &str, query: &str, body: &Value) -> Response<Body> {
        let json = |status: u16, value: &Value| {
            let body = Body::from(serde_json::to_vec(value).unwrap());
            Response::builder().status(status).body(body).unwrap()
        };
        let deployments = path == "/apis/apps/v1/deployments";
        if method == Method::POST && path.ends_with("/workloadprofiles") {
            self.created.lock().unwrap().push(body["metadata"]["name"].as_str().unwrap().to_owned());
            return json(201, body);
        }
        if path.contains("/leases") && self.stands_by {
            return json(
                403,
                &json!({"kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden"}),
            );
        }
        if path.contains("/leases") {
            let mut lease = self.lease.lock().unwrap();
            if method != Method::GET {
                *lease = Some(body.clone());
            }
            let missing = json!({"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound"});
            return lease.as_ref().map_or_else(|| json(404, &missing), |lease| json(200, lease));
        }
        if path.ends_with("/platformprofiles/cluster/status") {
            self.reports.lock().unwrap().push(body["status"].clone());
        }
        if method != Method::GET {
            return json(200, body);
        }
        if !query.contains("watch=true") {
            let items = match (deployments, deployments.then(|| self.lists.fetch_add(1, Ordering::SeqCst))) {
                (true, Some(0)) => self.deployments[0].clone(),
                (true, _) => self.deployments[1].clone(),
                _ => Vec::new(),
            };
            return json(200, &json!({"metadata": {"resourceVersion": "9"}, "items": items}));
        }
        if deployments && self.lists.load(Ordering::SeqCst) == 1 {
            let gone = json!({"type": "ERROR", "object": {
                "kind": "Status", "status": "Failure", "code": 410, "reason": "Expired", "message": "too old",
            }});
            return Response::new(Body::from(format!("{gone}\n")));
        }
        // A quiet watch.
        Response::new(Body::from_stream(futures::stream::pending::<Result<Vec<u8>, Infallible>>()))
    }
}

fn silent_prometheus(listener: &std::net::TcpListener) -> Asking {
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    Asking {
        address: Address { url, bearer_token: None, authorities: None },
        queries: queries::default().unwrap(),
        window: Window(Duration::from_secs(86_400)),
        every: Duration::from_secs(60),
    }
}

/// An operator that has just started.
struct Started {
    view: Arc<View>,
    metrics: Arc<Metrics>,
    readiness: Arc<Readiness>,
    _tasks: [Tasks; 2],
}

fn started(server: &ApiServer, prometheus: Option<Asking>) -> Started {
    let answering = server.clone();
    let service = tower::service_fn(move |request: Request<kube::client::Body>| {
        let server = answering.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap_or_default();
            let query = head.uri.query().unwrap_or_default();
            Ok::<_, Infallible>(server.answer(&head.method, head.uri.path(), query, &body))
        }
    });
    let (view, metrics) = (Arc::new(View::default()), Arc::new(Metrics::new()));
    let readiness = Arc::new(Readiness::new(needs()));
    let (mut tasks, mut writing) = (Tasks::default(), Tasks::default());
    let operator = Operator {
        client: Client::new(service, "default"),
        view: view.clone(),
        evaluator: Evaluator::new(Catalog::embedded().clone(), Policy::default()),
        scope: Scope::new("berth-system"),
        cluster_name: "eu-1".to_owned(),
        readiness: readiness.clone(),
        metrics: metrics.clone(),
        look: Duration::from_secs(300),
        open_reports: None,
        prometheus,
    };
    let election = LeaderElection::new(operator.client.clone(), "berth-system", "berth", "one");
    let leadership = Arc::new(Leadership::new(election, metrics.clone()));
    operator.start(leadership, &mut tasks, &mut writing);
    Started { view, metrics, readiness, _tasks: [tasks, writing] }
}

#[tokio::test(start_paused = true)]
async fn one_bad_object_an_expired_watch_and_a_silent_deletion() {
    let (web, bad) = (deployment("web", json!(2)), deployment("bad", json!("two")));
    let first = vec![web.clone(), bad.clone(), deployment("api", json!(2))];
    let server = ApiServer { deployments: Arc::new([first, vec![web, bad]]), ..ApiServer::default() };
    // What connects to it waits for an answer: nobody accepts.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let Started { view, metrics, readiness, _tasks } = started(&server, Some(silent_prometheus(&nobody)));

    // Time is the test's: it passes when everything waits.
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(readiness.missing().is_empty(), "{:?}", readiness.missing());
    assert_eq!(server.lists.load(Ordering::SeqCst), 2);
    let names = |index: &Index| index.workloads().map(|w| w.key.name.clone()).collect::<Vec<_>>();
    assert_eq!(view.read(|seen| names(&seen.index)), ["web"], "what the second list lacks is still known");
    assert_eq!(
        view.read(|seen| (seen.index.counted(), seen.index.settled())),
        (Fleet { services: 1 }, Some(Fleet { services: 1 }))
    );
    assert!(server.created.lock().unwrap().contains(&"deployment-web".to_owned()));
    assert!(!server.created.lock().unwrap().contains(&"deployment-bad".to_owned()));
    let reports = server.reports.lock().unwrap().clone();
    let last = reports.last().expect("the platform's verdict was written");
    assert_eq!((&last["workloads"], &last["clusterName"]), (&json!(1), &json!("eu-1")));
    assert!(reports.len() <= 2, "written {} times", reports.len());
    let text = metrics.encode().unwrap();
    assert!(text.contains("berth_unreadable_objects_total{kind=\"Deployment\"} 2"), "{text}");
    assert!(
        text.contains("berth_evidence_missed_total{source=\"Prometheus\"}"),
        "the leader didn't ask: {text}"
    );
    assert!(text.contains("berth_recommendations{namespace=\"shop\""), "{text}");
}

/// Stopped ones, so that nothing depends on how many they are; this replica never gets to lead.
#[tokio::test(start_paused = true)]
async fn thousands_are_read_past_one_that_cant_be_and_a_new_list_drops_most_of_them() {
    let mut first: Vec<Value> =
        (0..3000).map(|number| deployment(&format!("web-{number}"), json!(0))).collect();
    first[1500] = deployment("bad", json!("two"));
    let second = first[..1501].to_vec();
    let server =
        ApiServer { deployments: Arc::new([first, second]), stands_by: true, ..ApiServer::default() };
    let started = started(&server, None);
    let known = || started.view.read(|seen| seen.index.workloads().count());
    let mut most = 0;
    while server.lists.load(Ordering::SeqCst) < 2 {
        most = most.max(known());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(most, 2999, "the one that can't be read hides none");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(known(), 1500, "what the second list lacks is still known");
    assert!(started.readiness.missing().is_empty(), "{:?}", started.readiness.missing());
    let text = started.metrics.encode().unwrap();
    assert!(text.contains("berth_unreadable_objects_total{kind=\"Deployment\"} 2"), "{text}");
}
