//! WRK015: a load that is more than an autoscaler's most copies take one request at a time.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK015",
    name: "load-over-the-autoscaler",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Requests a second times what one takes, as a person says them, against the most copies that an autoscaler or KEDA may \
                 add: the mean, the peak, or where only a shape is said, the least peak that it has (the policy's \
                 assumptions.peakToMean).",
        matters: "Copies are priced up to that most, and where a shape is said, up to that most over its least peak; a function is \
                  priced for every request. Either each copy serves several at once, which a function's price doesn't know of, or \
                  requests wait, or one of the figures is wrong.",
        todo: "Where a copy serves several at once, nothing: read the price of Lambda with that in mind. Else correct what is wrong: the \
               shape, the load, or the autoscaler's maximum.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {berth.dev/mean-requests-per-second: '20', berth.dev/unit-duration: 200ms, berth.dev/traffic-shape: Spiky}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 10}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {berth.dev/mean-requests-per-second: '20', berth.dev/unit-duration: 200ms, berth.dev/traffic-shape: Bursty}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 10}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::OverMost)?;
    Some(Found::notes(&signal.field, &signal.value, "some wait, or share a copy"))
}
