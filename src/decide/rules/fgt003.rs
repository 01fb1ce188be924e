//! FGT003: vCPU and memory against Fargate's largest task.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_cpu, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "FGT003",
    name: "size-over-fargate",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate, Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::CPU.and(Reads::MEMORY),
    docs: Docs {
        checks: "The vCPU and memory that one copy asks for.",
        matters: "The largest task has 32 vCPU and 244 GB (Amazon ECS developer guide, task sizes).",
        todo: "Lower the request if it is far above what is used, or choose ECS Managed Instances or ECS on \
               EC2.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: solver}
spec:
  template:
    spec:
      containers: [{name: solver, image: solver, resources: {requests: {cpu: 48, memory: 64Gi}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: solver}
spec:
  template:
    spec:
      containers: [{name: solver, image: solver, resources: {requests: {cpu: 16, memory: 64Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limits = &catalog.limits.ecs_fargate;
    let because = || {
        format!(
            "Fargate's largest task has {} vCPU, {} GB",
            trim(limits.vcpu.value),
            trim(limits.memory.value)
        )
    };
    if let Some(cpu) = evidence.cpu.get().filter(|cpu| cpu.value > limits.vcpu.value) {
        return Some(Found::excludes(&cpu.at, write_cpu(cpu.value), because()));
    }
    let memory = evidence.memory.get().filter(|memory| memory.value > limits.memory.value)?;
    Some(Found::excludes(&memory.at, write_gib(memory.value), because()))
}
