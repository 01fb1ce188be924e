//! Reports for tools that read OpenReports: by the CRDs' own schemas, and their writes seen from the API server.
#![cfg(feature = "cluster")]

#[path = "common/api_server.rs"]
mod api_server;
mod common;

use std::sync::{Arc, Mutex};

use api_server::{Answers, Call, status};
use berth::{
    catalog::Catalog,
    evaluate_member,
    operator::open_reports::{Outcome, ReportWriter},
    policy::Policy,
    report::{
        open_reports::{Api, report},
        record::Record,
    },
};
use serde_json::{Value, json};

const LIST: &str = "GET /apis/openreports.io/v1alpha1/reports?&labelSelector=app.kubernetes.io%2Fmanaged-by%3Dberth&limit=500";
const APPLY: &str = "PATCH /apis/openreports.io/v1alpha1/namespaces/shop/reports/berth?&force=true&fieldManager=berth-open-reports";
const DELETE: &str = "DELETE /apis/openreports.io/v1alpha1/namespaces/shop/reports/berth?";

/// Every workload of these manifests.
fn records(manifests: &str) -> Vec<Record> {
    let record = |observed: &berth::observe::Observed| {
        let key = &observed.workload.key;
        Record {
            cluster: Some("eu-1".to_owned()),
            kind: key.kind.name().to_owned(),
            namespace: key.namespace.clone(),
            name: key.name.clone(),
            source: "eu-1".to_owned(),
            decision: evaluate_member(observed, Catalog::embedded(), &Policy::default()).0,
            own: false,
            lines: Default::default(),
            costs: String::new(),
        }
    };
    common::observe("shop", manifests).iter().map(record).collect()
}

fn shop() -> Vec<Record> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/shop");
    let files = std::fs::read_dir(folder).expect("the shop").flatten();
    let mut texts: Vec<String> =
        files.map(|file| std::fs::read_to_string(file.path()).expect("text")).collect();
    texts.sort();
    records(&texts.join("\n---\n"))
}

fn deployment(name: &str) -> String {
    format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}, namespace: shop}}, spec: \
         {{template: {{spec: {{containers: [{{name: main, image: example/web}}]}}}}}}}}\n---\n"
    )
}

/// The schema of a CRD's only version, in which what it doesn't name is an error: an API server would drop it.
fn schema(file: &str) -> Value {
    let path = format!("{}/tests/schemas/{file}", env!("CARGO_MANIFEST_DIR"));
    let crd: Value = serde_yaml_ng::from_str(&std::fs::read_to_string(path).expect("a file")).expect("YAML");
    let mut schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone();
    close(&mut schema);
    // Known by every kind, and so left open.
    schema["properties"]["metadata"] = json!({"type": "object"});
    schema
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("properties").is_some_and(Value::is_object)
                && map.get("type") == Some(&json!("object"))
            {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn both_kinds_keep_to_their_schemas() {
    for (api, file) in [
        (Api::OpenReports, "openreports.io_reports.yaml"),
        (Api::PolicyReport, "wgpolicyk8s.io_policyreports.yaml"),
    ] {
        let validator = jsonschema::validator_for(&schema(file)).expect("a schema");
        let report = report(api, "shop", &shop()).expect("a report");
        let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(report["summary"], json!({"error": 0, "fail": 0, "pass": 3, "skip": 0, "warn": 7}));
    }
}

#[test]
fn a_result_says_what_a_status_says() {
    let report = report(Api::OpenReports, "shop", &shop()).expect("a report");
    let results = report["results"].as_array().expect("results");
    let hook = results.iter().find(|result| result["resources"][0]["name"] == "payment-hook").expect("it");
    assert_eq!((&hook["result"], &hook["severity"]), (&json!("warn"), &json!("medium")));
    assert_eq!(
        hook["resources"],
        json!([{"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "payment-hook"}])
    );
    assert!(
        hook["message"].as_str().is_some_and(|text| text.starts_with("Misplaced, high confidence.")),
        "{hook:#}"
    );
    assert_eq!(hook["properties"]["target"], "Lambda");
    assert_eq!(hook["properties"]["team"], "payments");
    let verdicts: Vec<&str> = results.iter().filter_map(|result| result["rule"].as_str()).collect();
    assert_eq!(
        verdicts[6..],
        ["Misplaced", "WellPlaced", "WellPlaced", "WellPlaced"],
        "what to do something about comes first"
    );
}

#[test]
fn a_large_namespace_is_cut_and_counted_whole() {
    let many = vec![records(&deployment("web")).remove(0); 1200];
    let report = report(Api::OpenReports, "shop", &many).expect("a report");
    assert_eq!(report["results"].as_array().map(Vec::len), Some(500));
    let total: u64 = report["summary"].as_object().expect("counts").values().filter_map(Value::as_u64).sum();
    assert_eq!((total, &report["metadata"]["annotations"]["berth.dev/left-out"]), (1200, &json!("700")));
    assert!(report.to_string().len() < 1_000_000, "{}", report.to_string().len());
}

struct World {
    writer: ReportWriter,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl World {
    fn new(answer: Answers) -> Self {
        let (client, calls) = api_server::answering(answer);
        World { writer: ReportWriter::new(client, Api::OpenReports), calls }
    }

    async fn write(&mut self, report: Option<&Value>) -> Outcome {
        self.writer.write("shop", report).await.expect("written")
    }

    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().unwrap()).into_iter().map(|call| call.line).collect()
    }
}

fn listed(content: &str) -> Value {
    json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "items": [{
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
        "metadata": {"name": "berth", "namespace": "shop", "annotations": {"berth.dev/content": content}},
    }]})
}

fn nothing_there(call: &Call) -> (u16, Value) {
    match call.line.as_str() {
        LIST => (200, json!({"kind": "List", "apiVersion": "v1", "metadata": {}, "items": []})),
        DELETE => (200, json!({"kind": "Status", "apiVersion": "v1", "status": "Success"})),
        _ => (200, json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {}})),
    }
}

