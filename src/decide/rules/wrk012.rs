//! WRK012: traffic or a duration of requests that Prometheus contradicts.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK012",
    name: "traffic-unlike-declared",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The mean and the peak of requests and their duration as a person says them, against what Prometheus \
                 remembers of the last day. Twice as much is told, and of the mean half as much too; 0.1 requests \
                 a second or 50 ms are no matter.",
        matters: "Lambda bills requests and their time; a declared value wins over what was seen, and while it's \
                  wrong, so may the recommendation be.",
        todo: "Correct the annotation, or leave it out: what Prometheus shows is used then.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {berth.dev/mean-requests-per-second: '2'}}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
---
apiVersion: berth.dev/v1alpha1
kind: WorkloadProfile
metadata: {name: deployment-web}
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
status:
  observed:
    traffic:
      requests: {count: 288, p50: 40.0, p95: 80.0, max: 120.0, unit: 1/s, observedAt: 2026-03-01T03:00:00Z}
      mean: 40.0
      window: 1d
      queries: istio
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {berth.dev/mean-requests-per-second: '2'}}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
---
apiVersion: berth.dev/v1alpha1
kind: WorkloadProfile
metadata: {name: deployment-web}
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
status:
  observed:
    traffic:
      requests: {count: 288, p50: 2.5, p95: 5.0, max: 7.5, unit: 1/s, observedAt: 2026-03-01T03:00:00Z}
      mean: 2.5
      window: 1d
      queries: istio
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::UnlikeSaid)?;
    Some(Found::notes(&signal.field, &signal.value, "correct it or leave it out"))
}
