//! The forms of a report as other tools read them: each checked with a reader or schema that isn't ours.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use quick_junit::{Report, TestCaseStatus};
use serde_json::Value;

/// Names that end cells, tags and lines where a form forgets to escape them.
const HOSTILE: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {team: "=cmd|' /C calc'!A0, \"<img src=x onerror=alert(1)>\" | `x`"}
spec:
  template:
    spec:
      containers:
      - name: web
        image: redis
        resources:
          requests:
            memory: 12Gi
"#;

fn scan(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_berth"))
        .arg("scan")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .output()
        .expect("berth starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "standard error is for what is wrong");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn hostile(form: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("with space.yaml");
    fs::write(&file, HOSTILE).expect("written");
    scan(&[file.to_str().expect("UTF-8"), "-o", form])
}

fn results(log: &Value) -> &[Value] {
    log["runs"][0]["results"].as_array().expect("a list")
}

#[test]
fn sarif_keeps_to_its_schema() {
    let mut schema: Value = serde_json::from_str(include_str!("schemas/sarif-2.1.0.json")).expect("JSON");
    // As published it's no regular expression: a bracket is closed that was never opened. Berth writes no language.
    for part in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][part]["properties"]["language"];
        language.as_object_mut().and_then(|language| language.remove("pattern")).expect("the pattern");
    }
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for text in [scan(&["examples/shop", "-o", "sarif"]), hostile("sarif")] {
        let log: Value = serde_json::from_str(&text).expect("JSON");
        let errors: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        assert!(!results(&log).is_empty());
    }
}

#[test]
fn sarif_opens_at_the_line_that_is_meant() {
    let log: Value = serde_json::from_str(&scan(&["examples/shop", "-o", "sarif"])).expect("JSON");
    let mut lines = BTreeMap::new();
    for result in results(&log) {
        let place = &result["locations"][0]["physicalLocation"];
        let file = place["artifactLocation"]["uri"].as_str().expect("a file");
        assert!(file.starts_with("examples/shop/"), "relative to where it ran: {file}");
        let written = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a file");
        let number = place["region"]["startLine"].as_u64().expect("a line") as usize;
        let line = written.lines().nth(number - 1).expect("a line of the file").trim().to_owned();
        lines.insert(format!("{} {file}", result["ruleId"].as_str().expect("a rule")), line);
    }
    assert_eq!(lines["DAT001 examples/shop/sessions.yaml"], "image: redis:8.2-alpine");
    assert_eq!(lines["PRM001 examples/shop/payment-hook.yaml"], "kind: Deployment");
    assert_eq!(lines["misplaced examples/shop/payment-hook.yaml"], "apiVersion: apps/v1");
}

#[test]
fn sarif_explains_each_rule_where_it_is_shown() {
    let log: Value = serde_json::from_str(&scan(&["examples/shop", "-o", "sarif"])).expect("JSON");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("a list");
    for rule in rules {
        let id = rule["id"].as_str().expect("a name");
        assert!(rule["help"]["text"].as_str().is_some_and(|text| text.len() > 40), "{id}");
        if ["misplaced", "undetermined"].contains(&id) {
            continue;
        }
        let markdown = rule["help"]["markdown"].as_str().expect("Markdown");
        assert!(markdown.starts_with(&format!("# {id} ")), "{markdown}");
        assert!(markdown.contains("## What to do\n\n"), "{markdown}");
        assert!(
            !markdown.contains("](") && !markdown.contains("<!--"),
            "no link that leads nowhere: {markdown}"
        );
    }
    for result in results(&log) {
        assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]), "{} is explained", result["ruleId"]);
    }
}

#[test]
fn sarif_knows_a_result_again_after_an_edit_above_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("web.yaml");
    let fingerprints = |text: &str| {
        fs::write(&file, text).expect("written");
        let log: Value =
            serde_json::from_str(&scan(&[file.to_str().expect("UTF-8"), "-o", "sarif"])).expect("JSON");
        let told: Vec<Value> = results(&log).iter().map(|r| r["partialFingerprints"].clone()).collect();
        (told, results(&log)[0]["locations"][0]["physicalLocation"]["region"]["startLine"].clone())
    };
    let (before, line) = fingerprints(HOSTILE);
    let (after, moved) = fingerprints(&format!("# a comment\n\n{HOSTILE}"));
    assert_eq!(before, after);
    assert_ne!(line, moved);
}

#[test]
fn junit_keeps_to_its_schema() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas/junit-10.xsd");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("berth.xml");
    let check = |text: &str| {
        fs::write(&file, text).expect("written");
        let output =
            Command::new("xmllint").args(["--noout", "--nonet", "--schema", schema]).arg(&file).output();
        let output = output.expect("xmllint starts: tests/tools xmllint installs it");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for text in [scan(&["examples/shop", "-o", "junit"]), hostile("junit")] {
        let (accepted, why) = check(&text);
        assert!(accepted, "{why}\n{text}");
        let (accepted, _) = check(&text.replacen("<testsuites ", "<testsuites colour=\"red\" ", 1));
        assert!(!accepted, "the schema refuses what it doesn't know");
    }
}

