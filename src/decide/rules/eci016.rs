//! ECI016: GPUs that are not NVIDIA's.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::{Effect, targets::instances},
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI016",
    name: "amd-gpu",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::Batch, Target::SageMaker, Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A request for amd.com/gpu.",
        matters: "ECS and AWS Batch hand out the GPUs of NVIDIA (Amazon ECS developer guide, task definitions \
                  for GPU workloads), and Auto Mode brings drivers for those and for Neuron (Amazon EKS user \
                  guide, deploy an accelerated workload). The one GPU of AMD on EC2 is the Radeon Pro V520 of \
                  g4ad, made for graphics (Amazon EC2 accelerated instance types).",
        todo: "Build for NVIDIA's GPUs or for Neuron; or keep nodes with a driver and a device plugin of \
               your own.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {limits: {amd.com/gpu: 1}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {limits: {nvidia.com/gpu: 1}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Gpu).filter(|_| instances::is_amd(evidence))?;
    Some(Found::excluded_by(signal, "ECS, Auto Mode and SageMaker have NVIDIA's GPUs"))
}
