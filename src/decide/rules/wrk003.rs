//! WRK003: runs that overlap.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK003",
    name: "runs-overlap",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "How long one run takes, as a person says, against the time between two runs of its \
                 schedule.",
        matters: "With concurrencyPolicy Allow, runs pile up; with Forbid, some are left out; with Replace, \
                  none ends (Kubernetes documentation, CronJob).",
        todo: "Run it less often, make it faster, or let a queue hold the work.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: sync, annotations: {berth.dev/unit-duration: 20m}}
spec:
  schedule: '*/5 * * * *'
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{name: sync, image: sync}]
",
    silent: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: sync, annotations: {berth.dev/unit-duration: 1m}}
spec:
  schedule: '*/5 * * * *'
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{name: sync, image: sync}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Overlap)?;
    Some(Found::notes(&signal.field, &signal.value, "runs pile up, or some are left out"))
}
