//! ECI005: more GPUs than any instance has.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::trim,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI005",
    name: "more-gpus-than-an-instance",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::Batch, Target::SageMaker, Target::EKSAutoMode, Target::EKSNodes],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The GPUs that one copy asks for, against the most that an EC2 instance has.",
        matters: "A copy runs on one instance, and the largest have 8 GPUs (Amazon EC2 accelerated instance types). What needs \
                  more is spread over several copies by its own program.",
        todo: "Ask for 8 or fewer in each copy and let the program talk between copies, over EFA where it has to be fast.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {limits: {nvidia.com/gpu: 16}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {limits: {nvidia.com/gpu: 8}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let most = catalog.limits.ec2.gpus.value;
    let signal = evidence.signal(Trait::Gpu).filter(|_| evidence.gpus > most)?;
    let because = format!("no EC2 instance has more than {} GPUs", trim(most));
    Some(Found::excludes(&signal.field, trim(evidence.gpus), because))
}
