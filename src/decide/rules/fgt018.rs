//! FGT018: containers that see each other's processes.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT018",
    name: "shared-processes-on-ecs",
    effect: Effect::Notes,
    targets: &[Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "shareProcessNamespace.",
        matters: "pidMode: task does the same, on Fargate too (Amazon ECS developer guide, task definition \
                  parameters).",
        todo: "Set it in the task definition.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      shareProcessNamespace: true
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::SharedPids)?;
    Some(Found::notes(&signal.field, &signal.value, "its place on ECS is pidMode: task"))
}
