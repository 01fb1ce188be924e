//! ECI017: EFA and Neuron on Managed Instances.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI017",
    name: "efa-on-managed-instances",
    effect: Effect::NeedsAnswer,
    targets: &[Target::ECSManagedInstances],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A request for EFA adapters, or for Neuron devices.",
        matters: "Managed Instances choose, start and set up the instance (Amazon ECS developer guide, Managed \
                  Instances); their guide tells of GPUs, and of neither EFA nor Neuron. On ECS on EC2 the team \
                  maps the devices of both into its tasks.",
        todo: "Try one, or choose ECS on EC2, EKS or, for runs, AWS Batch on EC2.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {limits: {vpc.amazonaws.com/efa: 1}}}]
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
    let signal = host::any(evidence, &[Trait::Efa, Trait::Neuron])?;
    Some(Found::asks(&signal.field, &signal.value, "AWS names none on Managed Instances: try one"))
}
