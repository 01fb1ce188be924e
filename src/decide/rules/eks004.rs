//! EKS004: a share of a GPU, which only Kubernetes hands out.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::{Effect, targets::instances},
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS004",
    name: "shares-a-gpu",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::Batch, Target::SageMaker],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A request for a slice of a GPU (nvidia.com/mig-…) or for turns on one \
                 (nvidia.com/gpu.shared); for cores of Neuron that make no whole device, as a question.",
        matters: "ECS, Batch and SageMaker give a task whole GPUs: theirs for as long as it runs (Amazon \
                  ECS developer guide, task definitions for GPU workloads). Sharing them among Pods is what \
                  a device plugin does, and one of the reasons for a platform of one's own. Neuron is given to a \
                  task by the device too (Amazon ECS developer guide, task definitions for AWS Neuron).",
        todo: "If the model needs a whole GPU most of the time, ask for one: then ECS and SageMaker come \
               back into play.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: embed}
spec:
  template:
    spec:
      containers: [{name: embed, image: embed, resources: {limits: {nvidia.com/mig-1g.5gb: 1}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: embed}
spec:
  template:
    spec:
      containers: [{name: embed, image: embed, resources: {limits: {nvidia.com/gpu: 1}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::SharedGpu) {
        return Some(Found::excluded_by(signal, "ECS and SageMaker give whole GPUs only"));
    }
    let signal = evidence.signal(Trait::Neuron).filter(|_| !instances::is_whole_devices(evidence, catalog))?;
    Some(Found::asks(&signal.field, &signal.value, "ECS gives Neuron by the device: would a whole one do"))
}
