//! ECI007: a size or an instance that no price list has.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{write_cpu, write_gib},
    catalog::{Catalog, Target},
    decide::{Effect, targets::instances},
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI007",
    name: "no-listed-instance",
    effect: Effect::NeedsAnswer,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::Batch, Target::SageMaker, Target::EKSAutoMode, Target::EKSNodes],
    since: "0.1.0",
    reads: Reads::SIZE,
    docs: Docs {
        checks: "Whether an instance of the price list holds one copy, with the accelerator, the instance type, the GPU, \
                 the local disk and the EFA adapter that it asks for, and its model in the memory of the GPUs. A GPU of \
                 AMD is always asked about.",
        matters: "What no listed instance holds has no price here: larger and rarer instances exist on AWS. A cost made up for \
                  them would decide something, so that the target isn't certain to fit.",
        todo: "Add the instance with its price to a price book (--prices), or ask for less.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: 300, memory: 1Gi}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: 100, memory: 1Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    if instances::is_amd(evidence) {
        let signal = evidence.signal(Trait::Gpu)?;
        return Some(Found::asks(&signal.field, &signal.value, "EC2's one GPU of AMD is for graphics: will it do"));
    }
    if instances::is_listed(evidence, catalog) {
        return None;
    }
    const BECAUSE: &str = "no listed instance has that: give its price with --prices";
    if let Some(known) = evidence.model_size.get().filter(|_| instances::is_model_too_large(evidence, catalog)) {
        let because = "no GPU of those that it asks for holds that: ask for more";
        return Some(Found::asks(&known.at, write_gib(known.value), because));
    }
    let traits = [
        Trait::GpuProduct,
        Trait::GpuMemory,
        Trait::LocalDisk,
        Trait::InstanceType,
        Trait::Efa,
        Trait::SharedGpu,
        Trait::Gpu,
        Trait::Neuron,
    ];
    if let Some(signal) = traits.into_iter().find_map(|what| evidence.signal(what)) {
        return Some(Found::asks(&signal.field, &signal.value, BECAUSE));
    }
    let cpu = evidence.cpu.get().map(|cpu| (&cpu.at, write_cpu(cpu.value), cpu.value));
    let memory = evidence.memory.get().map(|memory| (&memory.at, write_gib(memory.value), memory.value / 8.0));
    let (at, value, _) = cpu.into_iter().chain(memory).max_by(|a, b| a.2.total_cmp(&b.2))?;
    Some(Found::asks(at, value, BECAUSE))
}
