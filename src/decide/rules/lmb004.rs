//! LMB004: accelerators, which Lambda has none of.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "LMB004",
    name: "accelerator-on-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A request for a GPU, for Neuron devices or for an EFA adapter.",
        matters: "Lambda runs on CPUs (AWS Lambda developer guide). Its Managed Instances name general, \
                  compute and memory families only, so that they don't lift this.",
        todo: "Choose ECS Managed Instances, ECS on EC2, AWS Batch or SageMaker; or call a model that \
               somebody else serves, and the work becomes small.",
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
    Some(Found::excluded_by(signal, "Lambda has no accelerators"))
}
