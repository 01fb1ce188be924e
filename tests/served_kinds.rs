//! That a kind of another project is watched from the moment that the cluster serves it, and forgotten with its
//! definition; that each change rewrites the statuses that it touches and no other.
#![cfg(feature = "cluster")]

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{Method, Request, Response},
};
use berth::{
    catalog::Catalog,
    observe::{Key, Kind},
    operator::{Evaluator, Leadership, Operator, Scope, View, needs},
    policy::Policy,
    server::{Metrics, Need, Readiness, tasks::Tasks},
};
use futures::StreamExt;
use http_body_util::BodyExt;
use k8s_controller::LeaderElection;
use kube::Client;
use serde_json::{Value, json};
use tokio::sync::broadcast;

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const SCALED: &str = "/apis/keda.sh/v1alpha1/scaledobjects";

fn deployment(name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop", "uid": name, "resourceVersion": "5"},
        "spec": {"template": {"spec": {"containers": [{"name": "main", "image": "a:1"}]}}},
    })
}

fn definition(version: &str) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "scaledobjects.keda.sh", "resourceVersion": "7"},
        "spec": {"versions": [{"name": version, "served": true, "schema": {"much": "more"}}]},
        "status": {"conditions": [{"type": "Established", "status": "True"}]},
    })
}

fn scaled(max: u32) -> Value {
    json!({
        "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject",
        "metadata": {"name": "scale", "namespace": "shop", "resourceVersion": "8"},
        "spec": {"scaleTargetRef": {"name": "web"}, "maxReplicaCount": max, "triggers": [{"type": "kafka"}]},
    })
}

/// What a watch on this path tells.
type News = (&'static str, Value);

/// An API server with two Deployments, and with more when the test says so.
#[derive(Clone)]
struct ApiServer {
    /// The items of each list; a path that isn't one of them is a kind that isn't served, if it's KEDA's.
    lists: Arc<Mutex<BTreeMap<&'static str, Vec<Value>>>>,
    news: broadcast::Sender<News>,
    /// Method and path of each request.
    asked: Arc<Mutex<Vec<String>>>,
    /// What is answered with 429 instead of KEDA's objects, one after the other.
    busy: Arc<Mutex<Vec<&'static str>>>,
    lease: Arc<Mutex<Option<Value>>>,
}

impl ApiServer {
    fn new(definitions: Vec<Value>) -> Self {
        let lists = BTreeMap::from([
            ("/apis/apps/v1/deployments", vec![deployment("web"), deployment("other")]),
            (DEFINITIONS, definitions),
        ]);
        ApiServer {
            lists: Arc::new(Mutex::new(lists)),
            news: broadcast::Sender::new(16),
            asked: Arc::default(),
            busy: Arc::default(),
            lease: Arc::default(),
        }
    }

    fn tell(&self, path: &'static str, type_: &str, object: Value) {
        self.news.send((path, json!({"type": type_, "object": object}))).expect("somebody watches");
    }

    /// How often a path was asked since the last look at all of them.
    fn asked(&self, method: &str, path: &str) -> usize {
        let wanted = format!("{method} {path}");
        self.asked.lock().unwrap().iter().filter(|asked| **asked == wanted).count()
    }

    fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }

    fn answer(&self, method: &Method, path: &str, query: &str, body: &Value) -> Response<Body> {
        let json = |status: u16, value: &Value| {
            let body = Body::from(serde_json::to_vec(value).unwrap());
            Response::builder().status(status).body(body).unwrap()
        };
        let missing = json!({"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound"});
        self.asked.lock().unwrap().push(format!("{method} {path}"));
        if path.contains("/leases") {
            let mut lease = self.lease.lock().unwrap();
            if method != Method::GET {
                *lease = Some(body.clone());
            }
            return lease.as_ref().map_or_else(|| json(404, &missing), |lease| json(200, lease));
        }
        if method != Method::GET {
            return json(if method == Method::POST { 201 } else { 200 }, body);
        }
        if path == SCALED
            && let Some(message) = self.busy.lock().unwrap().pop()
        {
            let status = json!({"kind": "Status", "status": "Failure", "code": 429, "reason": "TooManyRequests",
                                "message": message});
            return json(429, &status);
        }
        let items = self.lists.lock().unwrap().get(path).cloned();
        if items.is_none() && path.contains("/keda.sh/") {
            return json(404, &missing);
        }
        if !query.contains("watch=true") {
            return json(
                200,
                &json!({"metadata": {"resourceVersion": "9"}, "items": items.unwrap_or_default()}),
            );
        }
        let (news, path) = (self.news.subscribe(), path.to_owned());
        let told = futures::stream::unfold(news, async |mut news| Some((news.recv().await.ok()?, news)));
        let lines = told.filter_map(move |(of, event)| {
            let line = (of == path).then(|| Ok::<_, Infallible>(Bytes::from(format!("{event}\n"))));
            std::future::ready(line)
        });
        Response::new(Body::from_stream(lines))
    }
}

