//! EKS023: machines of one's own, which are nodes of EKS and nothing else.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS023",
    name: "hybrid-nodes",
    effect: Effect::Excludes,
    targets: &[
        Target::Lambda,
        Target::ECSExpress,
        Target::ECSFargate,
        Target::ECSManagedInstances,
        Target::ECSOnEC2,
        Target::AppRunner,
        Target::Batch,
        Target::SageMaker,
        Target::EKSFargate,
        Target::EKSAutoMode,
    ],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A node selector or a required node affinity by which only nodes will do whose eks.amazonaws.com/compute-type is hybrid.",
        matters: "Hybrid nodes are machines on premises or at an edge that join a cluster of EKS (Amazon EKS user guide, hybrid nodes). \
                  Whoever asks for them wants the work done there, where no other compute of AWS is.",
        todo: "Find out what ties it to that place: data, latency, a device. If nothing does, leave the selector out, and it is judged like \
               any other.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {eks.amazonaws.com/compute-type: hybrid}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {eks.amazonaws.com/compute-type: auto}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::HybridNode)?;
    Some(Found::excluded_by(signal, "those machines are outside of AWS: only EKS has them as nodes"))
}
