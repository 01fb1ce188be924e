//! EKF002: what a Pod asks of its host, on EKS on Fargate.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "EKF002",
    name: "host-access-on-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Privileged containers, hostPath, hostNetwork, hostPort, hostPID, hostIPC, raw devices, huge pages, an \
                 unmasked /proc, a RuntimeClass, a ResourceClaim or a resource of a device plugin.",
        matters: "EKS on Fargate refuses privileged containers, host networks and host ports (Amazon EKS \
                  user guide, Fargate considerations); the node is AWS's, with nothing of it to mount or \
                  share.",
        todo: "Find out whether the setting is needed. If it is, the Pod needs nodes.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: scanner}
spec:
  template:
    spec:
      containers: [{name: scanner, image: scanner, securityContext: {privileged: true}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: scanner}
spec:
  template:
    spec:
      containers: [{name: scanner, image: scanner, securityContext: {runAsNonRoot: true}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = host::access(evidence)?;
    Some(Found::excluded_by(signal, "EKS on Fargate gives no access to a host"))
}
