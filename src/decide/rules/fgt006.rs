//! FGT006: local disk against what a Fargate task has.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "FGT006",
    name: "disk-over-fargate",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate, Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The ephemeral storage that one copy asks for.",
        matters: "A task has 20 GiB of ephemeral storage and at most 200 GiB, the rest at a price (Amazon \
                  ECS developer guide, ephemeral storage).",
        todo: "Keep the data in S3 or EFS, or choose instances with disks of their own.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: index}
spec:
  template:
    spec:
      containers: [{name: index, image: index, resources: {requests: {ephemeral-storage: 500Gi}}}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: index}
spec:
  template:
    spec:
      containers: [{name: index, image: index, resources: {requests: {ephemeral-storage: 100Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let known = evidence.disk.get()?;
    let limit = catalog.limits.ecs_fargate.disk.value;
    (known.value > limit).then(|| {
        let because = format!("a Fargate task has at most {} GiB of disk", trim(limit));
        Found::excludes(&known.at, write_gib(known.value), because)
    })
}
