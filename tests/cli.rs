//! The offline command line as a user meets it: the built binary, real files, exit codes, both output streams.

#[path = "common/command.rs"]
mod command;

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use command::{Ran, berth, berth_reading, deployment, names, scan_as_json, text, workload};
use serde_json::Value;

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
    has(&document["platform"], &["verdict", "workloads", "misplaced", "byTarget", "saving"]);
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
fn the_only_workload_needs_no_name_to_be_explained() {
    let one = berth(&["scan", "examples/shop/storefront.yaml", "--explain"]);
    assert!(one.stdout.contains("Candidates, by the most that each can cost"), "{}", one.stdout);
    one.ends_with_code(0);
    berth(&["scan", "examples/shop", "--explain"])
        .ends_with_code(1)
        .says("there are 10 workloads: name one, as --explain cronjob/cart-cleanup");
}

#[test]
fn wide_figures_stand_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yaml");
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, annotations: {berth.dev/trigger: HTTP}}\n\
                spec: {replicas: 300, template: {spec: {containers: [{name: web, image: web, ports: [{name: http, \
                containerPort: 80}], resources: {requests: {cpu: '2', memory: 4Gi}}}]}}}\n";
    std::fs::write(&file, text).unwrap();
    let page = berth(&["scan", file.to_str().unwrap(), "--explain"]).stdout;
    let costs = page.split("What it costs a month").nth(1).unwrap();
    let rows: Vec<&str> = costs.lines().skip(2).take_while(|line| !line.contains("People's hours")).collect();
    assert!(rows.len() > 2 && rows.iter().any(|row| row.len() > 96), "{costs}");
    for row in rows {
        assert_eq!(row.split_whitespace().count(), 6, "{row}");
    }
}

#[test]
fn rights_that_are_given_twice_count_from_both_files() {
    let folder = tempfile::tempdir().unwrap();
    let bound = |namespace: &str, role: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: reader}}\nsubjects: \
             [{{kind: ServiceAccount, name: web, namespace: {namespace}}}]\nroleRef: {{kind: ClusterRole, name: {role}}}\n"
        )
    };
    let role = |rules: &str| {
        format!(
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: reader}}\nrules: [{rules}]\n"
        )
    };
    let web = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {spec: \
               {serviceAccountName: web, containers: [{name: web, image: web}]}}}\n";
    let pods = role("{apiGroups: [''], resources: [pods], verbs: [list]}");
    let first = bound("shop", "reader") + &pods + web;
    let binding = "is given again at {0}/z.yaml:1, and differs: both count";
    for (second, notes) in [
        // The same again takes nothing and needs no word.
        (bound("shop", "reader") + &pods, &[][..]),
        (bound("other", "reader"), &[("1: ClusterRoleBinding reader", binding)]),
        (bound("other", "writer"), &[("1: ClusterRoleBinding reader", binding)]),
        (role("{nonResourceURLs: [/healthz], verbs: [get]}"), &[]),
    ] {
        std::fs::write(folder.path().join("a.yaml"), &first).unwrap();
        std::fs::write(folder.path().join("z.yaml"), second).unwrap();
        let path = folder.path().to_str().unwrap();
        let scan = berth(&["scan", path, "--explain"]);
        assert!(scan.stdout.contains("bound by ClusterRoleBinding reader; it calls"), "{}", scan.stdout);
        assert_eq!(scan.stderr.matches("given again").count(), notes.len(), "{}", scan.stderr);
        for (at, note) in notes {
            assert!(
                scan.stderr.contains(&format!("note: {path}/a.yaml:{at} {note}").replace("{0}", path)),
                "{}",
                scan.stderr
            );
        }
        scan.ends_with_code(0);
    }
}