/// The operator against such a server, some time after its start.
struct Running {
    server: ApiServer,
    view: Arc<View>,
    readiness: Arc<Readiness>,
    metrics: Arc<Metrics>,
    _tasks: [Tasks; 2],
}

impl Running {
    async fn on(server: ApiServer) -> Self {
        let answering = server.clone();
        let service = tower::service_fn(move |request: Request<kube::client::Body>| {
            let server = answering.clone();
            async move {
                let (head, body) = request.into_parts();
                let body =
                    serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap_or_default();
                let query = head.uri.query().unwrap_or_default();
                if head.uri.path() == SCALED && !query.contains("watch=true") {
                    // Slower than all else: who doesn't wait for it decides without it.
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
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
            prometheus: None,
            open_reports: None,
        };
        let election = LeaderElection::new(operator.client.clone(), "berth-system", "berth", "one");
        operator.start(Arc::new(Leadership::new(election, metrics.clone())), &mut tasks, &mut writing);
        let running = Running { server, view, readiness, metrics, _tasks: [tasks, writing] };
        running.rest().await;
        running
    }

    /// Time is the test's: it passes when everything waits.
    async fn rest(&self) {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }

    /// Whether the ScaledObject is known, by its bound on the Deployment that it scales.
    fn scales(&self) -> Option<f64> {
        let key = Key { namespace: "shop".into(), kind: Kind::Deployment, name: "web".into() };
        let observed = self.view.read(|seen| seen.index.observe(&key)).unwrap();
        let copies = berth::evidence::evidence(&observed, &Policy::default()).copies;
        copies.get().filter(|known| known.at.starts_with("ScaledObject")).map(|known| known.value.max)
    }

    /// How often the status of each Deployment's profile was written.
    fn written(&self) -> [usize; 2] {
        ["web", "other"].map(|name| {
            let profiles = "/apis/berth.dev/v1alpha1/namespaces/shop/workloadprofiles";
            self.server.asked("PATCH", &format!("{profiles}/deployment-{name}/status"))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_comes_is_watched_and_one_that_goes_is_forgotten() {
    let running = Running::on(ApiServer::new(Vec::new())).await;
    let server = &running.server;
    assert!(running.readiness.missing().is_empty(), "{:?}", running.readiness.missing());
    assert_eq!(server.asked("GET", SCALED), 0, "nobody serves it");

    server.lists.lock().unwrap().insert(SCALED, vec![scaled(7)]);
    server.tell(DEFINITIONS, "ADDED", definition("v1alpha1"));
    running.rest().await;
    assert_eq!(running.scales(), Some(7.0));
    assert!(running.readiness.missing().is_empty(), "a kind that comes later keeps nobody from answering");
    assert_eq!(server.asked("GET", SCALED), 2, "one list, one watch");

    server.forget();
    server.tell(SCALED, "MODIFIED", scaled(9));
    running.rest().await;
    assert_eq!((running.scales(), running.written()), (Some(9.0), [1, 0]), "the other isn't touched");

    // As an API server does it: first the mark, then the end of what is watched, then the definition.
    let mut marked = definition("v1alpha1");
    marked["metadata"]["deletionTimestamp"] = json!("2026-06-01T00:00:00Z");
    server.lists.lock().unwrap().remove(SCALED);
    server.forget();
    server.tell(DEFINITIONS, "MODIFIED", marked.clone());
    server.tell(DEFINITIONS, "DELETED", marked);
    running.rest().await;
    assert_eq!((running.scales(), running.written()), (None, [1, 0]));
    assert_eq!(server.asked("GET", SCALED), 0, "asked for what is gone");

    server.lists.lock().unwrap().insert(SCALED, vec![scaled(4)]);
    server.tell(DEFINITIONS, "ADDED", definition("v1alpha1"));
    running.rest().await;
    assert_eq!(running.scales(), Some(4.0));
    assert!(!running.metrics.encode().unwrap().contains("berth_watch_errors_total{"), "an error was counted");
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_waits_for_the_kinds_that_are_there() {
    let server = ApiServer::new(vec![definition("v1alpha1")]);
    server.lists.lock().unwrap().insert(SCALED, vec![scaled(7)]);
    let running = Running::on(server).await;
    assert!(running.readiness.missing().is_empty(), "{:?}", running.readiness.missing());
    assert_eq!((running.scales(), running.written()), (Some(7.0), [1, 1]), "one write each: all was known");
}

/// Its definition is there and its objects aren't to be had: what they would say is missing, and nothing else is.
#[tokio::test(start_paused = true)]
async fn a_kind_that_cant_be_listed_costs_evidence_only() {
    let running = Running::on(ApiServer::new(vec![definition("v1alpha1")])).await;
    assert!(running.server.asked("GET", SCALED) > 1, "asked again");
    assert!(running.readiness.missing().is_empty(), "{:?}", running.readiness.missing());
    assert_eq!((running.scales(), running.written()), (None, [1, 1]));
    assert!(!running.metrics.encode().unwrap().contains("berth_watch_errors_total{"), "it's no error");
}

/// What is logged meanwhile, by this thread.
fn logged() -> (Arc<Mutex<Vec<u8>>>, tracing::subscriber::DefaultGuard) {
    #[derive(Clone)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let text = Arc::new(Mutex::new(Vec::new()));
    let log = Log(text.clone());
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || log.clone()).finish();
    (text, tracing::subscriber::set_default(subscriber))
}

/// A kind that is new to an API server has no storage for a moment, which is no fault; too much load is one.
#[tokio::test(start_paused = true)]
async fn a_kind_that_the_api_server_prepares_is_waited_for_without_a_warning() {
    const PREPARES: &str = "storage is (re)initializing";
    for (busy, warned) in [
        (vec![PREPARES; 3], false),
        (vec![PREPARES; 9], true),
        (vec!["Too many requests, please try again later."], true),
    ] {
        let (log, _guard) = logged();
        let server = ApiServer::new(vec![definition("v1alpha1")]);
        server.lists.lock().unwrap().insert(SCALED, vec![scaled(7)]);
        *server.busy.lock().unwrap() = busy.clone();
        let running = Running::on(server).await;
        for _ in 0..10 {
            running.rest().await;
        }
        assert_eq!(running.scales(), Some(7.0), "{busy:?}");
        let log = String::from_utf8(log.lock().unwrap().clone()).unwrap();
        let warns = |line: &&str| line.contains("WARN") && line.contains("ScaledObject");
        assert_eq!(log.lines().any(|line| warns(&line)), warned, "{busy:?}: {log}");
        let counted = running.metrics.encode().unwrap().contains("berth_watch_errors_total{");
        assert_eq!(counted, warned, "{busy:?}");
        assert!(running.readiness.missing().is_empty(), "{busy:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_that_isnt_read_costs_evidence_only() {
    let running = Running::on(ApiServer::new(vec![definition("v2")])).await;
    assert!(!running.readiness.missing().contains(&Need::Watch("ScaledObject")));
    assert_eq!((running.server.asked("GET", SCALED), running.written()), (0, [1, 1]));

    // An upgrade of KEDA that serves both again.
    running.server.lists.lock().unwrap().insert(SCALED, vec![scaled(7)]);
    let mut both = definition("v2");
    both["spec"]["versions"].as_array_mut().unwrap().push(json!({"name": "v1alpha1", "served": true}));
    running.server.tell(DEFINITIONS, "MODIFIED", both);
    running.rest().await;
    assert_eq!(running.scales(), Some(7.0));
}
