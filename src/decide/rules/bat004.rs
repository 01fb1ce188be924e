//! BAT004: Windows, which Batch runs on Fargate alone.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    amount::{write_cpu, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "BAT004",
    name: "windows-on-batch",
    effect: Effect::Excludes,
    targets: &[Target::Batch],
    since: "0.1.0",
    reads: Reads::CPU.and(Reads::MEMORY),
    docs: Docs {
        checks: "A Pod that asks for Windows, with its size, its accelerators and what it asks of its host.",
        matters: "Batch runs Windows on Fargate alone, with Fargate's sizes and no access to a host (AWS Batch API, \
                  RuntimePlatform).",
        todo: "Use ECS on EC2 with a Windows AMI, or move the program to Linux.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: web}
spec:
  template:
    spec:
      os: {name: windows}
      containers: [{name: web, image: web, resources: {requests: {cpu: 8, memory: 16Gi}}}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: web}
spec:
  template:
    spec:
      os: {name: windows}
      containers: [{name: web, image: web, resources: {requests: {cpu: 2, memory: 8Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    const BECAUSE: &str = "Batch runs Windows on Fargate alone";
    evidence.signal(Trait::Windows)?;
    let limits = &catalog.limits.ecs_fargate;
    if let Some(cpu) = evidence.cpu.get().filter(|cpu| cpu.value > limits.windows_vcpu.value) {
        return Some(Found::excludes(&cpu.at, write_cpu(cpu.value), BECAUSE));
    }
    if let Some(memory) = evidence.memory.get().filter(|memory| memory.value > limits.windows_memory.value) {
        return Some(Found::excludes(&memory.at, write_gib(memory.value), BECAUSE));
    }
    let signal = host::access(evidence)
        .or_else(|| host::capability(evidence, &[]))
        .or_else(|| host::any(evidence, &[Trait::Gpu, Trait::Neuron, Trait::Efa]))?;
    Some(Found::excluded_by(signal, BECAUSE))
}
