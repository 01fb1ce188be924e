//! What is watched all the time: the operators' memory, restarts of their containers, every line that they log, and why
//! the API server didn't reach them.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::cluster::{Cluster, NAMESPACE};

/// At most so many lines are kept.
const LINES: usize = 20;

/// A log that is still written.
struct Log {
    file: BufReader<File>,
    /// The begin of a line whose end isn't there yet.
    begun: String,
}

impl Log {
    fn open(path: &Path) -> Option<Log> {
        Some(Log { file: BufReader::new(File::open(path).ok()?), begun: String::new() })
    }

    /// Those that ended since the last look.
    fn lines(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while self.file.read_line(&mut self.begun).is_ok_and(|read| read > 0) {
            if self.begun.ends_with('\n') {
                lines.push(std::mem::take(&mut self.begun));
            }
        }
        lines
    }
}

#[derive(Default)]
pub struct Watch {
    /// The largest operator's memory at each look, in MiB.
    pub memory: Vec<f64>,
    restarts: BTreeMap<String, (u64, bool)>,
    /// Held open, so that the last lines are read even when the Pod and its files are gone.
    logs: HashMap<PathBuf, Log>,
    pub lines: usize,
    /// Logged as errors while the API server was away.
    pub errors_of_outages: usize,
    /// Panics, and errors that no outage explains.
    pub faults: Vec<String>,
    api_server: Option<Log>,
    /// Why the API server went on without the webhook, in its own words.
    pub unreached: BTreeMap<String, usize>,
}

impl Watch {
    /// One look. While the API server is away, and shortly after, an error is no fault of Berth's.
    pub fn look(&mut self, cluster: &Cluster, outage: bool) {
        self.memory.extend(memory(cluster));
        let pods = cluster.kubectl(&["get", "pods", "-n", NAMESPACE, "-o", "json"]);
        if let Ok(pods) = serde_json::from_str::<Value>(&pods.stdout) {
            for (pod, (count, killed)) in restarts(pods["items"].as_array().map_or(&[], Vec::as_slice)) {
                let seen = self.restarts.entry(pod).or_default();
                *seen = (seen.0.max(count), seen.1 || killed);
            }
        }
        self.open_logs(&cluster.log("kubelet").with_file_name("pods"));
        let mut fresh = Vec::new();
        for log in self.logs.values_mut() {
            fresh.extend(log.lines());
        }
        self.look_at_api_server(&cluster.log("kube-apiserver"));
        self.lines += fresh.len();
        for line in fresh {
            let panicked = line.contains("panicked");
            if !panicked && !line.contains(r#""level":"ERROR""#) {
                continue;
            }
            if outage && !panicked {
                self.errors_of_outages += 1;
            } else if self.faults.len() < LINES {
                self.faults.push(line.trim().to_owned());
            }
        }
    }

    /// It goes on without the webhook, and says why.
    fn look_at_api_server(&mut self, log: &Path) {
        if self.api_server.is_none() {
            self.api_server = Log::open(log);
        }
        let lines = self.api_server.as_mut().map(Log::lines).unwrap_or_default();
        for line in lines.iter().filter(|line| line.contains("failing open")) {
            *self.unreached.entry(why_unreached(line)).or_default() += 1;
        }
    }

    /// The container runtime's files: a folder for each Pod, below it one for each container, a file for each start.
    fn open_logs(&mut self, pods: &Path) {
        let below = |folder: &Path| -> Vec<PathBuf> {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).collect()
        };
        let ours = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{NAMESPACE}_")))
        };
        for pod in below(pods).iter().filter(|path| ours(path)) {
            for file in below(pod).iter().flat_map(|container| below(container)) {
                if !self.logs.contains_key(&file)
                    && let Some(log) = Log::open(&file)
                {
                    self.logs.insert(file, log);
                }
            }
        }
    }

    pub fn restarts(&self) -> u64 {
        self.restarts.values().map(|(count, _)| count).sum()
    }

    pub fn killed_for_memory(&self) -> usize {
        self.restarts.values().filter(|(_, killed)| *killed).count()
    }
}

/// The end of the line, without what only this call had.
fn why_unreached(line: &str) -> String {
    let why = line.trim().trim_end_matches(['"', ')']);
    let (why, _) = why.split_once(" (").unwrap_or((why, ""));
    why.rsplit(": ").next().unwrap_or(why).to_owned()
}

/// How often the container was started again, by its Pod, and whether the kernel killed it for its memory.
fn restarts(pods: &[Value]) -> BTreeMap<String, (u64, bool)> {
    let of = |pod: &Value| {
        let status = &pod["status"]["containerStatuses"][0];
        let killed =
            status.pointer("/lastState/terminated/reason").is_some_and(|reason| reason == "OOMKilled");
        let uid = pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        (uid, (status["restartCount"].as_u64().unwrap_or_default(), killed))
    };
    pods.iter().map(of).collect()
}

fn memory(cluster: &Cluster) -> Option<f64> {
    let processes = cluster.inside(&["pidof", "berth"]);
    let kib = processes.stdout.split_whitespace().filter_map(|process| {
        let status = cluster.inside(&["cat", &format!("/proc/{process}/status")]).stdout;
        let size = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        size.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    });
    kib.max().map(|kib| kib as f64 / 1024.0)
}
