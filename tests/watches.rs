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
    operator::{Evaluator, Operator, Scope, View, needs},
    policy::Policy,
    server::{Metrics, Readiness, tasks::Tasks},
};
use http_body_util::BodyExt;
use kube::Client;
use serde_json::{Value, json};

fn deployment(name: &str, replicas: Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop", "uid": name, "resourceVersion": "5"},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "main", "image": "a:1"}]}}},
    })
}

/// Lists two Deployments and one that can't be read; the watch expires; the next list lacks one of the two.
/// Profiles can't be created until the second list, so that they are asked for again.
#[derive(Clone, Default)]
struct ApiServer {
    lists: Arc<AtomicU32>,
    created: Arc<Mutex<Vec<String>>>,
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
        if method != Method::GET {
            return json(200, body);
        }
        if !query.contains("watch=true") {
            let items = match (deployments, deployments.then(|| self.lists.fetch_add(1, Ordering::SeqCst))) {
                (true, Some(0)) => {
                    vec![
                        deployment("web", json!(2)),
                        deployment("bad", json!("two")),
                        deployment("api", json!(2)),
                    ]
                }
                (true, _) => vec![deployment("web", json!(2)), deployment("bad", json!("two"))],
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

#[tokio::test(start_paused = true)]
async fn one_bad_object_an_expired_watch_and_a_silent_deletion() {
    let server = ApiServer::default();
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
    let mut tasks = Tasks::default();
    let operator = Operator {
        client: Client::new(service, "default"),
        view: view.clone(),
        evaluator: Evaluator::new(Catalog::embedded().clone(), Policy::default()),
        scope: Scope::new("berth-system"),
        readiness: readiness.clone(),
        metrics: metrics.clone(),
    };
    operator.start(&mut tasks);

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
    let text = metrics.encode().unwrap();
    assert!(text.contains("berth_unreadable_objects_total{kind=\"Deployment\"} 2"), "{text}");
    assert!(text.contains("berth_recommendations{namespace=\"shop\""), "{text}");
}
