//! ARN005: what ends by itself is no service.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "ARN005",
    name: "app-runner-serves-forever",
    effect: Effect::Excludes,
    targets: &[Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Job or a CronJob.",
        matters: "App Runner keeps at least one instance running and answers requests (AWS App Runner \
                  developer guide).",
        todo: "Let EventBridge Scheduler start an ECS task or a function, or use AWS Batch.",
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
    evidence.ends().then(|| {
        Found::excludes("kind", &evidence.subject.kind, "App Runner runs what answers requests")
    })
}
