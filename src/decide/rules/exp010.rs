//! EXP010: what a load balancer of one's own has and a shared one hasn't.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EXP010",
    name: "load-balancer-of-its-own",
    effect: Effect::Excludes,
    targets: &[Target::ECSExpress, Target::Lambda, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Service of type LoadBalancer with addresses that stay (aws-load-balancer-eip-allocations, private-ipv4-addresses) or with \
                 PROXY protocol.",
        matters: "Express Mode leads clients in by an Application Load Balancer that services share (Amazon ECS developer guide, resources \
                  that Express Mode creates). Its addresses change, and it tells who the client is by X-Forwarded-For; Elastic IP \
                  addresses and PROXY protocol are a Network Load Balancer's (Elastic Load Balancing user guide, Network Load \
                  Balancers). A function URL and App Runner have neither.",
        todo: "Ask whether partners have the addresses in their firewalls. If they have, give a plain ECS service a Network Load \
               Balancer with those addresses; else drop the annotation.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: partner}
spec:
  template:
    metadata: {labels: {app: partner}}
    spec:
      containers: [{name: partner, image: partner, ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata:
  name: partner
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-type: external
    service.beta.kubernetes.io/aws-load-balancer-eip-allocations: eipalloc-1
spec: {type: LoadBalancer, selector: {app: partner}, ports: [{name: http, port: 80, targetPort: http}]}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: partner}
spec:
  template:
    metadata: {labels: {app: partner}}
    spec:
      containers: [{name: partner, image: partner, ports: [{name: http, containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata:
  name: partner
  annotations: {service.beta.kubernetes.io/aws-load-balancer-type: external}
spec: {type: LoadBalancer, selector: {app: partner}, ports: [{name: http, port: 80, targetPort: http}]}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::FixedAddress) {
        return Some(Found::excluded_by(signal, "the front door there has no addresses that stay"));
    }
    let signal = evidence.signal(Trait::ProxyProtocol)?;
    Some(Found::excluded_by(signal, "the front door there speaks no PROXY protocol"))
}
