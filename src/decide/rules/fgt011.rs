//! FGT011: Windows on Fargate: fewer sizes, and a licence.

use super::{Docs, Found, Reads, Rule, claims};
use crate::{
    amount::{trim, write_cpu, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Storage, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT011",
    name: "windows-on-fargate",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate],
    since: "0.1.0",
    reads: Reads::STORAGE.and(Reads::CPU).and(Reads::MEMORY),
    docs: Docs {
        checks: "A Pod that asks for Windows, its size, an account of Active Directory (gMSA), and claims of EFS.",
        matters: "Windows tasks have 1 to 4 vCPU and at most 30 GB, and each vCPU costs a licence (Amazon \
                  ECS developer guide, task sizes; AWS Fargate pricing). Windows containers take no EFS \
                  (AWS Batch API reference, RuntimePlatform), and act as a gMSA on EC2 alone (Amazon ECS developer \
                  guide, gMSA).",
        todo: "Above that size choose ECS on EC2. Below it, see whether the program runs on Linux: it would \
               cost half.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/os: windows}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/os: linux}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limits = &catalog.limits.ecs_fargate;
    let (vcpu, memory) = (limits.windows_vcpu.value, limits.windows_memory.value);
    let signal = evidence.signal(Trait::Windows)?;
    let because = || format!("Fargate's largest Windows task has {} vCPU, {} GB", trim(vcpu), trim(memory));
    if let Some(cpu) = evidence.cpu.get().filter(|cpu| cpu.value > vcpu) {
        return Some(Found::excludes(&cpu.at, write_cpu(cpu.value), because()));
    }
    if let Some(known) = evidence.memory.get().filter(|known| known.value > memory) {
        return Some(Found::excludes(&known.at, write_gib(known.value), because()));
    }
    if let Some(account) = evidence.signal(Trait::DirectoryAccount) {
        return Some(Found::excluded_by(account, "a Windows task on Fargate joins no Active Directory"));
    }
    if let Some(known) = claims::on(evidence, &[Storage::Shared]) {
        return Some(Found::excludes(&known.at, claims::describe(known.value), "a Windows task mounts no EFS"));
    }
    // With a GPU it isn't on Fargate at all.
    (evidence.gpus == 0.0)
        .then(|| Found::notes(&signal.field, &signal.value, "on Fargate each vCPU costs a licence"))
}
