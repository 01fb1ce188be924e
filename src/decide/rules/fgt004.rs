//! FGT004: shared memory, which ECS on Fargate can't give.

use super::{Docs, Found, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT004",
    name: "shared-memory-on-fargate",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate, Target::ECSExpress, Target::AppRunner, Target::Lambda],
    since: "0.1.0",
    docs: Docs {
        checks: "A memory-backed emptyDir that a container mounts at /dev/shm.",
        matters: "Browsers, databases and model servers pass data through /dev/shm. ECS on Fargate supports neither \
                  tmpfs nor sharedMemorySize (Amazon ECS developer guide, Fargate task definitions), so that there is \
                  no counterpart. A memory-backed volume anywhere else is a matter of speed alone: ephemeral disk \
                  serves.",
        todo: "Keep it where Pods or instances are (EKS on Fargate, ECS on EC2 or on Managed Instances), or start the \
               program with a flag that avoids /dev/shm.",
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
    Some(Found::excluded_by(signal, "ECS on Fargate and Lambda have no shared memory"))
}
