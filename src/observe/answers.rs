//! What a person answered: in a profile's spec or as annotations on the workload.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    alike,
    catalog::Target,
    facts::{ColdStart, Connections, TrafficShape, Trigger},
    selector::Labels,
};

/// The prefix of Berth's annotations.
pub const PREFIX: &str = "berth.dev/";

/// What is read as an answer, behind [`PREFIX`].
pub const NAMES: &[&str] = &[
    "cold-start-tolerance",
    "connections",
    "in-use",
    "mean-requests-per-second",
    "model-size",
    "package-size",
    "peak-requests-per-second",
    "runs-per-month",
    "team",
    "traffic-shape",
    "trigger",
    "unit-duration",
];
/// Berth's own that are no answers.
const OTHERS: &[&str] = &["exempt", "exempt-until"];

/// What a person knows of the work, the traffic, the footprint and who operates it; every field is optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answers {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footprint: Option<Footprint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operations: Option<Operations>,
    /// Annotations that were there and couldn't be read: each becomes a finding.
    #[serde(skip)]
    #[schemars(skip)]
    pub unreadable: Vec<Unreadable>,
    /// Names behind Berth's prefix that mean nothing: each becomes a finding too.
    #[serde(skip)]
    #[schemars(skip)]
    pub unknown: Vec<String>,
}

/// One unit of work: a request, a message, a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Work {
    /// What starts one unit of work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// How long one unit of work runs at most in normal running, such as 200ms, 30s, 20m or 2h. Of a Job with
    /// several completions it's the time of one of them.
    #[schemars(regex(pattern = r"^([0-9]+([.][0-9]+)?(ms|s|m|h|d))+$"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_duration: Option<String>,
    /// How often a Job runs in a month, where no schedule says so.
    #[schemars(range(min = 0.0))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs_per_month: Option<f64>,
    /// Whether clients keep connections open between units of work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<Connections>,
    /// Whether a user would wait while a new copy starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cold_start_tolerance: Option<ColdStart>,
}

/// How requests arrive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "!has(self.peakRequestsPerSecond) || !has(self.meanRequestsPerSecond) || self.peakRequestsPerSecond >= self.meanRequestsPerSecond",
    "message": "peakRequestsPerSecond is below meanRequestsPerSecond"
}]))]
pub struct Traffic {
    /// Requests a second, the mean over a month.
    #[schemars(range(min = 0.0))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_requests_per_second: Option<f64>,
    /// Requests a second at the busiest.
    #[schemars(range(min = 0.0))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_requests_per_second: Option<f64>,
    /// How requests spread over the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<TrafficShape>,
}

/// What has to be there before the work can start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Footprint {
    /// Size of the image or package, uncompressed, as a quantity such as 250Mi.
    #[schemars(regex(pattern = r"^[0-9]+([.][0-9]+)?([kMGT]|[KMGT]i)?$"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_size: Option<String>,
    /// Size of a model that is loaded at start, as a quantity such as 2Gi.
    #[schemars(regex(pattern = r"^[0-9]+([.][0-9]+)?([kMGT]|[KMGT]i)?$"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_size: Option<String>,
}

/// Who operates it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Operations {
    /// The team that is called when it breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Targets that take no new customers and that the team uses already, such as AppRunner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_use: Option<Vec<Target>>,
}

/// A value that a person wrote and that can't be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// The annotation's name without its prefix.
    pub name: &'static str,
    pub value: String,
    pub expected: &'static str,
}

impl Answers {
    /// Reads `berth.dev/trigger` and its siblings.
    pub fn from_annotations(annotations: &Labels) -> Answers {
        let mut answers = Answers::default();
        if !annotations.keys().any(|key| key.starts_with(PREFIX)) {
            return answers;
        }
        let text = |name: &str| annotations.get(&format!("{PREFIX}{name}")).cloned();
        let mut unreadable = Vec::new();
        let work = Work {
            trigger: word(annotations, "trigger", TRIGGERS, &mut unreadable),
            unit_duration: text("unit-duration"),
            runs_per_month: number(annotations, "runs-per-month", RUNS, &mut unreadable),
            connections: word(annotations, "connections", "Stateless or LongLived", &mut unreadable),
            cold_start_tolerance: word(
                annotations,
                "cold-start-tolerance",
                "Tolerant or Sensitive",
                &mut unreadable,
            ),
        };
        let traffic = Traffic {
            mean_requests_per_second: number(annotations, "mean-requests-per-second", PACE, &mut unreadable),
            peak_requests_per_second: number(annotations, "peak-requests-per-second", PACE, &mut unreadable),
            shape: word(annotations, "traffic-shape", "Steady, Bursty, Spiky or Idle", &mut unreadable),
        };
        let footprint = Footprint { package_size: text("package-size"), model_size: text("model-size") };
        let operations = Operations { team: text("team"), in_use: targets(annotations, &mut unreadable) };
        answers.work = (work != Work::default()).then_some(work);
        answers.traffic = (traffic != Traffic::default()).then_some(traffic);
        answers.footprint = (footprint != Footprint::default()).then_some(footprint);
        answers.operations = (operations != Operations::default()).then_some(operations);
        answers.unreadable = unreadable;
        let names = annotations.keys().filter_map(|key| key.strip_prefix(PREFIX));
        let unknown = names.filter(|name| !is_known(name));
        answers.unknown = unknown.map(str::to_owned).collect();
        answers
    }
}

/// Whether an annotation of this name, behind the prefix, is read.
pub fn is_known(name: &str) -> bool {
    NAMES.contains(&name) || OTHERS.contains(&name)
}

/// The annotation that a wrong name was probably meant to be, without its prefix.
pub fn nearest(wrong: &str) -> Option<&'static str> {
    alike::nearest(wrong, NAMES.iter().chain(OTHERS).copied())
}

const PACE: &str = "a number of requests a second, such as 0.5";
const RUNS: &str = "a number of runs a month, such as 30";
const TRIGGERS: &str = "HTTP, Queue, Schedule, ObjectEvent, Stream or Continuous";

fn word<T: for<'de> Deserialize<'de>>(
    annotations: &Labels,
    name: &'static str,
    expected: &'static str,
    unreadable: &mut Vec<Unreadable>,
) -> Option<T> {
    let value = annotations.get(&format!("{PREFIX}{name}"))?;
    let read = serde_json::from_value(serde_json::Value::String(value.clone())).ok();
    if read.is_none() {
        unreadable.push(Unreadable { name, value: value.clone(), expected });
    }
    read
}

/// Names of targets, with commas between them.
fn targets(annotations: &Labels, unreadable: &mut Vec<Unreadable>) -> Option<Vec<Target>> {
    let value = annotations.get(&format!("{PREFIX}in-use"))?;
    let named = |name: &str| Target::ALL.into_iter().find(|target| target.id() == name.trim());
    let read: Option<Vec<Target>> = value.split(',').map(named).collect();
    if read.is_none() {
        unreadable.push(Unreadable {
            name: "in-use",
            value: value.clone(),
            expected: "names of targets, such as AppRunner",
        });
    }
    read
}

fn number(
    annotations: &Labels,
    name: &'static str,
    expected: &'static str,
    unreadable: &mut Vec<Unreadable>,
) -> Option<f64> {
    let value = annotations.get(&format!("{PREFIX}{name}"))?;
    let read = value.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    if read.is_none() {
        unreadable.push(Unreadable { name, value: value.clone(), expected });
    }
    read
}
