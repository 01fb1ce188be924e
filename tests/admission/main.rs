//! What the webhook answers: in-process through its router, and over real TLS.
#![cfg(feature = "cluster")]

mod answers;
mod hostile;
mod over_tls;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use berth::{
    catalog::Catalog,
    observe::Object,
    operator::{Evaluator, View},
    policy::Policy,
    server::{Metrics, shutdown::Drain},
    webhook::{Admission, router},
};
use serde_json::{Value, json};
use tower::ServiceExt;

const LIMIT: usize = 7 << 20;

struct Webhook {
    view: Arc<View>,
    metrics: Arc<Metrics>,
    drain: Drain,
    router: Router,
}

impl Webhook {
    fn new() -> Self {
        Webhook::by(Policy::default())
    }

    fn by(policy: Policy) -> Self {
        let view = Arc::new(View::default());
        let metrics = Arc::new(Metrics::new());
        let evaluator = Evaluator::new(Catalog::embedded().clone(), policy);
        let denied = serde_json::from_value(json!({"matchLabels": {"berth.dev/mode": "Deny"}})).unwrap();
        let admission = Admission { view: view.clone(), evaluator, denied: Some(Arc::new(denied)) };
        let drain = Drain::default();
        let router = router(admission, metrics.clone(), drain.clone());
        Webhook { view, metrics, drain, router }
    }

    /// The same in a namespace in this mode, on 1 June 2026.
    fn in_mode(mode: &str) -> Self {
        Webhook::in_mode_by(mode, "minimumConfidence: Low")
    }

    fn in_mode_by(mode: &str, rule: &str) -> Self {
        // The label sets the mode; what is refused, and how sure it must be, comes from the rule.
        let policy = Policy::read(&format!("enforcement: [{{mode: Warn, {rule}}}]")).unwrap();
        let webhook = Webhook::by(policy);
        webhook.view.write(|seen| seen.index.date("2026-06-01".parse().unwrap()));
        webhook.knows(json!({"apiVersion": "v1", "kind": "Namespace",
                             "metadata": {"name": "shop", "labels": {"berth.dev/mode": mode}}}));
        webhook
    }

    /// What the webhook that refuses answers.
    async fn asked_to_deny(&self, review: &Value) -> Value {
        let request = Request::post("/admission/deny").header(header::CONTENT_TYPE, "application/json");
        let (status, body) = self.send(request.body(Body::from(review.to_string())).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice::<Value>(&body).unwrap()["response"].take()
    }

    fn knows(&self, object: Value) {
        let object = Object::read(&object).object.expect("a readable object");
        self.view.write(|seen| seen.index.put(object));
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (status, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
    }

    async fn post(&self, body: impl Into<Body>) -> (StatusCode, Vec<u8>) {
        let request = Request::post("/admission/warn").header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// The response to a review that has to be answered by a review.
    async fn review(&self, review: &Value) -> Value {
        let (status, body) = self.post(review.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
        let mut reply: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(reply["apiVersion"], "admission.k8s.io/v1");
        assert_eq!(reply["kind"], "AdmissionReview");
        assert_eq!(reply["response"]["uid"], "705ab4f5");
        assert_eq!(reply["response"]["allowed"], true);
        reply["response"].take()
    }

    /// The same, as text, for what no JSON library would write.
    async fn raw(&self, object: &str) -> Value {
        let (status, body) =
            self.post(review("CREATE", json!("OBJECT")).to_string().replace("\"OBJECT\"", object)).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice::<Value>(&body).unwrap()["response"].take()
    }

    /// It answers as ever: whatever came before did no harm.
    async fn lives(&self) {
        assert!(warnings(&self.review(&review("CREATE", web())).await).is_some());
    }
}

fn warnings(response: &Value) -> Option<&Vec<Value>> {
    response.get("warnings").and_then(Value::as_array)
}

/// Uses nothing of Kubernetes but Deployment: something to warn about.
fn web() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {"replicas": 2, "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{
                "name": "web", "image": "shop/web:1", "ports": [{"containerPort": 8080}],
                "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}},
            }]},
        }},
    })
}

fn review(operation: &str, object: Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5",
            "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
            "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
            "name": "web", "namespace": "shop", "operation": operation,
            "userInfo": {"username": "kubernetes-admin"},
            "object": object, "oldObject": null, "dryRun": false, "options": {},
        },
    })
}

fn with(mut review: Value, at: &str, value: Value) -> Value {
    let (parent, field) = at.rsplit_once('/').unwrap();
    review.pointer_mut(parent).unwrap()[field] = value;
    review
}

fn update(old: Value, new: Value) -> Value {
    with(review("UPDATE", new), "/request/oldObject", old)
}
