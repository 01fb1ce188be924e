//! FGT026: more vCPU at once than an account has on Fargate at first.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_number,
    catalog::{Catalog, Target},
    decide::{Effect, targets},
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "FGT026",
    name: "vcpu-over-the-quota",
    effect: Effect::Notes,
    targets: &[Target::ECSExpress, Target::ECSFargate, Target::Batch, Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::CPU.and(Reads::MEMORY).and(Reads::COPIES).and(Reads::UNIT_DURATION).and(Reads::STORAGE),
    docs: Docs {
        checks: "The vCPU of all copies that may run at once; of what runs and ends, those of its parallelism, 1 when left out. \
                 Runs that need instances wherever they are put aren't asked.",
        matters: "All tasks of an account in a Region, jobs of Batch and the Pods of EKS on Fargate with them, have 6 vCPU On-Demand and as \
                  many on Spot until AWS raises the quota, which it does by use and on request (AWS Fargate service quotas; a \
                  third party's word on the figure). What comes beyond isn't started.",
        todo: "Look up the quota `Fargate On-Demand vCPU resource count` of the account, and ask for what the whole fleet \
               needs before the move.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 8
  template:
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: 1, memory: 2Gi}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 6
  template:
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: 1, memory: 2Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let cpu = evidence.cpu.get()?;
    let (field, most) = match evidence.copies.get().filter(|_| !evidence.ends()) {
        Some(copies) => (&*copies.at, copies.value.max),
        None => evidence.at_once().unwrap_or((&cpu.at, 1.0)),
    };
    // Batch has instances for what Fargate can't run, and nothing else of Fargate holds that.
    let memory = evidence.memory.value().copied().unwrap_or_default();
    if evidence.ends() && targets::needs_instances(evidence, catalog, (cpu.value, memory)) {
        return None;
    }
    let quota = catalog.limits.ecs_fargate.vcpu_quota.value;
    (most * cpu.value > quota).then(|| {
        let value = format!("{} of {} vCPU", write_number(most), write_number(cpu.value));
        let because = format!("Fargate has {} vCPU in all until AWS raises it", write_number(quota));
        Found::notes(field, value, because)
    })
}
