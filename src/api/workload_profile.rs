//! WorkloadProfile: one workload, what a person answered about it, and what Berth recommends.

// Each column repeats the names of its own attributes.
#![allow(clippy::duplicated_attributes)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Condition;
use crate::{
    decide::Decision,
    observe::{Kind, answers::Answers, history::History},
};

/// Which workload, and what a person knows of its work, its traffic, its footprint and who operates it.
/// Berth writes the status alone and never a spec that a person wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cluster", derive(kube::CustomResource))]
#[cfg_attr(
    feature = "cluster",
    kube(
        group = "berth.dev",
        version = "v1alpha1",
        kind = "WorkloadProfile",
        plural = "workloadprofiles",
        shortname = "wlp",
        category = "berth",
        namespaced,
        status = "WorkloadProfileStatus",
        doc = "Which AWS compute one workload really needs, and why.",
        printcolumn(name = "Workload", type_ = "string", json_path = ".spec.workloadRef.name"),
        printcolumn(name = "Verdict", type_ = "string", json_path = ".status.verdict"),
        printcolumn(name = "Target", type_ = "string", json_path = ".status.recommendation.target"),
        printcolumn(name = "Confidence", type_ = "string", json_path = ".status.recommendation.confidence"),
        printcolumn(
            name = "Saving $/month",
            type_ = "number",
            json_path = ".status.recommendation.saving.ifClusterGoes.low",
            description = "Dollars a month at least, when the whole cluster goes",
            priority = "1"
        ),
        printcolumn(
            name = "Team",
            type_ = "string",
            json_path = ".status.evidence[?(@.fact==\"team\")].value",
            priority = "1"
        ),
        printcolumn(
            name = "Reason",
            type_ = "string",
            json_path = ".status.recommendation.summary",
            priority = "1"
        ),
        printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    )
)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadProfileSpec {
    /// The workload that this is about, in the same namespace.
    pub workload_ref: WorkloadRef,
    #[serde(flatten)]
    pub answers: Answers,
}

/// A workload by kind and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
// A profile that is pointed at another workload would carry the old one's answers over.
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "self == oldSelf",
    "message": "workloadRef can't change: delete this profile and write one for the other workload"
}]))]
pub struct WorkloadRef {
    /// apps/v1, batch/v1, v1, argoproj.io/v1alpha1 or keda.sh/v1alpha1.
    #[schemars(extend("enum" = ["apps/v1", "batch/v1", "v1", "argoproj.io/v1alpha1", "keda.sh/v1alpha1"]))]
    pub api_version: String,
    #[schemars(extend("enum" = Kind::ALL.map(Kind::name)))]
    pub kind: String,
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// What Berth found; derived, and written by the operator alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadProfileStatus {
    /// What to do and why, in a few sentences; the fields below say the same in full.
    // By its name it comes first in `kubectl describe`, which sorts fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    #[serde(flatten)]
    pub decision: Option<Decision>,
    /// What the workload was seen doing, kept here so that it outlives restarts and collected Jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<History>,
    /// The generation of the profile that the decision was made on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}
