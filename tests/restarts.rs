//! The operator killed in the middle of its writes and started again: all that it knows is rebuilt from the API, every
//! status is as if nothing had happened, and nothing is written twice.
#![cfg(feature = "cluster")]

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Method, Request, Response},
};
use berth::{
    catalog::Catalog,
    operator::{Evaluator, Leadership, Operator, Scope, View, needs},
    policy::Policy,
    server::{Metrics, Readiness, tasks::Tasks},
};
use http_body_util::BodyExt;
use k8s_controller::LeaderElection;
use kube::Client;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

/// Workloads in the cluster.
const SIZE: usize = 16;
/// An answer's way back: what is killed meanwhile has written and doesn't know it.
const WAY_BACK: Duration = Duration::from_millis(10);

/// What outlives the operator: the API server's store, and a log of what was written to it.
#[derive(Default)]
struct ApiServer {
    profiles: Mutex<BTreeMap<String, Value>>,
    lease: Mutex<Option<Value>>,
    created: Mutex<BTreeMap<String, u32>>,
    written: Mutex<BTreeMap<String, u32>>,
    /// How long it takes to list the Pods.
    pods_take: Duration,
}

impl ApiServer {
    async fn answer(&self, method: &Method, path: &str, query: &str, body: Value) -> (u16, Value) {
        let list = |items: Vec<Value>| (200, json!({"metadata": {"resourceVersion": "9"}, "items": items}));
        let get = method == Method::GET;
        if get && query.contains("watch=true") {
            return std::future::pending().await;
        }
        match path {
            _ if path.contains("/leases") => {
                let mut lease = self.lease.lock().unwrap();
                if !get {
                    *lease = Some(body);
                }
                let missing =
                    json!({"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound"});
                lease.clone().map_or((404, missing), |lease| (200, lease))
            }
            "/apis/apps/v1/deployments" => list((0..SIZE).map(deployment).collect()),
            "/api/v1/nodes" => list(vec![json!({"metadata": {
                "name": "n1", "labels": {"node.kubernetes.io/instance-type": "m7i.large"}}})]),
            // The watch of Pods that nobody owns asks for those by a selector.
            "/api/v1/pods" if !query.contains("Selector=") => {
                sleep(self.pods_take).await;
                list((0..SIZE).map(pod).collect())
            }
            "/apis/berth.dev/v1alpha1/workloadprofiles" => {
                list(self.profiles.lock().unwrap().values().cloned().collect())
            }
            _ if *method == Method::DELETE => {
                let name = path.rsplit('/').next().unwrap();
                self.profiles.lock().unwrap().remove(name).expect("it's deleted once");
                (200, json!({"kind": "Status", "status": "Success"}))
            }
            _ if path.contains("/workloadprofiles") => {
                let answer = self.write(method, body);
                sleep(WAY_BACK).await;
                answer
            }
            // One that can't be read is there all the same.
            _ if get && query.contains("metadata.name%3Dunreadable") => list(vec![json!({
                "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata",
                "metadata": {"name": "unreadable", "namespace": "shop"},
            })]),
            _ if get => list(Vec::new()),
            _ => (200, body),
        }
    }

    fn write(&self, method: &Method, mut body: Value) -> (u16, Value) {
        let name = body["metadata"]["name"].as_str().unwrap().to_owned();
        let (mut profiles, mut written) = (self.profiles.lock().unwrap(), self.written.lock().unwrap());
        let stored = if method == Method::POST {
            *self.created.lock().unwrap().entry(name.clone()).or_default() += 1;
            body["metadata"]["generation"] = json!(1);
            profiles.entry(name.clone()).or_insert(body)
        } else {
            *written.entry(name.clone()).or_default() += 1;
            let stored = profiles.get_mut(&name).expect("a status is that of a profile");
            stored["status"] = body["status"].take();
            stored
        };
        stored["metadata"]["resourceVersion"] = json!((10 + written.values().sum::<u32>()).to_string());
        (200, stored.clone())
    }

    fn written(&self) -> usize {
        self.written.lock().unwrap().len()
    }

    /// The statuses without their times.
    fn statuses(&self) -> BTreeMap<String, Value> {
        let profiles = self.profiles.lock().unwrap();
        let status = |(name, profile): (&String, &Value)| (name.clone(), timeless(&profile["status"]));
        profiles.iter().map(status).collect()
    }
}

fn timeless(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept =
                fields.iter().filter(|(name, _)| *name != "lastTransitionTime" && *name != "observedAt");
            kept.map(|(name, value)| (name.clone(), timeless(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.iter().map(timeless).collect(),
        other => other.clone(),
    }
}

fn deployment(number: usize) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": format!("web-{number}"), "namespace": "shop", "uid": format!("u-{number}"), "resourceVersion": "5"},
        "spec": {"replicas": 1 + number % 3, "template": {"spec": {"containers": [{"name": "main", "image": "a:1"}]}}},
    })
}

