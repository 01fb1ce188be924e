//! The offline command line as a user meets it: the built binary, real files, exit codes, both output streams.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

/// What a command did.
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    #[track_caller]
    fn ends_with_code(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    fn says(self, text: &str) -> Ran {
        assert!(self.stderr.contains(text), "standard error doesn't say {text:?}:\n{}", self.stderr);
        self
    }

    #[track_caller]
    fn prints(self, text: &str) -> Ran {
        assert!(self.stdout.contains(text), "standard output doesn't hold {text:?}:\n{}", self.stdout);
        self
    }

    #[track_caller]
    fn silent_on_stderr(self) -> Ran {
        assert_eq!(self.stderr, "");
        self
    }

    #[track_caller]
    fn prints_nothing(self) -> Ran {
        assert_eq!(self.stdout, "");
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}:\n{}", self.stdout))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().expect("ended by itself"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_berth"));
    // Neither the caller's settings nor a cluster that happens to be reachable take part.
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear();
    command
}

fn berth(arguments: &[&str]) -> Ran {
    command(arguments).output().expect("berth starts").into()
}

fn berth_reading(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("berth starts");
    child.stdin.take().expect("piped").write_all(input).expect("berth reads");
    child.wait_with_output().expect("berth ends").into()
}

/// A scan of one of the files of bad input.
fn scan(file: &str) -> Ran {
    berth(&["scan", &format!("tests/data/{file}")])
}

fn scan_as_json(arguments: &[&str]) -> Value {
    berth(&[&["scan", "-o", "json"], arguments].concat()).json()
}

fn names(document: &Value) -> Vec<&str> {
    let workloads = document["workloads"].as_array().expect("a list");
    workloads.iter().map(|workload| workload["name"].as_str().expect("a name")).collect()
}

