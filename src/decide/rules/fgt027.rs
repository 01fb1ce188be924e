//! FGT027: an image on a task's disk.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Known},
};

pub const RULE: Rule = Rule {
    code: "FGT027",
    name: "image-on-a-tasks-disk",
    effect: Effect::Notes,
    targets: &[Target::ECSFargate],
    since: "0.1.0",
    reads: Reads::PACKAGE,
    docs: Docs {
        checks: "The size of the image, with the local disk that the workload asks for.",
        matters: "A task has 20 GiB of ephemeral storage unasked, and its image is on it twice, as it was pulled and unpacked \
                  (Amazon ECS developer guide, Fargate task ephemeral storage). A node has room for it elsewhere.",
        todo: "Set ephemeralStorage in the task definition to what the image takes, both times, and what the workload \
               writes. What is over 20 GiB costs a little.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: rank, annotations: {berth.dev/package-size: 14Gi}}
spec:
  template:
    spec:
      containers: [{name: rank, image: rank, resources: {requests: {ephemeral-storage: 8Gi}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: rank, annotations: {berth.dev/package-size: 2Gi}}
spec:
  template:
    spec:
      containers: [{name: rank, image: rank, resources: {requests: {ephemeral-storage: 8Gi}}}]
",
};

/// How much of an unpacked image it is at least as it was pulled: unpacked it's two to four times as large.
const PULLED: f64 = 0.25;

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let free = catalog.limits.ecs_fargate.free_disk.value;
    let image = leaves_no_room(evidence, free)?;
    let because = format!("pulled and unpacked it fills a task's {} GiB: set ephemeralStorage", trim(free));
    Some(Found::notes(&image.at, write_gib(image.value), because))
}

/// The image, where it and the disk that is asked for surely take more than this many GiB.
pub fn leaves_no_room(evidence: &Evidence, free: f64) -> Option<&Known<f64>> {
    let disk = evidence.disk.value().copied().unwrap_or(0.0);
    evidence.package_size.get().filter(|image| image.value * (1.0 + PULLED) + disk > free)
}
