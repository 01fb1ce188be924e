//! WRK004: an answer that the manifest contradicts.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK004",
    name: "contradiction",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A unit of work that a person declares longer than activeDeadlineSeconds lets it be; another trigger, or another \
                 number of requests, than the schedule of a CronJob has.",
        matters: "One of the two is wrong: a run that took as long as declared would be ended before. The \
                  declared value is the one decided on. A CronJob is started by its schedule alone.",
        todo: "Correct berth.dev/unit-duration, or give the Job the time that it needs.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, annotations: {berth.dev/unit-duration: 20m}}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec:
      activeDeadlineSeconds: 600
      template:
        spec:
          containers: [{name: report, image: report}]
",
    silent: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, annotations: {berth.dev/unit-duration: 5m}}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec:
      activeDeadlineSeconds: 600
      template:
        spec:
          containers: [{name: report, image: report}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let mut all = evidence.signals.iter().filter(|signal| signal.what == Trait::Contradiction);
    let first = all.next()?;
    Some(Found::notes(&first.field, &first.value, "one of the two is wrong").and_of(all.collect()))
}
