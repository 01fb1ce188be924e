//! What the chart grants against what this run used, by the API server's own audit log: nothing was refused, and what
//! was never used has a reason to be granted.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;

use crate::cluster::{NAMESPACE, RELEASE, cluster};

/// One thing that may be done: group, resource, name (or empty for all), verb.
type Privilege = (String, String, String, String);

/// What is granted and rarely used.
const RARE: &[(&str, &str)] = &[
    ("berth.dev workloadprofiles get", "a profile that somebody made at the same moment is read"),
    (
        "berth.dev platformprofiles/status patch",
        "the state of the platform team's policy, where there is one",
    ),
    (
        "berth.dev workloadprofiles delete",
        "a generated profile that a person's own takes the place of, or that outlived its workload",
    ),
    ("secrets berth-certificate create", "server-side apply of a deleted Secret; the log calls it a patch"),
    ("events.k8s.io events patch", "an Event that comes again becomes a series"),
];

fn granted() -> BTreeSet<Privilege> {
    // Those that people get by the cluster's own roles are nothing that Berth may do.
    let ours = format!("app.kubernetes.io/instance={RELEASE},!rbac.authorization.k8s.io/aggregate-to-edit");
    let mut granted = BTreeSet::new();
    for role in cluster().list(&["clusterroles,roles", "-A", "-l", &ours]) {
        for rule in role["rules"].as_array().expect("rules") {
            let texts = |field: &str| -> Vec<String> {
                let all = rule[field].as_array().into_iter().flatten();
                all.filter_map(Value::as_str).map(str::to_owned).collect()
            };
            let mut names = texts("resourceNames");
            if names.is_empty() {
                names.push(String::new());
            }
            for group in texts("apiGroups") {
                for resource in texts("resources") {
                    for name in &names {
                        for verb in texts("verbs") {
                            granted.insert((group.clone(), resource.clone(), name.clone(), verb));
                        }
                    }
                }
            }
        }
    }
    granted
}

/// Each use by Berth, and whether it was always refused: an API server that has just started refuses what it allows a
/// moment later, as it has no roles yet, and a case before this one restarts it.
fn used() -> BTreeMap<Privilege, bool> {
    let account = format!("system:serviceaccount:{NAMESPACE}:{RELEASE}");
    let log = fs::read_to_string(cluster().log("audit")).expect("the audit log");
    let mut used = BTreeMap::new();
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).expect("an audit event is JSON");
        let object = &event["objectRef"];
        if event["user"]["username"] != account.as_str() || !object.is_object() {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut resource = text(&object["resource"]);
        if let Some(part) = object["subresource"].as_str() {
            resource = format!("{resource}/{part}");
        }
        let privilege = (text(&object["apiGroup"]), resource, text(&object["name"]), text(&event["verb"]));
        let refused = event["annotations"]["authorization.k8s.io/decision"] == "forbid";
        *used.entry(privilege).or_insert(true) &= refused;
    }
    used
}

pub fn nothing_was_refused_and_nothing_is_granted_without_use() {
    let (granted, used) = (granted(), used());
    assert!(used.len() > 20, "the audit log knows too little: {used:#?}");
    let refused: Vec<_> = used.iter().filter(|(_, refused)| **refused).map(|(what, _)| what).collect();
    assert!(refused.is_empty(), "refused: {refused:#?}");

    let is_used = |(group, resource, name, verb): &&Privilege| {
        used.keys().any(|(g, r, n, v)| (g, r, v) == (group, resource, verb) && (name.is_empty() || n == name))
    };
    let unused: Vec<String> = granted
        .iter()
        .filter(|privilege| !is_used(privilege))
        .map(|(group, resource, name, verb)| {
            [group.as_str(), resource, name, verb]
                .iter()
                .filter(|word| !word.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|words| !RARE.iter().any(|(rare, _)| rare == words))
        .collect();
    assert!(unused.is_empty(), "granted, never used, and without a reason in RARE: {unused:#?}");
    for (rare, reason) in RARE {
        eprintln!("granted for rare times: {rare}: {reason}");
    }
}