fn pod(number: usize) -> Value {
    let owner = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("web-{number}-7d4"), "controller": true}]);
    json!({
        "metadata": {"name": format!("web-{number}-7d4-x2x9z"), "namespace": "shop", "ownerReferences": owner,
            "labels": {"pod-template-hash": "7d4"}},
        "spec": {"nodeName": "n1"}, "status": {"phase": "Running"},
    })
}

/// An operator of its own, with nothing in memory; it's killed when this is dropped.
fn started(server: &Arc<ApiServer>) -> (Tasks, Tasks) {
    let answering = server.clone();
    let service = tower::service_fn(move |request: Request<kube::client::Body>| {
        let server = answering.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap_or_default();
            let query = head.uri.query().unwrap_or_default();
            let (status, answer) = server.answer(&head.method, head.uri.path(), query, body).await;
            let body = Body::from(serde_json::to_vec(&answer).unwrap());
            Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
        }
    });
    let metrics = Arc::new(Metrics::new());
    let (mut watching, mut writing) = (Tasks::default(), Tasks::default());
    let operator = Operator {
        client: Client::new(service, "default"),
        view: Arc::new(View::default()),
        evaluator: Evaluator::new(Catalog::embedded().clone(), Policy::default()),
        scope: Scope::new("berth-system"),
        cluster_name: "eu-1".to_owned(),
        readiness: Arc::new(Readiness::new(needs())),
        metrics: metrics.clone(),
        open_reports: None,
        look: Duration::from_secs(300),
        prometheus: None,
    };
    let election = LeaderElection::new(operator.client.clone(), "berth-system", "berth", "one");
    operator.start(Arc::new(Leadership::new(election, metrics)), &mut watching, &mut writing);
    (watching, writing)
}

fn server(pods_take: Duration) -> Arc<ApiServer> {
    Arc::new(ApiServer { pods_take, ..ApiServer::default() })
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn killed_while_it_writes_and_started_again_it_writes_what_was_missing() {
    let undisturbed = server(Duration::from_secs(1));
    let operator = started(&undisturbed);
    sleep(MINUTE).await;
    drop(operator);

    let server = server(Duration::from_secs(1));
    for lives in 1..=3 {
        let operator = started(&server);
        let written = async {
            while server.written() < lives * SIZE / 4 {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(MINUTE, written).await.expect("it writes");
        assert!(server.written() < SIZE, "it was through before it was killed");
        drop(operator);
    }
    let operator = started(&server);
    sleep(MINUTE).await;
    drop(operator);

    assert_eq!(server.statuses(), undisturbed.statuses());
    let once: BTreeMap<String, u32> =
        (0..SIZE).map(|number| (format!("deployment-web-{number}"), 1)).collect();
    assert_eq!(*server.written.lock().unwrap(), once, "statuses");
    assert_eq!(*server.created.lock().unwrap(), once, "profiles");
}

#[tokio::test(start_paused = true)]
async fn the_first_status_knows_where_pods_run() {
    let server = server(Duration::from_secs(5));
    let operator = started(&server);
    sleep(MINUTE).await;
    drop(operator);
    let once = server.written.lock().unwrap().values().all(|times| *times == 1);
    let placed = |status: &Value| status["observed"]["placement"]["kinds"][0]["pods"] == 1;
    assert!(once && server.written() == SIZE && server.statuses().values().all(placed));
}

#[tokio::test(start_paused = true)]
async fn a_look_that_takes_long_holds_no_status_up() {
    let server = server(Duration::from_secs(25));
    let _operator = started(&server);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(server.written(), SIZE);
    sleep(MINUTE).await;
    let placed = |status: &Value| status["observed"]["placement"].is_object();
    assert!(server.statuses().values().all(placed), "it's written once it's known");
}

/// After an outage an operator may have made a profile for what had just been deleted, and Kubernetes may take minutes to
/// find that out.
#[tokio::test(start_paused = true)]
async fn a_profile_whose_workload_is_gone_is_removed_where_kubernetes_hasnt() {
    let server = server(Duration::ZERO);
    let of = |name: &str| {
        json!({
            "apiVersion": "berth.dev/v1alpha1", "kind": "WorkloadProfile",
            "metadata": {"name": format!("deployment-{name}"), "namespace": "shop", "resourceVersion": "4", "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": name},
            ]},
            "spec": {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}},
        })
    };
    for name in ["gone", "unreadable"] {
        server.profiles.lock().unwrap().insert(format!("deployment-{name}"), of(name));
    }
    let _operator = started(&server);
    let is_there = |name: &str| server.profiles.lock().unwrap().contains_key(name);
    sleep(Duration::from_secs(10)).await;
    assert!(is_there("deployment-gone"), "Kubernetes had no time to do it");
    sleep(MINUTE).await;
    assert!(!is_there("deployment-gone"));
    assert!(is_there("deployment-unreadable"), "its workload is there");
}
