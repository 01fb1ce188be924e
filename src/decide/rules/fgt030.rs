//! FGT030: the name that a Pod gives its host.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT030",
    name: "hostname-on-ecs",
    effect: Effect::Notes,
    targets: &[Target::ECSExpress, Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "hostname of a Pod without a subdomain: what its containers take for the name of their host. With a subdomain others call \
                 it by that name (EKS007).",
        matters: "A task definition has a hostname too, but not in the network mode awsvpc, which each task on Fargate has (Amazon ECS \
                  developer guide, task definition parameters). There the host is named by its address.",
        todo: "See whether the program looks: licences and names of members of a cluster are often tied to it. Give it a name by a \
               variable or an argument, or run the task on EC2 in the network mode bridge.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      hostname: licensed-1
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      hostname: licensed-1
      subdomain: web
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Hostname)?;
    Some(Found::notes(&signal.field, &signal.value, "on ECS a task of awsvpc is named by its address"))
}
