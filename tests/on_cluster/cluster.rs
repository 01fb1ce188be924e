//! The one cluster of these tests: started on first use, stopped at the end; and the programs that talk to it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// The namespace that Berth is installed into, and the release's name.
pub const NAMESPACE: &str = "berth-system";
pub const RELEASE: &str = "berth";
pub const SHOP: &str = "examples/shop";

/// How long anything but the start of a Pod may take to come true.
pub const SOON: Duration = Duration::from_secs(30);

static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();

pub struct Cluster {
    name: String,
    pub folder: tempfile::TempDir,
    pub kubeconfig: PathBuf,
    kubectl: PathBuf,
}

/// What a program did.
#[derive(Debug)]
pub struct Ran {
    command: String,
    pub ok: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Standard output of a program that must succeed.
    #[track_caller]
    pub fn done(self) -> String {
        assert!(self.ok, "{} failed:\n{}{}", self.command, self.stdout, self.stderr);
        self.stdout
    }

    /// Standard error of a program that must fail.
    #[track_caller]
    pub fn refused(self) -> String {
        assert!(!self.ok, "{} wasn't refused:\n{}{}", self.command, self.stdout, self.stderr);
        self.stderr
    }

    /// The admission warnings, as kubectl prints them.
    pub fn warnings(&self) -> Vec<&str> {
        self.stderr.lines().filter_map(|line| line.strip_prefix("Warning: ")).collect()
    }
}

/// The cluster, with the image in its node.
#[track_caller]
pub fn cluster() -> &'static Cluster {
    match CLUSTER.get_or_init(Cluster::start) {
        Ok(cluster) => cluster,
        Err(reason) => panic!("there is no cluster to test on: {reason}"),
    }
}

/// Stops the cluster if one was started. After a failure its logs stay, and the operator's last lines are shown.
pub fn stop(failed: bool) {
    let Some(Ok(cluster)) = CLUSTER.get() else { return };
    if failed {
        let log = cluster.kubectl(&[
            "logs",
            "--selector",
            "app.kubernetes.io/name=berth",
            "--prefix",
            "-n",
            NAMESPACE,
            "--tail",
            "30",
        ]);
        eprintln!("--- the last lines of its replicas:\n{}{}", log.stdout, log.stderr);
    }
    let mut down = vec!["down", &cluster.name];
    down.extend((!failed).then_some("--purge"));
    let ran = run(&script("tests/cluster/cluster"), &down, &[], None);
    eprintln!("{}{}", ran.stdout, ran.stderr);
    assert!(ran.ok, "the cluster could not be stopped");
}

impl Cluster {
    fn start() -> Result<Cluster, String> {
        let name = std::env::var("BERTH_TEST_CLUSTER")
            .unwrap_or_else(|_| format!("on-cluster-{}", std::process::id()));
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let archive = folder.path().join("berth.oci.tar");
        let archive = archive.to_str().ok_or("a folder's name isn't UTF-8")?;
        let told = |script_name: &str, arguments: &[&str]| {
            let started = Instant::now();
            eprintln!("{script_name} {} …", arguments.join(" "));
            let ran = run(&script(script_name), arguments, &[], None);
            if !ran.ok {
                return Err(format!("{}: {}{}", ran.command, ran.stdout, ran.stderr));
            }
            eprintln!("{script_name}: {:.1} s", started.elapsed().as_secs_f64());
            Ok(ran.stdout.trim().to_owned())
        };
        told("tests/cluster/build", &["control-plane", "node", "helm"])?;
        told("packaging/image", &["--output", archive])?;
        told("tests/cluster/cluster", &["up", &name])?;
        let loaded = || -> Result<(PathBuf, PathBuf), String> {
            told("tests/cluster/cluster", &["load", &name, archive])?;
            let kubeconfig = told("tests/cluster/cluster", &["kubeconfig", &name])?;
            let kubectl = told("tests/cluster/cluster", &["tool", "kubectl"])?;
            Ok((kubeconfig.into(), kubectl.into()))
        };
        match loaded() {
            Ok((kubeconfig, kubectl)) => Ok(Cluster { name, folder, kubeconfig, kubectl }),
            Err(reason) => {
                told("tests/cluster/cluster", &["down", &name])?;
                Err(reason)
            }
        }
    }

    /// What programs have to be told of this cluster.
    pub fn settings(&self) -> Vec<(&'static str, PathBuf)> {
        // Nothing of the caller's own settings takes part, and nothing is left in their folders.
        let below = |name: &str| self.folder.path().join(name);
        vec![
            ("KUBECONFIG", self.kubeconfig.clone()),
            ("KUBECACHEDIR", below("kubectl")),
            ("HELM_CACHE_HOME", below("helm/cache")),
            ("HELM_CONFIG_HOME", below("helm/config")),
            ("HELM_DATA_HOME", below("helm/data")),
            ("KUBECTL", self.kubectl.clone()),
        ]
    }

    pub fn kubectl(&self, arguments: &[&str]) -> Ran {
        run(&self.kubectl, arguments, &self.settings(), None)
    }

