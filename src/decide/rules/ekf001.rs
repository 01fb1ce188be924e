//! EKF001: a copy on every node, where each Pod is its own.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Lifetime},
};

pub const RULE: Rule = Rule {
    code: "EKF001",
    name: "daemon-on-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A DaemonSet.",
        matters: "On EKS on Fargate each Pod has a node to itself, and DaemonSets aren't run there (Amazon \
                  EKS user guide, Fargate considerations).",
        todo: "Run the agent as a sidecar in each Pod, or use the log router and metrics that EKS on \
               Fargate brings.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  template:
    spec:
      containers: [{name: agent, image: agent}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: agent}
spec:
  template:
    spec:
      containers: [{name: agent, image: agent}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    (evidence.lifetime == Lifetime::PerNode)
        .then(|| Found::excludes("kind", &evidence.subject.kind, "EKS on Fargate runs no DaemonSets"))
}
