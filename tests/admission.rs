//! What the webhook answers to whatever comes: in-process through its router, and once over real TLS.
#![cfg(feature = "cluster")]

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use berth::{
    catalog::Catalog,
    observe::Object,
    operator::{Evaluator, View},
    policy::Policy,
    server::Metrics,
    webhook::{Admission, router},
};
use serde_json::{Value, json};
use tower::ServiceExt;

const LIMIT: usize = 7 << 20;

struct Webhook {
    view: Arc<View>,
    metrics: Arc<Metrics>,
    router: Router,
}

impl Webhook {
    fn new() -> Self {
        let view = Arc::new(View::default());
        let metrics = Arc::new(Metrics::new());
        let evaluator = Evaluator::new(Catalog::embedded().clone(), Policy::default());
        let router = router(Admission { view: view.clone(), evaluator }, metrics.clone());
        Webhook { view, metrics, router }
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

#[tokio::test]
async fn a_new_workload_is_admitted_with_short_warnings() {
    let webhook = Webhook::new();
    let response = webhook.review(&review("CREATE", web())).await;
    let lines = warnings(&response).expect("warnings");
    assert!((1..=3).contains(&lines.len()), "{lines:?}");
    for line in lines {
        let line = line.as_str().unwrap();
        assert!(line.starts_with("deployment/web") && line.chars().count() <= 120, "{line}");
    }
    assert!(
        webhook.metrics.encode().unwrap().contains("berth_admission_requests_total{decision=\"warned\"} 1")
    );
}

#[tokio::test]
async fn neighbours_come_from_the_view() {
    let webhook = Webhook::new();
    let alone = webhook.review(&review("CREATE", web())).await;
    webhook.knows(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "web"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "shop"}],
    }));
    let bound = webhook.review(&review("CREATE", web())).await;
    assert_ne!(
        alone["warnings"], bound["warnings"],
        "what talks to the Kubernetes API is judged as if it didn't"
    );
}

#[tokio::test]
async fn an_update_warns_only_when_something_decisive_changed() {
    let webhook = Webhook::new();
    let mut same = web();
    same["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": "7"});
    same["metadata"]["resourceVersion"] = json!("81");
    same["status"] = json!({"readyReplicas": 2});
    assert_eq!(warnings(&webhook.review(&update(web(), same)).await), None);
    let mut more = web();
    more["spec"]["replicas"] = json!(6);
    assert!(warnings(&webhook.review(&update(web(), more)).await).is_some());
    assert!(
        warnings(&webhook.review(&review("UPDATE", web())).await).is_some(),
        "an UPDATE without the old object"
    );
}

#[tokio::test]
async fn what_has_only_a_prefix_for_a_name_is_named_by_it() {
    let webhook = Webhook::new();
    let mut object = web();
    object["metadata"] = json!({"generateName": "web-", "labels": {"app": "web"}});
    let review = with(review("CREATE", object), "/request/name", json!(""));
    let response = webhook.review(&review).await;
    assert!(warnings(&response).unwrap()[0].as_str().unwrap().starts_with("deployment/web-"), "{response}");
}

#[tokio::test]
async fn all_kinds_are_judged() {
    let webhook = Webhook::new();
    let template = web()["spec"]["template"].clone();
    let job = json!({"template": template});
    let kinds = [
        ("apps", "StatefulSet", json!({"replicas": 1, "template": template})),
        ("apps", "DaemonSet", json!({"template": template})),
        ("batch", "Job", job.clone()),
        ("batch", "CronJob", json!({"schedule": "0 3 * * *", "jobTemplate": {"spec": job}})),
    ];
    for (group, kind, spec) in kinds {
        let object = json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": spec});
        let review = with(
            review("CREATE", object),
            "/request/kind",
            json!({"group": group, "version": "v1", "kind": kind}),
        );
        webhook.review(&review).await;
    }
    let metrics = webhook.metrics.encode().unwrap();
    for decision in ["unreadable", "ignored", "failed", "invalid"] {
        assert!(!metrics.contains(&format!("decision=\"{decision}\"")), "{metrics}");
    }
}

