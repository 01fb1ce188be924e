//! What the operator writes for one workload, seen from the API server: a scripted one that records every request.
#![cfg(feature = "cluster")]

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::http::{Request, Response, header};
use berth::{
    catalog::Catalog,
    observe::{Id, Key, Kind, Object},
    operator::{
        Evaluator, View,
        profile::{Profile, Stored},
        reconcile::{Error, Outcome, Reconciler},
    },
    policy::Policy,
};
use http_body_util::BodyExt;
use kube::{Client, client::Body};
use serde_json::{Value, json};

/// One request as the API server sees it.
#[derive(Clone, Debug)]
struct Call {
    /// Method and path with its query.
    line: String,
    kind: String,
    body: Value,
}

type Answers = fn(&Call) -> (u16, Value);

struct World {
    view: Arc<View>,
    calls: Arc<Mutex<Vec<Call>>>,
    reconciler: Reconciler,
}

impl World {
    /// A cluster whose API server answers like this.
    fn new(answer: Answers) -> Self {
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        let record = calls.clone();
        let api_server = tower::service_fn(move |request: Request<Body>| {
            let record = record.clone();
            async move {
                let (head, body) = request.into_parts();
                let bytes = body.collect().await.unwrap().to_bytes();
                let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
                let call = Call {
                    line: format!("{} {}", head.method, head.uri),
                    kind: kind.unwrap_or_default().to_owned(),
                    body: serde_json::from_slice(&bytes).unwrap_or_default(),
                };
                let (status, answer) = answer(&call);
                record.lock().unwrap().push(call);
                let body = Body::from(serde_json::to_vec(&answer).unwrap());
                Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
            }
        });
        let view = Arc::new(View::default());
        let evaluator = Evaluator::new(Catalog::embedded().clone(), Policy::default());
        let reconciler = Reconciler::new(Client::new(api_server, "default"), view.clone(), evaluator);
        World { view, calls, reconciler }
    }

    /// The same with a Deployment in it.
    fn with_web(answer: Answers) -> Self {
        let world = World::new(answer);
        world.put(web(2));
        world
    }

    fn put(&self, object: Value) {
        let object = Object::read(&object).object.expect("a readable object");
        self.view.write(|seen| seen.index.put(object));
    }

    /// A profile, as the watch tells of it.
    fn watched(&self, stored: Value) {
        let stored: Stored = serde_json::from_value(stored).unwrap();
        let (profile, problem) = Profile::read(stored).unwrap();
        assert_eq!(problem, None);
        self.view.write(|seen| seen.profiles.put(profile));
    }

    async fn reconcile(&self) -> Result<Outcome, Error> {
        self.reconciler.reconcile(&key()).await
    }

    /// The requests since the last time.
    fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn lines(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.line).collect()
    }
}

fn key() -> Key {
    Key { namespace: "shop".to_owned(), kind: Kind::Deployment, name: "web".to_owned() }
}

fn web(replicas: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "uid": "u-1"},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{
            "name": "web", "image": "shop/web:1",
            "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}},
        }]}}},
    })
}

fn profile(name: &str, of: &str) -> Value {
    json!({
        "apiVersion": "berth.dev/v1alpha1", "kind": "WorkloadProfile",
        "metadata": {"name": name, "namespace": "shop", "generation": 4},
        "spec": {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": of}},
    })
}

/// An API server where all goes well: it sends back what it was sent.
fn well(call: &Call) -> (u16, Value) {
    let mut object = call.body.clone();
    object["metadata"]["generation"] = json!(1);
    object["metadata"]["uid"] = json!("p-1");
    (200, object)
}

fn status(code: u16, details: Value) -> (u16, Value) {
    (
        code,
        json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "message": "no", "reason": "No", "details": details}),
    )
}

const CREATE: &str = "POST /apis/berth.dev/v1alpha1/namespaces/shop/workloadprofiles?&fieldManager=berth";
const STATUS: &str = "PATCH /apis/berth.dev/v1alpha1/namespaces/shop/workloadprofiles/deployment-web/status?&force=true&fieldManager=berth";
const EVENT: &str = "POST /apis/events.k8s.io/v1/namespaces/shop/events?";

#[tokio::test]
async fn a_new_workload_gets_a_profile_a_status_and_an_event() {
    let world = World::with_web(well);
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Written);
    let calls = world.calls();
    let lines: Vec<&str> = calls.iter().map(|call| call.line.as_str()).collect();
    assert_eq!(lines, [CREATE, STATUS, EVENT]);

    let created = &calls[0].body;
    assert_eq!(created["metadata"]["ownerReferences"][0]["uid"], "u-1");
    assert_eq!(created.get("status"), None);

    let applied = &calls[1];
    assert_eq!(applied.kind, "application/apply-patch+yaml");
    assert_eq!(applied.body["metadata"], json!({"name": "deployment-web", "namespace": "shop"}));
    assert_eq!(applied.body.get("spec"), None, "a spec is a person's");
    assert_eq!(applied.body["status"]["observedGeneration"], 1);
    assert_eq!(applied.body["status"]["conditions"][0]["type"], "Ready");

    assert_eq!(calls[2].body["regarding"]["kind"], "Deployment");
    assert_eq!(calls[2].body["regarding"]["uid"], "u-1");
}

