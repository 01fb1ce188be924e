//! `berth report` from saved files: what was decided, never judged again, alone and taken together.

#[path = "common/command.rs"]
mod command;

use std::{collections::BTreeSet, fs, path::PathBuf};

use command::{berth, scan_as_json, text};
use serde_json::{Value, json};

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
    let platform = json!({
        "apiVersion": "berth.dev/v1alpha1",
        "kind": "PlatformProfile",
        "metadata": {"name": "cluster"},
        "spec": {},
        "status": document["platform"],
    });
    json!({"apiVersion": "v1", "kind": "List", "items": items.chain([platform]).collect::<Vec<_>>()})
}

/// The shop as so many clusters saved it, a file each, named cluster-0 and on.
fn saved(folder: &tempfile::TempDir, clusters: usize) -> Vec<PathBuf> {
    let profiles = profiles_of(&scan_as_json(&["examples/shop"]));
    let files = (0..clusters).map(|number| folder.path().join(format!("cluster-{number}.json")));
    files.inspect(|file| fs::write(file, profiles.to_string()).expect("written")).collect()
}

/// A report in JSON on these files.
fn report_on(files: &[PathBuf], more: &[&str]) -> Value {
    let files: Vec<&str> = files.iter().map(|file| text(file)).collect();
    berth(&[&["report", "-o", "json"], &files[..], more].concat()).ends_with_code(0).json()
}

/// A group by its name.
fn group<'a>(document: &'a Value, name: &str) -> &'a Value {
    let groups = document["groups"]["of"].as_array().expect("groups");
    groups.iter().find(|group| group["name"] == name).unwrap_or_else(|| panic!("no {name} in {groups:#?}"))
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
            workload.as_object_mut().expect("an object").remove("cluster");
        }
        // A scan says what is; a report also says what to do.
        document.as_object_mut().expect("an object").remove("overview");
    }
    assert_eq!(reported, expected);

    let table = berth(&["report", text(&file)]).ends_with_code(0).prints("deployment/storefront");
    let scan = berth(&["scan", "examples/shop"]).stdout;
    assert!(
        table.stdout.starts_with("Justified: 7 of 9 workloads don't need Kubernetes"),
        "{}",
        table.stdout
    );
    // What share of the cluster each row bears, a scan can be told otherwise.
    let lines = |text: &str| {
        text.lines()
            .filter(|line| !line.contains("services share it") && !line.contains("--services"))
            .map(str::to_owned)
            .collect::<BTreeSet<String>>()
    };
    assert!(!table.stdout.contains("--services"), "{}", table.stdout);
    assert!(lines(&table.stdout).is_superset(&lines(&scan)), "all that a scan says:\n{}", table.stdout);
    let table = table
        .prints("What to move first")
        .prints("deployment/payment-hook to Lambda: ")
        .prints("payments: How long does one unit of work run");
    berth(&["report", text(&file), "--explain", "cronjob/cart-cleanup"])
        .ends_with_code(0)
        .prints("Candidates");
    // One text for the steps, wherever they are told.
    let effort =
        "effort 3: the move, an image rebuilt for Lambda (a handler or the Web Adapter), callers to redirect";
    let hook = berth(&["report", text(&file), "--explain", "deployment/payment-hook"]);
    for text in [&table.stdout, &hook.stdout] {
        let unwrapped = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(unwrapped.contains(effort), "{text}");
    }
    berth(&["report", text(&file), "--team", "web"])
        .ends_with_code(0)
        .prints("While the cluster stays, deployment/")
        .prints("--explain says more.");
    berth(&["report", text(&file), "--namespace", "shop"]).ends_with_code(0).prints("10 workloads");
    berth(&["report", text(&file), "--namespace", "other"])
        .ends_with_code(2)
        .prints_nothing()
        .says("none of the 10 workloads in")
        .says("is selected: no namespace other: there is shop");
    berth(&["report", text(&file), "--team", "nope,web"])
        .ends_with_code(0)
        .says("note: no team nope: there is catalogue, payments, platform, web");
    berth(&["report", text(&file), "--explain", "deployment/catalogue"])
        .ends_with_code(0)
        .prints("berth scan --cluster --explain deployment/catalogue");
}

/// Nothing is priced again: the footer names the books that the verdicts were reached with.
#[test]
fn the_footer_names_the_prices_that_were_decided_by() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("prod.json");
    let mut scanned = scan_as_json(&["examples/shop"]);
    scanned["platform"]["prices"] = json!({"date": "2026-01-31", "region": "eu-central-1"});
    fs::write(&file, scanned.to_string()).expect("written");
    berth(&["report", text(&file)]).ends_with_code(0).prints("List prices of 2026-01-31 (eu-central-1)");
    scanned.as_object_mut().expect("an object").remove("platform");
    fs::write(&file, scanned.to_string()).expect("written");
    berth(&["report", text(&file)]).ends_with_code(0).prints("Prices of the policy that each was decided by");
    for flag in ["--policy", "--prices"] {
        berth(&["report", text(&file), flag, "any.yaml"]).ends_with_code(2).says("unexpected argument");
    }
}

