//! Where Pods run becomes evidence and a price of this cluster, and costs nothing else where it can't be read.
#![cfg(feature = "cluster")]

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    http::{Method, Request, Response},
};
use berth::{
    catalog::{Catalog, Target},
    decide::{Decision, Interval},
    evaluate,
    facts::Source,
    observe::{Key, Kind},
    operator::{Evaluator, Leadership, Operator, Scope, View, needs},
    policy::Policy,
    server::{Metrics, Readiness, tasks::Tasks},
};
use http_body_util::BodyExt;
use k8s_controller::LeaderElection;
use kube::Client;
use serde_json::{Value, json};

/// What the lists of nodes and of Pods answer, by path and query; nothing never answers.
type Answers = fn(&str, &str) -> Option<(u16, Value)>;

struct Seen {
    view: Arc<View>,
    metrics: Arc<Metrics>,
    /// Lists of nodes and Pods that were asked for.
    asked: usize,
    /// Statuses that were written.
    written: usize,
}

impl Seen {
    fn decision(&self, kind: Kind, name: &str) -> Decision {
        let key = Key { namespace: "shop".to_owned(), kind, name: name.to_owned() };
        let observed = self.view.read(|seen| seen.index.observe(&key)).unwrap();
        evaluate(&observed, Catalog::embedded(), &Policy::default())
    }
}

fn workload(kind: &str, name: &str) -> Value {
    let requests = json!({"cpu": "500m", "memory": "1Gi"});
    json!({
        "apiVersion": "apps/v1", "kind": kind,
        "metadata": {"name": name, "namespace": "shop", "uid": name, "resourceVersion": "5"},
        "spec": {"template": {"spec": {"containers": [{"name": "main", "image": "a:1", "resources": {"requests": requests}}]}}},
    })
}

