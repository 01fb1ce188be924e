//! What Pods use, as metrics.k8s.io tells it.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use serde::Deserialize;

use super::{pod::null_is_default, whose::Meta};
use crate::amount;

/// One page of PodMetrics, cut to what is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PodMetricsList {
    pub metadata: ListMeta,
    #[serde(deserialize_with = "null_is_default")]
    pub items: Vec<PodMetrics>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PodMetrics {
    pub metadata: Meta,
    #[serde(deserialize_with = "null_is_default")]
    pub containers: Vec<ContainerMetrics>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ContainerMetrics {
    pub usage: BTreeMap<String, String>,
}

/// What one Pod used at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Use {
    pub cores: f64,
    pub gib: f64,
}

impl PodMetrics {
    /// All its containers together; nothing when one of them has no figure, for the rest isn't the Pod's use.
    pub fn used(&self) -> Option<Use> {
        let sum = |name: &str, read: fn(&str) -> Option<f64>| {
            self.containers.iter().map(|container| read(container.usage.get(name)?)).sum::<Option<f64>>()
        };
        if self.containers.is_empty() {
            return None;
        }
        Some(Use { cores: sum("cpu", amount::parse)?, gib: sum("memory", amount::gib)? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_uses_what_its_containers_use() {
        let pod = |containers| {
            serde_json::from_value::<PodMetrics>(json!({"metadata": {}, "containers": containers})).unwrap()
        };
        let two = pod(json!([
            {"name": "a", "usage": {"cpu": "250000000n", "memory": "524288Ki"}},
            {"name": "b", "usage": {"cpu": "250m", "memory": "512Mi"}},
        ]));
        assert_eq!(two.used(), Some(Use { cores: 0.5, gib: 1.0 }));
        let one_missing = pod(json!([{"usage": {"cpu": "1", "memory": "1Gi"}}, {"usage": {"cpu": "1"}}]));
        assert_eq!((one_missing.used(), pod(json!([])).used()), (None, None));
        assert_eq!(pod(json!([{"usage": {"cpu": "lots", "memory": "-1Gi"}}])).used(), None);
    }
}