#[test]
fn a_profile_without_a_decision_is_counted_and_said() {
    berth(&["report", "tests/data/profiles.yaml"])
        .ends_with_code(0)
        .says("note: profiles: 1 profiles have no decision yet")
        .prints("deployment/decided");
    berth(&["report", "tests/data/workload.json"])
        .ends_with_code(1)
        .prints_nothing()
        .says("no decided workload");
}

#[test]
fn teams_targets_namespaces_and_features_are_taken_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = saved(&folder, 2);

    // A team is one, wherever it works; a namespace is its cluster's.
    let teams = report_on(&files, &["--by", "team"]);
    let of = &teams["groups"]["of"];
    assert_eq!((&teams["groups"]["by"], of.as_array().map(Vec::len)), (&json!("team"), Some(4)));
    assert_eq!(of[0]["name"], "payments", "the most misplaced first: {of:#}");
    let payments = group(&teams, "payments");
    assert_eq!((&payments["workloads"], &payments["misplaced"]), (&json!(8), &json!(8)));
    assert_eq!((&payments["openQuestions"], &payments["targets"]["Lambda"]), (&json!(4), &json!(2)));
    let namespaces = report_on(&files, &["--by", "namespace"]);
    assert_eq!(group(&namespaces, "cluster-1/shop")["workloads"], 10);

    // What is paid now adds up, whatever it's taken together by.
    let targets = report_on(&files, &["--by", "target"]);
    let paid = |document: &Value| -> f64 {
        let groups = document["groups"]["of"].as_array().expect("groups");
        groups.iter().map(|group| group["currentMonthlyCost"]["high"].as_f64().expect("a price")).sum()
    };
    assert!((paid(&teams) - paid(&targets)).abs() < 0.1, "{} {}", paid(&teams), paid(&targets));
    assert_eq!(group(&targets, "ECSFargate")["workloads"], 6);

    // A cluster's status names the users of a feature, and not what becomes of each.
    let features = report_on(&files, &["--by", "feature"]);
    let budget = group(&features, "PodDisruptionBudget");
    assert_eq!(
        budget["usedBy"],
        json!(["cluster-0/shop/deployment/checkout", "cluster-1/shop/deployment/checkout"])
    );
    assert_eq!((&budget["workloads"], budget.get("misplaced")), (&json!(2), None));
}

#[test]
fn every_form_that_people_read_shows_groups() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = &saved(&folder, 1)[0];
    let report = |form: &str, by: &str| berth(&["report", text(file), "--by", by, "-o", form]);
    let table = report("table", "team").ends_with_code(0).prints("TEAM       WORKLOADS  MISPLACED");
    for line in table.stdout.lines() {
        assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
    }
    report("table", "feature").ends_with_code(0).prints("shop/deployment/flag-controller");
    report("markdown", "team").ends_with_code(0).prints("| payments  | 4 ").prints("**What to move first**");
    report("csv", "target").ends_with_code(0).prints("\nECSFargate,3,3,0,0,1,0,1272.96,2389.61,");
    report("html", "namespace").ends_with_code(0).prints("<h2 id=\"groups-title\">Taken together</h2>");
    report("sarif", "team")
        .ends_with_code(1)
        .prints_nothing()
        .says("use -o table|json|yaml|markdown|csv|html");
    // Of a part, no cluster's verdict is told, and so no features.
    berth(&["report", text(file), "--by", "feature", "--team", "web"])
        .ends_with_code(0)
        .prints("Features are known of whole clusters");
}

#[test]
fn what_to_do_is_said_in_json_as_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = report_on(&saved(&folder, 1), &[]);
    let moves = document["overview"]["moveFirst"].as_array().expect("moves");
    let hook =
        moves.iter().find(|move_| move_["workload"] == "shop/deployment/payment-hook").expect("a move");
    assert_eq!((&hook["target"], &hook["steps"]), (&json!("Lambda"), &json!(3)));
    assert_eq!(
        hook["effort"],
        json!([
            "the move",
            "an image rebuilt for Lambda (a handler or the Web Adapter)",
            "callers to redirect"
        ])
    );
    let worth = |move_: &Value| {
        move_["savingIfClusterGoes"]["low"].as_f64().expect("a saving")
            / move_["steps"].as_f64().expect("steps")
    };
    assert!(moves.windows(2).all(|two| worth(&two[0]) >= worth(&two[1])), "{moves:#?}");
    let ask = &document["overview"]["ask"][0];
    assert_eq!((&ask["whom"], ask["about"].as_array().map(Vec::len)), (&json!("payments"), Some(2)));
    // Files that come along are a step of their own.
    let file = folder.path().join("files.json");
    fs::write(&file, profiles_of(&scan_as_json(&["tests/placements/shop.yaml"])).to_string())
        .expect("written");
    let document = report_on(&[file], &[]);
    let moves = document["overview"]["moveFirst"].as_array().expect("moves");
    let files = |name: &str| {
        let move_ = moves.iter().find(|move_| move_["workload"] == name).expect("a move");
        move_["effort"].as_array().is_some_and(|effort| effort.contains(&json!("state of its own")))
    };
    assert!(files("default/deployment/uploads") && !files("default/deployment/pricing"), "{moves:#?}");
}

