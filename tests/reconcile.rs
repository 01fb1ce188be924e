//! What the operator writes for one workload, seen from the API server: a scripted one that records every request.
#![cfg(feature = "cluster")]

#[path = "common/api_server.rs"]
mod api_server;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use api_server::{Answers, Call, status};
use berth::{
    catalog::Catalog,
    observe::{Fleet, Id, Key, Kind, Object},
    operator::{
        Evaluator, View,
        profile::{Profile, Stored},
        reconcile::{Error, Outcome, Reconciler},
    },
    policy::Policy,
};
use serde_json::{Value, json};

struct World {
    view: Arc<View>,
    calls: Arc<Mutex<Vec<Call>>>,
    reconciler: Reconciler,
}

impl World {
    /// A cluster whose API server answers like this.
    fn new(answer: Answers) -> Self {
        let (client, calls) = api_server::answering(answer);
        let view = Arc::new(View::default());
        let evaluator = Evaluator::new(Catalog::embedded().clone(), Policy::default());
        let reconciler = Reconciler::new(client, view.clone(), evaluator);
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
        let history = stored.status.history.clone();
        let (profile, problem) = Profile::read(stored).unwrap();
        assert_eq!(problem, None);
        self.view.write(|seen| {
            history.map(|history| seen.index.recall(&profile.key, history));
            seen.profiles.put(profile)
        });
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

/// An Event keeps its first note: what a share of the cluster costs isn't in it while services still come.
#[tokio::test]
async fn an_event_has_no_figures_while_services_are_being_counted() {
    for (settled, has_figures) in [(1, true), (9, false)] {
        let world = World::with_web(well);
        world.view.write(|seen| seen.index.settle(Fleet { services: settled }));
        world.reconcile().await.unwrap();
        let calls = world.calls();
        let note = calls[2].body["note"].as_str().unwrap();
        assert_eq!(note.contains('$'), has_figures, "{note}");
        assert!(note.ends_with("kubectl describe wlp -n shop deployment-web"), "{note}");
    }
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
async fn a_verdict_that_comes_back_and_again_is_one_event_with_a_count() {
    let world = World::with_web(well);
    world.view.write(|seen| seen.index.date("2026-06-01".parse().unwrap()));
    let mut kept = web(2);
    kept["metadata"]["annotations"] =
        json!({"berth.dev/exempt": "moves with the shop", "berth.dev/exempt-until": "2026-07-01"});
    let mut told = Vec::new();
    for round in [web(2), kept.clone(), web(2), kept, web(2)] {
        world.put(round);
        assert_eq!(world.reconcile().await.unwrap(), Outcome::Written);
        let events = world.calls().into_iter().filter(|call| call.line.contains("/events"));
        told.extend(events.map(|call| (call.line, call.body)));
    }
    let posted: Vec<&Value> =
        told.iter().filter(|(line, _)| line == EVENT).map(|(_, body)| &body["reason"]).collect();
    assert_eq!(posted, ["Misplaced", "Exempt"], "each change is told of once");
    let counts: Vec<&Value> =
        told.iter().map(|(_, body)| &body["series"]["count"]).filter(|c| !c.is_null()).collect();
    assert_eq!((told.len(), counts), (5, vec![&json!(2), &json!(2), &json!(3)]));
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
async fn in_off_no_profile_is_made_and_an_older_one_says_so() {
    let world = World::with_web(well);
    let shop = |mode: &str| {
        json!({"apiVersion": "v1", "kind": "Namespace",
               "metadata": {"name": "shop", "labels": {"berth.dev/mode": mode}}})
    };
    world.put(shop("Off"));
    world.reconcile().await.unwrap();
    assert_eq!(world.lines(), Vec::<String>::new());
    world.put(shop("Audit"));
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Written);
    world.calls();
    world.put(shop("Off"));
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Written);
    let calls = world.calls();
    assert_eq!(calls[0].body["status"]["conditions"][0]["reason"], "ModeOff");
    assert!(calls[0].body["status"].get("verdict").is_none(), "{:#}", calls[0].body);
}

/// The day alone turns an exemption: nothing else changed.
#[tokio::test]
async fn an_exemption_ends_with_its_last_day() {
    let world = World::new(well);
    let mut exempt = web(2);
    exempt["metadata"]["annotations"] =
        json!({"berth.dev/exempt": "licence", "berth.dev/exempt-until": "2026-06-30"});
    world.put(exempt);
    let on = |day: &str| world.view.write(|seen| seen.index.date(day.parse().unwrap()));
    let mut said = Vec::new();
    for day in ["2026-06-01", "2026-06-24", "2026-07-01"] {
        on(day);
        assert_eq!(world.reconcile().await.unwrap(), Outcome::Written, "{day}");
        for call in world.calls() {
            let status = &call.body["status"];
            if let Some(conditions) = status["conditions"].as_array() {
                let exempt = conditions.iter().find(|c| c["type"] == "Exempt").unwrap();
                said.push(format!("{} {} {}", status["verdict"], exempt["status"], exempt["reason"]));
            } else if call.line == EVENT {
                said.push(call.body["reason"].to_string());
            }
        }
    }
    let said: Vec<String> = said.iter().map(|line| line.replace('"', "")).collect();
    assert_eq!(
        said,
        [
            "Exempt True Exempted",
            "Exempt True EndsSoon",
            "ExemptionEndsSoon",
            "Misplaced False Expired",
            "NotExempt"
        ]
    );
}

/// A profile that Berth made, as the watch tells of it.
fn generated() -> Value {
    let mut generated = profile("deployment-web", "web");
    generated["metadata"]["resourceVersion"] = json!("7");
    generated["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "u-1"}]);
    generated
}

const DELETE: &str = "DELETE /apis/berth.dev/v1alpha1/namespaces/shop/workloadprofiles/deployment-web?";

#[tokio::test]
async fn a_persons_profile_takes_over_and_the_generated_one_goes() {
    let world = World::with_web(well);
    world.watched(generated());
    world.watched(profile("mine", "web"));
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Written);
    let calls = world.calls();
    assert_eq!(calls[0].line, STATUS.replace("deployment-web", "mine"));
    let deleted = calls.last().unwrap();
    assert_eq!(deleted.line, DELETE);
    // Whoever wrote an answer into it meanwhile keeps it.
    assert_eq!(deleted.body["preconditions"]["resourceVersion"], "7");
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Unchanged);
    assert!(world.calls().is_empty(), "it was deleted twice");
}

#[tokio::test]
async fn a_superseded_profile_with_answers_stays_and_says_so_once() {
    let world = World::with_web(well);
    let mut answered = generated();
    answered["spec"]["work"] = json!({"unitDuration": "200ms"});
    world.watched(answered);
    world.watched(profile("mine", "web"));
    world.watched(profile("mine-too", "web"));
    world.reconcile().await.unwrap();
    let calls = world.calls();
    assert!(calls.iter().all(|call| call.line != DELETE));
    for name in ["deployment-web", "mine-too"] {
        let line = STATUS.replace("deployment-web", name);
        let written =
            calls.iter().find(|call| call.line == line).unwrap_or_else(|| panic!("none for {name}"));
        assert_eq!(written.body["status"]["conditions"][0]["reason"], "Superseded");
        assert_eq!(written.body["status"].get("verdict"), None, "it looks as if it counted");
    }
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Unchanged);
    assert!(world.calls().is_empty(), "it was told twice");
}

