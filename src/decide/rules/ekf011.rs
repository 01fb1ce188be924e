//! EKF011: load balancers of Services, on EKS on Fargate.

use super::{Docs, Found, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKF011",
    name: "load-balancer-on-eks-fargate",
    effect: Effect::Notes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    docs: Docs {
        checks: "A Service of type LoadBalancer.",
        matters: "A load balancer can't reach a node's port there: its targets have to be addresses of Pods, \
                  which the AWS Load Balancer Controller registers (Amazon EKS user guide, Fargate \
                  considerations). The load balancer that Kubernetes makes by itself uses nodes.",
        todo: "Install that controller, and set its target type to ip on the Service.",
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
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 1883}]}
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
spec: {selector: {app: web}, ports: [{port: 1883}]}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::LoadBalancer)?;
    Some(Found::notes(&signal.field, &signal.value, "there its targets have to be addresses of Pods"))
}