fn workload<'a>(document: &'a Value, name: &str) -> &'a Value {
    let workloads = document["workloads"].as_array().expect("a list");
    workloads.iter().find(|workload| workload["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

fn deployment(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\n\
         spec: {{template: {{spec: {{containers: [{{name: web, image: web}}]}}}}}}\n"
    )
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

// The shop

#[test]
fn the_shop_gives_a_table_that_fits_a_terminal() {
    let ran = berth(&["scan", "examples/shop"]).ends_with_code(0).silent_on_stderr();
    // The table ends with an empty line; sentences follow.
    for line in ran.stdout.lines().take_while(|line| !line.is_empty()) {
        assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
    }
    for part in
        ["WORKLOAD", "deployment/storefront", "cronjob/cart-cleanup", "10 workloads", "List prices of"]
    {
        assert!(ran.stdout.contains(part), "no {part} in:\n{}", ran.stdout);
    }
}

#[test]
fn the_shop_is_judged_as_the_guide_would() {
    let document = scan_as_json(&["examples/shop"]);
    let target = |name| workload(&document, name)["recommendation"]["target"].as_str().expect("a target");
    assert_eq!(target("payment-hook"), "Lambda");
    assert_eq!(target("cart-cleanup"), "Batch");
    for held in ["flag-controller", "log-agent", "search"] {
        assert!(
            target(held).starts_with("EKS") || target(held).starts_with("ECS"),
            "{held}: {}",
            target(held)
        );
    }
    assert!(target("flag-controller").starts_with("EKS"));
    assert!(!target("storefront").starts_with("EKS"), "nothing in it needs Kubernetes");
    let fit = |name, target| {
        let candidates = workload(&document, name)["candidates"].as_array().expect("a list");
        let found = candidates.iter().find(|candidate| candidate["target"] == target);
        found.expect("every target is a candidate")["fit"].as_str().expect("a fit")
    };
    assert_eq!(fit("catalogue", "Lambda"), "Excluded", "gRPC");
    assert_eq!(fit("cart-cleanup", "Lambda"), "Excluded", "forty minutes");
    assert_eq!(fit("log-agent", "ECSFargate"), "Excluded", "a path of the node");
    assert_eq!(fit("flag-controller", "ECSFargate"), "Excluded", "the Kubernetes API");
    let fired = |name, family: &str| {
        let findings = workload(&document, name)["findings"].as_array().expect("a list");
        findings.iter().any(|finding| finding["rule"].as_str().is_some_and(|rule| rule.starts_with(family)))
    };
    assert!(fired("storefront", "PRM001") && !fired("checkout", "PRM001"));
    assert!(fired("sessions", "DAT") && !fired("storefront", "DAT"));
    let targets: BTreeSet<&str> = names(&document).into_iter().map(target).collect();
    assert!(targets.len() >= 4, "the shop shows off too few targets: {targets:?}");
}

#[test]
fn json_has_the_agreed_shape() {
    let document = scan_as_json(&["examples/shop"]);
    assert_eq!(names(&document).len(), 10);
    let has = |value: &Value, fields: &[&str]| {
        for field in fields {
            assert!(!value[field].is_null(), "no {field} in {value:#}");
        }
    };
    has(&document["platform"], &["workloads", "misplaced", "byTarget"]);
    for workload in document["workloads"].as_array().expect("a list") {
        has(
            workload,
            &["kind", "namespace", "name", "source", "verdict", "recommendation", "candidates", "evidence"],
        );
        let recommendation = &workload["recommendation"];
        has(
            recommendation,
            &["target", "confidence", "summary", "monthlyCost", "currentMonthlyCost", "saving"],
        );
        has(&recommendation["saving"], &["ifClusterStays", "ifClusterGoes"]);
        let source = workload["source"].as_str().expect("text");
        let (file, line) = source.rsplit_once(':').expect("file:line");
        let line: usize = line.parse().expect("a line");
        let written = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a file");
        let start = written.lines().nth(line - 1).expect("a line of the file");
        assert!(start.starts_with("apiVersion:"), "{source} is {start}");
        let candidates = workload["candidates"].as_array().expect("a list");
        assert_eq!(candidates.len(), 11, "every target");
        for candidate in candidates {
            has(candidate, &["target", "fit", "monthlyCost"]);
            has(&candidate["monthlyCost"], &["low", "high"]);
            for finding in candidate["findings"].as_array().into_iter().flatten() {
                has(finding, &["rule", "field", "value", "message"]);
            }
        }
        for finding in workload["findings"].as_array().into_iter().flatten() {
            has(finding, &["rule", "effect", "field", "value", "message"]);
            assert!(finding["message"].as_str().is_some_and(|text| text.chars().count() <= 120), "{finding}");
        }
        for question in workload["openQuestions"].as_array().into_iter().flatten() {
            has(question, &["question", "answers", "answerWith"]);
        }
    }
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let first = berth(&["scan", "-o", "json", "examples/shop"]);
    let second = berth(&["scan", "-o", "json", "examples/shop"]);
    assert_eq!(first.stdout, second.stdout);
}

#[test]
fn one_workload_is_explained_in_full() {
    berth(&["scan", "examples/shop", "--explain", "deployment/payment-hook"])
        .ends_with_code(0)
        .silent_on_stderr()
        .prints("deployment/payment-hook in shop (examples/shop/payment-hook.yaml:")
        .prints("Candidates")
        .prints("berth.dev/unit-duration");
    berth(&["scan", "examples/shop", "--explain", "deployment/nobody"])
        .ends_with_code(1)
        .prints_nothing()
        .says("no workload deployment/nobody");
}

#[test]
fn a_pipeline_can_act_on_the_exit_code() {
    berth(&["scan", "examples/shop", "--fail-on", "warn"]).ends_with_code(3).prints("deployment/storefront");
    berth(&["scan", "examples/shop", "--fail-on", "never"]).ends_with_code(0);
}

// Where manifests come from

#[test]
fn standard_input_is_read() {
    berth_reading(&["scan", "-"], deployment("piped").as_bytes())
        .ends_with_code(0)
        .silent_on_stderr()
        .prints("deployment/piped");
    berth_reading(&["scan", "-"], b"kind: a: b\n")
        .ends_with_code(1)
        .says("error: standard input:1: not YAML");
}

#[test]
fn a_list_is_its_items() {
    let ran = scan("list.yaml").ends_with_code(1).prints("first-of-list").prints("third-of-list");
    let ran = ran.says("error: tests/data/list.yaml:21: Deployment second-of-list: spec.replicas: ");
    assert!(!ran.stdout.contains("second-of-list"), "{}", ran.stdout);
    assert_eq!(
        workload(&scan_as_json(&["tests/data/list.yaml"]), "third-of-list")["source"],
        "tests/data/list.yaml:22"
    );
}

#[test]
fn json_files_are_read() {
    scan("workload.json").ends_with_code(0).silent_on_stderr().prints("deployment/from-json");
}

#[test]
fn all_files_together_are_one_cluster() {
    // The Service in another file says what the port speaks.
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("below")).expect("a folder");
    let with_label = deployment("web").replace("{spec: {c", "{metadata: {labels: {app: web}}, spec: {c");
    fs::write(folder.path().join("web.yml"), with_label).expect("written");
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n\
                   spec: {selector: {app: web}, ports: [{port: 80, appProtocol: grpc}]}\n";
    fs::write(folder.path().join("below/service.yaml"), service).expect("written");
    fs::write(folder.path().join("README.md"), "not: [a manifest").expect("written");
    let ran = berth(&["scan", text(folder.path()), "--explain", "deployment/web"]);
    ran.ends_with_code(0).silent_on_stderr().prints("Grpc");
}

// Bad input: each named with file, line and reason, and the rest is scanned

#[test]
fn an_empty_document_is_passed_over() {
    scan("empty.yaml").ends_with_code(1).prints_nothing().says("no workload in tests/data/empty.yaml");
    berth(&["scan", "tests/data/empty.yaml", "tests/data/workload.json"])
        .ends_with_code(0)
        .silent_on_stderr()
        .prints("from-json");
}

#[test]
fn a_workload_without_requests_is_judged_and_told_so() {
    let document = scan_as_json(&["tests/data/no-requests.yaml"]);
    let findings = workload(&document, "unsized")["findings"].as_array().expect("a list");
    let finding = findings
        .iter()
        .find(|finding| finding["field"].as_str().is_some_and(|field| field.contains("resources.requests")));
    assert_eq!(finding.expect("a finding about the requests")["effect"], "Notes");
    let cost = &workload(&document, "unsized")["recommendation"]["currentMonthlyCost"];
    assert!(cost["low"].as_f64() < cost["high"].as_f64(), "what is unknown widens the cost: {cost}");
}

#[test]
fn an_unknown_kind_is_named() {
    scan("unknown-kind.yaml")
        .ends_with_code(1)
        .prints_nothing()
        .says("note: tests/data/unknown-kind.yaml:2: widgets.example/v1 Widget isn't a kind that Berth reads; left out");
    // Folders hold other kinds all the time: no reason to fail when there are workloads too.
    berth(&["scan", "tests/data/unknown-kind.yaml", "tests/data/workload.json"])
        .ends_with_code(0)
        .prints("from-json");
}

#[test]
fn what_isnt_yaml_is_named() {
    scan("not-yaml.yaml")
        .ends_with_code(1)
        .prints_nothing()
        .says("error: tests/data/not-yaml.yaml:5: not YAML: ");
}

#[test]
fn a_helm_template_is_recognised() {
    scan("helm-template.yaml")
        .ends_with_code(1)
        .prints_nothing()
        .says("error: tests/data/helm-template.yaml:4: ")
        .says("render it first, as in `helm template CHART | berth scan -`");
}

#[test]
fn a_placeholder_is_recognised() {
    scan("placeholder.yaml")
        .ends_with_code(1)
        .prints_nothing()
        .says("error: tests/data/placeholder.yaml:6: Deployment placeholder: spec.replicas: ")
        .says("it holds placeholders: fill them in first");
}

#[test]
fn a_removed_version_is_named_and_read_as_its_successor() {
    scan("removed-version.yaml")
        .ends_with_code(0)
        .says("note: tests/data/removed-version.yaml:2: extensions/v1beta1 Deployment was removed in Kubernetes 1.16")
        .prints("deployment/old");
}

#[test]
fn a_broken_document_hides_neither_neighbour() {
    let ran = scan("between.yaml").ends_with_code(1).prints("deployment/before").prints("deployment/after");
    ran.says("error: tests/data/between.yaml:14: not YAML: ");
}

#[test]
fn a_file_that_isnt_text_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("latin1.yaml");
    fs::write(&file, b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: caf\xe9}\n").expect("written");
    fs::write(folder.path().join("web.yaml"), deployment("web")).expect("written");
    berth(&["scan", text(folder.path())])
        .ends_with_code(1)
        .says(&format!("error: {}:3: not text in UTF-8", file.display()))
        .prints("deployment/web");
}

