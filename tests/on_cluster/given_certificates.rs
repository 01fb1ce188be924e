//! Certificates that another makes: a real cert-manager, and whoever fills a Secret.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use berth::operator::certificates::{Material, Todo, renew};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{
    breaking::ca_bundle,
    chart::{CHART, make_room, try_out},
    cluster::{Cluster, NAMESPACE, RELEASE, build, cluster, eventually, within},
};

const MODULE: &str = "tests/cluster/modules/cert-manager";
/// All that a Certificate needs of it: its controllers of ACME and of Ingresses need more definitions.
const CONTROLLERS: &str = "issuers,certificaterequests-issuer-ca,certificaterequests-issuer-selfsigned,\
    certificaterequests-approver,certificates-trigger,certificates-issuing,certificates-key-manager,\
    certificates-request-manager,certificates-readiness,certificates-revision-manager";
const DEFINITIONS: [&str; 6] =
    ["certificaterequests", "certificates", "challenges", "clusterissuers", "issuers", "orders"];
const SECRET: &str = "berth-certificate";
/// Until two processes have started and issued.
const ISSUED: Duration = Duration::from_secs(90);

/// cert-manager's two programs, beside the cluster rather than in it.
struct CertManager(Vec<Child>);

impl CertManager {
    fn start(cluster: &Cluster) -> CertManager {
        let kubeconfig = cluster.kubeconfig.to_str().expect("UTF-8");
        let common = ["--kubeconfig", kubeconfig, "--leader-elect=false"];
        let controllers = format!("--controllers={CONTROLLERS}");
        let started = [
            ("cert-manager-controller", &[controllers.as_str(), "--metrics-listen-address=127.0.0.1:0"][..]),
            ("cert-manager-cainjector", &[]),
        ]
        .map(|(name, own)| {
            let log = File::create(cluster.log(name)).expect("a log");
            Command::new(cluster.tool(name))
                .args(common)
                .args(own)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .expect("it starts")
        });
        CertManager(started.into())
    }
}

impl Drop for CertManager {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // One that has ended by itself is as good.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Its definitions as its module holds them: templates only in labels, which nobody needs here.
fn definitions() -> String {
    let output = Command::new("go")
        .args(["mod", "download", "-json", "github.com/cert-manager/cert-manager"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(MODULE))
        .output()
        .expect("go runs");
    let module: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let folder = Path::new(module["Dir"].as_str().expect("a folder")).join("deploy/crds");
    let read = |name: &str| {
        let path = folder.join(format!("crd-{name}.yaml"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        text.lines().filter(|line| !line.contains("{{")).map(|line| format!("{line}\n")).collect::<String>()
    };
    DEFINITIONS.map(read).join("---\n")
}

#[track_caller]
fn upgrade(cluster: &Cluster, values: &[&str]) {
    let mut arguments = vec!["upgrade", RELEASE, CHART, "--reset-values", "--wait", "--timeout", "90s"];
    values.iter().for_each(|value| arguments.extend(["--set", value]));
    cluster.helm(4, &arguments).done();
}

/// What a Secret holds under a name, as it is written.
fn secret(cluster: &Cluster, name: &str, key: &str) -> Result<String, String> {
    let secret = cluster.find(&["secret", name, "-n", NAMESPACE])?;
    secret["data"][key].as_str().map(str::to_owned).ok_or_else(|| format!("no {key}"))
}

/// The API server trusts what the Secret says, and gets an answer: a warning.
#[track_caller]
fn is_served(cluster: &Cluster, name: &str) {
    within(ISSUED, "the API server asks Berth under this certificate", || {
        let authority = secret(cluster, name, "ca.crt")?;
        if ca_bundle(cluster) != authority {
            return Err("another caBundle".to_owned());
        }
        let ran = try_out(cluster, "default");
        if ran.warnings().is_empty() { Err(ran.stderr) } else { Ok(()) }
    });
}

pub fn a_secret_that_another_fills_is_served_and_followed() {
    let cluster = cluster();
    make_room(cluster);
    let names: Vec<String> =
        ["svc", "svc.cluster.local"].iter().map(|end| format!("{RELEASE}.{NAMESPACE}.{end}")).collect();
    let fill = || {
        let made =
            renew(&Todo::Everything("another's"), &Material::default(), &names, OffsetDateTime::now_utc());
        let data = made.expect("a certificate can be made").to_secret();
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "data": data,
            "metadata": {"name": "theirs", "namespace": NAMESPACE},
        });
        cluster.apply(&secret.to_string()).done();
    };
    fill();
    upgrade(cluster, &["certificates.mode=existing", "certificates.existingSecret=theirs"]);
    is_served(cluster, "theirs");
    let before = ca_bundle(cluster);
    fill();
    is_served(cluster, "theirs");
    assert_ne!(ca_bundle(cluster), before);
}

pub fn cert_manager_makes_the_certificate_and_renews_it() {
    let cluster = cluster();
    build("cert-manager");
    cluster.apply(&definitions()).done();
    for name in DEFINITIONS {
        let name = format!(
            "crd/{name}{}.cert-manager.io",
            if ["challenges", "orders"].contains(&name) { ".acme" } else { "" }
        );
        cluster.kubectl(&["wait", "--for=condition=Established", &name, "--timeout=30s"]).done();
    }
    let running = CertManager::start(cluster);
    upgrade(cluster, &["certificates.mode=certManager"]);
    is_served(cluster, SECRET);
    let certificate = cluster.get(&["certificate", RELEASE, "-n", NAMESPACE]);
    assert_eq!(certificate["status"]["conditions"][0]["type"], "Ready", "{certificate:#}");

    // It issues anew for a Secret that is gone.
    let before = secret(cluster, SECRET, "tls.crt").expect("there");
    cluster.kubectl(&["delete", "secret", SECRET, "-n", NAMESPACE]).done();
    eventually("another certificate", || {
        if secret(cluster, SECRET, "tls.crt")? == before { Err("the old one".to_owned()) } else { Ok(()) }
    });
    is_served(cluster, SECRET);

    drop(running);
    // What cert-manager leaves behind isn't Helm's, as the docs say.
    cluster.kubectl(&["delete", "secret", SECRET, "-n", NAMESPACE]).done();
    upgrade(cluster, &[]);
    is_served(cluster, SECRET);
    let names: Vec<String> = cluster
        .kubectl(&["get", "crd", "-o", "name"])
        .done()
        .lines()
        .filter(|name| name.ends_with("cert-manager.io"))
        .map(str::to_owned)
        .collect();
    let mut delete = vec!["delete"];
    delete.extend(names.iter().map(String::as_str));
    cluster.kubectl(&delete).done();
}
