//! The chart's life: installed, upgraded, uninstalled, by both Helms.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::Value;

use crate::cluster::{Cluster, NAMESPACE, RELEASE, cluster, eventually};

pub const CHART: &str = "charts/berth";

/// What the chart creates in the cluster and in its namespace.
const KINDS: &str = "validatingwebhookconfigurations,clusterroles,clusterrolebindings,deployments,services,\
                     secrets,serviceaccounts,roles,rolebindings,networkpolicies,poddisruptionbudgets";

pub fn helm_4_installs_into_a_restricted_namespace() {
    let cluster = cluster();
    cluster.kubectl(&["create", "namespace", NAMESPACE]).done();
    let label = "pod-security.kubernetes.io/enforce=restricted";
    cluster.kubectl(&["label", "namespace", NAMESPACE, label]).done();
    let notes = cluster.helm(4, &["install", RELEASE, CHART, "--wait", "--timeout", "90s"]).done();
    assert!(notes.contains("kubectl get wlp -A"), "{notes}");
    is_ready(cluster);
}

#[track_caller]
fn is_ready(cluster: &Cluster) {
    let pods = replicas(cluster);
    assert_eq!(pods.len(), 2, "{pods:#?}");
    for pod in pods {
        let container = &pod["status"]["containerStatuses"][0];
        assert_eq!(
            (&container["ready"], &container["restartCount"]),
            (&true.into(), &0.into()),
            "{container:#}"
        );
    }
}

/// The shop takes all of the one node, and an upgrade needs room for a third Pod.
pub fn make_room(cluster: &Cluster) {
    cluster.kubectl(&["scale", "deployment", "--all", "--replicas=0", "-n", "shop"]).done();
}

/// Berth's Pods, without those that are still saying goodbye.
#[track_caller]
pub fn replicas(cluster: &Cluster) -> Vec<Value> {
    let mut pods = cluster.list(&["pods", "-n", NAMESPACE]);
    pods.retain(|pod| pod["metadata"]["deletionTimestamp"].is_null());
    pods
}

pub fn name(pod: &Value) -> &str {
    pod["metadata"]["name"].as_str().expect("a name")
}

/// What one Pod says on its HTTP port.
#[track_caller]
pub fn read(cluster: &Cluster, pod: &Value, path: &str) -> String {
    let pod = name(pod);
    let path = format!("/api/v1/namespaces/{NAMESPACE}/pods/http:{pod}:8080/proxy/{path}");
    cluster.kubectl(&["get", "--raw", &path]).done()
}

fn webhook(cluster: &Cluster) -> Value {
    cluster.get(&["validatingwebhookconfiguration", RELEASE])["webhooks"][0].clone()
}

pub fn the_webhook_lets_through_what_it_cant_answer() {
    let webhook = webhook(cluster());
    assert_eq!(webhook["failurePolicy"], "Ignore");
    assert_eq!(webhook["timeoutSeconds"], 2);
    assert_eq!(webhook["sideEffects"], "None");
    assert!(
        webhook["clientConfig"]["caBundle"].as_str().is_some_and(|bundle| bundle.len() > 500),
        "{webhook:#}"
    );
}

pub fn the_operator_may_do_no_more_than_it_needs() {
    let cluster = cluster();
    let account = format!("system:serviceaccount:{NAMESPACE}:{RELEASE}");
    let may = |arguments: &[&str]| {
        let ran = cluster.kubectl(&[&["auth", "can-i", "--as", &account], arguments].concat());
        ran.stdout.trim() == "yes"
    };
    assert!(may(&["list", "deployments.apps", "-A"]));
    assert!(may(&["patch", "workloadprofiles.berth.dev", "--subresource", "status", "-n", "shop"]));
    assert!(may(&["get", "secrets/berth-certificate", "-n", NAMESPACE]));
    assert!(may(&["update", "leases.coordination.k8s.io/berth", "-n", NAMESPACE]));
    for refused in [
        &["get", "secrets", "-n", NAMESPACE][..],
        &["get", "secrets", "-n", "default"],
        &["get", "configmaps", "-n", "default"],
        &["update", "deployments.apps", "-n", "default"],
        &["delete", "platformprofiles.berth.dev"],
        &["delete", "deployments.apps", "-n", "default"],
        &["get", "pods", "-n", "default"],
        &["update", "validatingwebhookconfigurations/another"],
        &["create", "validatingwebhookconfigurations"],
        &["create", "leases.coordination.k8s.io", "-n", "default"],
        &["update", "leases.coordination.k8s.io/another", "-n", NAMESPACE],
    ] {
        assert!(!may(refused), "it may {}", refused.join(" "));
    }
}

/// Whoever deploys a workload can run what its warning names, and no more of Berth's.
pub fn who_edits_a_namespace_reads_and_answers_there() {
    let cluster = cluster();
    for role in ["view", "edit"] {
        let (user, role) = (format!("--user={role}er"), format!("--clusterrole={role}"));
        cluster.kubectl(&["create", "rolebinding", &user[7..], &user, &role, "-n", "default"]).done();
    }
    let may = |user: &str, arguments: &[&str]| {
        let ran = cluster.kubectl(&[&["auth", "can-i", "--as", user], arguments].concat());
        ran.stdout.trim() == "yes"
    };
    let profiles = "workloadprofiles.berth.dev";
    // The API server's controller puts the roles together.
    eventually("the roles are aggregated", || {
        let all = may("viewer", &["get", profiles, "-n", "default"])
            && may("editer", &["get", profiles, "-n", "default"])
            && may("editer", &["patch", profiles, "-n", "default"]);
        if all { Ok(()) } else { Err("not yet".to_owned()) }
    });
    for (user, refused) in [
        ("viewer", &["patch", profiles, "-n", "default"][..]),
        ("editer", &["patch", profiles, "--subresource", "status", "-n", "default"]),
        ("editer", &["get", profiles, "-n", NAMESPACE]),
        ("editer", &["patch", "platformprofiles.berth.dev"]),
    ] {
        assert!(!may(user, refused), "{user} may {}", refused.join(" "));
    }
    cluster.kubectl(&["delete", "rolebinding", "viewer", "editer", "-n", "default"]).done();
}

