//! WRK013: a run that nobody says the pace of.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Lifetime},
};

pub const RULE: Rule = Rule {
    code: "WRK013",
    name: "runs-unknown",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::RUNS.and(Reads::COPIES),
    docs: Docs {
        checks: "A Job, or a Pod that ends, that no schedule starts, while no run of it was counted.",
        matters: "What it costs depends on how often it runs, and a manifest doesn't tell. From one run a \
                  month to one an hour is assumed (the policy's assumptions.unknownRuns). It may be the only run, and so isn't counted \
                  among the services that share the platform's hours.",
        todo: "Say it with berth.dev/runs-per-month, or make it a CronJob where a schedule starts it. Else read each end of the \
               cost as what it is: for one run, and for as many.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  template:
    spec:
      containers: [{name: migrate, image: migrate}]
",
    silent: "
apiVersion: batch/v1
kind: CronJob
metadata: {name: migrate}
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{name: migrate, image: migrate}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let is_open = evidence.lifetime == Lifetime::Run && evidence.runs.is_unknown() && evidence.at_rest().is_none();
    is_open.then(|| Found::notes("runs a month", "unknown", "say it with berth.dev/runs-per-month"))
}
