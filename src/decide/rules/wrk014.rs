//! WRK014: what a person says of the traffic, which can't all be true.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK014",
    name: "traffic-at-odds",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Mean and peak of requests a second, and the traffic's shape, as a person says them: a mean above the peak; a peak \
                 that is twice as near to the mean, or but for Spiky twice as far from it, as one of that shape is (the \
                 policy's assumptions.peakToMean); Idle beside twice the requests that Idle stands for (assumptions.idleRequestsPerSecond).",
        matters: "A function is priced by the mean, copies that an autoscaler adds are priced by the shape: while one of them is wrong, \
                  the two prices are of different traffic.",
        todo: "Correct the one that is wrong, or leave it out: what isn't said is asked or assumed, never taken for true.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {berth.dev/mean-requests-per-second: '50', berth.dev/peak-requests-per-second: '20'}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {berth.dev/mean-requests-per-second: '20', berth.dev/peak-requests-per-second: '50'}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let mut all = evidence.signals.iter().filter(|signal| signal.what == Trait::AtOdds);
    let first = all.next()?;
    Some(Found::notes(&first.field, &first.value, "one is wrong, and prices go by both").and_of(all.collect()))
}
