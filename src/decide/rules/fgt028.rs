//! FGT028: clients that come back to the same task.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT028",
    name: "sticky-on-ecs",
    effect: Effect::Notes,
    targets: &[Target::ECSExpress, Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "What leads a client back to its copy: sessionAffinity of a Service, stickiness among its target group attributes, cookies of an \
                 Ingress and sessionPersistence of a route of the Gateway API.",
        matters: "Target groups have it: by a cookie on an Application Load Balancer, by the address on a Network Load Balancer (Elastic Load \
                  Balancing user guide, sticky sessions). Service Connect, which other services call by, has none.",
        todo: "Set stickiness on the target group. Better: keep sessions outside of the copies, so that one can go.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {sessionAffinity: ClientIP, selector: {app: web}, ports: [{port: 80}]}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Sticky)?;
    Some(Found::notes(&signal.field, &signal.value, "on ECS its place is the target group's stickiness"))
}
