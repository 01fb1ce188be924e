//! That `berth doctor` finds nothing where nothing is wrong, and names what is.

use serde_json::Value;

use crate::cluster::{NAMESPACE, RELEASE, cluster, eventually};

/// The checks that fail, with their reason and what to do.
fn failures() -> Vec<String> {
    let ran = cluster().berth(&["doctor", "-o", "json"]);
    let findings: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("no JSON: {ran:?}"));
    let failures: Vec<String> = findings
        .as_array()
        .expect("a list")
        .iter()
        .filter(|finding| finding["level"] == "fail")
        .map(|finding| format!("{}: {} -> {}", finding["check"], finding["reason"], finding["todo"]))
        .collect();
    assert_eq!(ran.ok, failures.is_empty(), "the exit code says something else: {ran:?}");
    failures
}

pub fn a_sound_installation_has_no_fault() {
    let text = cluster().berth(&["doctor"]).done();
    eprintln!("{text}");
    for check in [
        "crds",
        "replicas",
        "rollout",
        "leader",
        "access",
        "certificate",
        "service",
        "admission",
        "platform",
        "modes",
    ] {
        assert!(
            text.lines().any(|line| line.starts_with("ok") && line.contains(check)),
            "no {check} in:\n{text}"
        );
    }
    assert_eq!(failures(), Vec::<String>::new());
}

pub fn each_fault_is_named_with_what_to_do() {
    let cluster = cluster();
    let found = |check: &str, reason: &str| {
        let failures = failures();
        let found = failures.iter().any(|told| told.contains(check) && told.contains(reason));
        assert!(found, "{check} doesn't say {reason}: {failures:#?}");
    };
    // A webhook that selects nothing: the dry run goes through in silence.
    let patch =
        r#"[{"op": "add", "path": "/webhooks/0/objectSelector", "value": {"matchLabels": {"no": "one"}}}]"#;
    let configuration = format!("validatingwebhookconfiguration/{RELEASE}");
    cluster.kubectl(&["patch", &configuration, "--type=json", "-p", patch]).done();
    eventually("the webhook isn't asked", || {
        if failures().iter().any(|told| told.contains("admission")) {
            Ok(())
        } else {
            Err("it is".to_owned())
        }
    });
    found("admission", "Berth wasn't heard");
    let patch = r#"[{"op": "replace", "path": "/webhooks/0/objectSelector", "value": {}}]"#;
    cluster.kubectl(&["patch", &configuration, "--type=json", "-p", patch]).done();

    let binding = format!("clusterrolebinding/{RELEASE}");
    let saved = cluster.kubectl(&["get", &binding, "-o", "yaml"]).done();
    cluster.kubectl(&["delete", &binding]).done();
    eventually("rights are gone", || {
        let told = failures();
        let missing = format!("missing: ClusterRoleBinding {RELEASE}; so ");
        if told.iter().filter(|told| told.contains(&missing)).count() == 1 {
            Ok(())
        } else {
            Err(told.join("; "))
        }
    });
    cluster.apply(&saved.replace("resourceVersion:", "# resourceVersion:")).done();
    eventually("all is well again", || {
        let told = failures();
        if told.is_empty() { Ok(()) } else { Err(told.join("; ")) }
    });
    let none = cluster.berth(&["doctor", "-n", "default"]).refused();
    assert!(none.contains("no installation of Berth in namespace default"), "{none}");
    assert_ne!(NAMESPACE, "default");
}
