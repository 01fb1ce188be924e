//! What came of it all: which workloads have no right status at the end, the table, and what makes the run fail.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    cluster::{Cluster, SOON},
    load::{Counts, STRICT, WARNED},
    rounds::Event,
    watch::Watch,
};

/// What Berth promises to stay below, in MiB.
const MEMORY: f64 = 64.0;
/// Memory at the end may be this much above the start, in MiB: what an allocator keeps.
const GROWTH: f64 = 12.0;

pub struct Outcome {
    rows: Vec<(String, String)>,
    pub faults: Vec<String>,
}

impl Outcome {
    pub fn new(
        time: Duration,
        counts: Counts,
        watch: &Watch,
        happened: Vec<(&Event, usize)>,
        lost: usize,
        mut faults: Vec<String>,
    ) -> Outcome {
        let caused: u64 = happened.iter().map(|(event, times)| event.restarts * *times as u64).sum();
        let (start, peak, end) = memory(&watch.memory);
        faults.extend(counts.words.iter().map(|words| format!("refused wrongly: {words}")));
        faults.extend(watch.faults.iter().map(|line| format!("logged: {line}")));
        let mut holds = |holds: bool, fault: String| {
            if !holds {
                faults.push(fault);
            }
        };
        holds(counts.warned > 0, "no request got a warning".to_owned());
        holds(counts.refused > 0, "Deny refused nothing".to_owned());
        holds(
            watch.restarts() <= caused,
            format!("{} restarts, of which {caused} were caused", watch.restarts()),
        );
        holds(watch.killed_for_memory() == 0, "a container was killed for its memory".to_owned());
        holds(peak < MEMORY, format!("memory reached {peak:.1} MiB"));
        holds(end - start < GROWTH, format!("memory grew from {start:.1} to {end:.1} MiB"));
        holds(watch.lines > 0, "no log was found".to_owned());
        let row = |what: &str, value: String| (what.to_owned(), value);
        let unwarned_while = |what| counts.unwarned_while.get(&what).copied().unwrap_or_default();
        let mut rows = vec![
            row("minutes", format!("{:.1}", time.as_secs_f64() / 60.0)),
            row("sent", counts.sent.to_string()),
            row("answered with a warning", counts.warned.to_string()),
            row("applied, and no warning was due", counts.quiet.to_string()),
            row("applied without the warning due: webhook not reached", counts.unwarned.to_string()),
            row("  of these while nothing was broken", unwarned_while(None).to_string()),
            row("refused as they should be", counts.refused.to_string()),
            row("let through in Deny: webhook not reached", counts.let_through.to_string()),
            row("refused wrongly", counts.refused_wrongly.to_string()),
            row("errors while the API server was away", counts.server_away.to_string()),
            row("workloads without the right status at the end: lost", lost.to_string()),
            row(
                "memory of the largest operator: start, peak, end",
                format!("{start:.1}, {peak:.1}, {end:.1} MiB"),
            ),
            row("containers started again, of so many expected", format!("{} of {caused}", watch.restarts())),
            row("lines logged", watch.lines.to_string()),
            row("  errors that an outage explains", watch.errors_of_outages.to_string()),
            row("  panics, and errors that none explains", watch.faults.len().to_string()),
        ];
        rows.extend(happened.iter().map(|(event, times)| {
            let unwarned = unwarned_while(Some(event.name));
            row(event.name, format!("{times} times; {unwarned} without the warning due"))
        }));
        rows.extend(watch.unreached.iter().map(|(why, times)| {
            row(&format!("webhook not reached, says the API server: {why}"), format!("{times} times"))
        }));
        Outcome { rows, faults }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|(what, _)| what.len()).max().unwrap_or_default();
        self.rows.iter().try_for_each(|(what, value)| writeln!(f, "{what:width$}  {value}"))
    }
}

/// At the start, the most, and at the end: the middle of the first and of the last tenth, as single looks scatter.
fn memory(looks: &[f64]) -> (f64, f64, f64) {
    let tenth = (looks.len() / 10).max(1).min(looks.len());
    let middle = |some: &[f64]| {
        let mut some = some.to_vec();
        some.sort_by(f64::total_cmp);
        some.get(some.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let peak = looks.iter().copied().fold(f64::NAN, f64::max);
    (middle(&looks[..tenth]), peak, middle(&looks[looks.len() - tenth..]))
}

pub fn progress(time: Duration, counts: &Counts, watch: &Watch) -> String {
    format!(
        "{:.0} min: {} sent, {} warned, {} without the warning due, {} refused, {} refused wrongly, {} while the API server was away, {:.1} MiB",
        time.as_secs_f64() / 60.0,
        counts.sent,
        counts.warned,
        counts.unwarned,
        counts.refused,
        counts.refused_wrongly,
        counts.server_away,
        watch.memory.last().copied().unwrap_or(f64::NAN),
    )
}

/// Verdict and target by workload.
type Verdicts = BTreeMap<String, (String, String)>;

fn verdicts<'a>(all: impl Iterator<Item = (String, &'a Value)>) -> Verdicts {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    all.map(|(key, status)| {
        (key, (text(status.get("verdict")), text(status.pointer("/recommendation/target"))))
    })
    .collect()
}

/// The workloads whose status isn't, soon after the end, what the command line says of the same cluster; and profiles
/// whose workload is gone.
pub fn lost(cluster: &Cluster) -> Vec<String> {
    let key = |value: &Value, fields: [&str; 3]| {
        let [namespace, kind, name] =
            fields.map(|field| value.pointer(field).and_then(Value::as_str).unwrap_or_default());
        [WARNED, STRICT].contains(&namespace).then(|| format!("{namespace}/{kind}/{name}"))
    };
    let expected = || {
        let scan = cluster.berth(&["scan", "--cluster", "-o", "json"]).done();
        let scan: Value = serde_json::from_str(&scan).expect("JSON");
        let workloads = scan["workloads"].as_array().cloned().expect("a list");
        verdicts(workloads.iter().filter_map(|one| Some((key(one, ["/namespace", "/kind", "/name"])?, one))))
    };
    let found = || {
        let profiles = cluster.list(&["workloadprofiles", "-A"]);
        let fields = ["/metadata/namespace", "/spec/workloadRef/kind", "/spec/workloadRef/name"];
        verdicts(profiles.iter().filter_map(|one| Some((key(one, fields)?, &one["status"]))))
    };
    let deadline = Instant::now() + 2 * SOON;
    loop {
        let (expected, found) = (expected(), found());
        assert!(!expected.is_empty(), "the load left no workload");
        let mut differ = Vec::new();
        for (name, expected) in &expected {
            match found.get(name) {
                None => differ.push(format!("{name} has no profile")),
                Some(found) if found != expected => {
                    differ.push(format!("{name} is {found:?} and not {expected:?}"))
                }
                Some(_) => {}
            }
        }
        differ.extend(
            found.keys().filter(|name| !expected.contains_key(*name)).map(|name| format!("{name} is gone")),
        );
        if differ.is_empty() || Instant::now() > deadline {
            return differ;
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}