#[tokio::test]
async fn a_superseded_profile_that_cant_be_deleted_is_tried_again() {
    let world =
        World::with_web(|call| if call.line == DELETE { status(409, Value::Null) } else { well(call) });
    world.watched(generated());
    world.watched(profile("mine", "web"));
    assert!(world.reconcile().await.is_err());
    world.calls();
    assert!(world.reconcile().await.is_err());
    assert_eq!(world.lines(), [DELETE]);
}

#[tokio::test]
async fn two_kinds_of_one_name_have_a_profile_each() {
    let world = World::with_web(well);
    let mut stateful = web(2);
    stateful["kind"] = json!("StatefulSet");
    world.put(stateful);
    world.reconcile().await.unwrap();
    world.reconciler.reconcile(&Key { kind: Kind::StatefulSet, ..key() }).await.unwrap();
    let created: Vec<Value> = world
        .calls()
        .into_iter()
        .filter(|call| call.line == CREATE)
        .map(|call| call.body["metadata"]["name"].clone())
        .collect();
    assert_eq!(created, ["deployment-web", "statefulset-web"]);
}

#[tokio::test]
async fn what_gitops_and_rollouts_touch_is_no_reason_to_write() {
    let world = World::with_web(well);
    world.reconcile().await.unwrap();
    world.calls();
    let mut touched = web(2);
    touched["metadata"]["annotations"] = json!({
        "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web",
        "deployment.kubernetes.io/revision": "3",
    });
    touched["metadata"]["labels"] = json!({"kustomize.toolkit.fluxcd.io/name": "shop"});
    touched["metadata"]["generation"] = json!(9);
    world.put(touched);
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Unchanged);
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn scaled_to_zero_and_back_is_a_status_each_and_the_same_profile() {
    let world = World::with_web(well);
    world.reconcile().await.unwrap();
    world.calls();
    for replicas in [0, 2] {
        world.put(web(replicas));
        world.reconcile().await.unwrap();
        let lines = world.lines();
        assert_eq!(lines.first().map(String::as_str), Some(STATUS), "{replicas}: {lines:?}");
        assert!(!lines.iter().any(|line| line == CREATE || line == DELETE), "{lines:?}");
    }
}

