//! Argo Rollouts: a workload of its own, or a word about a Deployment that holds the template.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::{Cut, Defined};
use crate::observe::{
    Kind,
    neighbour::{TargetRef, What, neighbour},
    object::Object,
    pod::{PodTemplate, null_is_default},
    workload::base,
};

/// A Rollout that runs the template of another workload.
#[derive(Clone, Debug, PartialEq)]
pub struct RolloutOf {
    pub target: TargetRef,
    pub replicas: u32,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rollout {
    replicas: Option<u32>,
    #[serde(deserialize_with = "null_is_default")]
    template: PodTemplate,
    workload_ref: Option<TargetRef>,
}

impl Cut for Rollout {
    const DEFINED: Defined =
        Defined { kind: "Rollout", group: "argoproj.io", plural: "rollouts", versions: &["v1alpha1"] };

    fn object(metadata: ObjectMeta, spec: Self) -> Object {
        match spec.workload_ref {
            // The Deployment is the workload, once.
            Some(target) => {
                let of = RolloutOf { target, replicas: spec.replicas.unwrap_or(1) };
                Object::Neighbour(Box::new(neighbour(metadata, What::Rollout(of))))
            }
            None => {
                let mut workload = base(Kind::Rollout, metadata);
                workload.replicas = spec.replicas;
                workload.template = spec.template;
                Object::Workload(Box::new(workload))
            }
        }
    }
}
