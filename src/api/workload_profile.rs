//! WorkloadProfile: one workload, what a person answered about it, and what Berth recommends.

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
pub struct WorkloadRef {
    /// Such as apps/v1.
    pub api_version: String,
    /// Deployment, StatefulSet, DaemonSet, Job or CronJob.
    pub kind: String,
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