#[tokio::test]
async fn a_renamed_workload_is_a_new_one_and_costs_the_old_profile_no_write() {
    let world = World::with_web(well);
    world.reconcile().await.unwrap();
    world.calls();
    world.view.write(|seen| seen.index.remove(&Id::Workload(key())));
    let mut renamed = web(2);
    renamed["metadata"] = json!({"name": "front", "namespace": "shop", "uid": "u-9"});
    world.put(renamed);
    let front = Key { name: "front".to_owned(), ..key() };
    for _ in 0..2 {
        world.reconcile().await.unwrap();
        world.reconciler.reconcile(&front).await.unwrap();
    }
    let status = STATUS.replace("deployment-web", "deployment-front");
    assert_eq!(world.lines(), [CREATE, status.as_str(), EVENT]);
}

#[tokio::test]
async fn a_status_of_a_version_to_come_is_written_anew() {
    let world = World::with_web(well);
    let mut stored = generated();
    stored["status"] = json!({"verdict": "Splendid", "recommendation": {"target": "Outpost"}});
    world.watched(stored);
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Written);
    assert_eq!(world.lines().first().map(String::as_str), Some(STATUS));
}

#[tokio::test]
async fn what_is_gone_is_left_to_the_garbage_collector() {
    let world = World::with_web(well);
    world.reconcile().await.unwrap();
    world.calls();
    world.view.write(|seen| seen.index.remove(&Id::Workload(key())));
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Orphaned);
    assert!(world.calls().is_empty());
}

const ASKED: &str =
    "GET /apis/apps/v1/namespaces/shop/deployments?&fieldSelector=metadata.name%3Dweb&limit=1";

/// The API server's answer to whether the workload is there.
fn list(items: &[Value]) -> (u16, Value) {
    let (kind, version) = ("PartialObjectMetadataList", "meta.k8s.io/v1");
    (200, json!({"apiVersion": version, "kind": kind, "metadata": {}, "items": items}))
}

