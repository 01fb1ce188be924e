//! WorkloadProfiles: who writes what of them, and that a status is what the offline command says of the same manifests.

use std::{collections::BTreeMap, fs, thread, time::Duration};

use serde_json::Value;

use crate::cluster::{Cluster, SHOP, cluster, eventually};

/// Workloads of the shop.
const SHOP_SIZE: usize = 10;

fn profile(cluster: &Cluster, name: &str) -> Value {
    cluster.get(&["workloadprofile", name, "-n", "shop"])
}

fn decided(profile: &Value) -> bool {
    profile["status"]["verdict"].is_string()
}

/// The profile as soon as it says what it should.
#[track_caller]
fn once(name: &str, what: &str, says: impl Fn(&Value) -> bool) -> Value {
    eventually(what, || {
        let profile = cluster().find(&["workloadprofile", name, "-n", "shop"])?;
        if says(&profile) { Ok(profile) } else { Err(format!("{:#}", profile["status"]["recommendation"])) }
    })
}

/// The decision was made on the profile as it is now.
fn is_current(profile: &Value) -> bool {
    decided(profile) && profile["status"]["observedGeneration"] == profile["metadata"]["generation"]
}

pub fn every_workload_gets_a_status() {
    let cluster = cluster();
    let profiles = eventually("a status for each workload", || {
        let profiles = cluster.list(&["workloadprofiles", "-n", "shop"]);
        let decided = profiles.iter().filter(|profile| decided(profile)).count();
        if decided == SHOP_SIZE { Ok(profiles) } else { Err(format!("{decided} of {}", profiles.len())) }
    });
    for profile in &profiles {
        let reference = &profile["spec"]["workloadRef"];
        let (kind, name) =
            (reference["kind"].as_str().expect("a kind"), reference["name"].as_str().expect("a name"));
        assert_eq!(profile["metadata"]["name"], format!("{}-{name}", kind.to_lowercase()));
        let workload = cluster.get(&[kind, name, "-n", "shop"]);
        let owner = &profile["metadata"]["ownerReferences"][0];
        assert_eq!(owner["uid"], workload["metadata"]["uid"], "{profile:#}");
        for kind in ["Ready", "EvidenceSufficient", "WellPlaced"] {
            let conditions = profile["status"]["conditions"].as_array().expect("conditions");
            let condition =
                conditions.iter().find(|condition| condition["type"] == kind).expect("one of each type");
            assert!(condition["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{condition:#}");
        }
    }
}

/// Numbers as JSON's one kind of them: the API server writes 121 for 121.0.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        other => other.clone(),
    }
}

