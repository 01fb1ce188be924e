//! FGT005: a volume in memory that isn't shared memory.

use super::{Docs, Found, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT005",
    name: "memory-volume-on-fargate",
    effect: Effect::Notes,
    targets: &[Target::ECSFargate, Target::ECSExpress],
    since: "0.1.0",
    docs: Docs {
        checks: "A memory-backed emptyDir that no container mounts at /dev/shm.",
        matters: "ECS on Fargate has no tmpfs (Amazon ECS developer guide, Fargate task definitions), but a \
                  volume of ephemeral disk at the same path does for what programs keep at /tmp: only \
                  slower, and on disk.",
        todo: "Nothing, unless secrets must never touch a disk or the speed matters: then stay where tmpfs \
               is.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes: [{name: tmp, emptyDir: {medium: Memory}}]
      containers: [{name: web, image: web, volumeMounts: [{name: tmp, mountPath: /tmp}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes: [{name: tmp, emptyDir: {}}]
      containers: [{name: web, image: web, volumeMounts: [{name: tmp, mountPath: /tmp}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::MemoryVolume)?;
    Some(Found::notes(&signal.field, &signal.value, "on ECS Fargate ephemeral disk takes its place"))
}
