//! A person's answers as facts: the profile's spec wins over annotations, and what can't be read is a signal.

use crate::{
    amount,
    catalog::Target,
    facts::{ColdStart, Connections, Fact, Signal, TrafficShape, Trait, Trigger},
    observe::{
        Kind, Observed,
        answers::{Answers, PREFIX, is_known, nearest},
    },
};

/// What sets a namespace's mode, behind the prefix.
const MODE: &str = "mode";
const A_TIME: &str = "a time such as 200ms, 30s or 2h";
const A_SIZE: &str = "a size such as 250Mi or 2Gi";

pub struct Said {
    pub trigger: Fact<Trigger>,
    pub unit_duration: Fact<f64>,
    pub runs: Fact<f64>,
    pub connections: Fact<Connections>,
    pub cold_start: Fact<ColdStart>,
    pub mean_rps: Fact<f64>,
    pub peak_rps: Fact<f64>,
    pub traffic_shape: Fact<TrafficShape>,
    pub package_size: Fact<f64>,
    pub model_size: Fact<f64>,
    pub team: Fact<String>,
    pub in_use: Vec<Target>,
}

pub fn read(observed: &Observed, signals: &mut Vec<Signal>) -> Said {
    let noted = &observed.workload.answers;
    for unreadable in &noted.unreadable {
        signals.push(Signal::unreadable(annotation(unreadable.name), &unreadable.value, unreadable.expected));
    }
    for name in &noted.unknown {
        let value = match nearest(name) {
            _ if name == MODE => "for a Namespace's label, not for a workload".to_owned(),
            Some(right) => format!("unknown, {PREFIX}{right} is near"),
            None => "unknown".to_owned(),
        };
        signals.push(Signal { what: Trait::IgnoredAnnotation, field: annotation(name), value });
    }
    let workload = &observed.workload;
    let template = workload.key.kind.pod_metadata_path();
    // A Pod's own annotations are the workload's. What ends so starts Berth's own Pods anew, and is no answer.
    let misplaced = (workload.template.metadata.annotations.keys())
        .filter(|key| workload.key.kind != Kind::Pod && key.starts_with(PREFIX))
        .filter(|key| !key.ends_with("-checksum"));
    signals.extend(misplaced.map(|key| Signal {
        what: Trait::IgnoredAnnotation,
        field: format!("{template}.annotations[{key}]"),
        value: "on the Pod template, not on the workload".to_owned(),
    }));
    let labelled = workload.labels.keys().filter(|key| key.strip_prefix(PREFIX).is_some_and(is_known));
    signals.extend(labelled.map(|key| Signal {
        what: Trait::IgnoredAnnotation,
        field: format!("metadata.labels[{key}]"),
        value: "a label, and annotations are read".to_owned(),
    }));
    let both = Both { spec: observed.answers.as_deref(), noted };
    Said {
        trigger: both.fact("work.trigger", "trigger", |a| a.work.as_ref()?.trigger),
        unit_duration: both.read(
            "work.unitDuration",
            "unit-duration",
            |a| a.work.as_ref()?.unit_duration.clone(),
            (amount::seconds, A_TIME),
            signals,
        ),
        runs: both.fact("work.runsPerMonth", "runs-per-month", |a| a.work.as_ref()?.runs_per_month),
        connections: both.fact("work.connections", "connections", |a| a.work.as_ref()?.connections),
        cold_start: both.fact("work.coldStartTolerance", "cold-start-tolerance", |a| {
            a.work.as_ref()?.cold_start_tolerance
        }),
        mean_rps: both.fact("traffic.meanRequestsPerSecond", "mean-requests-per-second", |a| {
            a.traffic.as_ref()?.mean_requests_per_second
        }),
        peak_rps: both.fact("traffic.peakRequestsPerSecond", "peak-requests-per-second", |a| {
            a.traffic.as_ref()?.peak_requests_per_second
        }),
        traffic_shape: both.fact("traffic.shape", "traffic-shape", |a| a.traffic.as_ref()?.shape),
        package_size: both.read(
            "footprint.packageSize",
            "package-size",
            |a| a.footprint.as_ref()?.package_size.clone(),
            (amount::gib, A_SIZE),
            signals,
        ),
        model_size: both.read(
            "footprint.modelSize",
            "model-size",
            |a| a.footprint.as_ref()?.model_size.clone(),
            (amount::gib, A_SIZE),
            signals,
        ),
        team: both.fact("operations.team", "team", |a| a.operations.as_ref()?.team.clone()),
        in_use: both
            .find("operations.inUse", "in-use", |a| a.operations.as_ref()?.in_use.clone())
            .map_or_else(Vec::new, |(targets, _)| targets),
    }
}

/// The two places where a person can answer.
struct Both<'a> {
    spec: Option<&'a Answers>,
    noted: &'a Answers,
}

impl Both<'_> {
    fn find<T>(&self, path: &str, name: &str, get: impl Fn(&Answers) -> Option<T>) -> Option<(T, String)> {
        let spec = self.spec.and_then(&get).map(|value| (value, format!("WorkloadProfile spec.{path}")));
        spec.or_else(|| get(self.noted).map(|value| (value, annotation(name))))
    }

    fn fact<T>(&self, path: &str, name: &str, get: impl Fn(&Answers) -> Option<T>) -> Fact<T> {
        self.find(path, name, get).map_or(Fact::Unknown, |(value, at)| Fact::declared(value, at))
    }

    /// A value that is written as text: what isn't readable is a finding, never ignored.
    fn read(
        &self,
        path: &str,
        name: &str,
        get: impl Fn(&Answers) -> Option<String>,
        (parse, expected): (fn(&str) -> Option<f64>, &str),
        signals: &mut Vec<Signal>,
    ) -> Fact<f64> {
        let Some((text, at)) = self.find(path, name, get) else { return Fact::Unknown };
        match parse(&text) {
            Some(value) => Fact::declared(value, at),
            None => {
                signals.push(Signal::unreadable(at, &text, expected));
                Fact::Unknown
            }
        }
    }
}

fn annotation(name: &str) -> String {
    format!("metadata.annotations[{PREFIX}{name}]")
}
