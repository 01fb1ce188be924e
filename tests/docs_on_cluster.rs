//! Every command of the docs that needs a cluster, typed as it stands there, page by page, on a cluster of its own:
//! what other tests leave behind would be part of the answers.

#[expect(dead_code, reason = "the other suite uses all of it")]
#[path = "on_cluster/chart.rs"]
mod chart;
#[expect(dead_code, reason = "the other suite uses all of it")]
#[path = "on_cluster/cluster.rs"]
mod cluster;
#[expect(dead_code, reason = "the offline docs' test uses all of it")]
#[path = "common/pages.rs"]
mod pages;

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use chart::CHART;
use cluster::{Cluster, NAMESPACE, RELEASE, SHOP, cluster, eventually};
use libtest_mimic::{Arguments, Trial};
use pages::{By, first_difference, pages, sandbox};

/// What a page may do on purpose, after which the installation is put back.
const BREAKING: [&str; 4] =
    ["helm uninstall", "kubectl delete crd", "kubectl delete secret", "kubectl delete validating"];
/// How often a command is tried that only looks, or is shown to print something: it's true once Berth has looked at all.
const TRIES: usize = 5;
/// Until Helm has uninstalled and namespaces are gone.
const GONE: Duration = Duration::from_secs(90);

fn main() {
    let trial = Trial::test("every_command_of_the_docs_runs", || {
        every_command_of_the_docs_runs();
        Ok(())
    });
    let conclusion = libtest_mimic::run(&Arguments::from_args(), vec![trial]);
    cluster::stop(conclusion.has_failed());
    conclusion.exit();
}

fn every_command_of_the_docs_runs() {
    let reader = Reader::new(cluster());
    let mut failed = Vec::new();
    let mut ran = 0;
    for page in pages() {
        let name = page.path.strip_prefix(pages::root()).unwrap_or(&page.path).display();
        let mut is_fresh = false;
        for block in &page.blocks {
            let commands: Vec<_> = block.iter().filter(|command| command.by == By::Cluster).collect();
            if commands.is_empty() {
                continue;
            }
            if !is_fresh {
                reader.start_afresh();
                is_fresh = true;
            }
            for command in &commands {
                eprintln!("{name}: {}", command.line);
                ran += 1;
                if let Err(reason) = reader.types(command) {
                    failed.push(format!("{name}: {}\n{reason}", command.line));
                }
            }
            if commands.iter().any(|command| BREAKING.iter().any(|start| command.line.starts_with(start))) {
                reader.install();
            }
        }
    }
    assert!(failed.is_empty(), "{} of {ran} fail:\n{}", failed.len(), failed.join("\n"));
    assert!(ran >= 40, "{ran} commands");
}

/// Somebody with the tools on the PATH, two contexts and the files that the docs speak of.
struct Reader {
    cluster: &'static Cluster,
    folder: tempfile::TempDir,
    settings: Vec<(&'static str, PathBuf)>,
}

impl Reader {
    fn new(cluster: &'static Cluster) -> Reader {
        let folder = sandbox();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("bin")).expect("a folder");
        let berth = Path::new(env!("CARGO_BIN_EXE_berth"));
        let mut settings = cluster.settings();
        let kubectl = settings.iter().find(|(name, _)| *name == "KUBECTL").expect("a kubectl").1.clone();
        for (name, program) in [("kubectl", &*kubectl), ("helm", &*cluster.helm_path(4)), ("berth", berth)] {
            symlink(program, at("bin").join(name)).expect("a link");
        }
        fs::create_dir(at("charts")).expect("a folder");
        for place in [CHART, "my-chart"] {
            symlink(pages::root().join(CHART), at(place)).expect("a link");
        }
        let path = std::env::var("PATH").unwrap_or_default();
        let kubeconfig = at("kubeconfig");
        for (name, value) in &mut settings {
            if *name == "KUBECONFIG" {
                fs::copy(&*value, &kubeconfig).expect("copied");
                value.clone_from(&kubeconfig);
            }
        }
        settings.push(("PATH", format!("{}:{path}", at("bin").display()).into()));
        settings.push(("HOME", folder.path().into()));
        let reader = Reader { cluster, folder, settings };
        let part = |part: &str| {
            let path = format!("jsonpath={{.contexts[0].context.{part}}}");
            cluster.kubectl(&["config", "view", "-o", &path]).done()
        };
        for context in ["staging", "prod"] {
            let (of, user) = (part("cluster"), part("user"));
            reader.must(&format!("kubectl config set-context {context} --cluster={of} --user={user}"));
        }
        reader
    }

