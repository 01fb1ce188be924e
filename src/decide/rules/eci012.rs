//! ECI012: work that takes longer than a managed instance lives.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence},
};

pub const RULE: Rule = Rule {
    code: "ECI012",
    name: "work-over-managed-instances",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances],
    since: "0.1.0",
    reads: Reads::UNIT_DURATION,
    docs: Docs {
        checks: "How long one unit of work takes, as a person tells or as was seen.",
        matters: "AWS replaces Managed Instances within 14 days, and their tasks with them (Amazon ECS developer \
                  guide, Managed Instances).",
        todo: "Save progress so that a run can go on where another ended, or use ECS on EC2, nodes, or AWS Batch on \
               EC2.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: train, annotations: {berth.dev/unit-duration: 480h}}
spec:
  template:
    spec:
      containers: [{name: train, image: train}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: train, annotations: {berth.dev/unit-duration: 48h}}
spec:
  template:
    spec:
      containers: [{name: train, image: train}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let life = catalog.limits.ecs_managed_instances.instance_life.value;
    let known = evidence.unit_duration.get().filter(|known| known.value > life)?;
    let because = format!("Managed Instances go after {}", write_seconds(life));
    Some(Found::excludes(&known.at, write_seconds(known.value), because))
}
