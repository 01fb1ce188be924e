//! LMB022: clients that come back to the same copy.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "LMB022",
    name: "sticky-on-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "What leads a client back to its copy: sessionAffinity of a Service, stickiness among its target group attributes, cookies of an \
                 Ingress (nginx and the AWS Load Balancer Controller) and sessionPersistence of a route of the Gateway API.",
        matters: "Any environment of a function, and any instance of an App Runner service, answers the next request (AWS Lambda developer \
                  guide, execution environments): what a copy keeps of a client in its memory is not there.",
        todo: "Keep sessions in DynamoDB or ElastiCache, or in a signed cookie. Then take the setting away.",
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
    Some(Found::excluded_by(signal, "there any copy answers the next request"))
}