#[test]
fn a_file_of_20_mb_is_named_and_the_rest_is_scanned() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("large.yaml");
    let blob = "x".repeat(20 << 20);
    let large = format!(
        "{}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: large}}\ndata: {{blob: {blob}}}\n---\n{}",
        deployment("before"),
        deployment("after")
    );
    fs::write(&file, large).expect("written");
    berth(&["scan", text(&file)])
        .ends_with_code(1)
        .says(&format!("error: {}:6: a document of 20.0 MiB", file.display()))
        .prints("deployment/before")
        .prints("deployment/after");
}

#[test]
fn a_file_that_isnt_there_is_named() {
    berth(&["scan", "tests/data/nowhere.yaml", "tests/data/workload.json"])
        .ends_with_code(1)
        .says("error: tests/data/nowhere.yaml")
        .says("No such file")
        .prints("from-json");
}

#[test]
fn all_bad_input_at_once_leaves_what_is_good() {
    let document = scan_as_json(&["tests/data"]);
    assert_eq!(
        names(&document),
        ["after", "before", "first-of-list", "from-json", "old", "third-of-list", "unsized"]
    );
}

// Policy and price book

#[test]
fn a_wrong_policy_is_refused_with_line_and_field() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policy.yaml");
    for (written, expected) in [
        ("operations:\n  hourlyRate: lots\n", "2: operations.hourlyRate: "),
        (
            "operations:\n  assumptions:\n    nodePacking: 3\n",
            "3: operations.assumptions.nodePacking: 3 must be ",
        ),
        ("minimumSaving: 3\n", "1: minimumSaving: unknown field"),
        ("operations: a: b\n", "1: "),
    ] {
        fs::write(&file, written).expect("written");
        let ran =
            berth(&["scan", "examples/shop", "--policy", text(&file)]).ends_with_code(1).prints_nothing();
        ran.says(&format!("berth: {}:", file.display())).says(expected);
    }
    berth(&["scan", "examples/shop", "--policy", "tests/data/nowhere.yaml"])
        .ends_with_code(1)
        .says("berth: tests/data/nowhere.yaml: No such file");
}

