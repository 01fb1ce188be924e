//! ARN003: vCPU and memory against App Runner's largest size.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_cpu, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "ARN003",
    name: "size-over-app-runner",
    effect: Effect::Excludes,
    targets: &[Target::AppRunner],
    since: "0.1.0",
    reads: Reads::CPU.and(Reads::MEMORY),
    docs: Docs {
        checks: "The vCPU and memory that one copy asks for.",
        matters: "The largest instance has 4 vCPU and 12 GB (AWS App Runner developer guide, service \
                  sizes).",
        todo: "Lower the request if it is far above what is used, or choose ECS on Fargate.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: render}
spec:
  template:
    spec:
      containers: [{name: render, image: render, resources: {requests: {cpu: 8, memory: 8Gi}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: render}
spec:
  template:
    spec:
      containers: [{name: render, image: render, resources: {requests: {cpu: 4, memory: 8Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limits = &catalog.limits.app_runner;
    let because = || {
        format!(
            "App Runner's largest size has {} vCPU, {} GB",
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
