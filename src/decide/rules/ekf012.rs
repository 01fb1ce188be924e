//! EKF012: network policies, on EKS on Fargate.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKF012",
    name: "network-policy-on-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A NetworkPolicy that selects the Pods. Of what surely runs on Fargate today it is noted: there it is as open as it \
                 was.",
        matters: "Policies are enforced on Linux nodes of EC2, by the VPC CNI or by an agent that a DaemonSet \
                 brings; Fargate has neither (Amazon EKS user guide, network policies and Fargate considerations). \
                 The API server takes the policy all the same, so that the Pod is open and nobody is told.",
        todo: "Keep it on nodes or on Auto Mode; or let a SecurityGroupPolicy keep the traffic apart, which holds \
                 on Fargate, and remove the NetworkPolicy.",
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
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {matchLabels: {app: web}}}
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
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: other}
spec: {podSelector: {matchLabels: {app: other}}}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::NetworkPolicy)?;
    if evidence.surely_runs_on(Target::EKSFargate) {
        return Some(Found::notes(&signal.field, &signal.value, "EKS on Fargate enforces none: its Pods are open"));
    }
    Some(Found::excluded_by(signal, "EKS on Fargate enforces none: its Pods would be open"))
}
