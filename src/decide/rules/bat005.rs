//! BAT005: more runs at once than an array job has.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_number,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "BAT005",
    name: "completions-over-an-array-job",
    effect: Effect::Notes,
    targets: &[Target::Batch],
    since: "0.1.0",
    reads: Reads::COPIES,
    docs: Docs {
        checks: "completions of a Job, or its parallelism where nobody says how many there are.",
        matters: "What a Job with many completions is there, an array job, has 2 to 10,000 children (AWS Batch user \
                  guide, submitting a job). Each one reads its number from AWS_BATCH_JOB_ARRAY_INDEX, as it does from \
                  JOB_COMPLETION_INDEX here.",
        todo: "Submit several array jobs, each with an offset that its children add to their index, or give each child \
               more than one piece of the work.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: render}
spec:
  completions: 20000
  completionMode: Indexed
  template:
    spec:
      containers: [{name: render, image: render}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: render}
spec:
  completions: 10000
  completionMode: Indexed
  template:
    spec:
      containers: [{name: render, image: render}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let known = evidence.copies.get().filter(|_| evidence.ends())?;
    let limit = catalog.limits.batch.array_size.value;
    (known.value.max > limit).then(|| {
        let because = format!("an array job of Batch has {} at most: submit several", write_number(limit));
        Found::notes(&known.at, write_number(known.value.max), because)
    })
}
