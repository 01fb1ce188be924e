//! EKF008: a mesh and its capabilities, on EKS on Fargate.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKF008",
    name: "mesh-on-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A mesh's proxy, written or injected, and capabilities beyond those that every runtime \
                 grants unasked.",
        matters: "A mesh redirects a Pod's traffic with NET_ADMIN, or through a plugin that a DaemonSet \
                  installs. EKS on Fargate refuses Pods that add capabilities, SYS_PTRACE among them, and \
                  runs no DaemonSets (aws/containers-roadmap issues 682 and 1102, Amazon EKS user guide).",
        todo: "Leave the workload out of the mesh, or run it on nodes.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {linkerd.io/inject: enabled}}
    spec:
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, securityContext: {capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::Mesh) {
        return Some(Found::excluded_by(signal, "a mesh needs NET_ADMIN or a DaemonSet"));
    }
    let signal = host::capability(evidence, &[])?;
    Some(Found::excluded_by(signal, "EKS on Fargate adds no capabilities"))
}