#[test]
fn junit_is_read_by_a_reader_of_junit() {
    let text = scan(&["examples/shop", "-o", "junit"]);
    let report = Report::deserialize_from_str(&text).expect("JUnit");
    assert_eq!((report.tests, report.errors), (10, 0));
    let table = scan(&["examples/shop"]);
    assert!(table.contains(&format!("{} misplaced", report.failures)), "as many as the table says:\n{table}");
    let suite = &report.test_suites[0];
    let hook = suite.test_cases.iter().find(|case| case.name.as_str() == "deployment/payment-hook");
    let TestCaseStatus::NonSuccess { message, description, .. } = &hook.expect("a case").status else {
        panic!("a misplaced workload fails")
    };
    assert!(message.as_ref().is_some_and(|message| message.contains("Lambda")), "{message:?}");
    assert!(description.as_ref().is_some_and(|d| d.contains("payment-hook.yaml:15")), "{description:?}");
    assert!(description.as_ref().is_some_and(|d| d.contains("\nMoved alone it costs $")), "{description:?}");
    let head = text.lines().nth(1).expect("the document's first element");
    assert!(head.starts_with("<testsuites") && !head.contains("skipped"), "Jenkins' schema has none: {head}");
    Report::deserialize_from_str(&hostile("junit")).expect("JUnit");
}

#[test]
fn csv_is_a_table_without_formulas() {
    for text in [scan(&["examples/shop", "-o", "csv"]), hostile("csv")] {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().expect("a header").clone();
        for row in reader.records() {
            let row = row.expect("as many cells as the header");
            for (name, cell) in header.iter().zip(&row) {
                let number = cell.parse::<f64>().is_ok();
                assert!(number || !cell.starts_with(['=', '+', '-', '@']), "{name}: {cell}");
            }
        }
    }
    assert!(hostile("csv").contains("'=cmd"), "it is kept as text");
}

#[test]
fn yaml_says_what_json_says() {
    let json: Value = serde_json::from_str(&scan(&["examples/shop", "-o", "json"])).expect("JSON");
    let yaml: Value = serde_yaml_ng::from_str(&scan(&["examples/shop", "-o", "yaml"])).expect("YAML");
    assert_eq!(json, yaml);
}

#[test]
fn markdown_has_a_cell_for_each_column() {
    let text = scan(&["examples/shop", "-o", "markdown"]);
    let rows: Vec<&str> = text.lines().take_while(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 12, "{text}");
    for row in rows {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 9, "{row}");
    }
    assert!(text.contains("costs $443 more"), "what a move costs while the cluster stays:\n{text}");
}

#[test]
fn a_form_goes_to_a_file_and_leaves_the_terminal_clean() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.csv");
    let text = scan(&["examples/shop", "-o", "csv", "--output-file", file.to_str().expect("UTF-8")]);
    assert_eq!(text, "");
    assert_eq!(fs::read_to_string(&file).expect("written"), scan(&["examples/shop", "-o", "csv"]));
}

#[test]
fn a_selection_leaves_the_rest_in_the_cluster() {
    let names = |arguments: &[&str]| -> Vec<(String, Value)> {
        let text = scan(&[&["examples/shop", "-o", "json"], arguments].concat());
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let workloads = document["workloads"].as_array().expect("a list").clone();
        workloads.into_iter().map(|w| (w["name"].as_str().expect("text").to_owned(), w)).collect()
    };
    let all: BTreeMap<String, Value> = names(&[]).into_iter().collect();
    for (arguments, expected) in [
        (&["--kind", "cronjob,StatefulSet"][..], &["cart-cleanup", "search"][..]),
        (&["--target", "lambda"], &["payment-hook"]),
        (&["--team", "platform", "--kind", "DaemonSet"], &["log-agent"]),
        (&["--namespace", "shop", "--target", "Batch"], &["cart-cleanup"]),
    ] {
        let selected = names(arguments);
        let found: Vec<&str> = selected.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, expected);
        for (name, workload) in &selected {
            assert_eq!(*workload, all[name], "the same decision as beside the others");
        }
    }
}

#[test]
fn colour_is_for_terminals() {
    let run = |variable: (&str, &str)| {
        let output = Command::new(env!("CARGO_BIN_EXE_berth"))
            .args(["scan", "examples/shop"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_clear()
            .env(variable.0, variable.1)
            .output()
            .expect("berth starts");
        String::from_utf8(output.stdout).expect("UTF-8").contains('\x1b')
    };
    assert!(!run(("TERM", "xterm-256color")), "a pipe is no terminal");
    assert!(run(("CLICOLOR_FORCE", "1")), "unless it is asked for");
    assert!(!run(("NO_COLOR", "1")));
}
