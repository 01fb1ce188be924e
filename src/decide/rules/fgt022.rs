//! FGT022: more copies than a service of ECS starts with.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_number,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Lifetime},
};

pub const RULE: Rule = Rule {
    code: "FGT022",
    name: "copies-over-a-service",
    effect: Effect::Notes,
    targets: &[Target::ECSExpress, Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::COPIES,
    docs: Docs {
        checks: "The most copies that there may be at once.",
        matters: "A service has at most 5,000 tasks unless AWS raises the quota (Amazon ECS service quotas; a third \
                  party's word on it).",
        todo: "Ask for a higher quota before the move, or make several services of it.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 6000}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 5000
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let known = evidence.copies.get().filter(|_| evidence.lifetime == Lifetime::Service)?;
    let limit = catalog.limits.ecs.tasks.value;
    (known.value.max > limit).then(|| {
        let because = format!("a service of ECS has {} tasks until AWS raises the quota", write_number(limit));
        Found::notes(&known.at, write_number(known.value.max), because)
    })
}
