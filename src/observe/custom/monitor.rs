//! The Prometheus operator's monitors: which Services or Pods are scraped.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::{Cut, Defined};
use crate::{
    observe::{
        neighbour::{What, neighbour},
        object::Object,
        pod::null_is_default,
    },
    selector::{Labels, Selector},
};

/// What is scraped.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    /// Selects Services by their labels if it's a ServiceMonitor, else Pods.
    pub kind: &'static str,
    pub selector: Selector,
    /// None for every namespace.
    pub namespaces: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct ServiceMonitor(MonitorSpec);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct PodMonitor(MonitorSpec);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct MonitorSpec {
    #[serde(deserialize_with = "null_is_default")]
    selector: Selector,
    #[serde(deserialize_with = "null_is_default")]
    namespace_selector: Namespaces,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Namespaces {
    any: bool,
    #[serde(deserialize_with = "null_is_default")]
    match_names: Vec<String>,
}

impl Monitor {
    /// Whether it scrapes what has these labels in this namespace.
    pub fn scrapes(&self, namespace: &str, labels: &Labels) -> bool {
        let here = self.namespaces.as_ref().is_none_or(|names| names.iter().any(|name| name == namespace));
        here && self.selector.matches(labels)
    }
}

impl Cut for ServiceMonitor {
    const DEFINED: Defined = Defined {
        kind: "ServiceMonitor",
        group: "monitoring.coreos.com",
        plural: "servicemonitors",
        versions: &["v1"],
    };

    fn object(metadata: ObjectMeta, spec: Self) -> Object {
        monitor(Self::DEFINED.kind, metadata, spec.0)
    }
}

impl Cut for PodMonitor {
    const DEFINED: Defined = Defined {
        kind: "PodMonitor",
        group: "monitoring.coreos.com",
        plural: "podmonitors",
        versions: &["v1"],
    };

    fn object(metadata: ObjectMeta, spec: Self) -> Object {
        monitor(Self::DEFINED.kind, metadata, spec.0)
    }
}

fn monitor(kind: &'static str, metadata: ObjectMeta, spec: MonitorSpec) -> Object {
    let Namespaces { any, match_names } = spec.namespace_selector;
    let own = || vec![metadata.namespace.clone().unwrap_or_else(|| "default".to_owned())];
    let namespaces = match (any, match_names) {
        (true, _) => None,
        (false, names) if names.is_empty() => Some(own()),
        (false, names) => Some(names),
    };
    let what = What::Monitor(Monitor { kind, selector: spec.selector, namespaces });
    Object::Neighbour(Box::new(neighbour(metadata, what)))
}
