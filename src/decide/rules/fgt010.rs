//! FGT010: a copy on every node, where there are no nodes.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Lifetime},
};

pub const RULE: Rule = Rule {
    code: "FGT010",
    name: "daemon-on-fargate",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate, Target::ECSExpress, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A DaemonSet.",
        matters: "Fargate has no nodes that one could run on each of, and ECS no daemon strategy for it \
                  (Amazon ECS developer guide, services). What an agent does for a node becomes a sidecar \
                  in every task, or CloudWatch does it.",
        todo: "Keep it for as long as the cluster is there. It goes with the nodes.",
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
    (evidence.lifetime == Lifetime::PerNode).then(|| {
        Found::excludes(
            "kind",
            &evidence.subject.kind,
            "Fargate has no nodes to run a copy on each of",
        )
    })
}