#[tokio::test]
async fn a_report_is_written_on_change_alone() {
    let mut world = World::new(nothing_there);
    let one = report(Api::OpenReports, "shop", &records(&deployment("web")));
    let two = report(Api::OpenReports, "shop", &records(&(deployment("web") + &deployment("api"))));
    assert_eq!(world.write(one.as_ref()).await, Outcome::Written);
    let applied =
        world.calls.lock().unwrap().iter().find(|call| call.line == APPLY).cloned().expect("applied");
    assert_eq!(applied.kind, "application/apply-patch+yaml");
    assert_eq!(applied.body["metadata"]["labels"], json!({"app.kubernetes.io/managed-by": "berth"}));
    assert_eq!(applied.body["metadata"].get("ownerReferences"), None);
    assert_eq!(world.lines(), [LIST, APPLY]);
    assert_eq!(world.write(one.as_ref()).await, Outcome::Unchanged);
    assert!(world.lines().is_empty(), "not even read");
    assert_eq!(world.write(two.as_ref()).await, Outcome::Written);
    assert_eq!(world.write(None).await, Outcome::Removed);
    assert_eq!(world.lines(), [APPLY, DELETE]);
    assert_eq!(world.write(None).await, Outcome::Unchanged);
}

#[tokio::test]
async fn whoever_takes_over_finds_what_is_stored() {
    // The hash of the report that the other replica wrote.
    static STORED: Mutex<String> = Mutex::new(String::new());
    let one = report(Api::OpenReports, "shop", &records(&deployment("web"))).expect("a report");
    let content = one["metadata"]["annotations"]["berth.dev/content"].as_str().expect("a hash");
    *STORED.lock().unwrap() = content.to_owned();
    let stored: Answers = |call| match call.line.as_str() {
        LIST => (200, listed(&STORED.lock().unwrap())),
        _ => nothing_there(call),
    };
    let mut world = World::new(stored);
    assert_eq!(world.writer.known().await.expect("listed"), ["shop"]);
    assert_eq!(world.write(Some(&one)).await, Outcome::Unchanged);
    assert_eq!(world.lines(), [LIST]);
    // Somebody changed it, and took the hash along.
    *STORED.lock().unwrap() = "other".to_owned();
    world.writer.forget();
    assert_eq!(world.write(Some(&one)).await, Outcome::Written);
    assert_eq!(world.lines(), [LIST, APPLY]);
}

#[tokio::test]
async fn a_cluster_without_the_kind_is_told_so_and_tried_again() {
    let mut world = World::new(|_| status(404, Value::Null));
    let one = report(Api::OpenReports, "shop", &records(&deployment("web")));
    for _ in 0..2 {
        let error = world.writer.write("shop", one.as_ref()).await.unwrap_err();
        assert!(error.to_string().starts_with("the cluster has no such kind"), "{error}");
        assert_eq!(world.lines(), [LIST]);
    }
}

#[tokio::test]
async fn a_refusal_is_no_success() {
    let refused: Answers =
        |call| if call.line == LIST { nothing_there(call) } else { status(500, Value::Null) };
    let mut world = World::new(refused);
    let one = report(Api::OpenReports, "shop", &records(&deployment("web")));
    assert!(world.writer.write("shop", one.as_ref()).await.is_err());
    assert!(world.writer.write("shop", one.as_ref()).await.is_err(), "it was taken for done");
}
