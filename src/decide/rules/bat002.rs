//! BAT002: runs of more than 14 days.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "BAT002",
    name: "run-over-batch-on-fargate",
    effect: Effect::Notes,
    targets: &[Target::Batch],
    since: "0.1.0",
    reads: Reads::UNIT_DURATION,
    docs: Docs {
        checks: "How long one run takes, as a person or a deadline tells.",
        matters: "A job on Fargate is ended after 14 days; one on EC2 or Managed Instances is not (AWS \
                  Batch user guide, job timeouts).",
        todo: "Use an EC2 compute environment, or save progress so that a run can go on where another \
               ended.",
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
    let known = evidence.unit_duration.get().filter(|_| evidence.ends())?;
    let limit = catalog.limits.batch.duration.value;
    (known.value > limit).then(|| {
        let because = format!("Batch on Fargate ends it after {}, on EC2 it doesn't", write_seconds(limit));
        Found::notes(&known.at, write_seconds(known.value), because)
    })
}
