//! What Pods use and where they run, as a real kubelet, a real metrics-server and real nodes tell it.

use serde_json::Value;

use crate::{
    chart::make_room,
    cluster::{Cluster, NAMESPACE, RELEASE, cluster, eventually},
};

/// Two Pods that run, ask for much and use next to nothing.
const IDLE: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: measured}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: idle, namespace: measured}
spec:
  replicas: 2
  selector: {matchLabels: {app: idle}}
  template:
    metadata: {labels: {app: idle}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: berth.dev/pause:0.1.0
        imagePullPolicy: Never
        resources: {requests: {cpu: 100m, memory: 256Mi}}
";

pub fn what_pods_use_and_where_they_run_is_told() {
    let cluster = cluster();
    make_room(cluster);
    cluster.load("metrics-server");
    cluster.kubectl(&["apply", "-f", "tests/cluster/metrics-server.yaml"]).done();
    cluster.kubectl(&["label", "node", "--all", "node.kubernetes.io/instance-type=r7i.large"]).done();
    cluster.apply(IDLE).done();
    cluster.kubectl(&["rollout", "status", "deployment/idle", "-n", "measured", "--timeout=60s"]).done();
    eventually("metrics are served", || {
        let top = cluster.kubectl(&["top", "pods", "-n", "measured", "--no-headers"]);
        if top.stdout.lines().count() == 2 { Ok(()) } else { Err(top.stderr) }
    });
    // A new leader looks at once; the pace is the flag's.
    let set = format!("deployment/{RELEASE}");
    cluster.kubectl(&["set", "env", &set, "-n", NAMESPACE, "BERTH_USAGE_INTERVAL=10s"]).done();
    cluster.kubectl(&["rollout", "status", &set, "-n", NAMESPACE, "--timeout=90s"]).done();
    let observed = eventually("use and place are in the status", || {
        let observed = status(cluster)?["observed"].clone();
        let known = observed["usage"].is_object() && observed["placement"]["kinds"].is_array();
        if known { Ok(observed) } else { Err(observed.to_string()) }
    });
    for series in ["cpu", "memory"] {
        let series = &observed["usage"][series];
        assert!(series["count"].as_u64() >= Some(1) && series["observedAt"].is_string(), "{observed:#}");
        assert!(series["p50"].as_f64() <= series["max"].as_f64(), "{observed:#}");
    }
    let kind = &observed["placement"]["kinds"][0];
    assert_eq!((kind["instanceType"].as_str(), kind["pods"].as_u64()), (Some("r7i.large"), Some(2)));
    let status = status(cluster).expect("there a moment ago");
    let fact = |name: &str| {
        let evidence = status["evidence"].as_array().expect("evidence");
        evidence.iter().find(|item| item["fact"] == name).cloned().unwrap_or_default()
    };
    assert_eq!((&fact("place")["value"], &fact("place")["source"]), (&"EKSNodes".into(), &"Observed".into()));
    assert_eq!(fact("nodeType")["value"], "r7i.large");
    cluster.kubectl(&["delete", "namespace", "measured", "--wait=false"]).done();
    cluster.kubectl(&["delete", "-f", "tests/cluster/metrics-server.yaml"]).done();
    cluster.kubectl(&["label", "node", "--all", "node.kubernetes.io/instance-type-"]).done();
}

fn status(cluster: &Cluster) -> Result<Value, String> {
    Ok(cluster.find(&["wlp", "deployment-idle", "-n", "measured"])?["status"].clone())
}
