//! ECI002: a DaemonSet serves this cluster's nodes.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Lifetime},
};

pub const RULE: Rule = Rule {
    code: "ECI002",
    name: "daemon-on-ecs",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A DaemonSet.",
        matters: "It serves the nodes of the cluster that it runs in: moved to other instances it would \
                  serve those. When the whole cluster moves, ECS has daemons of its own: Managed Daemons \
                  put exactly one on each Managed Instance, and EC2 services have a daemon strategy (Amazon \
                  ECS developer guide, managed daemons).",
        todo: "Keep it for as long as the cluster is there, and plan its successor with the last workload.",
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
        Found::excludes("kind", &evidence.subject.kind, "it serves the nodes of this cluster")
    })
}
