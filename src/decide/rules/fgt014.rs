//! FGT014: a volume that is made for each Pod and goes with it.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT014",
    name: "scratch-volume-on-ecs",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Generic ephemeral volumes (ephemeral.volumeClaimTemplate). One is noted, more exclude.",
        matters: "Such a volume is scratch space: it is made with the Pod and deleted with it (Kubernetes \
                  documentation, ephemeral volumes). ECS does the same with an EBS volume that it makes for a task, \
                  one for each task (Amazon ECS developer guide, Amazon EBS volumes). No price here counts volumes.",
        todo: "Give the service a volume configuration. If 200 GiB are enough, a task's own ephemeral disk on \
               Fargate is simpler.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes:
        - {name: scratch, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: gp3}}}}
        - {name: spill, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: gp3}}}}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes: [{name: scratch, emptyDir: {}}]
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let mut volumes = evidence.signals.iter().filter(|signal| signal.what == Trait::ScratchVolume);
    let first = volumes.next()?;
    if let Some(second) = volumes.next() {
        return Some(Found::excluded_by(second, "ECS makes one EBS volume for a task"));
    }
    Some(Found::notes(&first.field, &first.value, "ECS makes an EBS volume for each task in its place"))
}
