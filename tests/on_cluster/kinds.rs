//! Kinds of other projects on a real API server: their definitions come and go while Berth runs.

use std::fmt::Write;

use crate::{
    chart::replicas,
    cluster::{Cluster, NAMESPACE, cluster, eventually},
};

const KINDS: &[(&str, &str, &str, &str)] = &[
    ("argoproj.io", "v1alpha1", "rollouts", "Rollout"),
    ("keda.sh", "v1alpha1", "scaledjobs", "ScaledJob"),
    ("keda.sh", "v1alpha1", "scaledobjects", "ScaledObject"),
    ("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute"),
    ("gateway.networking.k8s.io", "v1", "grpcroutes", "GRPCRoute"),
    ("monitoring.coreos.com", "v1", "servicemonitors", "ServiceMonitor"),
    ("monitoring.coreos.com", "v1", "podmonitors", "PodMonitor"),
];

fn definitions() -> String {
    let mut text = String::new();
    for (group, version, plural, kind) in KINDS {
        // Definitions under k8s.io need the approval of those who own the name.
        write!(
            text,
            "---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {plural}.{group}
  annotations: {{api-approved.kubernetes.io: 'unapproved, a test'}}
spec:
  group: {group}
  scope: Namespaced
  names: {{plural: {plural}, kind: {kind}}}
  versions:
    - name: {version}
      served: true
      storage: true
      schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}
"
        )
        .expect("text takes text");
    }
    text
}

const OBJECTS: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: consumer, namespace: kinds}
spec:
  replicas: 0
  selector: {matchLabels: {app: consumer}}
  template:
    metadata: {labels: {app: consumer}}
    spec: {schedulerName: nobody, containers: [{name: a, image: 'a:1'}]}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: scale, namespace: kinds}
spec: {scaleTargetRef: {name: consumer}, maxReplicaCount: 7, triggers: [{type: aws-sqs-queue}]}
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: progress, namespace: kinds}
spec:
  replicas: 2
  selector: {matchLabels: {app: progress}}
  template:
    metadata: {labels: {app: progress}}
    spec: {containers: [{name: a, image: 'a:1', resources: {requests: {cpu: 250m, memory: 256Mi}}}]}
";

/// What the profile says of how many copies there are, and from where.
fn copies(cluster: &Cluster) -> Result<String, String> {
    let profile = cluster.find(&["workloadprofile", "deployment-consumer", "-n", "kinds"])?;
    let evidence = profile["status"]["evidence"].as_array().cloned().unwrap_or_default();
    let item = evidence.iter().find(|item| item["fact"] == "copies").ok_or("no copies yet")?;
    Ok(format!(
        "{} by {}",
        item["value"].as_str().unwrap_or_default(),
        item["at"].as_str().unwrap_or_default()
    ))
}

pub fn what_is_installed_later_counts_and_what_is_removed_counts_no_more() {
    let cluster = cluster();
    cluster.kubectl(&["create", "namespace", "kinds"]).done();
    cluster.apply(&definitions()).done();
    for (group, _, plural, _) in KINDS {
        let name = format!("crd/{plural}.{group}");
        cluster.kubectl(&["wait", "--for=condition=Established", &name, "--timeout=30s"]).done();
    }
    let ran = cluster.apply(OBJECTS);
    assert!(ran.warnings().iter().any(|warning| warning.contains("rollout/progress")), "{}", ran.stderr);
    ran.done();
    eventually("the bounds that KEDA keeps", || {
        let copies = copies(cluster)?;
        if copies.ends_with("by ScaledObject scale spec") { Ok(()) } else { Err(copies) }
    });
    eventually("a profile of the Rollout", || {
        let names = cluster.list(&["workloadprofiles", "-n", "kinds"]);
        let decided = names.iter().any(|profile| {
            profile["metadata"]["name"] == "rollout-progress" && profile["status"]["verdict"].is_string()
        });
        if decided { Ok(()) } else { Err(format!("{} profiles", names.len())) }
    });
    // It was restarted by nobody, and goes on without a word of error when a kind goes.
    cluster.kubectl(&["delete", "crd", "scaledobjects.keda.sh", "rollouts.argoproj.io"]).done();
    eventually("the bounds of the Deployment itself", || {
        let copies = copies(cluster)?;
        if copies.ends_with("by spec.replicas") { Ok(()) } else { Err(copies) }
    });
    for pod in replicas(cluster) {
        let name = pod["metadata"]["name"].as_str().expect("a name");
        let log = cluster.kubectl(&["logs", name, "-n", NAMESPACE]).done();
        let wrong: Vec<&str> = log
            .lines()
            .filter(|line| line.contains("ScaledObject") || line.contains("Rollout"))
            .filter(|line| line.contains("WARN") || line.contains("ERROR"))
            .collect();
        assert_eq!(wrong, Vec::<&str>::new(), "{name}");
    }
    cluster.kubectl(&["delete", "namespace", "kinds"]).done();
    let rest: Vec<String> = KINDS.iter().map(|(group, _, plural, _)| format!("{plural}.{group}")).collect();
    let mut delete = vec!["delete", "crd", "--ignore-not-found"];
    delete.extend(rest.iter().map(String::as_str));
    cluster.kubectl(&delete).done();
}