/// An add-on is counted apart, and neither moved nor asked about; with several clusters each name says which.
#[test]
fn what_to_move_names_its_cluster_and_leaves_the_platforms_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let container =
        "{name: a, image: quay.io/jetstack/cert-manager-controller:v1.16, ports: [{containerPort: 80}]}";
    let workload = |name: &str, image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {name}}}\n\
             spec: {{template: {{spec: {{containers: [{image}]}}}}}}\n---\n"
        )
    };
    let manifests = workload("cert-manager", container) + &workload("web", "{name: a, image: web}");
    fs::write(folder.path().join("in.yaml"), manifests).expect("written");
    let scan = scan_as_json(&[text(&folder.path().join("in.yaml"))]).to_string();
    let files = ["east.json", "west.json"].map(|name| folder.path().join(name));
    files.iter().for_each(|file| fs::write(file, &scan).expect("written"));
    let report =
        |files: &[&str], more: &[&str]| berth(&[&["report"], files, more].concat()).ends_with_code(0);
    let one = report(&[text(&files[0])], &[]).prints("2 workloads (1 of the platform's own), 1 misplaced");
    one.prints("\n  web/deployment/web to ");
    let both = report(&[text(&files[0]), text(&files[1])], &[]).prints("\n  east/web/deployment/web to ");
    let both = both.prints("\n  west/web/deployment/web to ");
    assert!(!both.stdout.contains("cert-manager to "), "{}", both.stdout);
    // Taken together, each cluster has its one sentence.
    let teams = report(&[text(&files[0]), text(&files[1])], &["--by", "team"]).prints("west\nNotJustified: ");
    assert!(!teams.stdout.contains("counted apart"), "{}", teams.stdout);
}

#[test]
fn without_a_team_the_namespace_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut profiles = profiles_of(&scan_as_json(&["examples/shop"]));
    for item in profiles["items"].as_array_mut().expect("items") {
        if let Some(evidence) = item["status"]["evidence"].as_array_mut() {
            evidence.retain(|fact| fact["fact"] != "team");
        }
    }
    let file = folder.path().join("prod.json");
    fs::write(&file, profiles.to_string()).expect("written");
    let document = report_on(&[file], &["--by", "team"]);
    assert_eq!(document["overview"]["ask"][0]["whom"], "whoever owns namespace shop");
    assert_eq!(group(&document, "shop")["workloads"], 10);
}

/// What ends by itself is misplaced all the same, and nobody plans its move.
#[test]
fn what_somebody_ran_once_is_no_move_and_that_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let pod = "{spec: {restartPolicy: Never, containers: [{name: a, image: a, resources: {requests: {cpu: 1, memory: 1Gi}}}]}}";
    let manifests = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: once, namespace: shop}}\nspec: {{template: {pod}}}\n---\n\
         apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: nightly, namespace: shop}}\n\
         spec: {{schedule: '0 3 * * *', jobTemplate: {{spec: {{template: {pod}}}}}}}\n"
    );
    fs::write(folder.path().join("in.yaml"), manifests).expect("written");
    let file = folder.path().join("saved.json");
    fs::write(&file, scan_as_json(&[text(&folder.path().join("in.yaml"))]).to_string()).expect("written");
    let table = berth(&["report", text(&file)]).ends_with_code(0).prints("Left out: 1 Job or Pod").stdout;
    assert!(table.contains("  cronjob/nightly to ") && !table.contains("  job/once to "), "{table}");
    let document = report_on(&[file], &[]);
    assert_eq!(document["overview"]["endByThemselves"], 1);
}

/// The operator writes the platform's verdict last: one from before the workloads came is told.
#[test]
fn a_verdict_that_counts_fewer_than_are_decided_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut scan = scan_as_json(&["examples/shop"]);
    scan["platform"]["workloads"] = json!(0);
    let file = folder.path().join("prod.json");
    fs::write(&file, scan.to_string()).expect("written");
    let ran = berth(&["report", text(&file)]).ends_with_code(0);
    ran.says("note: prod: its verdict counts 0 workloads, and ")
        .says(" are decided: ask again in some seconds");
}