#[tokio::test]
async fn what_isnt_ours_is_allowed_without_a_word() {
    let webhook = Webhook::new();
    let kind = |group: &str, kind: &str| {
        with(review("CREATE", web()), "/request/kind", json!({"group": group, "version": "v1", "kind": kind}))
    };
    let mut owned = web();
    owned["metadata"]["ownerReferences"] =
        json!([{"kind": "Rollout", "name": "x", "uid": "1", "controller": true}]);
    let quiet = [
        ("DELETE", with(review("DELETE", Value::Null), "/request/oldObject", web())),
        ("CONNECT", review("CONNECT", web())),
        ("null object", review("CREATE", Value::Null)),
        ("no object", {
            let mut r = review("CREATE", web());
            r["request"].as_object_mut().unwrap().remove("object");
            r
        }),
        ("object of another shape", review("CREATE", json!([1, 2]))),
        (
            "unreadable field",
            review("CREATE", json!({"metadata": {"name": "web"}, "spec": {"replicas": "two"}})),
        ),
        ("unknown kind", kind("apps", "ReplicaSet")),
        ("kind of another group", kind("example.com", "Deployment")),
        ("subresource", with(review("UPDATE", web()), "/request/subResource", json!("scale"))),
        ("another version", with(review("CREATE", web()), "/apiVersion", json!("admission.k8s.io/v1beta1"))),
        ("owned", review("CREATE", owned)),
    ];
    for (what, review) in quiet {
        assert_eq!(warnings(&webhook.review(&review).await), None, "{what}");
    }
    webhook.lives().await;
}

#[tokio::test]
async fn what_is_no_review_is_refused_with_the_reason() {
    let webhook = Webhook::new();
    let without_uid = with(review("CREATE", web()), "/request/uid", json!(""));
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("empty", vec![], "not an AdmissionReview: "),
        ("not JSON", b"apiVersion: v1".to_vec(), "not an AdmissionReview: "),
        ("not an object", b"[]".to_vec(), "not an AdmissionReview: "),
        (
            "cut off",
            review("CREATE", web()).to_string().into_bytes()[..200].to_vec(),
            "not an AdmissionReview: EOF",
        ),
        (
            "no request",
            br#"{"apiVersion":"admission.k8s.io/v1"}"#.to_vec(),
            "the AdmissionReview has no request",
        ),
        ("null request", br#"{"request":null}"#.to_vec(), "the AdmissionReview has no request"),
        ("no uid", without_uid.to_string().into_bytes(), "the AdmissionReview's request has no uid"),
        (
            "two uids",
            br#"{"request":{"uid":"a","uid":"b"}}"#.to_vec(),
            "not an AdmissionReview: duplicate field",
        ),
    ];
    for (what, body, reason) in cases {
        let (status, answer) = webhook.post(body).await;
        let answer = String::from_utf8(answer).unwrap();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{what}: {answer}");
        assert!(answer.starts_with(reason) && answer.len() < 200, "{what}: {answer}");
    }
    webhook.lives().await;
}

