//! What is broken, in this order and again from the start. Each ends with all replicas ready.

use std::{sync::atomic::Ordering::SeqCst, thread, time::Duration};

use serde_json::json;

use crate::{
    breaking::{ca_bundle, leader, let_certificate_come_due, restart_api_server, signal},
    chart::{name, replicas},
    cluster::{Cluster, NAMESPACE, RELEASE, within},
    load::{STRICT, Scene, WARNED},
};

/// A busy machine starts a Pod in this time.
const LONG: Duration = Duration::from_secs(120);
/// The API server answers before each of its clients has found it again.
const SETTLES: Duration = Duration::from_secs(5);

pub struct Event {
    pub name: &'static str,
    /// Containers that it makes start again.
    pub restarts: u64,
    pub happens: fn(&Cluster, &Scene),
}

pub const ROUND: &[Event] = &[
    Event { name: "workloads' labels and annotations changed", restarts: 0, happens: change_workloads },
    Event {
        name: "authority and certificate come due",
        restarts: 0,
        happens: |cluster, _| let_certificate_come_due(cluster),
    },
    Event { name: "certificate's Secret deleted", restarts: 0, happens: delete_secret },
    Event { name: "replica killed", restarts: 1, happens: kill },
    Event { name: "leader told to stop", restarts: 0, happens: stop_leader },
    // Frozen for as long as its liveness takes, it may be started again.
    Event { name: "leader frozen and thawed", restarts: 1, happens: freeze_leader },
    Event { name: "namespace in Deny and back", restarts: 0, happens: deny },
    Event {
        name: "API server restarted",
        restarts: 0,
        happens: |cluster, scene| outage(cluster, scene, Duration::ZERO),
    },
    Event { name: "caBundle wiped", restarts: 0, happens: wipe },
    Event { name: "rollout restarted", restarts: 0, happens: |cluster, _| roll_out(cluster) },
    Event {
        name: "API server down for 60 s",
        restarts: 0,
        happens: |cluster, scene| outage(cluster, scene, Duration::from_secs(60)),
    },
];

/// All replicas are there, ready and reached. The Deployment's status alone says so for half a minute after an outage of the
/// API server, in which the cluster's own controllers don't see yet that one was deleted: frozen, the other was the last.
pub fn whole(cluster: &Cluster) {
    let deployment = format!("deployment/{RELEASE}");
    cluster.kubectl(&["rollout", "status", &deployment, "-n", NAMESPACE, "--timeout=180s"]).done();
    within(LONG, "the Service leads to both replicas", || {
        let selector = format!("kubernetes.io/service-name={RELEASE}");
        let slices = cluster.find(&["endpointslices", "-n", NAMESPACE, "-l", &selector])?;
        let slices = slices["items"].as_array().cloned().unwrap_or_default();
        let endpoints = slices.iter().filter_map(|slice| slice["endpoints"].as_array()).flatten();
        let reached = endpoints.filter(|endpoint| endpoint["conditions"]["ready"] == true).count();
        let there = replicas(cluster).len();
        if there == 2 && reached == 2 { Ok(()) } else { Err(format!("{reached} of {there}")) }
    });
}

fn change_workloads(cluster: &Cluster, scene: &Scene) {
    // Another answer each time: it decides between targets, and the labels decide nothing.
    let round = scene.outages.load(SeqCst);
    let rate = ["0.001", "1000"][round / 2 % 2];
    let all = ["--overwrite", "deployments", "-l", "soak=kept", "-n", WARNED];
    let rate = format!("berth.dev/mean-requests-per-second={rate}");
    let answers =
        [&rate, "berth.dev/trigger=HTTP", "berth.dev/unit-duration=200ms", "berth.dev/connections=Stateless"];
    cluster.kubectl(&[&["annotate"], all.as_slice(), &answers].concat()).done();
    cluster.kubectl(&[&["label"], all.as_slice(), &[&format!("soak-round=r{round}")]].concat()).done();
}

fn delete_secret(cluster: &Cluster, _: &Scene) {
    let before = ca_bundle(cluster);
    cluster.kubectl(&["delete", "secret", "berth-certificate", "-n", NAMESPACE]).done();
    within(LONG, "another authority", || {
        if ca_bundle(cluster) == before { Err("the old one".to_owned()) } else { Ok(()) }
    });
}

fn wipe(cluster: &Cluster, _: &Scene) {
    let patch =
        json!([{"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": ""}]).to_string();
    let configuration = format!("validatingwebhookconfiguration/{RELEASE}");
    cluster.kubectl(&["patch", &configuration, "--type=json", "-p", &patch]).done();
    within(LONG, "the caBundle is back", || {
        if ca_bundle(cluster).is_empty() { Err("it's empty".to_owned()) } else { Ok(()) }
    });
}

fn kill(cluster: &Cluster, _: &Scene) {
    let pods = replicas(cluster);
    let one = pods.last().map(|pod| name(pod).to_owned()).expect("a replica");
    signal(cluster, "SIGKILL", &[one]);
    thread::sleep(SETTLES);
}

fn another_leads(cluster: &Cluster, first: &str) {
    within(LONG, "another replica leads", || {
        let now = leader(cluster);
        if now != first && !now.is_empty() { Ok(()) } else { Err(now) }
    });
}

fn stop_leader(cluster: &Cluster, _: &Scene) {
    let first = leader(cluster);
    cluster.kubectl(&["delete", "pod", &first, "-n", NAMESPACE, "--wait=false"]).done();
    another_leads(cluster, &first);
}

fn freeze_leader(cluster: &Cluster, _: &Scene) {
    let first = leader(cluster);
    signal(cluster, "SIGSTOP", std::slice::from_ref(&first));
    another_leads(cluster, &first);
    signal(cluster, "SIGCONT", std::slice::from_ref(&first));
}

fn deny(cluster: &Cluster, scene: &Scene) {
    for label in ["berth.dev/mode=Deny", "berth.dev/mode-"] {
        scene.strict.fetch_add(1, SeqCst);
        cluster.kubectl(&["label", "namespace", STRICT, label]).done();
        // The API server and each replica learn of it by a watch.
        thread::sleep(SETTLES);
        scene.strict.fetch_add(1, SeqCst);
        thread::sleep(SETTLES);
    }
}

fn roll_out(cluster: &Cluster) {
    cluster.kubectl(&["rollout", "restart", &format!("deployment/{RELEASE}"), "-n", NAMESPACE]).done();
    whole(cluster);
}

fn outage(cluster: &Cluster, scene: &Scene, away: Duration) {
    scene.outages.fetch_add(1, SeqCst);
    scene.server_away.store(true, SeqCst);
    restart_api_server(cluster, away);
    thread::sleep(SETTLES);
    scene.server_away.store(false, SeqCst);
}
