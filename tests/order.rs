//! The order of files, containers, volumes and ports changes nothing that a decision says.

mod common;

use std::{collections::BTreeMap, path::PathBuf};

use berth::{catalog::Catalog, evaluate_member, observe::Key, policy::Policy};
use proptest::{prelude::*, sample::Index, test_runner::FileFailurePersistence};
use serde::Deserialize;
use serde_json::{Value, json};

/// Lists whose order means nothing. Init containers aren't among them: they run one after another.
const UNORDERED: &[&str] = &["containers", "volumes", "ports", "env", "volumeMounts", "volumeClaimTemplates"];

/// Every manifest of our own, one cluster a file; the shop is one of many.
fn clusters() -> Vec<(String, Vec<Value>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["tests/placements", "examples/targets", "examples/shop"] {
        let files = std::fs::read_dir(root.join(folder)).unwrap().flatten().map(|entry| entry.path());
        let mut files: Vec<PathBuf> =
            files.filter(|file| file.extension().is_some_and(|e| e == "yaml")).collect();
        files.sort();
        let read = |file: &PathBuf| -> Vec<Value> {
            let text = std::fs::read_to_string(file).unwrap();
            let documents =
                serde_yaml_ng::Deserializer::from_str(&text).map(|d| Value::deserialize(d).unwrap());
            documents.filter(|document| document.get("apiVersion").is_some()).collect()
        };
        if folder == "examples/shop" {
            found.push((folder.to_owned(), files.iter().flat_map(read).collect()));
        } else {
            let each = files.iter().filter(|file| !file.ends_with("expected.yaml"));
            found.extend(each.map(|file| (file.display().to_string(), read(file))));
        }
    }
    found.push(("mixed".to_owned(), MIXED.iter().enumerate().map(mixed).collect()));
    found
}

/// Images that say what a Pod is, or don't, beside each other.
const MIXED: &[(&str, [&str; 2])] = &[
    ("Deployment", ["coredns/coredns", "example/web"]),
    ("Deployment", ["coredns/coredns", "quay.io/brancz/kube-rbac-proxy"]),
    ("Deployment", ["registry.k8s.io/kube-state-metrics/kube-state-metrics", "nginx"]),
    ("Deployment", ["registry.k8s.io/pause", "example/web"]),
    ("Job", ["postgres:18", "example/report"]),
    ("Job", ["postgres:18", "curlimages/curl"]),
];

fn mixed((number, (kind, images)): (usize, &(&str, [&str; 2]))) -> Value {
    let containers: Vec<Value> = images
        .iter()
        .enumerate()
        .map(|(index, image)| json!({"name": format!("c{index}"), "image": image}))
        .collect();
    let api = if *kind == "Job" { "batch/v1" } else { "apps/v1" };
    json!({
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": format!("mixed-{number}"), "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": containers}}},
    })
}

/// What a decision says, without the fields that name a place in a list.
fn decide(name: &str, documents: &[Value]) -> BTreeMap<Key, String> {
    let text: Vec<String> = documents.iter().map(Value::to_string).collect();
    common::observe(name, &text.join("\n---\n"))
        .iter()
        .map(|observed| {
            let (decision, member) = evaluate_member(observed, Catalog::embedded(), &Policy::default());
            let counted = (member.own, member.service);
            let fits: Vec<_> =
                decision.candidates.iter().map(|c| (c.target, c.fit, c.monthly_cost)).collect();
            let mut rules: Vec<_> = decision.findings.iter().map(|f| (f.rule.clone(), f.effect)).collect();
            rules.sort_by(|a, b| a.0.cmp(&b.0));
            let best = decision.recommendation.as_ref().map(|best| (best.target, best.confidence));
            let asked: Vec<_> = decision.open_questions.iter().map(|question| &question.question).collect();
            (
                observed.workload.key.clone(),
                format!("{:?} {best:?} {fits:?} {rules:?} {asked:?} {counted:?}", decision.verdict),
            )
        })
        .collect()
}

/// Puts what has no order into another one.
fn shuffle(value: &mut Value, order: &[Index]) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if let Value::Array(items) = field
                    && UNORDERED.contains(&name.as_str())
                {
                    permute(items, order);
                }
                shuffle(field, order);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shuffle(item, order)),
        _ => {}
    }
}

fn permute<T>(items: &mut [T], order: &[Index]) {
    for (last, index) in (1..items.len()).rev().zip(order.iter().cycle()) {
        items.swap(last, index.index(last + 1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn order_changes_no_decision(order in proptest::collection::vec(any::<Index>(), 40)) {
        for (name, documents) in clusters() {
            let before = decide(&name, &documents);
            let mut turned = documents;
            permute(&mut turned, &order);
            turned.iter_mut().for_each(|document| shuffle(document, &order));
            for (key, after) in decide(&name, &turned) {
                prop_assert_eq!(&before[&key], &after, "{}", key);
            }
        }
    }
}
