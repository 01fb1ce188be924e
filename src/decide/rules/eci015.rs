//! ECI015: a part of an instance whose other GPUs somebody else has to use.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    amount,
    catalog::{Catalog, Target},
    decide::{Effect, targets::instances},
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI015",
    name: "part-of-a-gpu-instance",
    effect: Effect::Notes,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::EKSAutoMode, Target::EKSNodes],
    since: "0.1.0",
    reads: Reads::SIZE,
    docs: Docs {
        checks: "Whether the instance that the price is of has more GPUs or Neuron devices than one copy asks \
                 for.",
        matters: "Some GPUs come only by the eight, such as the A100 (Amazon EC2 accelerated instance types). The least that a \
                  copy costs is the part of the instance that it asks for, where others use the rest; the most is what its \
                  copies pay where nobody does. Of slices and turns, which are there to be shared, only the part counts.",
        todo: "Look whether other copies or workloads use the rest. If none does, take a GPU that comes alone.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {karpenter.k8s.aws/instance-gpu-name: a100}
      containers: [{name: web, image: web, resources: {limits: {nvidia.com/gpu: 1}}}]
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

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let signal = host::any(evidence, &[Trait::Gpu, Trait::Neuron])?;
    let part = instances::part(evidence, catalog).filter(|part| !part.is_whole())?;
    let copies = evidence.copies.value().map_or(1.0, |copies| copies.max);
    if part.is_filled_by(copies) {
        return None;
    }
    let one_of = amount::trim((1.0 / part.part).round());
    let because = format!("the least is 1/{one_of} of {}, where others use the rest", part.instance.name);
    Some(Found::notes(&signal.field, &signal.value, because))
}
