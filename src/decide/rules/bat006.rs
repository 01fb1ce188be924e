//! BAT006: how often Batch tries again.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_number,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "BAT006",
    name: "retries-over-batch",
    effect: Effect::Notes,
    targets: &[Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "backoffLimit of a Job.",
        matters: "A job of Batch has between 1 and 10 attempts, the first one among them (AWS Batch API reference, RetryStrategy).",
        todo: "Set attempts to 10, and let what has to go on longer start a new job, or try again by itself.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: render}
spec:
  backoffLimit: 20
  template:
    spec:
      containers: [{name: render, image: render}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: render}
spec:
  backoffLimit: 9
  template:
    spec:
      containers: [{name: render, image: render}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Retries)?;
    let most = catalog.limits.batch.attempts.value;
    let is_over = signal.value.parse::<f64>().is_ok_and(|retries| retries + 1.0 > most);
    is_over.then(|| {
        let because = format!("a job of Batch has {} attempts at most", write_number(most));
        Found::notes(&signal.field, &signal.value, because)
    })
}
