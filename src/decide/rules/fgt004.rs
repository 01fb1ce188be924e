//! FGT004: shared memory, which neither Fargate nor Managed Instances can give.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT004",
    name: "shared-memory-on-fargate",
    effect: Effect::Excludes,
    targets: &[
        Target::ECSFargate,
        Target::ECSExpress,
        Target::ECSManagedInstances,
        Target::AppRunner,
        Target::Lambda,
    ],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A memory-backed emptyDir that a container, or a sidecar among the init containers, mounts at \
                 /dev/shm.",
        matters: "Browsers, databases and model servers pass data through /dev/shm. ECS supports neither tmpfs nor \
                  sharedMemorySize on Fargate or on Managed Instances (Amazon ECS developer guide, task definition \
                  differences for Fargate and for Managed Instances), so that there is no counterpart. A \
                  memory-backed volume anywhere else is a matter of speed alone: disk serves.",
        todo: "Keep it where Pods are, or on ECS on EC2, or start the program with a flag that avoids /dev/shm.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: browser}
spec:
  template:
    spec:
      volumes: [{name: shm, emptyDir: {medium: Memory}}]
      containers: [{name: browser, image: browser, volumeMounts: [{name: shm, mountPath: /dev/shm}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: browser}
spec:
  template:
    spec:
      volumes: [{name: scratch, emptyDir: {medium: Memory}}]
      containers: [{name: browser, image: browser, volumeMounts: [{name: scratch, mountPath: /tmp}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::SharedMemory)?;
    Some(Found::excluded_by(signal, "only ECS on EC2 and Pods have shared memory"))
}
