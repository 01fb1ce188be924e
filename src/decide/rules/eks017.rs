//! EKS017: what holds on nodes of Linux alone.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS017",
    name: "linux-nodes-only",
    effect: Effect::Notes,
    targets: &[Target::EKSNodes],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Pod on Windows that a NetworkPolicy selects, or that gets its role of AWS by EKS Pod Identity.",
        matters: "The VPC CNI enforces network policies on Linux nodes alone, and Pods on Windows get no Pod \
                 Identity (Amazon EKS user guide, network policies and EKS Pod Identity). Neither tells: the Pod is \
                 open, or has no role.",
        todo: "Let security groups or Calico for Windows keep the traffic apart, and use IAM roles for service \
                 accounts.",
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
      os: {name: windows}
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
      os: {name: linux}
      containers: [{name: web, image: web}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {matchLabels: {app: web}}}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    evidence.signal(Trait::Windows)?;
    let noted = |what, because| {
        let signal = evidence.signal(what)?;
        Some(Found::notes(&signal.field, &signal.value, because))
    };
    noted(Trait::NetworkPolicy, "it isn't enforced on Windows nodes: its Pods are open")
        .or_else(|| noted(Trait::PodIdentity, "Windows nodes have no Pod Identity: use IRSA"))
}
