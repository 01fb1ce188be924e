//! ECI023: load balancers that another controller made, on Auto Mode.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI023",
    name: "load-balancer-on-auto-mode",
    effect: Effect::Notes,
    targets: &[Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Services of type LoadBalancer of what doesn't run on Auto Mode yet.",
        matters: "Auto Mode brings a controller of its own, and a load balancer of the AWS Load Balancer Controller doesn't pass \
                  to it (Amazon EKS user guide, enabling Auto Mode on existing clusters): one of its own has another name and \
                  other addresses.",
        todo: "Make a second Service with loadBalancerClass: eks.amazonaws.com/nlb, move the DNS record, and delete the first; \
               or keep the other controller beside Auto Mode.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: broker}
spec:
  template:
    metadata: {labels: {app: broker}}
    spec:
      containers: [{name: broker, image: broker}]
---
apiVersion: v1
kind: Service
metadata: {name: broker}
spec: {type: LoadBalancer, selector: {app: broker}, ports: [{port: 1883}]}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: broker}
spec:
  template:
    metadata: {labels: {app: broker}}
    spec:
      nodeSelector: {eks.amazonaws.com/compute-type: auto}
      containers: [{name: broker, image: broker}]
---
apiVersion: v1
kind: Service
metadata: {name: broker}
spec: {type: LoadBalancer, selector: {app: broker}, ports: [{port: 1883}]}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let is_there = evidence.place.value() == Some(&Target::EKSAutoMode);
    let signal = evidence.signal(Trait::LoadBalancer).filter(|_| !is_there)?;
    Some(Found::notes(&signal.field, &signal.value, "Auto Mode makes one of its own, with another name"))
}