/// A cluster with a Deployment and a DaemonSet, in which this replica leads; or doesn't, for there is no Lease to be had.
async fn after(time: Duration, leads: bool, answers: Answers) -> Seen {
    let (asked, written) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let lease: Arc<Mutex<Option<Value>>> = Arc::default();
    let (count, writes) = (asked.clone(), written.clone());
    let service = tower::service_fn(move |request: Request<kube::client::Body>| {
        let (count, writes, lease) = (count.clone(), writes.clone(), lease.clone());
        async move {
            let (head, body) = request.into_parts();
            let body: Value =
                serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap_or_default();
            let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
            let list = |items: Vec<Value>| json!({"metadata": {"resourceVersion": "9"}, "items": items});
            let (status, answer) = match path {
                _ if path.contains("/leases") && leads => {
                    let mut lease = lease.lock().unwrap();
                    if head.method != Method::GET {
                        *lease = Some(body);
                    }
                    let missing =
                        json!({"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound"});
                    lease.clone().map_or((404, missing), |lease| (200, lease))
                }
                // The watch of Pods that nobody owns asks for those by a selector.
                "/api/v1/nodes" | "/api/v1/pods"
                    if !query.contains("Selector=") && !query.contains("watch=true") =>
                {
                    count.fetch_add(1, Ordering::SeqCst);
                    match answers(path, query) {
                        Some(answer) => answer,
                        None => std::future::pending().await,
                    }
                }
                _ if query.contains("watch=true") || path.contains("/leases") => std::future::pending().await,
                _ if head.method != Method::GET => {
                    if path.ends_with("/status") && path.contains("workloadprofiles") {
                        writes.fetch_add(1, Ordering::SeqCst);
                    }
                    (200, body)
                }
                "/apis/apps/v1/deployments" => (200, list(vec![workload("Deployment", "web")])),
                "/apis/apps/v1/daemonsets" => (200, list(vec![workload("DaemonSet", "agent")])),
                _ => (200, list(Vec::new())),
            };
            let body = Body::from(serde_json::to_vec(&answer).unwrap());
            Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
        }
    });
    let (view, metrics) = (Arc::new(View::default()), Arc::new(Metrics::new()));
    let (mut tasks, mut writing) = (Tasks::default(), Tasks::default());
    let operator = Operator {
        client: Client::new(service, "default"),
        view: view.clone(),
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
    operator.start(Arc::new(Leadership::new(election, metrics.clone())), &mut tasks, &mut writing);
    tokio::time::sleep(time).await;
    let (asked, written) = (asked.load(Ordering::SeqCst), written.load(Ordering::SeqCst));
    Seen { view, metrics, asked, written }
}

fn node(name: &str, labels: Value) -> Value {
    let images = json!([{"names": ["docker.io/library/a:1"], "sizeBytes": 536_870_912}]);
    json!({"metadata": {"name": name, "labels": labels}, "status": {"images": images}})
}

fn pod(name: &str, kind: &str, owner: &str, node: &str) -> Value {
    json!({
        "metadata": {
            "name": name, "namespace": "shop", "labels": {"pod-template-hash": "7d4"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": owner, "controller": true}],
        },
        "spec": {"nodeName": node}, "status": {"phase": "Running"},
    })
}

/// Nodes on one page and Pods on two.
fn answer(nodes: Vec<Value>, pods: [Vec<Value>; 2], path: &str, query: &str) -> Option<(u16, Value)> {
    let [first, second] = pods;
    let (items, token) = match (path, query.contains("continue=next")) {
        ("/api/v1/nodes", _) => (nodes, ""),
        (_, false) => (first, "next"),
        (_, true) => (second, ""),
    };
    Some((200, json!({"metadata": {"continue": token}, "items": items})))
}

fn on(machine: &str, path: &str, query: &str) -> Option<(u16, Value)> {
    let label = json!({"node.kubernetes.io/instance-type": machine});
    let web = pod("web-7d4-aaaaa", "ReplicaSet", "web-7d4", "n1");
    let agent = |name: &str, on: &str| pod(name, "DaemonSet", "agent", on);
    answer(
        vec![node("n1", label.clone()), node("n2", label.clone()), node("n3", label)],
        [vec![web, agent("agent-aaaaa", "n1")], vec![agent("agent-bbbbb", "n2"), agent("agent-ccccc", "n3")]],
        path,
        query,
    )
}

fn value<'a>(decision: &'a Decision, fact: &str) -> Option<(&'a str, Source)> {
    let item = decision.evidence.iter().find(|item| item.fact == fact)?;
    Some((item.value.as_str(), item.source))
}

fn here(decision: &Decision) -> Interval {
    decision.recommendation.as_ref().unwrap().current_monthly_cost
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn where_pods_run_is_evidence_and_a_price() {
    let seen = after(MINUTE, true, |path, query| on("r7i.4xlarge", path, query)).await;
    assert_eq!(seen.asked, 3, "nodes, and two pages of Pods");
    let web = seen.decision(Kind::Deployment, "web");
    assert_eq!(value(&web, "place"), Some(("EKSNodes", Source::Observed)));
    assert_eq!(value(&web, "nodeType"), Some(("r7i.4xlarge", Source::Observed)));
    assert_eq!(value(&web, "packageSize"), Some(("512Mi", Source::Observed)));
    let agent = seen.decision(Kind::DaemonSet, "agent");
    assert_eq!(value(&agent, "copies"), Some(("3", Source::Observed)));

    let elsewhere = after(MINUTE, true, |path, query| on("c7i.large", path, query)).await;
    let unknown = after(MINUTE, true, |path, query| on("z9x.large", path, query)).await;
    let none = after(MINUTE, true, |_, _| Some((403, json!({"message": "no"})))).await;
    let cost = |seen: &Seen| here(&seen.decision(Kind::Deployment, "web"));
    // For its price a large memory is dear; for what the copy asks, the types for general use suit it best.
    assert!(cost(&seen).low > cost(&elsewhere).low, "{:?} {:?}", cost(&seen), cost(&elsewhere));
    assert_eq!(cost(&unknown), cost(&none), "without a price it's what suits it best, as before");
}

#[tokio::test(start_paused = true)]
async fn fargate_and_auto_mode_are_places() {
    fn labelled(label: Value, path: &str, query: &str) -> Option<(u16, Value)> {
        let web = pod("web-7d4-aaaaa", "ReplicaSet", "web-7d4", "n1");
        answer(vec![node("n1", label)], [vec![web], Vec::new()], path, query)
    }
    let fargate: Answers =
        |path, query| labelled(json!({"eks.amazonaws.com/compute-type": "fargate"}), path, query);
    let auto: Answers =
        |path, query| labelled(json!({"eks.amazonaws.com/compute-type": "auto"}), path, query);
    for (answers, target) in [(fargate, Target::EKSFargate), (auto, Target::EKSAutoMode)] {
        let seen = after(MINUTE, true, answers).await;
        let web = seen.decision(Kind::Deployment, "web");
        assert_eq!(value(&web, "place"), Some((target.to_string().as_str(), Source::Observed)));
    }
}

#[tokio::test(start_paused = true)]
async fn the_leader_alone_looks_and_writes_nothing_twice() {
    let other = after(MINUTE, false, |path, query| on("m7i.large", path, query)).await;
    assert_eq!(other.asked, 0);
    let soon = after(MINUTE, true, |path, query| on("m7i.large", path, query)).await;
    let later = after(MINUTE * 180, true, |path, query| on("m7i.large", path, query)).await;
    assert!((30..40).contains(&later.asked), "asked {} times", later.asked);
    assert_eq!(later.written, soon.written, "the same again is no news");
}

#[tokio::test(start_paused = true)]
async fn lists_that_lie_or_never_come_cost_evidence_alone() {
    let lies: [Answers; 6] = [
        |_, _| Some((200, json!({"items": "none"}))),
        |_, _| Some((200, json!([1, 2, 3]))),
        |_, _| Some((200, json!({"metadata": {"continue": "for ever"}, "items": []}))),
        |_, _| Some((500, json!({"message": "no"}))),
        |_, _| Some((200, json!({"items": [{"metadata": {"name": 5}}]}))),
        |_, _| None,
    ];
    for (index, lie) in lies.into_iter().enumerate() {
        let seen = after(MINUTE * 3, true, lie).await;
        let web = seen.decision(Kind::Deployment, "web");
        assert_eq!(value(&web, "place"), Some(("EKSNodes", Source::Inferred)), "{index}");
        assert!(seen.written > 0, "{index}: statuses are written all the same");
        let told = seen.metrics.encode().unwrap();
        assert!(told.contains("berth_evidence_missed_total{source=\"Pods\"}"), "{index}: {told}");
    }
}

/// kubectl reads the definitions as YAML 1.1, where these are no names: the API server would refuse every status.
#[test]
fn no_field_of_a_profile_is_a_boolean_to_kubectl() {
    let definition = include_str!("../crds/workloadprofiles.berth.dev.yaml");
    let is_boolean = |line: &&str| matches!(line.trim(), "on:" | "off:" | "yes:" | "no:" | "y:" | "n:");
    assert_eq!(definition.lines().find(is_boolean), None);
}
