//! One aspect of a resource's state, as Kubernetes writes conditions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One aspect of the profile's state, as Kubernetes writes conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// Which aspect, in one word, such as Ready.
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
