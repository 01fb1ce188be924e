//! BAT001: Batch runs what ends.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "BAT001",
    name: "batch-runs-what-ends",
    effect: Effect::Excludes,
    targets: &[Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Whether the workload ends by itself: a Job or a CronJob does.",
        matters: "AWS Batch takes jobs from a queue, runs each until it ends and retries what fails (AWS \
                  Batch user guide). A service has no end and needs one that keeps it running.",
        todo: "If the work comes in pieces and nobody waits for an answer, each piece can be a job; then \
               make it a Job here first.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: train}
spec:
  template:
    spec:
      containers: [{name: train, image: train}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: train}
spec:
  template:
    spec:
      containers: [{name: train, image: train}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    (!evidence.ends())
        .then(|| Found::excludes("kind", &evidence.subject.kind, "Batch runs what ends by itself"))
}
