//! FGT021: more containers than a task has.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::trim,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Signal, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT021",
    name: "containers-over-a-task",
    effect: Effect::Excludes,
    targets: &[Target::ECSExpress, Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2, Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The containers of the Pod, those that run before the others among them.",
        matters: "A task definition has at most 10 containers, wherever its tasks run (AWS Batch API \
                  reference, EcsProperties; Amazon ECS endpoints and quotas).",
        todo: "Put what prepares the Pod into fewer containers, or leave agents to the platform: logs to \
               FireLens, traffic to Service Connect.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - {name: c0, image: web}
      - {name: c1, image: web}
      - {name: c2, image: web}
      - {name: c3, image: web}
      - {name: c4, image: web}
      - {name: c5, image: web}
      - {name: c6, image: web}
      - {name: c7, image: web}
      - {name: c8, image: web}
      - {name: c9, image: web}
      - {name: c10, image: web}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}, {name: log, image: log}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let most = catalog.limits.ecs_fargate.containers.value;
    let over = |signal: &&Signal| signal.value.parse::<f64>().is_ok_and(|count| count > most);
    let signal = evidence.signal(Trait::Containers).filter(over)?;
    Some(Found::excluded_by(signal, format!("a task has at most {} containers", trim(most))))
}
