//! ECI006: more CPU than a task can ask for.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_cpu},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "ECI006",
    name: "cpu-over-ecs-task",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::Batch],
    since: "0.1.0",
    reads: Reads::CPU,
    docs: Docs {
        checks: "The CPU of one copy: the sum of its containers, or its largest init container.",
        matters: "A task definition has at most 192 vCPU (Amazon ECS developer guide, task sizes), and jobs of AWS Batch run as \
                  tasks.",
        todo: "Split the work over more and smaller copies.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: 200, memory: 1Gi}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: 190, memory: 1Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let most = catalog.limits.ec2.task_vcpu.value;
    let known = evidence.cpu.get().filter(|cpu| cpu.value > most)?;
    Some(Found::excludes(&known.at, write_cpu(known.value), format!("an ECS task has at most {} vCPU", trim(most))))
}