#[tokio::test]
async fn method_path_and_type_have_to_be_right() {
    let webhook = Webhook::new();
    let status = async |method: Method, path: &str, kind: Option<&str>| {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        webhook.send(request.body(Body::from(review("CREATE", web()).to_string())).unwrap()).await.0
    };
    let json = Some("application/json");
    assert_eq!(status(Method::GET, "/admission/warn", json).await, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(status(Method::PUT, "/admission/warn", json).await, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(status(Method::POST, "/admission", json).await, StatusCode::NOT_FOUND);
    // Who says nothing of the type means JSON: there is no other body to send here.
    assert_eq!(status(Method::POST, "/admission/warn", None).await, StatusCode::OK);
    let yaml = Some("application/yaml");
    assert_eq!(status(Method::POST, "/admission/warn", yaml).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let charset = Some("application/json; charset=utf-8");
    assert_eq!(status(Method::POST, "/admission/warn", charset).await, StatusCode::OK);
}

#[tokio::test]
async fn seven_mebibytes_are_taken_and_not_a_byte_more() {
    let webhook = Webhook::new();
    let sized = |size: usize| {
        let mut text = review("CREATE", web()).to_string();
        text.push_str(&" ".repeat(size - text.len()));
        text
    };
    assert_eq!(webhook.post(sized(LIMIT)).await.0, StatusCode::OK);
    // Without a Content-Length, as a body that is streamed.
    assert_eq!(webhook.post(sized(LIMIT + 1)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let announced = Request::post("/admission/warn")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, LIMIT + 1)
        .body(Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>()))
        .unwrap();
    assert_eq!(
        webhook.send(announced).await.0,
        StatusCode::PAYLOAD_TOO_LARGE,
        "waits for a body that is too large"
    );
    webhook.lives().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_is_given_up() {
    let webhook = Webhook::new();
    let start = tokio::time::Instant::now();
    let endless = Body::from_stream(futures::stream::unfold((), |()| async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        Some((Ok::<_, std::io::Error>(b" ".to_vec()), ()))
    }));
    assert_eq!(webhook.post(endless).await.0, StatusCode::REQUEST_TIMEOUT);
    assert!(start.elapsed().as_secs() <= 6, "{:?}", start.elapsed());
    webhook.lives().await;
}

#[tokio::test]
async fn hostile_objects_are_allowed_and_do_no_harm() {
    let webhook = Webhook::new();
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let pod = |field: String| {
        format!(r#"{{"spec":{{"template":{{"spec":{{"containers":[{{"name":"a"}}],{field}}}}}}}}}"#)
    };
    let quiet = [
        ("deep list", deep("[", "]")),
        ("deep map", deep(r#"{"a":"#, "}")),
        ("deep in a field that is read as it is", pod(format!(r#""affinity":{}"#, deep("[", "]")))),
        ("a key twice", r#"{"spec":{"replicas":1,"replicas":2}}"#.to_owned()),
        ("numbers out of range", r#"{"spec":{"replicas":1e999}}"#.to_owned()),
    ];
    for (what, object) in quiet {
        let response = webhook.raw(&object).await;
        assert_eq!(response["uid"], "705ab4f5", "{what}");
        assert_eq!(warnings(&response), None, "{what}");
    }
    // Where nothing reads it, depth is passed over.
    let unread = webhook.raw(&pod(format!(r#""schedulerName":{}"#, deep("[", "]")))).await;
    assert_eq!(unread["allowed"], true);

    let (status, body) = webhook.post(deep("[", "]")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{}", String::from_utf8_lossy(&body));
    let mut invalid = review("CREATE", web()).to_string().into_bytes();
    let at = invalid.windows(6).position(|six| six == b"shop/w").unwrap();
    invalid[at] = 0xff;
    assert_eq!(webhook.post(invalid).await.0, StatusCode::BAD_REQUEST, "not UTF-8");
    webhook.lives().await;
}

mod over_tls {
    use std::net::SocketAddr;

    use axum_server::Handle;
    use berth::{
        operator::certificates::{Material, Todo, certified, renew},
        webhook::{Served, serve},
    };
    use rustls::{
        ClientConfig, ClientConnection, RootCertStore, StreamOwned,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    };
    use time::OffsetDateTime;

    use super::*;

    const NAME: &str = "berth.berth-system.svc";

    fn material() -> Material {
        let everything = Todo::Everything("a test");
        renew(&everything, &Material::default(), &[NAME.to_owned()], OffsetDateTime::now_utc()).unwrap()
    }

    /// A connection that trusts these authorities.
    fn connect(
        address: SocketAddr,
        authorities: &str,
    ) -> std::io::Result<StreamOwned<ClientConnection, std::net::TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authorities.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(NAME).unwrap();
        let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut tcp = std::net::TcpStream::connect(address)?;
        while tls.is_handshaking() {
            tls.complete_io(&mut tcp)?;
        }
        Ok(StreamOwned::new(tls, tcp))
    }

    /// One request over HTTP/1.1 that leaves the connection open, and the status line of its answer.
    fn ask(stream: &mut (impl std::io::Read + std::io::Write)) -> String {
        let body = review("CREATE", web()).to_string();
        write!(
            stream,
            "POST /admission/warn HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = vec![0; 16 << 10];
        let read = stream.read(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_certificate_is_served_and_open_connections_go_on() {
        let webhook = Webhook::new();
        let (served, handle) = (Arc::new(Served::default()), Handle::new());
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = tokio::spawn(serve(address, handle.clone(), served.clone(), webhook.router.clone()));
        let address = handle.listening().await.expect("the server listens");
        let (first, second) = (material(), material());

        let (trusted, later) = (first.ca_certificates.clone(), second.ca_certificates.clone());
        tokio::task::spawn_blocking(move || {
            assert!(connect(address, &trusted).is_err(), "a handshake without a certificate");
            served.replace(certified(&first).unwrap());
            let mut open = connect(address, &trusted).unwrap();
            assert_eq!(ask(&mut open), "HTTP/1.1 200 OK");
            served.replace(certified(&second).unwrap());
            assert_eq!(ask(&mut open), "HTTP/1.1 200 OK", "the open connection was dropped");
            assert!(connect(address, &trusted).is_err(), "the old certificate is still served");
            assert_eq!(ask(&mut connect(address, &later).unwrap()), "HTTP/1.1 200 OK");
        })
        .await
        .unwrap();

        handle.graceful_shutdown(Some(std::time::Duration::from_secs(5)));
        server.await.unwrap().unwrap();
    }
}