#[test]
fn an_account_without_a_namespace_is_named_and_counts() {
    let text = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: reader}\nsubjects:\n\
                - {kind: Group, name: admins}\n- {kind: ServiceAccount, name: web}\nroleRef: {kind: ClusterRole, name: reader}\n\
                ---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {spec: \
                {serviceAccountName: web, containers: [{name: web, image: web}]}}}\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yaml");
    std::fs::write(&file, text).unwrap();
    let scan = berth(&["scan", file.to_str().unwrap(), "--explain"]);
    let told = scan.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("web, bound without a namespace by ClusterRoleBinding re"), "{told}");
    scan.ends_with_code(0).says(
        "web.yaml:6: ClusterRoleBinding reader: subjects[1].namespace: missing, and the API server requires it; read as",
    );
}

#[test]
fn a_workload_that_is_given_twice_is_named_with_both_places() {
    let folder = tempfile::tempdir().unwrap();
    let deployment = |replicas: u32| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{replicas: {replicas}, \
             template: {{spec: {{containers: [{{name: web, image: web}}]}}}}}}\n"
        )
    };
    for (name, replicas) in [("base.yaml", 1), ("prod.yaml", 30)] {
        std::fs::write(folder.path().join(name), deployment(replicas)).unwrap();
    }
    berth(&["scan", folder.path().to_str().unwrap()]).ends_with_code(0).says(&format!(
        "note: {0}/base.yaml:1: Deployment shop/web is given again at {0}/prod.yaml:1, which counts",
        folder.path().display()
    ));
}

#[test]
fn a_pipeline_can_act_on_the_exit_code() {
    berth(&["scan", "examples/shop", "--fail-on", "warn"]).ends_with_code(3).prints("deployment/storefront");
    berth(&["scan", "examples/shop", "--fail-on", "never"]).ends_with_code(0);
}

/// What admission would refuse, by the same policy: the rule, and a namespace's own label over it.
#[test]
fn a_pipeline_can_stop_what_admission_would_refuse() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.yaml");
    std::fs::write(&policy, "enforcement:\n- mode: Deny\n  denyOn: [FitsLambda]\n").unwrap();
    let scan = |path: &str, fail_on: &str| {
        berth(&["scan", path, "--policy", policy.to_str().unwrap(), "--fail-on", fail_on])
    };
    scan("examples/shop", "deny")
        .ends_with_code(3)
        .says("deployment/payment-hook in namespace shop (FitsLambda)");
    scan("examples/shop", "never").ends_with_code(0);
    let resting = folder.path().join("resting.yaml");
    let hook = std::fs::read_to_string("examples/shop/payment-hook.yaml").unwrap();
    std::fs::write(&resting, hook.replace("replicas: 2", "replicas: 0")).unwrap();
    scan(text(&resting), "deny").ends_with_code(3).says("in namespace shop (FitsLambda, were it running)");
    berth(&["scan", "examples/shop", "--fail-on", "deny"]).ends_with_code(0).says(
        "note: --fail-on deny stops nothing here: by this policy and these labels no namespace is in Deny",
    );
    let shop = folder.path().join("shop");
    std::fs::create_dir(&shop).unwrap();
    std::fs::copy("examples/shop/payment-hook.yaml", shop.join("hook.yaml")).unwrap();
    let audit = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {berth.dev/mode: Audit}}\n";
    std::fs::write(shop.join("namespace.yaml"), audit).unwrap();
    scan(shop.to_str().unwrap(), "deny").ends_with_code(0).says("no namespace is in Deny");
    scan(shop.to_str().unwrap(), "warn").ends_with_code(0);
}