pub fn health_and_metrics_are_served() {
    let cluster = cluster();
    for pod in replicas(cluster) {
        read(cluster, &pod, "healthz");
        read(cluster, &pod, "readyz");
        let metrics = read(cluster, &pod, "metrics");
        for name in ["berth_build_info", "berth_admission_duration_seconds_bucket", "berth_services"] {
            assert!(metrics.contains(name), "no {name} in:\n{metrics}");
        }
        assert!(!metrics.contains("storefront"), "a workload's name is a label:\n{metrics}");
    }
    one_replica_writes(cluster);
}

/// A rollout that has just ended may still be handing over: asked again until it is one.
#[track_caller]
fn one_replica_writes(cluster: &Cluster) {
    eventually("one replica writes", || {
        let leaders: Vec<_> = replicas(cluster)
            .iter()
            .filter(|pod| read(cluster, pod, "metrics").contains("berth_leader 1\n"))
            .map(|pod| name(pod).to_owned())
            .collect();
        if leaders.len() == 1 { Ok(()) } else { Err(format!("these do: {leaders:?}")) }
    });
}

pub fn the_operator_is_small_and_its_log_is_json() {
    let cluster = cluster();
    let processes = cluster.inside(&["pidof", "berth"]).done();
    for process in processes.split_whitespace() {
        let status = cluster.inside(&["cat", &format!("/proc/{process}/status")]).done();
        let kib: u64 = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
            .expect("a resident size");
        eprintln!("an operator's memory: {:.1} MiB", kib as f64 / 1024.0);
        assert!(kib < 64 * 1024, "{kib} KiB");
    }
    for pod in replicas(cluster) {
        let log = cluster.kubectl(&["logs", name(&pod), "-n", NAMESPACE]).done();
        assert!(log.lines().count() > 0);
        for line in log.lines() {
            let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert_ne!(line["level"], "ERROR", "{line:#}");
        }
    }
}

pub fn an_upgrade_keeps_admission_working() {
    let cluster = cluster();
    make_room(cluster);
    let before = webhook(cluster)["clientConfig"]["caBundle"].clone();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        // While the Pod is replaced, nobody is kept from applying.
        let applying = scope.spawn(|| {
            let mut applied = 0;
            while !done.load(Ordering::Relaxed) {
                try_out(cluster, "default").done();
                applied += 1;
            }
            applied
        });
        let upgraded = cluster
            .helm(4, &["upgrade", RELEASE, CHART, "--set", "log.level=debug", "--wait", "--timeout", "90s"]);
        done.store(true, Ordering::Relaxed);
        assert!(applying.join().expect("no apply failed") > 0);
        upgraded.done();
    });
    assert_eq!(webhook(cluster)["clientConfig"]["caBundle"], before, "the upgrade changed the caBundle");
    let arguments = cluster.get(&["deployment", RELEASE, "-n", NAMESPACE])["spec"]["template"]["spec"]["containers"][0]["args"].clone();
    assert!(arguments.to_string().contains("--log-level=debug"), "{arguments}");
    assert_ne!(try_out(cluster, "default").warnings(), Vec::<&str>::new());
}

/// Creates a Deployment without keeping it.
pub fn try_out(cluster: &Cluster, namespace: &str) -> crate::cluster::Ran {
    cluster.kubectl(&[
        "create",
        "deployment",
        "berth-hello",
        "--image=nginx",
        "--dry-run=server",
        "-n",
        namespace,
    ])
}

pub fn upgrades_keep_what_the_operator_filled_in() {
    for version in [4, 3] {
        cluster().chart_script("upgrade", version).done();
    }
}

#[track_caller]
fn uninstall(cluster: &Cluster, version: u8) {
    cluster.helm(version, &["uninstall", RELEASE, "--wait", "--timeout", "60s"]).done();
    let ours = format!("app.kubernetes.io/instance={RELEASE}");
    eventually("nothing of the release is left", || {
        let left = cluster.kubectl(&["get", KINDS, "-A", "-l", &ours, "-o", "name"]).done();
        if left.is_empty() { Ok(()) } else { Err(left) }
    });
    eventually("the Lease went with the Deployment", || {
        let left = cluster.kubectl(&["get", "lease", "-n", NAMESPACE, "-o", "name"]).done();
        if left.is_empty() { Ok(()) } else { Err(left) }
    });
    // The CRD and what people wrote into profiles outlive the release.
    cluster.kubectl(&["get", "crd", "workloadprofiles.berth.dev"]).done();
    assert_ne!(cluster.list(&["workloadprofiles", "-n", "shop"]).len(), 0);
    let ran = try_out(cluster, "default");
    assert_eq!(ran.warnings(), Vec::<&str>::new());
    ran.done();
}

pub fn uninstalling_leaves_no_webhook() {
    uninstall(cluster(), 4);
}

pub fn helm_3_installs_over_what_was_kept_and_uninstalls() {
    let cluster = cluster();
    cluster.helm(3, &["install", RELEASE, CHART, "--wait", "--timeout", "90s"]).done();
    is_ready(cluster);
    eventually("a warning through the new webhook", || {
        let ran = try_out(cluster, "default");
        if ran.warnings().is_empty() { Err(ran.stderr) } else { Ok(()) }
    });
    uninstall(cluster, 3);
}
