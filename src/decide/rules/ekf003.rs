//! EKF003: accelerators, on EKS on Fargate.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKF003",
    name: "accelerator-on-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A request for a GPU, for Neuron devices or for an EFA adapter.",
        matters: "EKS on Fargate has neither GPUs nor Inferentia (Amazon EKS user guide, Fargate \
                  considerations).",
        todo: "Use nodes with accelerators: EKS Auto Mode starts them on demand.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: infer}
spec:
  template:
    spec:
      containers: [{name: infer, image: infer, resources: {limits: {aws.amazon.com/neuron: 1}}}]
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
    Some(Found::excluded_by(signal, "EKS on Fargate has no accelerators"))
}
