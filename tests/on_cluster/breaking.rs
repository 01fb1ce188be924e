//! What breaks a running Berth: signals to its replicas, the API server away, and a certificate that is due.

use std::{collections::BTreeMap, time::Duration};

use berth::operator::certificates::{Material, Todo, renew};
use k8s_openapi::{ByteString, api::core::v1::Secret};
use serde_json::json;
use time::OffsetDateTime;

use crate::cluster::{Cluster, NAMESPACE, RELEASE, within};

/// Longer than an API server takes to answer again, on a busy machine.
const LONG: Duration = Duration::from_secs(120);

pub fn leader(cluster: &Cluster) -> String {
    let lease = cluster.get(&["lease", RELEASE, "-n", NAMESPACE]);
    lease["spec"]["holderIdentity"].as_str().unwrap_or_default().to_owned()
}

/// Sends a signal to a replica's process.
#[track_caller]
pub fn signal(cluster: &Cluster, signal: &str, pods: &[String]) {
    for pod in pods {
        let pod = cluster.get(&["pod", pod, "-n", NAMESPACE]);
        let id = pod["status"]["containerStatuses"][0]["containerID"].as_str().expect("a container");
        let id = id.trim_start_matches("containerd://");
        cluster.inside(&["ctr", "--namespace", "k8s.io", "tasks", "kill", "--signal", signal, id]).done();
    }
}

/// Waits until the API server answers.
#[track_caller]
pub fn api_server_answers(cluster: &Cluster) {
    within(LONG, "the API server answers", || {
        let ran = cluster.kubectl(&["get", "--raw", "/readyz"]);
        if ran.ok { Ok(()) } else { Err(ran.stderr) }
    });
}

/// Kills the API server, and after so long starts it again as it was started. Told to stop, it would wait a minute for
/// its watches.
#[track_caller]
pub fn restart_api_server(cluster: &Cluster, away: Duration) {
    let process = cluster.inside(&["pidof", "kube-apiserver"]).done();
    let process = process.trim();
    let command = cluster.inside(&["cat", &format!("/proc/{process}/cmdline")]).done();
    let command: Vec<&str> = command.trim_end_matches('\0').split('\0').collect();
    cluster.inside(&["kill", "-KILL", process]).done();
    within(LONG, "the API server ends", || {
        if cluster.inside(&["pidof", "kube-apiserver"]).ok { Err("it runs".to_owned()) } else { Ok(()) }
    });
    std::thread::sleep(away);
    let log = cluster.log("kube-apiserver");
    let log = log.to_str().expect("UTF-8");
    let start = r#"log=$1; shift; setsid "$@" >>"$log" 2>&1 </dev/null &"#;
    // Its port may be the old one's for a moment longer than the process: one that ends at once is started again.
    within(LONG, "the API server starts", || {
        cluster.inside(&[&["sh", "-c", start, "sh", log], command.as_slice()].concat()).done();
        std::thread::sleep(Duration::from_secs(2));
        if cluster.inside(&["pidof", "kube-apiserver"]).ok { Ok(()) } else { Err("it ended".to_owned()) }
    });
    api_server_answers(cluster);
}

/// What the API server trusts the webhook by.
#[track_caller]
pub fn ca_bundle(cluster: &Cluster) -> String {
    let configuration = cluster.get(&["validatingwebhookconfiguration", RELEASE]);
    configuration["webhooks"][0]["clientConfig"]["caBundle"].as_str().unwrap_or_default().to_owned()
}

#[track_caller]
fn certificate(cluster: &Cluster) -> Material {
    let secret = cluster.get(&["secret", "berth-certificate", "-n", NAMESPACE]);
    let secret: Secret = serde_json::from_value(secret).expect("a Secret");
    Material::from_secret(&secret.data.unwrap_or_default())
}

#[track_caller]
fn put(cluster: &Cluster, material: &Material) {
    let data: BTreeMap<String, ByteString> = material.to_secret();
    let patch = json!({ "data": data }).to_string();
    cluster.kubectl(&["patch", "secret", "berth-certificate", "-n", NAMESPACE, "-p", &patch]).done();
}

/// Makes the time of the authority and then of the certificate come, as in nine years and in two months, and waits for
/// the operator's answer to each: a successor beside the old authorities, and then a certificate signed by it.
#[track_caller]
pub fn let_certificate_come_due(cluster: &Cluster) {
    let names: Vec<String> =
        ["svc", "svc.cluster.local"].iter().map(|end| format!("{RELEASE}.{NAMESPACE}.{end}")).collect();
    let made = |todo: &Todo, from: &Material, days: i64| {
        let then = OffsetDateTime::now_utc() - time::Duration::days(days);
        renew(todo, from, &names, then).expect("a certificate can be made")
    };
    let before = certificate(cluster);
    let aged = made(&Todo::Everything("new"), &Material::default(), 3400);
    put(
        cluster,
        &Material {
            ca_certificates: aged.ca_certificates.clone() + &before.ca_certificates,
            ca_key: aged.ca_key.clone(),
            ..before.clone()
        },
    );
    within(LONG, "an authority joins those that are trusted", || {
        let now = certificate(cluster);
        let joined = now.ca_key != aged.ca_key && now.ca_certificates.contains(aged.ca_certificates.trim());
        let stayed = now.certificate == before.certificate;
        let trusted = ByteString(now.ca_certificates.into_bytes());
        if joined && json!(trusted) == json!(ca_bundle(cluster)) {
            assert!(stayed, "the certificate in use was replaced with its authority");
            return Ok(());
        }
        Err(format!("joined: {joined}"))
    });

    let joined = certificate(cluster);
    let due = made(&Todo::Leaf("due"), &joined, 65);
    put(cluster, &due);
    within(LONG, "the certificate is renewed", || {
        let now = certificate(cluster);
        assert_eq!(now.ca_certificates, joined.ca_certificates, "its authority was replaced too");
        if now.certificate == due.certificate { Err("the old one".to_owned()) } else { Ok(()) }
    });
}
