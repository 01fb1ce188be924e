//! WRK006: requests far above what copies use.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK006",
    name: "requests-far-above-use",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Requests against what copies were seen to use: the 95th percentile of CPU, the most of memory. \
                 Three times as much, and at least 0.2 vCPU or 256 MiB more, is told, after an hour of samples.",
        matters: "Requests are what nodes are filled by and what Fargate bills. Costs are of the requests; what \
                  they would be at the use is shown beside them.",
        todo: "Lower the requests to what is used, with some room, before comparing prices.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: 2, memory: 1Gi}}}]
---
apiVersion: berth.dev/v1alpha1
kind: WorkloadProfile
metadata: {name: deployment-web}
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
status:
  observed:
    usage:
      cpu: {count: 288, p50: 0.05, p95: 0.1, max: 0.4, unit: vCPU, observedAt: 2026-03-01T03:00:00Z}
      memory: {count: 288, p50: 0.6, p95: 0.7, max: 0.8, unit: GiB, observedAt: 2026-03-01T03:00:00Z}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: 250m, memory: 1Gi}}}]
---
apiVersion: berth.dev/v1alpha1
kind: WorkloadProfile
metadata: {name: deployment-web}
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
status:
  observed:
    usage:
      cpu: {count: 288, p50: 0.05, p95: 0.1, max: 0.4, unit: vCPU, observedAt: 2026-03-01T03:00:00Z}
      memory: {count: 288, p50: 0.6, p95: 0.7, max: 0.8, unit: GiB, observedAt: 2026-03-01T03:00:00Z}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Oversized)?;
    Some(Found::notes(&signal.field, &signal.value, "you pay for requests"))
}
