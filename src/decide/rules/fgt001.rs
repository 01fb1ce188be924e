//! FGT001: accelerators, which Fargate has none of.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT001",
    name: "accelerator-on-fargate",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate, Target::ECSExpress, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A request for a GPU, for Neuron devices or for an EFA adapter.",
        matters: "Fargate takes no GPU (Amazon ECS developer guide, Fargate task definitions); AWS answered \
                  the wish for them with ECS Managed Instances. App Runner has CPUs only.",
        todo: "Choose ECS Managed Instances or ECS on EC2 for a service, AWS Batch for runs, SageMaker for \
               a model on its own.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer}
spec:
  template:
    spec:
      containers: [{name: infer, image: infer, resources: {limits: {nvidia.com/gpu: 1}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer}
spec:
  template:
    spec:
      containers: [{name: infer, image: infer, resources: {limits: {cpu: 1}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = host::any(evidence, &[Trait::Gpu, Trait::Neuron, Trait::Efa])?;
    Some(Found::excluded_by(signal, "Fargate has no accelerators"))
}