#[test]
fn a_policy_changes_what_is_decided() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policy.yaml");
    fs::write(&file, "minimumMonthlySaving: 100000\n").expect("written");
    let document = scan_as_json(&["examples/shop", "--policy", text(&file)]);
    assert_eq!(document["platform"]["misplaced"], 0);
    assert_ne!(scan_as_json(&["examples/shop"])["platform"]["misplaced"], 0);
}

#[test]
fn a_wrong_price_book_is_refused_with_line_and_field() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("prices.yaml");
    for (written, expected) in [
        ("date: 2026-01-01\nregion: eu-west-1\nlambda: 3\n", "3: lambda: "),
        ("date: 2026-01-01\nec2: {}\n", "2: ec2: unknown field"),
    ] {
        fs::write(&file, written).expect("written");
        let ran =
            berth(&["scan", "examples/shop", "--prices", text(&file)]).ends_with_code(1).prints_nothing();
        ran.says(&format!("berth: {}:{expected}", file.display()));
    }
}

// The other commands

#[test]
fn rules_are_listed_and_explained() {
    let list = berth(&["explain"]).ends_with_code(0).silent_on_stderr();
    assert!(list.stdout.lines().count() >= 5, "{}", list.stdout);
    for line in list.stdout.lines() {
        let code = line.split_whitespace().next().expect("a code");
        berth(&["explain", code])
            .ends_with_code(0)
            .prints(code)
            .prints("Why it matters")
            .prints("What to do");
    }
    berth(&["explain", "LMB003"]).ends_with_code(0).prints("LMB003").prints("10,240 MB");
    berth(&["explain", "NOPE"])
        .ends_with_code(1)
        .prints_nothing()
        .says("no rule NOPE: `berth explain` lists them");
}

