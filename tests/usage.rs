//! What Pods use becomes evidence where metrics.k8s.io is served, and costs nothing else where it isn't.
#![cfg(feature = "cluster")]

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, Response},
};
use berth::{
    catalog::Catalog,
    observe::{Key, Kind, history::Usage},
    operator::{Evaluator, Leadership, Operator, Scope, View, needs},
    policy::Policy,
    server::{Metrics, Readiness, tasks::Tasks},
};
use k8s_controller::LeaderElection;
use kube::Client;
use serde_json::{Value, json};

/// What the metrics API answers, by the number of the request and its query.
type Answers = fn(usize, &str) -> Option<(u16, Value)>;

/// The use that is known of a Deployment after two minutes in a cluster with this metrics API, and the requests that
/// it was asked.
async fn seen(answers: Answers) -> (Option<Usage>, usize) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let service = tower::service_fn(move |request: Request<kube::client::Body>| {
        let count = count.clone();
        async move {
            let query = request.uri().query().unwrap_or_default().to_owned();
            let answer = match request.uri().path() {
                path if path.starts_with("/apis/metrics.k8s.io/") => {
                    assert_eq!(path, "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods");
                    match answers(count.fetch_add(1, Ordering::SeqCst), &query) {
                        Some(answer) => answer,
                        None => std::future::pending().await,
                    }
                }
                _ if query.contains("watch=true") => std::future::pending().await,
                "/apis/apps/v1/deployments" => (
                    200,
                    json!({"metadata": {"resourceVersion": "9"}, "items": [{
                        "metadata": {"name": "web", "namespace": "shop", "uid": "u", "resourceVersion": "5"},
                        "spec": {"template": {"spec": {"containers": [{"name": "main", "image": "a:1"}]}}},
                    }]}),
                ),
                _ => (200, json!({"metadata": {"resourceVersion": "9"}, "items": []})),
            };
            let body = Body::from(serde_json::to_vec(&answer.1).unwrap());
            Ok::<_, Infallible>(Response::builder().status(answer.0).body(body).unwrap())
        }
    });
    let view = Arc::new(View::default());
    let metrics = Arc::new(Metrics::new());
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
        look: Duration::from_secs(30),
        prometheus: None,
    };
    // It never gets to lead: what is seen doesn't depend on it.
    let election = LeaderElection::new(operator.client.clone(), "berth-system", "berth", "one");
    operator.start(Arc::new(Leadership::new(election, metrics)), &mut tasks, &mut writing);
    tokio::time::sleep(Duration::from_secs(121)).await;
    let key = Key { namespace: "shop".to_owned(), kind: Kind::Deployment, name: "web".to_owned() };
    let history = view.read(|seen| seen.index.observe(&key)).unwrap().history;
    (history.and_then(|history| history.usage.clone()), asked.load(Ordering::SeqCst))
}

fn pod(name: &str, cpu: &str) -> Value {
    json!({
        "metadata": {"name": name, "labels": {"pod-template-hash": "7d4"}},
        "containers": [{"name": "main", "usage": {"cpu": cpu, "memory": "128Mi"}}],
    })
}

fn error(code: u16) -> Option<(u16, Value)> {
    Some((
        code,
        json!({"kind": "Status", "status": "Failure", "code": code, "message": "no", "reason": "No"}),
    ))
}

#[tokio::test(start_paused = true)]
async fn each_copy_is_a_sample_at_each_look() {
    let (usage, asked) = seen(|_, query| {
        let (items, token) = if query.contains("continue=next") {
            (vec![pod("web-7d4-bbbbb", "300m"), pod("other-7d4-ccccc", "9")], "")
        } else {
            (vec![pod("web-7d4-aaaaa", "100m")], "next")
        };
        Some((200, json!({"metadata": {"continue": token}, "items": items})))
    })
    .await;
    let usage = usage.unwrap();
    assert_eq!(asked, 10, "two pages at each of five looks");
    assert_eq!((usage.cpu.count, usage.cpu.max, usage.memory.max), (10, 0.3, 0.125));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_comes_later_is_noticed() {
    let (usage, _) = seen(|request, _| match request {
        0 => error(404),
        1 => error(503),
        _ => Some((200, json!({"metadata": {}, "items": [pod("web-7d4-aaaaa", "100m")]}))),
    })
    .await;
    assert_eq!(usage.unwrap().cpu.count, 3);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_lies_or_never_answers_costs_evidence_alone() {
    let lies: [Answers; 6] = [
        |_, _| Some((200, json!({"items": [pod("web-7d4-aaaaa", "lots")]}))),
        |_, _| Some((200, json!({"items": "none"}))),
        |_, _| Some((200, json!([1, 2, 3]))),
        |_, _| Some((200, json!({"metadata": {"continue": "for ever"}, "items": []}))),
        |_, _| error(403),
        |_, _| None,
    ];
    for lie in lies {
        let (usage, asked) = seen(lie).await;
        assert_eq!(usage, None);
        assert!((1..=205).contains(&asked), "asked {asked} times");
    }
}
