//! KEDA's kinds: what scales a workload by events, and what makes Jobs of them.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

use super::{Cut, Defined};
use crate::observe::{
    Kind,
    neighbour::{TargetRef, What, neighbour},
    object::Object,
    pod::{PodTemplate, null_is_default},
    workload::{JobSpec, base},
};

/// What a ScaledObject sets: KEDA's own defaults where it's silent.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    pub target: TargetRef,
    pub min: u32,
    pub max: u32,
    /// The types of its triggers, such as aws-sqs-queue.
    pub triggers: Vec<String>,
}

/// Copies that KEDA goes up to when nobody says how many.
const MAX_REPLICAS: u32 = 100;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ScaledObject {
    scale_target_ref: ScaleTarget,
    min_replica_count: Option<u32>,
    max_replica_count: Option<u32>,
    /// While nothing comes in.
    idle_replica_count: Option<u32>,
    #[serde(deserialize_with = "null_is_default")]
    triggers: Vec<TriggerType>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ScaleTarget {
    kind: Option<String>,
    name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct TriggerType {
    #[serde(rename = "type")]
    type_: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ScaledJob {
    #[serde(deserialize_with = "null_is_default")]
    job_target_ref: JobSpec,
    #[serde(deserialize_with = "null_is_default")]
    triggers: Vec<TriggerType>,
}

fn types(triggers: Vec<TriggerType>) -> Vec<String> {
    triggers.into_iter().map(|trigger| trigger.type_).collect()
}

impl Cut for ScaledObject {
    const DEFINED: Defined =
        Defined { kind: "ScaledObject", group: "keda.sh", plural: "scaledobjects", versions: &["v1alpha1"] };

    fn object(metadata: ObjectMeta, spec: Self) -> Object {
        let ScaleTarget { kind, name } = spec.scale_target_ref;
        let kind = kind.unwrap_or_else(|| "Deployment".to_owned());
        let scaled = Scaled {
            target: TargetRef { kind, name },
            min: spec.idle_replica_count.or(spec.min_replica_count).unwrap_or(0),
            max: spec.max_replica_count.unwrap_or(MAX_REPLICAS),
            triggers: types(spec.triggers),
        };
        Object::Neighbour(Box::new(neighbour(metadata, What::Scaled(scaled))))
    }
}

impl Cut for ScaledJob {
    const DEFINED: Defined =
        Defined { kind: "ScaledJob", group: "keda.sh", plural: "scaledjobs", versions: &["v1alpha1"] };

    fn object(metadata: ObjectMeta, spec: Self) -> Object {
        let mut workload = base(Kind::ScaledJob, metadata);
        let job = spec.job_target_ref;
        workload.template = job.template.clone();
        workload.job = Some(Box::new(JobSpec { template: PodTemplate::default(), ..job }));
        workload.triggers = types(spec.triggers);
        Object::Workload(Box::new(workload))
    }
}
