//! EKS019: what only keeps room on nodes has nothing to do without them.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS019",
    name: "keeps-room-on-nodes",
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
    ],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Pods of nothing but Kubernetes' pause image, from its registry or a mirror that keeps its path, that list no port \
                 and prepare nothing. Any other image of this name may be a team's. A DaemonSet of it doesn't count: there it's \
                 what is left of one that loads images.",
        matters: "Its requests fill nodes until a Pod of a higher priority needs the room, so that the cluster's autoscaler adds \
                  a node ahead of time (Kubernetes documentation, overprovision node capacity for a cluster). Without nodes \
                  there is nothing to keep: it counts as the platform's own, bears no share of its cost and goes with it. \
                  The name of an image is an inference, and so an open question.",
        todo: "Leave it where it is, and look whether the time that it saves is worth the nodes that it holds. If the image isn't \
               the one that its name says, give it a name of its own.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: overprovisioning}
spec:
  replicas: 2
  template:
    spec:
      priorityClassName: overprovisioning
      containers: [{name: reserve, image: registry.k8s.io/pause, resources: {requests: {cpu: 500m, memory: 2Gi}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: pause}
spec:
  template:
    spec:
      containers: [{name: pause, image: example/pause}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::HoldsRoom)?;
    Some(Found::excluded_by(signal, "inferred: it only keeps room on nodes"))
}