/// What its namespace's labels would refuse can't be told from files that don't hold it: that is said.
#[test]
fn a_namespace_whose_labels_nobody_shows_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.yaml");
    let scan = |rule: &str| {
        std::fs::write(&policy, format!("enforcement:\n- {rule}\n")).unwrap();
        let hook = "examples/shop/payment-hook.yaml";
        berth(&["scan", hook, "--policy", text(&policy), "--fail-on", "deny"])
    };
    scan("{mode: Deny, namespaceSelector: {matchLabels: {stage: prod}}}").ends_with_code(0).says(
        "note: the labels of namespace shop aren't known, so they refuse nothing: add its Namespace to what is read",
    );
    scan("{mode: Deny}").ends_with_code(3);
    berth(&["scan", "examples/shop/payment-hook.yaml", "--fail-on", "warn"])
        .ends_with_code(3)
        .silent_on_stderr();
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
        ("operations: 3\n", "1: operations: invalid type: integer `3`, expected an object"),
        ("operations: {hourlyRate: lots}\n", "expected a number"),
        ("enforcement:\n- mode: Off\n", "2: enforcement[0].mode: YAML takes Off without quotes"),
        ("kind: Deployment\nspec: {}\n", "1: apiVersion: must be berth.dev/v1alpha1"),
        ("operations: a: b\n", "1: "),
    ] {
        fs::write(&file, written).expect("written");
        let ran =
            berth(&["scan", "examples/shop", "--policy", text(&file)]).ends_with_code(1).prints_nothing();
        ran.says(&format!("berth: {}:", file.display())).says(expected);
    }
    fs::write(&file, "enforcement:\n- mode: Warn\n- mode: Deny\n").expect("written");
    berth(&["scan", "examples/shop", "--policy", text(&file)])
        .ends_with_code(0)
        .says(":3: enforcement[1]: never applies: enforcement[0] before it selects every namespace");
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
fn who_shares_the_cluster_is_said_and_can_be_set() {
    let alone = berth(&["scan", "examples/shop/catalogue.yaml"]).ends_with_code(0);
    alone.prints("one service bears it all");
    let shared = berth(&["scan", "examples/shop/catalogue.yaml", "--services", "30"]).ends_with_code(0);
    shared.prints("30 services share it");
    berth(&["scan", "examples/shop", "--services", "0"]).ends_with_code(2).says("at least 1");
}

#[test]
fn a_wrong_price_book_is_refused_with_line_and_field() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("prices.yaml");
    for (written, expected) in [
        ("date: 2026-01-01\nregion: eu-west-1\nlambda: 3\n", "3: lambda: "),
        ("date: 2026-01-01\nec3: {}\n", "2: ec3: unknown field"),
    ] {
        fs::write(&file, written).expect("written");
        let ran =
            berth(&["scan", "examples/shop", "--prices", text(&file)]).ends_with_code(1).prints_nothing();
        ran.says(&format!("berth: {}:{expected}", file.display()));
    }
}

#[test]
fn a_price_book_to_start_from_is_printed() {
    let book = berth(&["generate", "prices"]).ends_with_code(0).silent_on_stderr();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("prices.yaml");
    let scan =
        || berth(&["scan", "examples/shop", "--prices", text(&file)]).ends_with_code(0).silent_on_stderr();
    fs::write(&file, &book.stdout).expect("written");
    assert_eq!(scan().stdout, berth(&["scan", "examples/shop"]).stdout, "the same prices");
    fs::write(&file, book.stdout.replace("region: us-east-1", "region: eu-central-1")).expect("written");
    scan().prints("(eu-central-1)");
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
    for target in ["ECSFargate", "sagemaker", "AppRunner", "ECS on Fargate"] {
        berth(&["explain", target]).ends_with_code(0).prints("When it wins").prints("What excludes it");
    }
    berth(&["explain", "AppRunner"]).ends_with_code(0).prints("Closed to new customers since 2026-04-30");
    berth(&["explain", "NOPE"])
        .ends_with_code(1)
        .prints_nothing()
        .says("no rule or target NOPE: `berth explain` lists the rules");
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
fn completions_and_man_pages_are_written() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        berth(&["generate", "completions", shell]).ends_with_code(0).silent_on_stderr().prints("fail-on");
    }
    let folder = tempfile::tempdir().expect("a folder");
    berth(&["generate", "man", "--output-dir", text(folder.path())]).ends_with_code(0).prints_nothing();
    let page = fs::read_to_string(folder.path().join("berth-scan.1")).expect("a page");
    assert!(page.contains("Exit codes") && page.contains("sarif"), "{page}");
}

