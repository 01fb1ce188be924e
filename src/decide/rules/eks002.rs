//! EKS002: what of Kubernetes a workload uses, and what takes its place elsewhere.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS002",
    name: "uses-more-of-kubernetes",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "What else of Kubernetes speaks about this workload: an autoscaler, an Ingress, a \
                 NetworkPolicy, a disruption budget.",
        matters: "Whoever moves leaves them behind, so the question is which of them anybody needs. Each \
                  has a counterpart outside: service auto scaling, a load balancer's rule, security groups, \
                  a service's minimum healthy percent. What has none is the one way of doing it that all \
                  teams share.",
        todo: "For each one, ask who would miss it. Count the work to rebuild what stays needed before you \
               move.",
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
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 4}
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
    // The workload's own kind is no feature that anything would have to be rebuilt for.
    let features = || evidence.signals.iter().filter(|s| s.what == Trait::Feature && s.field != "kind");
    let first = features().next()?;
    let others: Vec<&str> = features().skip(1).map(|signal| signal.field.as_str()).collect();
    let because = "elsewhere its counterpart has to be built";
    let because = match others.as_slice() {
        [] => because.to_owned(),
        [other] => format!("{because}, and that of {other}"),
        [other, more @ ..] => format!("{because}, and those of {other} and {} more", more.len()),
    };
    Some(Found::notes(&first.field, &*first.value, because))
}
