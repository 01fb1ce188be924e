//! EKF011: load balancers of Services, on EKS on Fargate.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKF011",
    name: "load-balancer-on-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Service of type LoadBalancer, an Ingress with annotations of the AWS Load Balancer Controller, and \
                 their target type.",
        matters: "A load balancer can't reach a node's port there: its targets have to be addresses of Pods, \
                  which the AWS Load Balancer Controller registers (Amazon EKS user guide, Fargate \
                  considerations). The load balancer that Kubernetes makes by itself uses nodes, and so does that \
                  controller where nothing says otherwise.",
        todo: "Install that controller, and set the target type to ip: by \
               service.beta.kubernetes.io/aws-load-balancer-nlb-target-type on the Service, by \
               alb.ingress.kubernetes.io/target-type on the Ingress or on the Service behind it.",
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
metadata:
  name: web
  annotations: {service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: instance}
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
metadata:
  name: web
  annotations: {service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 1883}]}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let mut signals = evidence.signals.iter().filter(|signal| signal.what == Trait::NodeTargets);
    let first = evidence.signal(Trait::NodeTargets)?;
    if let Some(instance) = signals.find(|signal| signal.value == "instance") {
        return Some(Found::excluded_by(instance, "EKS on Fargate has no instances: set it to ip"));
    }
    Some(Found::notes(&first.field, &first.value, "there its targets have to be addresses of Pods"))
}