#[test]
fn who_isnt_there_is_named_with_those_that_are() {
    berth(&["scan", "examples/shop", "--team", "nope"])
        .ends_with_code(2)
        .prints_nothing()
        .says("none of the 10 workloads in examples/shop (11 files read) is selected")
        .says(": no team nope: there is catalogue, payments, platform, web");
    berth(&["scan", "examples/shop", "--namespace", "shopp", "--fail-on", "warn"])
        .ends_with_code(2)
        .says(": no namespace shopp: there is shop");
    berth(&["scan", "examples/shop", "--team", "nope,web"])
        .ends_with_code(0)
        .says("note: no team nope: there is catalogue, payments, platform, web");
    berth(&["scan", "examples/shop", "--target", "SageMaker"])
        .ends_with_code(0)
        .says("note: none of the workloads in examples/shop (11 files read) is selected");
    berth(&["scan", "nowhere/"]).ends_with_code(1).says("berth: nowhere/: there is no such file or folder");
    berth(&["explain", "deployment/web", "-f", "tests/data/empty.yaml"])
        .ends_with_code(1)
        .says("no workload deployment/web, nor any other");
    for (slip, meant) in [
        ("deployment/storefrnt", "deployment/storefront"),
        ("storefrnt", "storefront"),
        ("shop/deployment/storefrnt", "shop/deployment/storefront"),
    ] {
        berth(&["explain", slip, "-f", "examples/shop"])
            .ends_with_code(1)
            .says(&format!("no workload {slip}: did you mean {meant}?"));
    }
    berth(&["explain", "payroll", "-f", "examples/shop"]).ends_with_code(1).says("name one as ");
}

#[test]
fn one_workload_is_explained_from_its_manifests() {
    let scan = berth(&["scan", "examples/shop", "--explain", "deployment/storefront"]).ends_with_code(0);
    let explain = berth(&["explain", "deployment/storefront", "-f", "examples/shop"]).ends_with_code(0);
    assert_eq!(explain.stdout, scan.stdout);
    berth(&["explain", "deployment/storefront"])
        .ends_with_code(1)
        .says("name its manifests: berth explain deployment/storefront -f FILE");
}

#[cfg(unix)]
#[test]
fn as_kubectls_plugin_it_says_how_it_was_called() {
    let folder = tempfile::tempdir().expect("a folder");
    let plugin = folder.path().join("kubectl-berth");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_berth"), &plugin).expect("a link");
    let output = Command::new(&plugin).args(["scan", "--help"]).env_clear().output().expect("berth starts");
    Ran::from(output).ends_with_code(0).prints("Usage: kubectl berth scan");
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
    // The same types behind what Helm holds a policy to.
    berth(&["generate", "values", "--check"]).ends_with_code(0).silent_on_stderr();
    let folder = tempfile::tempdir().expect("a folder");
    berth(&["generate", "crds", "--output-dir", text(folder.path()), "--check"])
        .ends_with_code(1)
        .says("No such file");
}

#[test]
fn standard_output_stays_clean_whatever_is_read() {
    let broken = format!("{}---\nkind: [\n---\n{{}}\n---\nkind: Deployment\nspec: 3\n", deployment("web"));
    let ran = berth_reading(&["scan", "-", "-o", "json"], broken.as_bytes());
    assert_eq!(names(&ran.json()), ["web"], "{}", ran.stderr);
    assert!(ran.stderr.contains("error: "), "{}", ran.stderr);
    berth_reading(&["scan", "-", "-o", "json"], b"kind: [").ends_with_code(1).prints_nothing();
}

#[cfg(feature = "cluster")]
#[test]
fn a_word_that_is_no_level_is_wrong_usage() {
    berth(&["run", "--log-level", "loud"]).ends_with_code(2).says("\"loud\" is no level");
    berth(&["run", "--log-level", "info,berth"]).ends_with_code(2).says("\"berth\" is no level");
}
