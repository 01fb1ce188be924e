//! The docs hold: their offline commands run and print what is shown, their links lead somewhere, and what no test
//! runs is known by name.

#[path = "common/pages.rs"]
mod pages;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use pages::{By, Page, first_difference, page, pages, root, sandbox};

/// All that needs what isn't there where the tests run.
const NOT_TESTED: &[&str] = &[
    "kubectl port-forward -n berth-system deployment/berth 8081    # not tested: runs until it's stopped",
    "curl http://localhost:8081/report.json    # not tested: needs the line above to run",
    "kubectl get reports.openreports.io -A    # not tested: needs OpenReports' definitions",
    "kubectl delete reports.openreports.io -A -l app.kubernetes.io/managed-by=berth    # not tested: needs OpenReports' definitions",
    "make demo    # not tested: starts a cluster of its own",
    "make test    # not tested: is the test",
    "cargo install --locked --path .    # not tested: builds for minutes",
    "make demo         # not tested: starts a cluster of its own",
    "make demo-down    # not tested: starts a cluster of its own",
    "aws ec2 authorize-security-group-ingress --group-id NODES --protocol tcp --port 8443 --source-group CLUSTER    # not tested: needs AWS",
];

#[test]
fn every_offline_command_runs_and_prints_what_is_shown() {
    let folder = sandbox();
    let berth = Path::new(env!("CARGO_BIN_EXE_berth")).parent().expect("a folder");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", berth.display());
    let mut ran = 0;
    for page in pages() {
        for command in page.blocks.iter().flatten().filter(|command| command.by == By::Offline) {
            let output = Command::new("bash")
                .args(["-c", &command.line])
                .current_dir(folder.path())
                .env_clear()
                .env("PATH", &path)
                .output()
                .expect("bash starts");
            let (stdout, stderr) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            let place = format!("{}: {}", page.path.display(), command.line);
            assert!(output.status.success(), "{place}\n{stderr}");
            if let Some(line) = first_difference(&command.prints, &stdout) {
                panic!("{place}\ndoesn't print: {line}\nbut:\n{stdout}");
            }
            ran += 1;
        }
    }
    assert!(ran >= 20, "{ran} commands");
}

/// The examples for pipelines are YAML, their lines run, and what they hand on is there afterwards.
#[test]
fn the_examples_for_pipelines_run() {
    let folder = sandbox();
    let berth = Path::new(env!("CARGO_BIN_EXE_berth")).parent().expect("a folder");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", berth.display());
    let mut ran = 0;
    for (language, text) in page(&root().join("docs/ci.md")).other_code {
        assert_eq!(language, "yaml");
        let pipeline: Value =
            serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        for line in lines_of(&pipeline) {
            let output = Command::new("bash")
                .args(["-ec", &line])
                .current_dir(folder.path())
                .env_clear()
                .env("PATH", &path)
                .env("GITHUB_STEP_SUMMARY", folder.path().join("summary.md"))
                .output()
                .expect("bash starts");
            // Whether the example's policy refuses the example's shop isn't what is tested.
            let stopped = line.contains("--fail-on") && output.status.code() == Some(3);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() || stopped, "{line}\n{said}");
            ran += 1;
        }
        for name in artifacts_of(&pipeline) {
            assert!(folder.path().join(&name).is_file(), "no line writes {name}:\n{text}");
        }
    }
    assert!(ran >= 7, "{ran} lines");
}

/// What each kind of pipeline calls its command lines, those of berth alone.
fn lines_of(pipeline: &Value) -> Vec<String> {
    let texts = |value: &Value| {
        let lines = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let each = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let github = each(&pipeline["jobs"]["scan"]["steps"]);
    let github = github.iter().filter_map(|step| step["run"].as_str().map(str::to_owned));
    let hooks = each(&pipeline["repos"]).into_iter().flat_map(|repository| each(&repository["hooks"]));
    let hooks = hooks.map(|hook| format!("berth {}", texts(&hook["args"]).join(" ")));
    let gitlab = texts(&pipeline["berth"]["script"]);
    github.chain(hooks).chain(gitlab).filter(|line| line.starts_with("berth ")).collect()
}

/// The files that a pipeline hands on.
fn artifacts_of(pipeline: &Value) -> Vec<String> {
    let artifacts = &pipeline["berth"]["artifacts"];
    let sarif = pipeline["jobs"]["scan"]["steps"].as_array().into_iter().flatten();
    let sarif = sarif.filter_map(|step| step["with"]["sarif_file"].as_str());
    let paths = artifacts["paths"].as_array().into_iter().flatten().filter_map(Value::as_str);
    sarif.chain(paths).chain(artifacts["reports"]["junit"].as_str()).map(str::to_owned).collect()
}

#[test]
fn what_no_test_runs_is_known_by_name() {
    let pages = pages();
    let mut found: Vec<&str> = pages
        .iter()
        .flat_map(|page| page.blocks.iter().flatten())
        .filter(|command| command.by == By::Nobody)
        .map(|command| command.line.as_str())
        .collect();
    let mut known = NOT_TESTED.to_vec();
    found.sort_unstable();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn commands_stand_where_tests_find_them() {
    for Page { path, other_code, .. } in pages() {
        for (language, text) in other_code {
            let is_command = |line: &str| {
                ["$ ", "berth ", "kubectl ", "helm ", "make "]
                    .iter()
                    .any(|start| line.trim_start().starts_with(start))
            };
            let hidden = text.lines().find(|line| is_command(line));
            assert_eq!(hidden, None, "{}: in a block of {language:?}, not of console", path.display());
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut paths = Vec::new();
    markdown(root(), &mut paths);
    assert!(paths.len() > 100, "{paths:?}");
    let mut dead = Vec::new();
    for path in &paths {
        let Page { links, anchors, .. } = page(path);
        for link in links.iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (file, anchor) =
                link.split_once('#').map_or((link.as_str(), None), |(file, anchor)| (file, Some(anchor)));
            let target = if file.is_empty() { path.clone() } else { path.with_file_name(file) };
            let known = match anchor {
                None => target.exists(),
                Some(anchor) if file.is_empty() => anchors.contains(anchor),
                Some(anchor) => target.is_file() && page(&target).anchors.contains(anchor),
            };
            if !known {
                dead.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert_eq!(dead, Vec::<String>::new());
}

#[test]
fn the_index_names_every_page() {
    let index = page(&root().join("docs/README.md"));
    for page in pages().iter().filter(|page| page.path.starts_with(root().join("docs"))) {
        let name = page.path.file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(
            name == "README.md" || index.links.iter().any(|link| link == name),
            "docs/README.md misses {name}"
        );
    }
}

/// Every page of the repository, the generated ones too.
fn markdown(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let skipped = ["target", "dist", "node_modules", ".git"].iter().any(|skipped| name == *skipped);
        if path.is_dir() && !skipped {
            markdown(&path, found);
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
}
