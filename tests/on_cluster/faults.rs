//! What breaks while people apply: replicas told to stop, killed and frozen, a certificate swapped, the API server away.
//! No request of a user's fails, and afterwards everything is as it should be.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::{
    breaking::{api_server_answers, ca_bundle, leader, let_certificate_come_due, restart_api_server, signal},
    chart::{name, read, replicas, try_out},
    cluster::{Cluster, NAMESPACE, RELEASE, cluster, eventually, within},
};

/// What came of the requests that were made while something broke.
#[derive(Debug, Default)]
struct Load {
    applied: usize,
    /// Went through without a warning: nobody was kept from working, and nobody was told.
    unwarned: usize,
    /// Why requests failed.
    failed: Vec<String>,
}

/// Applies all the time while something happens. A request that fails is a failure of the test.
#[track_caller]
fn under_load(happens: impl FnOnce(&Cluster)) -> Load {
    let load = under_load_that_may_fail(happens);
    assert_eq!(load.failed, Vec::<String>::new());
    load
}

fn under_load_that_may_fail(happens: impl FnOnce(&Cluster)) -> Load {
    let cluster = cluster();
    let done = AtomicBool::new(false);
    let load = thread::scope(|scope| {
        let apply = || {
            let mut load = Load::default();
            while !done.load(Ordering::Relaxed) {
                let ran = try_out(cluster, "default");
                if ran.ok {
                    load.unwarned += usize::from(ran.warnings().is_empty());
                    load.applied += 1;
                } else {
                    load.failed.push(ran.stderr);
                }
            }
            load
        };
        let loads = [scope.spawn(apply), scope.spawn(apply)];
        // Ends the load whatever happens, or the test would never end.
        struct End<'a>(&'a AtomicBool);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let end = End(&done);
        happens(cluster);
        drop(end);
        let mut all = Load::default();
        for load in loads {
            let load = load.join().expect("the load goes on to the end");
            all.applied += load.applied;
            all.unwarned += load.unwarned;
            all.failed.extend(load.failed);
        }
        all
    });
    eprintln!("{} applied, {} unwarned, {} failed", load.applied, load.unwarned, load.failed.len());
    assert!(load.applied > 4, "too little load to tell");
    load
}

/// Both replicas are ready, one of them leads, and it writes.
#[track_caller]
fn all_is_well(cluster: &Cluster, workload: &str) {
    cluster.kubectl(&["rollout", "status", "deployment/berth", "-n", NAMESPACE, "--timeout=60s"]).done();
    cluster
        .kubectl(&["create", "deployment", workload, "--image=nginx", "--replicas=0", "-n", "default"])
        .done();
    // A watch that failed for a while tries again after half a minute at most.
    within(Duration::from_secs(75), "a status for a new workload", || {
        let profile = format!("workloadprofile/deployment-{workload}");
        let ran = cluster.kubectl(&["get", &profile, "-n", "default", "-o", "jsonpath={.status.verdict}"]);
        if ran.ok && !ran.stdout.is_empty() { Ok(()) } else { Err(ran.stderr) }
    });
    cluster.kubectl(&["delete", "deployment", workload, "-n", "default"]).done();
    let leads = |pod: &Value| read(cluster, pod, "metrics").contains("berth_leader 1\n");
    assert_eq!(replicas(cluster).iter().filter(|pod| leads(pod)).count(), 1, "replicas that write");
    // A machine at its limits may take longer over one request than an API server waits for a warning.
    eventually("a warning", || {
        let ran = try_out(cluster, "default");
        if ran.warnings().is_empty() { Err(ran.stderr) } else { Ok(()) }
    });
}

pub fn a_leader_told_to_stop_drops_no_request_and_hands_over_at_once() {
    let load = under_load(|cluster| {
        let first = leader(cluster);
        cluster.kubectl(&["delete", "pod", &first, "-n", NAMESPACE, "--wait=false"]).done();
        eventually("another replica leads", || {
            let now = leader(cluster);
            if now != first && !now.is_empty() { Ok(()) } else { Err(now) }
        });
        cluster.kubectl(&["wait", "pod", &first, "-n", NAMESPACE, "--for=delete", "--timeout=60s"]).done();
    });
    assert_eq!(load.unwarned, 0, "requests were dropped");
    all_is_well(cluster(), "after-sigterm");
}

pub fn a_killed_leader_is_followed_by_another() {
    under_load(|cluster| {
        let first = leader(cluster);
        signal(cluster, "SIGKILL", std::slice::from_ref(&first));
        thread::sleep(Duration::from_secs(3));
    });
    all_is_well(cluster(), "after-sigkill");
}

pub fn killing_all_replicas_blocks_nobody() {
    under_load(|cluster| {
        let all: Vec<String> = replicas(cluster).iter().map(|pod| name(pod).to_owned()).collect();
        signal(cluster, "SIGKILL", &all);
        thread::sleep(Duration::from_secs(3));
    });
    all_is_well(cluster(), "after-killing-all");
}

