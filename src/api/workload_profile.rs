//! WorkloadProfile: one workload, what a person answered about it, and what Berth recommends.

// Each column repeats the names of its own attributes.
#![allow(clippy::duplicated_attributes)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{decide::Decision, observe::answers::Answers};

/// Which workload, and the guide's four questions as far as a person knows the answers.
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
            name = "Saving",
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
    /// apps/v1 or batch/v1.
    #[schemars(extend("enum" = ["apps/v1", "batch/v1"]))]
    pub api_version: String,
    #[schemars(extend("enum" = ["CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet"]))]
    pub kind: String,
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// What Berth found; derived, and written by the operator alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadProfileStatus {
    #[serde(flatten)]
    pub decision: Option<Decision>,
    /// The generation of the profile that the decision was made on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// One aspect of the profile's state, as Kubernetes writes conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// Ready, EvidenceSufficient, WellPlaced or Exempt.
    #[serde(rename = "type")]
    pub type_: String,
    /// True, False or Unknown.
    pub status: String,
    /// Why, in one word.
    pub reason: String,
    pub message: String,
    /// When the status last changed, in RFC 3339.
    pub last_transition_time: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
}
