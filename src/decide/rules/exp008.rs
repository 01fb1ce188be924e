//! EXP008: volumes and disk, on Express Mode.

use super::{Docs, Found, Reads, Rule, claims, fgt027};
use crate::{
    amount::{trim, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Storage, Trait},
};

pub const RULE: Rule = Rule {
    code: "EXP008",
    name: "disk-on-express",
    effect: Effect::Excludes,
    targets: &[Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::PACKAGE.and(Reads::STORAGE),
    docs: Docs {
        checks: "A shared file system, a volume that is made for each Pod, and more local disk than a task has \
                 unasked, its image included.",
        matters: "Express Mode is for web applications that keep nothing: its own API has no volumes, and a task has \
                  20 GiB of ephemeral disk (Amazon ECS developer guide, Express Mode and ephemeral storage). A task \
                  definition that is changed outside of Express Mode is a plain service's.",
        todo: "Use a plain service on Fargate, unless the files can go to S3.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}], resources: {requests: {ephemeral-storage: 50Gi}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}], resources: {requests: {ephemeral-storage: 10Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    const BECAUSE: &str = "Express Mode has no volumes: a plain service has";
    if let Some(known) = claims::on(evidence, &[Storage::Shared, Storage::Bucket]) {
        return Some(Found::excludes(&known.at, claims::describe(known.value), BECAUSE));
    }
    if let Some(signal) = evidence.signal(Trait::ScratchVolume) {
        return Some(Found::excluded_by(signal, BECAUSE));
    }
    let free = catalog.limits.ecs_fargate.free_disk.value;
    let over = evidence.disk.get().filter(|known| known.value > free);
    let (known, because) = match over {
        Some(disk) => (disk, format!("more than {} GiB take a plain service", trim(free))),
        None => {
            let because = format!("pulled and unpacked it fills {} GiB: a plain service may have more", trim(free));
            (fgt027::leaves_no_room(evidence, free)?, because)
        }
    };
    Some(Found::excludes(&known.at, write_gib(known.value), because))
}