/// What `kubectl get workloadprofiles -A -o yaml` would save of these workloads.
fn profiles_of(document: &Value) -> Value {
    let items = document["workloads"].as_array().expect("a list").iter().map(|workload| {
        let mut status = workload.as_object().expect("an object").clone();
        let mut take = |field: &str| status.remove(field).expect("a field");
        let (kind, namespace, name) = (take("kind"), take("namespace"), take("name"));
        take("source");
        let profile = format!(
            "{}-{}",
            kind.as_str().unwrap_or_default().to_lowercase(),
            name.as_str().unwrap_or_default()
        );
        let group = if kind == "CronJob" || kind == "Job" { "batch/v1" } else { "apps/v1" };
        json!({
            "apiVersion": "berth.dev/v1alpha1",
            "kind": "WorkloadProfile",
            "metadata": {"name": profile, "namespace": namespace},
            "spec": {"workloadRef": {"apiVersion": group, "kind": kind, "name": name}},
            "status": status,
        })
    });
    json!({"apiVersion": "v1", "kind": "List", "items": items.collect::<Vec<_>>()})
}

#[test]
fn saved_profiles_give_the_report_that_the_scan_gave() {
    let scanned = scan_as_json(&["examples/shop"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("profiles.yaml");
    let saved = serde_yaml_ng::to_string(&profiles_of(&scanned)).expect("YAML");
    fs::write(&file, saved).expect("written");

    let mut reported =
        berth(&["report", text(&file), "-o", "json"]).ends_with_code(0).silent_on_stderr().json();
    let mut expected = scanned;
    for document in [&mut reported, &mut expected] {
        for workload in document["workloads"].as_array_mut().expect("a list") {
            workload["source"] = Value::Null;
        }
    }
    assert_eq!(reported, expected);

    let table = berth(&["report", text(&file)]).ends_with_code(0).prints("deployment/storefront");
    assert_eq!(table.stdout, berth(&["scan", "examples/shop"]).stdout);
    berth(&["report", text(&file), "--explain", "cronjob/cart-cleanup"])
        .ends_with_code(0)
        .prints("Candidates");
    berth(&["report", text(&file), "--namespace", "shop"]).ends_with_code(0).prints("10 workloads");
    berth(&["report", text(&file), "--namespace", "other"])
        .ends_with_code(1)
        .prints_nothing()
        .says("no decided workload");
}

#[test]
fn a_profile_without_a_decision_is_counted_and_said() {
    berth(&["report", "tests/data/profiles.yaml"])
        .ends_with_code(0)
        .says("note: 1 profiles have no decision yet")
        .prints("deployment/decided");
    berth(&["report", "tests/data/workload.json"])
        .ends_with_code(1)
        .prints_nothing()
        .says("no decided workload");
}

#[test]
fn wrong_usage_is_told_from_an_error() {
    for arguments in [&["scan"][..], &["scann"], &[]] {
        berth(arguments).ends_with_code(2).prints_nothing().says("Usage: berth");
    }
    berth(&["scan", "-o", "xml", "examples/shop"])
        .ends_with_code(2)
        .prints_nothing()
        .says("possible values: table");
    berth(&["--help"]).ends_with_code(0).silent_on_stderr().prints("scan");
    berth(&["--version"]).ends_with_code(0).prints(env!("CARGO_PKG_VERSION"));
}

#[test]
fn generated_files_are_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = folder.path().join("rules");
    berth(&["generate", "rules", "--output-dir", text(&rules)]).ends_with_code(0).prints_nothing();
    berth(&["generate", "rules", "--output-dir", text(&rules), "--check"])
        .ends_with_code(0)
        .silent_on_stderr();
    fs::write(rules.join("LMB003.md"), "by hand").expect("written");
    berth(&["generate", "rules", "--output-dir", text(&rules), "--check"])
        .ends_with_code(1)
        .says("LMB003.md isn't current: run `berth generate` again");
}

#[cfg(feature = "cluster")]
#[test]
fn the_custom_resource_definitions_are_current() {
    berth(&["generate", "crds", "--check"]).ends_with_code(0).silent_on_stderr();
    let folder = tempfile::tempdir().expect("a folder");
    berth(&["generate", "crds", "--output-dir", text(folder.path()), "--check"])
        .ends_with_code(1)
        .says("No such file");
}
