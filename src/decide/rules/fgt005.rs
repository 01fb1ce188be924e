//! FGT005: a volume in memory that isn't shared memory.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::trim,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT005",
    name: "memory-volume-on-fargate",
    effect: Effect::Notes,
    targets: &[Target::ECSFargate, Target::ECSExpress, Target::ECSManagedInstances],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A memory-backed emptyDir that no container mounts at /dev/shm.",
        matters: "ECS has no tmpfs on Fargate or on Managed Instances (Amazon ECS developer guide, task definition \
                  differences), but a volume of ephemeral disk at the same path does for what programs keep at /tmp: \
                  only slower, and on disk, of which 20 GiB are free on Fargate.",
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

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::MemoryVolume)?;
    let free = trim(catalog.limits.ecs_fargate.free_disk.value);
    let because = format!("on ECS ephemeral disk takes its place, {free} GiB of it free on Fargate");
    Some(Found::notes(&signal.field, &signal.value, because))
}
