//! EKS006: a runtime, a claimed device or huge pages, which only Kubernetes knows.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    amount,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS006",
    name: "no-field-in-a-task-definition",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "runtimeClassName, resourceClaims of dynamic resource allocation, requests for huge pages, a seccomp \
                 profile that a node keeps, and procMount: Unmasked. Pages of 2 MiB beside EFA are noted.",
        matters: "A RuntimeClass names a runtime that was installed on the nodes, such as gVisor; a ResourceClaim asks \
                  a driver for a device; huge pages are counted by the scheduler (Kubernetes documentation, Runtime \
                  Class, Dynamic Resource Allocation and huge pages). A task definition has a field for none of \
                  them (Amazon ECS developer guide, task definition parameters). Those of EFA need none: instances with its driver set \
                  5,128 of 2 MiB aside, which only Kubernetes hands out by a request (Amazon EKS user guide, Elastic Fabric \
                  Adapter).",
        todo: "Find out whether the class is needed: each Fargate task has a kernel of its own. Ask for a whole GPU \
               by its count, and ECS and SageMaker come back into play. Huge pages are often a wish for speed: measure \
               without. An unmasked /proc is there for containers within the container: a task has it only as a privileged \
               one. To build images, look at CodeBuild.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      runtimeClassName: gvisor
      containers: [{name: web, image: web}]
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

const TRAITS: &[Trait] =
    &[Trait::RuntimeClass, Trait::ResourceClaim, Trait::HugePages, Trait::SeccompProfile, Trait::ProcMount];

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = host::any(evidence, TRAITS) {
        return Some(Found::excluded_by(signal, "a task definition has no field for it"));
    }
    let signal = evidence.signal(Trait::EfaPages)?;
    let set_aside = catalog.limits.ec2.efa_pages.value;
    if amount::gib(&signal.value).is_some_and(|pages| pages > set_aside) {
        return Some(Found::excluded_by(signal, "more than EFA's driver sets aside, and no field for it"));
    }
    let because = "instances with EFA's driver set them aside, and no field asks for them";
    Some(Found::notes(&signal.field, &signal.value, because))
}
