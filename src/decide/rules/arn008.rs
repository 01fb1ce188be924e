//! ARN008: volumes and local disk, on App Runner.

use super::{Docs, Found, Reads, Rule, claims};
use crate::{
    amount::{trim, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Storage, Trait},
};

pub const RULE: Rule = Rule {
    code: "ARN008",
    name: "disk-on-app-runner",
    effect: Effect::Excludes,
    targets: &[Target::AppRunner],
    since: "0.1.0",
    reads: Reads::STORAGE,
    docs: Docs {
        checks: "Shared file systems, volumes that are made for each Pod, and the local disk that one copy asks for.",
        matters: "An instance has 3 GB of disk, its image included, and mounts nothing: EFS is a wish that is open \
                  (AWS App Runner developer guide; AWS App Runner roadmap, issue 14).",
        todo: "Keep files in S3, or choose ECS on Fargate, which mounts EFS.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {requests: {ephemeral-storage: 50Gi}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {requests: {ephemeral-storage: 1Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    const BECAUSE: &str = "App Runner mounts no volumes";
    if let Some(known) = claims::on(evidence, &[Storage::Shared, Storage::Bucket]) {
        return Some(Found::excludes(&known.at, claims::describe(known.value), BECAUSE));
    }
    if let Some(signal) = evidence.signal(Trait::ScratchVolume) {
        return Some(Found::excluded_by(signal, BECAUSE));
    }
    let limit = catalog.limits.app_runner.disk.value;
    let known = evidence.disk.get().filter(|known| known.value > limit)?;
    let because = format!("App Runner has {} GB of disk, the image included", trim(limit));
    Some(Found::excludes(&known.at, write_gib(known.value), because))
}
