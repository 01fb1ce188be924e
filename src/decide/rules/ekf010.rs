//! EKF010: a NodePort, where no node can be reached.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKF010",
    name: "node-port-on-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Service of type NodePort in front of the workload.",
        matters: "Load balancers reach Pods on EKS on Fargate by their own address; a node's port isn't \
                  served there (Amazon EKS user guide, Fargate considerations).",
        todo: "Make the Service a ClusterIP, and let an Ingress or a load balancer with targets by address \
               reach it.",
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
spec: {selector: {app: web}, type: NodePort, ports: [{port: 80}]}
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
    let signal = evidence.signal(Trait::NodePort)?;
    Some(Found::excluded_by(signal, "EKS on Fargate serves no node's port"))
}
