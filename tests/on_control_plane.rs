//! Reports for other tools on a real API server, with the CRDs as their owners publish them and no more rights than the
//! chart grants. No node is needed, and so no image: the built binary runs beside the control plane.
#![cfg(feature = "cluster-tests")]

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

/// How many of the shop's workloads are misplaced.
const MISPLACED: u64 = 7;
/// How long anything may take: an API server on a busy machine, statuses, and their rest.
const SOON: Duration = Duration::from_secs(120);

/// A control plane with the shop on it, taken down at the end.
struct ControlPlane {
    name: String,
    kubectl: PathBuf,
    helm: PathBuf,
    kubeconfig: PathBuf,
    folder: tempfile::TempDir,
}

fn run(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} {arguments:?}: {stderr}", program.display());
    String::from_utf8(output.stdout).expect("UTF-8")
}

impl ControlPlane {
    fn start() -> ControlPlane {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/cluster");
        run(&script.with_file_name("build"), &["control-plane", "helm"]);
        let name = format!("on-control-plane-{}", std::process::id());
        let told = |arguments: &[&str]| PathBuf::from(run(&script, arguments).trim());
        let (kubectl, helm) = (told(&["tool", "kubectl"]), told(&["tool", "helm4"]));
        run(&script, &["up", &name, "--control-plane-only"]);
        let kubeconfig = told(&["kubeconfig", &name]);
        let folder = tempfile::tempdir().expect("a folder");
        ControlPlane { name, kubectl, helm, kubeconfig, folder }
    }

    fn kubectl(&self, arguments: &[&str]) -> String {
        let kubeconfig = self.kubeconfig.display().to_string();
        run(&self.kubectl, &[&["--kubeconfig", &kubeconfig], arguments].concat())
    }

    fn apply(&self, text: &str) {
        let file = self.folder.path().join("applied.yaml");
        std::fs::write(&file, text).expect("written");
        self.kubectl(&["apply", "--server-side", "--filename", &file.display().to_string()]);
    }

    /// The operator as the chart's ServiceAccount, keeping reports of this group.
    fn operator(&self, group: &str) -> Operator {
        let rendered = run(
            &self.helm,
            &[
                "template",
                "berth",
                "charts/berth",
                "--namespace",
                "berth-system",
                "--set",
                "webhook.enabled=false",
                "--set",
                "openReports.enabled=true",
                "--set",
                &format!("openReports.group={group}"),
                "--show-only",
                "templates/rbac.yaml",
                "--show-only",
                "templates/serviceaccount.yaml",
                "--show-only",
                "templates/certificate-secret.yaml",
            ],
        );
        self.apply(&rendered);
        let token = self.kubectl(&["create", "token", "berth", "--namespace", "berth-system"]);
        let admin = std::fs::read_to_string(&self.kubeconfig).expect("the kubeconfig");
        let mut config: Value = serde_yaml_ng::from_str(&admin).expect("YAML");
        config["users"][0]["user"] = serde_json::json!({"token": token.trim()});
        let own = self.folder.path().join("kubeconfig");
        std::fs::write(&own, config.to_string()).expect("written");
        let berth = Command::new(env!("CARGO_BIN_EXE_berth"))
            .args(["run", "--webhook-address=127.0.0.1:0", "--http-address=127.0.0.1:0", "--log-level=warn"])
            .arg(format!("--open-reports={group}"))
            .env("KUBECONFIG", own)
            .env("POD_NAME", group)
            .stdin(Stdio::null())
            .spawn();
        Operator(berth.expect("berth starts"))
    }

    /// The report in the shop, by kind, once it's as wanted.
    #[track_caller]
    fn wait(&self, kind: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let list = self.kubectl(&["get", kind, "--namespace", "shop", "--output", "json"]);
            let list: Value = serde_json::from_str(&list).expect("JSON");
            if wanted(&list["items"]) {
                return list["items"][0].clone();
            }
            assert!(started.elapsed() < SOON, "{what}: {list:#}");
            sleep(Duration::from_millis(500));
        }
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/cluster");
        let down = Command::new(script).args(["down", &self.name, "--purge"]).status();
        if !down.as_ref().is_ok_and(|status| status.success()) {
            eprintln!("{} wasn't taken down: {down:?}", self.name);
        }
    }
}

struct Operator(Child);

impl Drop for Operator {
    fn drop(&mut self) {
        let ended = self.0.kill().and_then(|()| self.0.wait());
        if let Err(error) = ended {
            eprintln!("berth wasn't stopped: {error}");
        }
    }
}

#[test]
fn reports_are_kept_as_their_owners_schemas_have_them() {
    let cluster = ControlPlane::start();
    for file in [
        "crds/",
        "tests/schemas/openreports.io_reports.yaml",
        "tests/schemas/wgpolicyk8s.io_policyreports.yaml",
    ] {
        cluster.kubectl(&["apply", "--server-side", "--filename", file]);
    }
    cluster.kubectl(&["create", "namespace", "berth-system"]);
    cluster.apply("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}");
    cluster.kubectl(&["apply", "--filename", "examples/shop"]);
    for (group, kind) in
        [("openreports.io", "reports.openreports.io"), ("wgpolicyk8s.io", "policyreports.wgpolicyk8s.io")]
    {
        let operator = cluster.operator(group);
        let report =
            cluster.wait(kind, "a report on the shop", |items| items[0]["summary"]["warn"] == MISPLACED);
        assert_eq!(report["results"].as_array().map(Vec::len), Some(10));
        // What was stored is what is known: the API server would have dropped the rest.
        let again = report.to_string().replace("\"name\":\"berth\"", "\"name\":\"strict\"");
        let mut again: Value = serde_json::from_str(&again).expect("JSON");
        again["metadata"] = serde_json::json!({"name": "strict", "namespace": "shop"});
        let file = cluster.folder.path().join("strict.json");
        std::fs::write(&file, again.to_string()).expect("written");
        let strict =
            ["create", "--dry-run=server", "--validate=strict", "--filename", &file.display().to_string()];
        cluster.kubectl(&strict);

        // Another replica takes over and has nothing to write.
        let version = report["metadata"]["resourceVersion"].clone();
        drop(operator);
        let operator = cluster.operator(group);
        cluster.kubectl(&["delete", "deployment", "storefront", "--namespace", "shop", "--wait=false"]);
        let report = cluster.wait(kind, "a report without it", |items| {
            let version = items[0]["metadata"]["resourceVersion"] == version;
            assert!(
                !version || items[0]["summary"]["warn"] == MISPLACED,
                "the same version says another thing"
            );
            items[0]["results"].as_array().is_some_and(|results| results.len() == 9)
        });
        assert_eq!(report["metadata"]["generation"], 2, "it was written once, and once for the change");

        cluster.kubectl(&[
            "delete",
            "deployments,statefulsets,daemonsets,cronjobs",
            "--all",
            "--namespace",
            "shop",
        ]);
        cluster.wait(kind, "no report", |items| items.as_array().is_some_and(Vec::is_empty));
        drop(operator);
        cluster.kubectl(&["apply", "--filename", "examples/shop"]);
    }
}
