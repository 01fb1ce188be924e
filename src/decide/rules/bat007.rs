//! BAT007: how soon Batch ends a run.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "BAT007",
    name: "timeout-under-batch",
    effect: Effect::Notes,
    targets: &[Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "activeDeadlineSeconds.",
        matters: "A job's timeout on Batch is 60 seconds at least, and what is set below that isn't taken (AWS Batch user guide, job timeouts).",
        todo: "Let the program end itself, or live with a minute.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: render}
spec:
  activeDeadlineSeconds: 30
  template:
    spec:
      containers: [{name: render, image: render}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: render}
spec:
  activeDeadlineSeconds: 60
  template:
    spec:
      containers: [{name: render, image: render}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let known = evidence.run_limit.get()?;
    let least = catalog.limits.batch.least_timeout.value;
    (known.value < least).then(|| {
        let because = format!("a timeout of Batch is {} at least", write_seconds(least));
        Found::notes(&known.at, write_seconds(known.value), because)
    })
}