#[tokio::test]
async fn nothing_is_written_when_nothing_changed() {
    let world = World::with_web(well);
    world.reconcile().await.unwrap();
    let written = world.calls()[1].body.clone();
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Unchanged);

    // The watch tells of it at another time, and with a generation and times of the API server's.
    let mut stored = profile("deployment-web", "web");
    stored["metadata"]["generation"] = json!(1);
    stored["status"] = written["status"].clone();
    world.watched(stored.clone());
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Unchanged);

    // The same after a restart, when all that is known is what the watch tells.
    let restarted = World::with_web(well);
    for condition in stored["status"]["conditions"].as_array_mut().unwrap() {
        condition["lastTransitionTime"] = json!("2020-02-02T02:02:02Z");
    }
    restarted.watched(stored);
    assert_eq!(restarted.reconcile().await.unwrap(), Outcome::Unchanged);
    assert!(world.calls().is_empty() && restarted.calls().is_empty());
}

#[tokio::test]
async fn a_change_is_written_and_conditions_keep_the_time_since_which_they_hold() {
    let world = World::with_web(well);
    world.reconcile().await.unwrap();
    let mut stored = profile("deployment-web", "web");
    stored["status"] = world.calls()[1].body["status"].clone();
    for condition in stored["status"]["conditions"].as_array_mut().unwrap() {
        condition["lastTransitionTime"] = json!("2020-02-02T02:02:02Z");
    }
    world.watched(stored.clone());
    world.put(web(3));
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Written);
    let calls = world.calls();
    assert_eq!(calls.len(), 1, "the verdict is the same, so no Event: {calls:?}");
    let status = &calls[0].body["status"];
    assert_eq!(status["observedGeneration"], 4);
    assert_ne!(status["recommendation"], stored["status"]["recommendation"]);
    for condition in status["conditions"].as_array().unwrap() {
        assert_eq!(condition["lastTransitionTime"], "2020-02-02T02:02:02Z", "{condition}");
    }
}

#[tokio::test]
async fn a_persons_profile_under_another_name_gets_the_status() {
    let world = World::with_web(well);
    world.watched(profile("mine", "web"));
    world.reconcile().await.unwrap();
    let calls = world.calls();
    assert_eq!(calls[0].line, STATUS.replace("deployment-web", "mine"));
    assert_eq!(calls[0].body.get("spec"), None);
    assert_eq!(calls[0].body["status"]["observedGeneration"], 4);
    assert!(calls.iter().all(|call| call.line != CREATE));
}

#[tokio::test]
async fn a_profile_that_the_watch_hasnt_told_of_yet_is_taken_as_it_is() {
    let world = World::with_web(|call| match call.line.split(' ').next() {
        Some("GET") => (200, profile("deployment-web", "web")),
        Some("POST") if call.line == CREATE => status(409, Value::Null),
        _ => well(call),
    });
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Written);
    let calls = world.calls();
    assert_eq!(calls[1].line, "GET /apis/berth.dev/v1alpha1/namespaces/shop/workloadprofiles/deployment-web");
    assert_eq!((calls[2].line.as_str(), &calls[2].body["status"]["observedGeneration"]), (STATUS, &json!(4)));
}

#[tokio::test]
async fn a_name_taken_by_another_workloads_profile_is_told_and_left_alone() {
    let world = World::with_web(|call| match call.line.split(' ').next() {
        Some("GET") => (200, profile("deployment-web", "other")),
        _ => status(409, Value::Null),
    });
    let error = world.reconcile().await.unwrap_err();
    assert!(matches!(&error, Error::NameTaken { name } if name == "deployment-web"), "{error}");
    assert_eq!(world.lines().len(), 2, "something was written");
}

#[tokio::test]
async fn a_profile_that_is_gone_is_made_again() {
    let world =
        World::with_web(|call| if call.line == STATUS { status(404, Value::Null) } else { well(call) });
    world.watched(profile("deployment-web", "web"));
    assert!(world.reconcile().await.unwrap_err().is_not_found());
    assert_eq!(world.lines(), [STATUS]);
    assert!(world.reconcile().await.is_err());
    assert_eq!(world.lines(), [CREATE, STATUS]);
}

#[tokio::test]
async fn a_refusal_is_an_error_that_carries_how_long_to_wait() {
    for code in [403, 409, 429, 500, 503] {
        let world = World::with_web(match code {
            403 => |_| status(403, Value::Null),
            409 => |call| if call.line == STATUS { status(409, Value::Null) } else { well(call) },
            429 => |_| status(429, json!({"retryAfterSeconds": 7})),
            500 => |_| status(500, Value::Null),
            _ => |_| status(503, Value::Null),
        });
        let error = world.reconcile().await.unwrap_err();
        let wait = Duration::from_secs(if code == 429 { 7 } else { 0 });
        assert_eq!(error.retry_after(), wait, "{code}: {error}");
    }
}

#[tokio::test]
async fn an_event_that_cant_be_written_spoils_nothing() {
    let world =
        World::with_web(|call| if call.line == EVENT { status(403, Value::Null) } else { well(call) });
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Written);
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Unchanged);
}

#[tokio::test]
async fn a_profile_without_its_workload_says_so_once() {
    let world = World::new(well);
    world.watched(profile("mine", "web"));
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Written);
    let calls = world.calls();
    assert_eq!(calls[0].body["status"]["conditions"][0]["reason"], "WorkloadNotFound");
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Unchanged);
    assert_eq!(world.calls().len() + calls.len(), 1);
}

#[tokio::test]
async fn what_is_gone_is_left_to_the_garbage_collector() {
    let world = World::with_web(well);
    world.reconcile().await.unwrap();
    world.calls();
    world.view.write(|seen| seen.index.remove(&Id::Workload(key())));
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Gone);
    assert!(world.calls().is_empty());
}
