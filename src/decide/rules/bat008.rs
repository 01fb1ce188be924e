//! BAT008: how long a run may take to stop, on Batch.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "BAT008",
    name: "grace-over-batch",
    effect: Effect::Notes,
    targets: &[Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "terminationGracePeriodSeconds of what ends by itself.",
        matters: "When a job has run into its timeout, Batch asks it to stop and kills it 30 seconds later (AWS Batch user guide, job \
                  timeouts).",
        todo: "Save progress as the run goes on, or stop within 30 seconds.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: render}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 90
      containers: [{name: render, image: render}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: render}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 30
      containers: [{name: render, image: render}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::LongGrace).filter(|_| evidence.ends())?;
    let limit = catalog.limits.batch.stop_timeout.value;
    let is_over = signal.value.parse::<f64>().is_ok_and(|seconds| seconds > limit);
    is_over.then(|| {
        let because = format!("Batch kills a job {} after it asked it to stop", write_seconds(limit));
        Found::notes(&signal.field, &signal.value, because)
    })
}
