//! EKS015: runs of which there is one at a time.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS015",
    name: "one-run-at-a-time",
    effect: Effect::Notes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "concurrencyPolicy of a CronJob: Forbid and Replace.",
        matters: "A schedule of EventBridge starts a run at its time whether or not the last one has ended (Amazon EventBridge Scheduler user \
                  guide). Only a CronJob looks after the run before.",
        todo: "On Lambda reserve a concurrency of 1, which holds a second run back; else take a lock, such as a conditional write to \
               DynamoDB, or let a state machine of Step Functions look for the run before. Where runs are short and may overlap, \
               nothing is needed.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: sync}
spec:
  schedule: '*/5 * * * *'
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{name: sync, image: sync}]
",
    silent: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: sync}
spec:
  schedule: '*/5 * * * *'
  concurrencyPolicy: Allow
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{name: sync, image: sync}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::OneAtATime)?;
    let because = "a schedule of AWS starts the next run all the same";
    Some(Found::notes(&signal.field, &signal.value, because))
}
