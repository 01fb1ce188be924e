//! The built binary as a user runs it: its exit code and both output streams.
// Each test that includes this uses a part of it.
#![allow(dead_code)]

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// What a command did.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    #[track_caller]
    pub fn ends_with_code(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Ran {
        assert!(self.stderr.contains(text), "standard error doesn't say {text:?}:\n{}", self.stderr);
        self
    }

    #[track_caller]
    pub fn prints(self, text: &str) -> Ran {
        assert!(self.stdout.contains(text), "standard output doesn't hold {text:?}:\n{}", self.stdout);
        self
    }

    #[track_caller]
    pub fn silent_on_stderr(self) -> Ran {
        assert_eq!(self.stderr, "");
        self
    }

    #[track_caller]
    pub fn prints_nothing(self) -> Ran {
        assert_eq!(self.stdout, "");
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
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

pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_berth"));
    // Neither the caller's settings nor a cluster that happens to be reachable take part.
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear();
    command
}

pub fn berth(arguments: &[&str]) -> Ran {
    command(arguments).output().expect("berth starts").into()
}

pub fn berth_reading(arguments: &[&str], input: &[u8]) -> Ran {
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
pub fn scan(file: &str) -> Ran {
    berth(&["scan", &format!("tests/data/{file}")])
}

pub fn scan_as_json(arguments: &[&str]) -> Value {
    berth(&[&["scan", "-o", "json"], arguments].concat()).json()
}

pub fn names(document: &Value) -> Vec<&str> {
    let workloads = document["workloads"].as_array().expect("a list");
    workloads.iter().map(|workload| workload["name"].as_str().expect("a name")).collect()
}

pub fn workload<'a>(document: &'a Value, name: &str) -> &'a Value {
    let workloads = document["workloads"].as_array().expect("a list");
    workloads.iter().find(|workload| workload["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

pub fn deployment(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\n\
         spec: {{template: {{spec: {{containers: [{{name: web, image: web}}]}}}}}}\n"
    )
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
