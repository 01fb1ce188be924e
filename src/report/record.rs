//! One workload with its decision and where both come from: what every report is made of.

use serde::{Deserialize, Serialize};

use crate::decide::Decision;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    /// The file and line, or the cluster.
    pub source: String,
    #[serde(flatten)]
    pub decision: Decision,
}

impl Record {
    /// As people name it: `deployment/web`.
    pub fn handle(&self) -> String {
        format!("{}/{}", self.kind.to_lowercase(), self.name)
    }
}
