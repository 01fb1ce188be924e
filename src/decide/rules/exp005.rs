//! EXP005: more than one port that clients reach.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EXP005",
    name: "many-ports-on-express",
    effect: Effect::Excludes,
    targets: &[Target::ECSExpress, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The target ports of the Services in front of the workload. HTTP and its twin with TLS are \
                 one; ports for metrics and health don't count.",
        matters: "Express Mode and App Runner take one port of one container and route every request to it \
                  (Amazon ECS developer guide, creating an Express Mode service).",
        todo: "Serve both from one port by path, split the workload in two, or use a plain ECS service with \
               two target groups.",
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
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}, {name: http-admin, port: 9000}]}
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
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}, {name: https, port: 443, targetPort: 8443}]}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::ManyPorts)?;
    Some(Found::excluded_by(signal, "Express Mode and App Runner route to one port"))
}