/// Decisions by namespace, kind and name.
fn by_workload(
    decisions: impl Iterator<Item = (String, Value)>,
    left_out: &[&str],
) -> BTreeMap<String, Value> {
    decisions
        .map(|(name, decision)| {
            let mut decision = plain(&decision);
            let fields = decision.as_object_mut().expect("an object");
            left_out.iter().for_each(|field| drop(fields.remove(*field)));
            (name, decision)
        })
        .collect()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {value:#}"))
}

fn scanned(cluster: &Cluster, paths: &[&str]) -> Vec<Value> {
    let scan = cluster.berth(&[&["scan", "-o", "json"], paths].concat()).done();
    let scan: Value = serde_json::from_str(&scan).expect("JSON");
    scan["workloads"].as_array().cloned().expect("a list")
}

pub fn a_status_is_what_the_scan_says() {
    let cluster = cluster();
    let folder = tempfile::tempdir().expect("a folder");
    let agent = folder.path().join("log-agent.json");
    eventually("the statuses are what the scan says", || {
        // The same manifests: the shop is all that this cluster runs beside Berth, which doesn't profile itself. On how many
        // nodes a DaemonSet runs is in none of them: that one is as the cluster has it, and the last one given counts.
        let live = cluster.kubectl(&["get", "daemonset", "log-agent", "-n", "shop", "-o", "json"]).done();
        fs::write(&agent, live).expect("written");
        let workloads = scanned(cluster, &[SHOP, &agent.display().to_string()]);
        assert_eq!(workloads.len(), SHOP_SIZE);
        let expected = by_workload(
            workloads.into_iter().map(|workload| {
                let [namespace, kind, name] =
                    ["/namespace", "/kind", "/name"].map(|field| text(&workload, field));
                (format!("{namespace}/{kind}/{name}"), workload.clone())
            }),
            &["namespace", "kind", "name", "source"],
        );
        let found = by_workload(
            cluster.list(&["workloadprofiles", "-A"]).iter().filter(|profile| decided(profile)).map(
                |profile| {
                    let [namespace, kind, name] =
                        ["/metadata/namespace", "/spec/workloadRef/kind", "/spec/workloadRef/name"]
                            .map(|field| text(profile, field));
                    (format!("{namespace}/{kind}/{name}"), profile["status"].clone())
                },
            ),
            &["conditions", "observedGeneration", "advice"],
        );
        let differ: Vec<String> = expected
            .iter()
            .filter(|(name, expected)| found.get(*name) != Some(expected))
            .map(|(name, expected)| match found.get(name) {
                None => format!("{name} has no status"),
                Some(found) => format!("{name}: {}", first_difference(expected, found)),
            })
            .collect();
        if differ.is_empty() && found.len() == expected.len() {
            Ok(())
        } else {
            Err(format!("{} of {}: {}", found.len(), expected.len(), differ.join("\n")))
        }
    });
}

/// The first field in which two values differ.
fn first_difference(expected: &Value, found: &Value) -> String {
    match (expected, found) {
        (Value::Object(a), Value::Object(b)) => {
            let names = a.keys().chain(b.keys());
            for name in names {
                let (a, b) = (&a.get(name), &b.get(name));
                if a != b {
                    let (a, b) = (a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null));
                    return format!("{name}.{}", first_difference(a, b));
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for index in 0..a.len().max(b.len()) {
                let (a, b) = (a.get(index).unwrap_or(&Value::Null), b.get(index).unwrap_or(&Value::Null));
                if a != b {
                    return format!("[{index}].{}", first_difference(a, b));
                }
            }
        }
        _ => {}
    }
    format!("scan: {expected}, status: {found}")
}

pub fn columns_say_what_matters() {
    let cluster = cluster();
    let table = cluster.kubectl(&["get", "wlp", "-n", "shop"]).done();
    let header: Vec<&str> = table.lines().next().unwrap_or_default().split_whitespace().collect();
    assert_eq!(header, ["NAME", "WORKLOAD", "VERDICT", "TARGET", "CONFIDENCE", "AGE"]);
    let row = table.lines().find(|line| line.starts_with("deployment-payment-hook ")).expect("a row");
    let row: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(row[1..4], ["payment-hook", "Misplaced", "Lambda"]);
    let wide = cluster.kubectl(&["get", "berth", "-n", "shop", "-o", "wide"]).done();
    // The category holds the platform's profile as well, with columns of its own.
    let header = wide.lines().find(|line| line.contains("WORKLOAD")).unwrap_or_default();
    for column in ["SAVING", "TEAM", "REASON"] {
        assert!(header.contains(column), "no {column} in:\n{wide}");
    }
    let row = wide
        .lines()
        .find(|line| line.contains("deployment-payment-hook "))
        .expect("the category lists profiles");
    assert!(row.contains(" payments "), "no team in: {row}");
}

pub fn the_report_reads_the_cluster() {
    let cluster = cluster();
    let table = cluster.berth(&["report"]).done();
    for part in ["WORKLOAD", "deployment/storefront", "cronjob/cart-cleanup", "10 workloads"] {
        assert!(table.contains(part), "no {part} in:\n{table}");
    }
    let report = cluster.berth(&["report", "-n", "shop", "-o", "json"]).done();
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["workloads"].as_array().map(Vec::len), Some(SHOP_SIZE));
    for workload in report["workloads"].as_array().into_iter().flatten() {
        let name = format!("{}-{}", text(workload, "/kind").to_lowercase(), text(workload, "/name"));
        let status = &profile(cluster, &name)["status"];
        assert_eq!(plain(&workload["recommendation"]), plain(&status["recommendation"]), "{name}");
    }
}

fn written(name: &str, kind: &str, answers: &str) -> String {
    format!(
        "apiVersion: berth.dev/v1alpha1\nkind: WorkloadProfile\nmetadata: {{name: {name}, namespace: shop}}\n\
         spec:\n  workloadRef: {{apiVersion: apps/v1, kind: {kind}, name: {name}}}\n{answers}"
    )
}

pub fn what_is_not_a_profile_is_refused() {
    let cluster = cluster();
    let other = r#"{"spec": {"workloadRef": {"name": "another"}}}"#;
    let refusal = cluster
        .kubectl(&["patch", "wlp", "deployment-storefront", "-n", "shop", "--type", "merge", "-p", other])
        .refused();
    assert!(refusal.contains("workloadRef can't change"), "{refusal}");
    for (kind, answers, expected) in [
        ("Deployment", "  work: {unitDuration: soon}\n", "spec.work.unitDuration"),
        ("Deployment", "  work: {trigger: Often}\n", "spec.work.trigger"),
        ("Deployment", "  traffic: {meanRequestsPerSecond: -1}\n", "spec.traffic.meanRequestsPerSecond"),
        (
            "Deployment",
            "  traffic: {meanRequestsPerSecond: 5, peakRequestsPerSecond: 2}\n",
            "peakRequestsPerSecond is below meanRequestsPerSecond",
        ),
        ("Deployment", "  footprint: {packageSize: large}\n", "spec.footprint.packageSize"),
        ("ConfigMap", "", "spec.workloadRef.kind"),
    ] {
        let refusal = cluster.apply(&written("refused", kind, answers)).refused();
        assert!(refusal.contains(expected), "not about {expected}: {refusal}");
    }
    cluster
        .apply(&written("accepted", "Deployment", "  work: {unitDuration: 1h30m, trigger: Queue}\n"))
        .done();
    cluster.kubectl(&["delete", "wlp", "accepted", "-n", "shop"]).done();
}

fn versions(cluster: &Cluster) -> BTreeMap<String, String> {
    let profiles = cluster.list(&["workloadprofiles", "-A"]);
    let version = |profile: &Value| {
        (text(profile, "/metadata/name").to_owned(), text(profile, "/metadata/resourceVersion").to_owned())
    };
    profiles.iter().map(version).collect()
}

pub fn nothing_is_written_at_rest() {
    let cluster = cluster();
    let before = versions(cluster);
    assert!(before.len() >= SHOP_SIZE);
    // The Pods' images can't be pulled, so that the workloads' own status keeps changing meanwhile.
    thread::sleep(Duration::from_secs(8));
    assert_eq!(versions(cluster), before);
}

fn target(profile: &Value) -> &str {
    profile["status"]["recommendation"]["target"].as_str().unwrap_or("none")
}

pub fn an_answer_in_the_spec_is_kept_and_counts() {
    let cluster = cluster();
    let name = "deployment-order-mailer";
    assert_ne!(target(&profile(cluster, name)), "Lambda");
    let answers =
        r#"{"spec": {"work": {"unitDuration": "200ms"}, "traffic": {"meanRequestsPerSecond": 0.01}}}"#;
    cluster.kubectl(&["patch", "wlp", name, "-n", "shop", "--type", "merge", "-p", answers]).done();
    once(name, "the answers make it Lambda", |profile| is_current(profile) && target(profile) == "Lambda");
    // The workload changes afterwards: what the person wrote stays, and still counts.
    cluster.kubectl(&["annotate", "deployment/order-mailer", "-n", "shop", "berth.dev/team=mail"]).done();
    let profile = once(name, "the team is seen", |profile| {
        let evidence = profile["status"]["evidence"].as_array().expect("evidence");
        evidence.iter().any(|item| item["fact"] == "team" && item["value"] == "mail")
    });
    assert_eq!(profile["spec"]["work"]["unitDuration"], "200ms");
    assert_eq!(profile["spec"]["traffic"]["meanRequestsPerSecond"], 0.01);
    assert_eq!(target(&profile), "Lambda");
}

pub fn an_answer_as_annotation_warns_and_counts() {
    let cluster = cluster();
    let ran =
        cluster.kubectl(&["annotate", "deployment/storefront", "-n", "shop", "berth.dev/unit-duration=soon"]);
    assert!(
        ran.warnings().iter().any(|w| w.contains("deployment/storefront") && w.contains("soon")),
        "{}",
        ran.stderr
    );
    ran.done();
    once("deployment-storefront", "the annotation that can't be read is a finding", |profile| {
        let findings = profile["status"]["findings"].as_array().expect("findings");
        findings
            .iter()
            .any(|finding| finding["value"].as_str().is_some_and(|value| value.starts_with("soon")))
    });
    cluster.kubectl(&["annotate", "deployment/storefront", "-n", "shop", "berth.dev/unit-duration-"]).done();
}

pub fn a_profile_may_come_first() {
    let cluster = cluster();
    let profile = written("early", "Deployment", "  work: {trigger: Queue, unitDuration: 2h}\n");
    cluster.apply(&profile.replace("{name: early, namespace", "{name: deployment-early, namespace")).done();
    let condition = |profile: &Value, reason: &str| {
        let conditions = profile["status"]["conditions"].as_array();
        conditions.into_iter().flatten().any(|c| c["type"] == "Ready" && c["reason"] == reason)
    };
    once("deployment-early", "it says that there is no workload", |p| condition(p, "WorkloadNotFound"));
    cluster.kubectl(&["create", "deployment", "early", "--image=early", "-n", "shop"]).done();
    let profile =
        once("deployment-early", "it is decided once the workload is there", |p| condition(p, "Decided"));
    assert_eq!(profile["spec"]["work"]["unitDuration"], "2h");
    let candidates = profile["status"]["candidates"].as_array().expect("candidates");
    let lambda = candidates.iter().find(|candidate| candidate["target"] == "Lambda").expect("every target");
    assert_eq!(lambda["fit"], "Excluded", "two hours: {lambda:#}");
}

pub fn a_deleted_workload_takes_its_profile() {
    let cluster = cluster();
    cluster.kubectl(&["get", "wlp", "deployment-sessions", "-n", "shop"]).done();
    cluster.kubectl(&["delete", "deployment", "sessions", "-n", "shop"]).done();
    eventually("its profile is gone", || {
        let ran = cluster.kubectl(&["get", "wlp", "deployment-sessions", "-n", "shop"]);
        if ran.stderr.contains("NotFound") { Ok(()) } else { Err(ran.stdout) }
    });
    // A late write must not bring it back.
    thread::sleep(Duration::from_secs(2));
    cluster.kubectl(&["get", "wlp", "deployment-sessions", "-n", "shop"]).refused();
}