    fn bash(&self, line: &str) -> Result<String, String> {
        let output = Command::new("bash")
            .args(["-c", &format!("set -o pipefail; {{ {}\n}} 2>&1", line)])
            .current_dir(self.folder.path())
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .output()
            .map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() { Ok(said) } else { Err(said) }
    }

    #[track_caller]
    fn must(&self, line: &str) -> String {
        self.bash(line).unwrap_or_else(|said| panic!("{line}:\n{said}"))
    }

    fn types(&self, command: &pages::Command) -> Result<(), String> {
        if command.line.starts_with("helm install") {
            self.must(&format!("helm uninstall {RELEASE} -n {NAMESPACE} --ignore-not-found --wait"));
        }
        let mut tries = 0;
        loop {
            tries += 1;
            // What is shown is what a first apply prints.
            if let (Some(file), false) =
                (command.line.strip_prefix("kubectl apply -f "), command.prints.is_empty())
            {
                self.must(&format!("kubectl delete --ignore-not-found -f {file}"));
            }
            let missed = match self.bash(&command.line) {
                Ok(said) => match first_difference(&command.prints, &said) {
                    None => return Ok(()),
                    Some(line) => format!("doesn't print: {line}\nbut:\n{said}"),
                },
                Err(said) => said,
            };
            let only_looks =
                ["kubectl get ", "kubectl describe "].iter().any(|start| command.line.starts_with(start));
            if tries == TRIES || (command.prints.is_empty() && !only_looks) {
                return Err(missed);
            }
            thread::sleep(Duration::from_secs(2));
        }
    }

    /// Berth as the chart's own values have it, and the shop with a status for each workload.
    #[track_caller]
    fn start_afresh(&self) {
        self.clear();
        self.install();
        let wanted =
            self.must(&format!("berth scan {SHOP} --kind deployment,statefulset,daemonset,cronjob -o csv"));
        let wanted = wanted.lines().count() - 1;
        eventually("each workload of the shop has a status", || {
            let profiles = self.cluster.list(&["wlp", "-n", "shop"]);
            let decided = profiles.iter().filter(|profile| profile["status"]["verdict"].is_string()).count();
            if decided >= wanted { Ok(()) } else { Err(format!("{decided} of {wanted}")) }
        });
    }

    /// What the page before this one left is none of a reader's.
    #[track_caller]
    fn clear(&self) {
        if self.bash("kubectl get crd platformprofiles.berth.dev").is_ok() {
            self.must("kubectl delete platformprofile --all");
        }
        self.must("kubectl delete deployment,statefulset,daemonset,job,cronjob,pod --all -n default --now");
        let all = self.must("kubectl get namespaces -o name");
        let theirs: Vec<&str> = all
            .lines()
            .filter(|name| !["default", NAMESPACE].iter().any(|kept| name.ends_with(kept)))
            .filter(|name| !name.starts_with("namespace/kube-"))
            .collect();
        if !theirs.is_empty() {
            self.must(&format!("kubectl delete {} --timeout {}s", theirs.join(" "), GONE.as_secs()));
        }
    }

    #[track_caller]
    fn install(&self) {
        // The shop needs no Pods here, and an upgrade needs the room.
        self.must("kubectl create namespace shop --dry-run=client -o yaml | kubectl apply -f -");
        self.must(
            "kubectl create quota none --hard=pods=0 -n shop --dry-run=client -o yaml | kubectl apply -f - && \
             kubectl delete pods --all -n shop --now",
        );
        self.must(&format!(
            "helm upgrade --install {RELEASE} {CHART} -n {NAMESPACE} --create-namespace --reset-values --wait --timeout 90s"
        ));
        self.must(&format!("kubectl apply -f {SHOP}"));
        eventually("the installation is sound", || self.bash("berth doctor"));
    }
}
