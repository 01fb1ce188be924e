//! What the operator writes of the platform's verdict, seen from the API server.
#![cfg(feature = "cluster")]

#[path = "common/api_server.rs"]
mod api_server;
mod common;

use std::sync::{Arc, Mutex};

use api_server::{Answers, Call, status};
use berth::{
    catalog::Catalog,
    decide::platform::{self, Member, PlatformVerdict},
    evaluate_member,
    operator::{
        platform::{Outcome, PlatformWriter},
        reconcile::Error,
    },
    policy::Policy,
};
use serde_json::{Value, json};

const GET: &str = "GET /apis/berth.dev/v1alpha1/platformprofiles/cluster";
const CREATE: &str = "POST /apis/berth.dev/v1alpha1/platformprofiles?&fieldManager=berth-report";
const STATUS: &str =
    "PATCH /apis/berth.dev/v1alpha1/platformprofiles/cluster/status?&force=true&fieldManager=berth-report";
const EVENT: &str = "POST /apis/events.k8s.io/v1/namespaces/default/events?";

struct World {
    writer: PlatformWriter,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl World {
    fn new(answer: Answers) -> Self {
        let (client, calls) = api_server::answering(answer);
        World { writer: PlatformWriter::new(client, "eu-1".to_owned()), calls }
    }

    async fn write(&mut self, verdict: &PlatformVerdict) -> Result<Outcome, Error> {
        self.writer.write(verdict).await
    }

    fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn lines(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.line).collect()
    }
}

/// The verdict on this many services.
fn verdict(services: usize) -> PlatformVerdict {
    let manifests: String = (0..services)
        .map(|number| {
            format!(
                "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web-{number}, namespace: shop}}, spec: \
                 {{template: {{spec: {{containers: [{{name: main, image: example/web}}]}}}}}}}}\n---\n"
            )
        })
        .collect();
    let policy = Policy::default();
    let members: Vec<Member> = common::observe("shop", &manifests)
        .iter()
        .map(|observed| evaluate_member(observed, Catalog::embedded(), &policy).1)
        .collect();
    platform::verdict(&members, Catalog::embedded(), &policy)
}

fn profile(status: &Value) -> Value {
    json!({
        "apiVersion": "berth.dev/v1alpha1", "kind": "PlatformProfile",
        "metadata": {"name": "cluster", "generation": 3, "uid": "p-1"},
        // A person's, and of a version that this program can't read.
        "spec": {"operations": {"hourlyRate": "many"}},
        "status": status,
    })
}

fn well(call: &Call) -> (u16, Value) {
    match call.line.as_str() {
        GET => (200, profile(&Value::Null)),
        _ => (200, call.body.clone()),
    }
}

fn absent(call: &Call) -> (u16, Value) {
    if call.line == GET { status(404, Value::Null) } else { well(call) }
}

#[tokio::test]
async fn the_report_makes_its_place_where_nobody_wrote_a_policy() {
    let mut world = World::new(absent);
    assert_eq!(world.write(&verdict(3)).await.unwrap(), Outcome::Written);
    let calls = world.calls();
    let lines: Vec<&str> = calls.iter().map(|call| call.line.as_str()).collect();
    assert_eq!(lines, [GET, CREATE, STATUS, EVENT]);
    assert_eq!(calls[1].body["spec"], json!({}), "a default in it would outlive the version that wrote it");
    assert_eq!(calls[3].body["reason"], "NotJustified");
}

#[tokio::test]
async fn a_policy_that_is_there_gets_the_report_and_keeps_its_spec() {
    let mut world = World::new(well);
    assert_eq!(world.write(&verdict(3)).await.unwrap(), Outcome::Written);
    let calls = world.calls();
    let applied = calls.iter().find(|call| call.line == STATUS).unwrap();
    assert_eq!(applied.kind, "application/apply-patch+yaml");
    assert_eq!((applied.body.get("spec"), &applied.body["metadata"]), (None, &json!({"name": "cluster"})));
    let status = &applied.body["status"];
    assert_eq!((&status["clusterName"], &status["verdict"]), (&json!("eu-1"), &json!("NotJustified")));
    assert_eq!(status["conditions"][1]["type"], "Justified");
    assert_eq!(status["conditions"][1]["status"], "False");
    assert_eq!(status["conditions"][1]["observedGeneration"], 3);
    assert_eq!(status.get("observedGeneration"), None, "that is for whoever reads the policy");
}

#[tokio::test]
async fn nothing_is_written_when_nothing_changed() {
    let mut world = World::new(well);
    world.write(&verdict(3)).await.unwrap();
    world.calls();
    assert_eq!(world.write(&verdict(3)).await.unwrap(), Outcome::Unchanged);
    assert!(world.calls().is_empty(), "not even read");
    assert_eq!(world.write(&verdict(4)).await.unwrap(), Outcome::Written);
}

#[tokio::test]
async fn after_a_restart_what_is_stored_counts() {
    // The API server keeps what was written last, with conditions of its own times and another writer's.
    static STORED: Mutex<Option<Value>> = Mutex::new(None);
    let stored: Answers = |call| match call.line.as_str() {
        GET => (200, profile(STORED.lock().unwrap().as_ref().unwrap_or(&Value::Null))),
        STATUS => {
            let mut status = call.body["status"].clone();
            status["conditions"][0]["lastTransitionTime"] = json!("2020-02-02T02:02:02Z");
            status["conditions"].as_array_mut().unwrap().push(json!({
                "type": "Accepted", "status": "True", "reason": "Read", "message": "",
                "lastTransitionTime": "2020-02-02T02:02:02Z",
            }));
            *STORED.lock().unwrap() = Some(status);
            (200, call.body.clone())
        }
        _ => well(call),
    };
    World::new(stored).write(&verdict(3)).await.unwrap();
    let mut restarted = World::new(stored);
    assert_eq!(restarted.write(&verdict(3)).await.unwrap(), Outcome::Unchanged);
    assert_eq!(restarted.lines(), [GET]);
    // Another number of the same verdict is no Event.
    assert_eq!(restarted.write(&verdict(4)).await.unwrap(), Outcome::Written);
    let calls = restarted.calls();
    assert_eq!(calls.iter().map(|call| call.line.as_str()).collect::<Vec<_>>(), [GET, STATUS]);
    assert_eq!(calls[1].body["status"]["conditions"][0]["lastTransitionTime"], "2020-02-02T02:02:02Z");
}

#[tokio::test]
async fn a_refusal_is_tried_again() {
    for code in [403, 409, 429, 500] {
        let mut world = World::new(match code {
            403 => |call| if call.line == STATUS { status(403, Value::Null) } else { well(call) },
            409 => |call| if call.line == STATUS { status(409, Value::Null) } else { well(call) },
            429 => |_| status(429, json!({"retryAfterSeconds": 7})),
            _ => |_| status(500, Value::Null),
        });
        let error = world.write(&verdict(3)).await.unwrap_err();
        assert_eq!(error.retry_after().as_secs(), if code == 429 { 7 } else { 0 }, "{code}: {error}");
        let asked = world.calls().len();
        assert!(world.write(&verdict(3)).await.is_err(), "{code} was taken for done");
        assert_eq!(world.calls().len(), asked);
    }
}

#[tokio::test]
async fn an_empty_cluster_is_no_news() {
    let mut world = World::new(absent);
    world.write(&verdict(0)).await.unwrap();
    assert_eq!(world.lines(), [GET, CREATE, STATUS]);
}