    pub fn kubectl_reading(&self, arguments: &[&str], input: &str) -> Ran {
        run(&self.kubectl, arguments, &self.settings(), Some(input))
    }

    pub fn apply(&self, manifest: &str) -> Ran {
        self.kubectl_reading(&["apply", "-f", "-"], manifest)
    }

    /// What `kubectl get` finds, as JSON.
    #[track_caller]
    pub fn get(&self, arguments: &[&str]) -> Value {
        self.find(arguments).unwrap_or_else(|reason| panic!("{reason}"))
    }

    /// The same for what may not be there yet.
    pub fn find(&self, arguments: &[&str]) -> Result<Value, String> {
        let ran = self.kubectl(&[&["get", "-o", "json"], arguments].concat());
        if ran.ok {
            serde_json::from_str(&ran.stdout).map_err(|error| error.to_string())
        } else {
            Err(ran.stderr)
        }
    }

    /// The items of a list.
    #[track_caller]
    pub fn list(&self, arguments: &[&str]) -> Vec<Value> {
        self.get(arguments)["items"].as_array().cloned().expect("a list")
    }

    /// Gives the node the image of a tool that runs in Pods.
    #[track_caller]
    pub fn load(&self, tool: &str) {
        let archive = format!("{}.tar", self.tool(tool).display());
        run(&script("tests/cluster/cluster"), &["load", &self.name, &archive], &[], None).done();
    }

    /// The berth command, asking this cluster.
    pub fn berth(&self, arguments: &[&str]) -> Ran {
        run(Path::new(env!("CARGO_BIN_EXE_berth")), arguments, &self.settings(), None)
    }

    /// Helm of a major version, in Berth's namespace.
    #[track_caller]
    pub fn helm(&self, version: u8, arguments: &[&str]) -> Ran {
        run(
            &self.helm_path(version),
            &[arguments, &["--namespace", NAMESPACE]].concat(),
            &self.settings(),
            None,
        )
    }

    #[track_caller]
    pub fn helm_path(&self, version: u8) -> PathBuf {
        self.tool(&format!("helm{version}"))
    }

    /// A program that `build` made.
    #[track_caller]
    pub fn tool(&self, name: &str) -> PathBuf {
        run(&script("tests/cluster/cluster"), &["tool", name], &[], None).done().trim().into()
    }

    /// One of the chart's own scripts, with a Helm of a major version.
    #[track_caller]
    pub fn chart_script(&self, name: &str, version: u8) -> Ran {
        let mut settings = self.settings();
        settings.push(("HELM", self.helm_path(version)));
        run(&script("charts/berth/tests").join(name), &[], &settings, None)
    }

    /// Where a component of the cluster writes its log.
    pub fn log(&self, component: &str) -> PathBuf {
        self.kubeconfig.with_file_name("logs").join(format!("{component}.log"))
    }

    /// A command inside the cluster's box.
    pub fn inside(&self, arguments: &[&str]) -> Ran {
        run(&script("tests/cluster/cluster"), &[&["exec", &self.name, "--"], arguments].concat(), &[], None)
    }
}

/// Builds a group of the cluster's programs, if they aren't built.
#[track_caller]
pub fn build(group: &str) {
    run(&script("tests/cluster/build"), &[group], &[], None).done();
}

fn script(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn run(program: &Path, arguments: &[&str], settings: &[(&str, PathBuf)], input: Option<&str>) -> Ran {
    let command = format!("{} {}", program.file_name().unwrap_or_default().display(), arguments.join(" "));
    let output = || -> std::io::Result<Output> {
        let mut command = Command::new(program);
        // What Cargo tells a test of itself would tell a Cargo below it that everything has changed.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_") && text != "CARGO_HOME" && text != "CARGO_TARGET_DIR" {
                command.env_remove(&name);
            }
        }
        let mut child = command
            .args(arguments)
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
            stdin.write_all(input.as_bytes())?;
        }
        child.wait_with_output()
    };
    match output() {
        Ok(output) => Ran {
            command,
            ok: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        },
        Err(error) => Ran { command, ok: false, stdout: String::new(), stderr: error.to_string() },
    }
}

/// Asks again until it comes true, and gives what it gave; panics with its last reason.
#[track_caller]
pub fn eventually<T>(what: &str, ask: impl Fn() -> Result<T, String>) -> T {
    within(SOON, what, ask)
}

/// The same for what may take so long.
#[track_caller]
pub fn within<T>(limit: Duration, what: &str, ask: impl Fn() -> Result<T, String>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        match ask() {
            Ok(value) => return value,
            Err(reason) if Instant::now() > deadline => panic!("{what}: not after {limit:?}: {reason}"),
            Err(_) => thread::sleep(Duration::from_millis(200)),
        }
    }
}

/// Writes a file into the tests' own folder.
#[track_caller]
pub fn file(name: &str, content: &str) -> String {
    let path = cluster().folder.path().join(name);
    fs::write(&path, content).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}
