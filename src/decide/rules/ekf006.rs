//! EKF006: vCPU and memory against the largest Pod of EKS on Fargate.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_cpu, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "EKF006",
    name: "size-over-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::CPU.and(Reads::MEMORY),
    docs: Docs {
        checks: "The vCPU and memory that one copy asks for, with the 256 MB that each Pod's own agents \
                 take.",
        matters: "The largest Pod has 16 vCPU and 120 GB (Amazon EKS user guide, Fargate Pod \
                  configuration).",
        todo: "Lower the request if it is far above what is used, or use nodes.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: solver}
spec:
  template:
    spec:
      containers: [{name: solver, image: solver, resources: {requests: {cpu: 24, memory: 64Gi}}}]
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
    let limits = &catalog.limits.eks_fargate;
    let overhead = limits.memory_overhead.value / 1024.0;
    let (vcpu, memory) = (limits.vcpu.value, limits.memory.value);
    let because =
        || format!("the largest Pod of EKS on Fargate has {} vCPU, {} GB", trim(vcpu), trim(memory));
    if let Some(cpu) = evidence.cpu.get().filter(|cpu| cpu.value > vcpu) {
        return Some(Found::excludes(&cpu.at, write_cpu(cpu.value), because()));
    }
    let known = evidence.memory.get().filter(|known| known.value + overhead > memory)?;
    Some(Found::excludes(&known.at, write_gib(known.value), because()))
}
