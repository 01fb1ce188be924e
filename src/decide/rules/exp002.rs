//! EXP002: what ends by itself is no service.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "EXP002",
    name: "express-serves-forever",
    effect: Effect::Excludes,
    targets: &[Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Job or a CronJob.",
        matters: "An Express Mode service keeps its tasks running and starts a new one for each that ends \
                  (Amazon ECS developer guide, Express Mode). Runs are plain ECS tasks or AWS Batch jobs.",
        todo: "Let EventBridge Scheduler start an ECS task, or use AWS Batch.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: backfill}
spec:
  template:
    spec:
      containers: [{name: backfill, image: backfill}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: backfill}
spec:
  template:
    spec:
      containers: [{name: backfill, image: backfill}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    evidence
        .ends()
        .then(|| Found::excludes("kind", &evidence.subject.kind, "Express Mode restarts what ends"))
}
