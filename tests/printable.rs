//! What a manifest says must not speak to the terminal, break a column or become a formula, whatever the form.

#[path = "common/command.rs"]
mod command;

use std::fs;

use command::{berth, text};

/// What a terminal acts on: it clears, turns around and hides. Each is behind `evil`, to be found again.
const WILD: &str = "evil\\x1b[2J\\x07\\x9b31m\\u202Etxt\\u200B\\n\\r\\tend";

fn manifest() -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: \"web-{WILD}\"\n  namespace: \"shop-{WILD}\"\n  \
         labels: {{team: \"=cmd|'/C calc'!A0 {WILD}\"}}\n  annotations:\n    berth.dev/trigger: \"{WILD}\"\n    \
         \"berth.dev/{WILD}\": x\n    berth.dev/exempt: \"{WILD}\"\n    berth.dev/exempt-until: \"{WILD}\"\nspec:\n  template:\n    \
         metadata: {{annotations: {{\"berth.dev/b-{WILD}\": x}}}}\n    spec:\n      \
         serviceAccountName: \"{WILD}\"\n      containers:\n      - {{name: \"{WILD}\", image: \"postgres:{WILD}\", \
         resources: {{requests: {{cpu: \"{WILD}\", memory: 1Gi}}}}}}\n---\napiVersion: v1\nkind: \"Evil{WILD}\"\n\
         metadata: {{name: \"{WILD}\"}}\n"
    )
}

/// No character but line feed and tab that isn't printed as itself.
fn is_tame(told: &str) -> bool {
    let wild = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{200b}' | '\u{202e}' | '\u{2066}')
    };
    !told.contains(wild)
}

#[test]
fn no_form_passes_on_what_a_terminal_would_act_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("evil\u{1b}[2J\u{202e}.yaml");
    fs::write(&file, manifest()).expect("written");
    let file = text(&file);
    for form in ["table", "wide", "json", "yaml", "markdown", "csv", "sarif", "junit", "html"] {
        let ran = berth(&["scan", file, "-o", form]);
        assert!(ran.stdout.contains("evil"), "{form}: {}", ran.stdout);
        assert!(is_tame(&ran.stdout), "{form}: {:?}", ran.stdout);
        assert!(is_tame(&ran.stderr), "{form}: {:?}", ran.stderr);
    }
    for arguments in [["scan", file, "--explain", "nobody\u{1b}[2J"], ["scan", file, "--kind", "No\u{1b}[2J"]]
    {
        let ran = berth(&arguments);
        assert!(is_tame(&ran.stderr), "{:?}", ran.stderr);
    }
}

#[test]
fn a_name_of_several_lines_is_one_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("in.yaml");
    fs::write(&file, manifest()).expect("written");
    let wide = berth(&["scan", text(&file), "-o", "wide"]).stdout;
    assert_eq!(wide.lines().count(), 2, "{wide}");
    let csv = berth(&["scan", text(&file), "-o", "csv"]).stdout;
    assert_eq!(csv.lines().count(), 2, "{csv}");
    assert!(csv.contains("'=cmd"), "a spreadsheet would run it: {csv}");
}

#[test]
fn json_keeps_what_was_written_in_another_spelling() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("in.yaml");
    fs::write(&file, manifest()).expect("written");
    let told = berth(&["scan", text(&file), "-o", "json"]).stdout;
    let document: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    let value = document["workloads"][0]["findings"].to_string();
    assert!(value.contains("evil"), "{value}");
}
