//! EKS010: hooks around a program's life.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS010",
    name: "hooks-beside-the-program",
    effect: Effect::Notes,
    targets: &[Target::ECSExpress, Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2, Target::AppRunner, Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "preStop and postStart of a container.",
        matters: "A task is stopped by a signal and, stopTimeout later, by another (Amazon ECS developer \
                  guide, stopTimeout); no command runs before. A preStop that sleeps waits for the endpoints \
                  to be updated: a load balancer's deregistration does that on ECS.",
        todo: "Let the program finish its work when the signal comes. What postStart does goes into the \
               entry point, or into a container that others depend on.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, lifecycle: {preStop: {exec: {command: [sleep, '10']}}}}]
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
    let signal = evidence.signal(Trait::Hook)?;
    Some(Found::notes(&signal.field, &signal.value, "a task has no hooks: the program acts on the signal itself"))
}