pub fn a_frozen_leader_is_followed_by_another_and_writes_no_more() {
    let cluster = cluster();
    let first = leader(cluster);
    under_load(|cluster| {
        signal(cluster, "SIGSTOP", std::slice::from_ref(&first));
        eventually("another replica leads", || {
            let now = leader(cluster);
            if now != first && !now.is_empty() { Ok(()) } else { Err(now) }
        });
        signal(cluster, "SIGCONT", std::slice::from_ref(&first));
    });
    all_is_well(cluster, "after-sigstop");
}

pub fn a_certificate_that_comes_due_is_renewed_without_a_dropped_request() {
    let load = under_load(let_certificate_come_due);
    assert_eq!(load.unwarned, 0, "requests were dropped");
    all_is_well(cluster(), "after-the-renewal");
}

pub fn a_deleted_certificate_is_replaced_under_load() {
    let cluster = cluster();
    let before = ca_bundle(cluster);
    under_load(|cluster| {
        cluster.kubectl(&["delete", "secret", "berth-certificate", "-n", NAMESPACE]).done();
        eventually("another authority", || {
            if ca_bundle(cluster) == before { Err("the old one") } else { Ok(()) }.map_err(str::to_owned)
        });
    });
    all_is_well(cluster, "after-the-certificate");
    let secret = cluster.get(&["secret", "berth-certificate", "-n", NAMESPACE]);
    assert_eq!(
        secret["metadata"]["annotations"]["meta.helm.sh/release-name"], RELEASE,
        "Helm's no more: {secret:#}"
    );
    let events = cluster.list(&["events", "-n", NAMESPACE, "--field-selector", "reason=CertificateReplaced"]);
    assert_ne!(events.len(), 0, "nobody was told");
}

pub fn an_api_server_that_was_away_finds_all_as_it_was() {
    let cluster = cluster();
    let server = cluster.inside(&["pidof", "kube-apiserver"]).done();
    cluster.inside(&["kill", "-STOP", server.trim()]).done();
    // Longer than a leader goes on, and than others wait for it.
    thread::sleep(Duration::from_secs(30));
    cluster.inside(&["kill", "-CONT", server.trim()]).done();
    api_server_answers(cluster);
    all_is_well(cluster, "after-the-api-server");
    for pod in replicas(cluster) {
        let log = cluster.kubectl(&["logs", name(&pod), "-n", NAMESPACE]).done();
        assert!(!log.contains("panicked"), "{log}");
    }
}

/// Unlike the frozen one above, this one forgets every connection and every watch.
pub fn an_api_server_that_is_down_under_load_loses_nothing() {
    let load = under_load_that_may_fail(|cluster| {
        restart_api_server(cluster, Duration::from_secs(15));
        thread::sleep(Duration::from_secs(2));
    });
    assert_ne!(load.failed.len(), 0, "it wasn't down");
    let blamed: Vec<_> = load.failed.iter().filter(|why| why.contains("webhook")).collect();
    assert!(blamed.is_empty(), "refused on account of Berth: {blamed:#?}");
    all_is_well(cluster(), "after-the-outage");
}

/// New replicas fill their indexes while what they read changes.
pub fn labels_that_change_during_a_rollout_count() {
    let cluster = cluster();
    let there = ["-n", "relabelled"];
    let done = |arguments: &[&str]| cluster.kubectl(arguments).done();
    done(&["create", "namespace", "relabelled"]);
    done(&[&["create", "deployment", "changed", "--image=nginx", "--replicas=0"], &there[..]].concat());
    let load = under_load(|_| {
        done(&["rollout", "restart", "deployment/berth", "-n", NAMESPACE]);
        done(&["label", "namespace", "relabelled", "berth.dev/mode=Audit"]);
        done(&[&["label", "deployment/changed", "team=new"], &there[..]].concat());
        done(&[&["annotate", "deployment/changed", "berth.dev/exempt=a licence"], &there[..]].concat());
        done(&["rollout", "status", "deployment/berth", "-n", NAMESPACE, "--timeout=90s"]);
    });
    assert_eq!(load.unwarned, 0, "requests were dropped");
    eventually("the namespace in Audit", || {
        let ran = try_out(cluster, "relabelled");
        if ran.warnings().is_empty() { Ok(()) } else { Err(ran.stderr) }
    });
    within(Duration::from_secs(75), "the exemption in the status", || {
        let asked = ["get", "workloadprofile", "deployment-changed", "-o", "jsonpath={.status.verdict}"];
        let ran = cluster.kubectl(&[&asked[..], &there].concat());
        if ran.stdout == "Exempt" { Ok(()) } else { Err(ran.stdout + &ran.stderr) }
    });
    done(&["delete", "namespace", "relabelled", "--wait=false"]);
    all_is_well(cluster, "after-the-labels");
}
