//! FGT024: nodes that it chooses, where there are none.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT024",
    name: "chosen-nodes",
    effect: Effect::Notes,
    targets: &[
        Target::Lambda,
        Target::ECSExpress,
        Target::ECSFargate,
        Target::AppRunner,
        Target::EKSFargate,
    ],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A label in nodeSelector other than those of processor, system and Spot, and nodeName.",
        matters: "There are no nodes to choose from: what they were chosen for, such as a disk, a licence or a zone, is given in another \
                  way or not at all (Amazon ECS developer guide, Fargate task definitions: placement constraints are not \
                  supported). A zone is chosen by the subnet.",
        todo: "Find out what those nodes have that others do not. If it is hardware, put it into the requests, and the price will show \
               it; if it is only a team's own group of nodes, nothing is lost.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {team: payments}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/arch: amd64}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::NodeLabel).or_else(|| evidence.signal(Trait::NodeName))?;
    Some(Found::notes(&signal.field, &signal.value, "no nodes to choose: find out what these have"))
}