#[tokio::test]
async fn a_profile_that_outlives_its_workload_is_removed_once_the_api_server_says_so() {
    let world = World::new(|call| if call.line == ASKED { list(&[]) } else { well(call) });
    world.watched(generated());
    assert_eq!(world.reconciler.collect(&key()).await.unwrap(), Outcome::Gone);
    let calls = world.calls();
    assert_eq!(calls.iter().map(|call| call.line.as_str()).collect::<Vec<_>>(), [ASKED, DELETE]);
    assert_eq!(calls[1].body["preconditions"]["resourceVersion"], "7");
    assert_eq!(world.reconcile().await.unwrap(), Outcome::Gone);
    assert!(world.calls().is_empty(), "it was removed twice");
}

#[tokio::test]
async fn a_workload_that_is_only_unseen_keeps_its_profile() {
    let unreadable = World::new(|call| if call.line == ASKED { list(&[web(2)]) } else { well(call) });
    let unserved = World::new(|call| if call.line == ASKED { status(404, Value::Null) } else { well(call) });
    for world in [unreadable, unserved] {
        world.watched(generated());
        assert_eq!(world.reconciler.collect(&key()).await.unwrap(), Outcome::Gone);
        assert_eq!(world.lines(), [ASKED]);
    }

    let silent = World::new(|call| if call.line == ASKED { status(503, Value::Null) } else { well(call) });
    silent.watched(generated());
    assert!(silent.reconciler.collect(&key()).await.is_err());
    assert_eq!(silent.lines(), [ASKED]);

    let back = World::with_web(well);
    back.watched(generated());
    assert_eq!(back.reconciler.collect(&key()).await.unwrap(), Outcome::Written);
}

/// A CronJob's run is in its status, and stays there when the Job and the operator are gone.
#[tokio::test]
async fn what_ran_outlives_the_job_and_a_restart() {
    let key = Key { kind: Kind::CronJob, name: "report".to_owned(), ..key() };
    let pod = json!({"spec": {"containers": [{"name": "report", "image": "shop/report:1"}]}});
    let cron_job = json!({
        "apiVersion": "batch/v1", "kind": "CronJob",
        "metadata": {"name": "report", "namespace": "shop", "uid": "u-2"},
        "spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": pod}}},
    });
    let first = World::new(well);
    first.put(cron_job.clone());
    first.put(json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": "report-1", "namespace": "shop", "uid": "u-3", "ownerReferences": [
            {"apiVersion": "batch/v1", "kind": "CronJob", "name": "report", "uid": "u-2", "controller": true},
        ]},
        "spec": {"template": pod},
        "status": {"startTime": "2026-03-01T03:00:00Z", "completionTime": "2026-03-01T03:22:00Z"},
    }));
    assert_eq!(first.reconciler.reconcile(&key).await.unwrap(), Outcome::Written);
    let calls = first.calls();
    let written = calls.iter().find(|call| call.line.starts_with("PATCH")).unwrap();
    let duration = &written.body["status"]["observed"]["runs"]["duration"];
    assert_eq!(
        *duration,
        json!({"count": 1, "p50": 1320.0, "p95": 1320.0, "max": 1320.0, "unit": "s",
            "observedAt": "2026-03-01T03:22:00Z"})
    );
    first.view.write(|seen| {
        let job = Key { kind: Kind::Job, name: "report-1".to_owned(), ..key.clone() };
        seen.index.remove(&Id::Workload(job));
    });
    assert_eq!(first.reconciler.reconcile(&key).await.unwrap(), Outcome::Unchanged);

    let second = World::new(well);
    second.put(cron_job);
    let mut stored = profile("cronjob-report", "report");
    stored["spec"]["workloadRef"] = json!({"apiVersion": "batch/v1", "kind": "CronJob", "name": "report"});
    stored["metadata"]["generation"] = json!(1);
    stored["status"] = written.body["status"].clone();
    second.watched(stored);
    assert_eq!(second.reconciler.reconcile(&key).await.unwrap(), Outcome::Unchanged);
    assert!(second.calls().is_empty());
}
