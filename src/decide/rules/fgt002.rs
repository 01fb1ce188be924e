//! FGT002: what a Pod asks of its host, which Fargate doesn't share.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "FGT002",
    name: "host-access-on-fargate",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate, Target::ECSExpress, Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Privileged containers, capabilities other than SYS_PTRACE, hostPath, hostNetwork, \
                 hostPID, hostIPC, raw devices, huge pages, a RuntimeClass, a ResourceClaim, a resource of a device plugin, or a seccomp or AppArmor profile of the node's. Capabilities \
                 that every runtime grants unasked don't count.",
        matters: "A Fargate task has its machine to itself and no say in it: no privileged mode, no host \
                  network or devices, SYS_PTRACE as the one capability to add (Amazon ECS developer guide, \
                  Fargate task definitions). A hostPort is no access: FGT033 tells of it. AWS Batch isn't excluded: its EC2 and Managed Instances \
                  environments allow what Fargate doesn't.",
        todo: "Find out whether the setting is needed. If it is, ECS on EC2 and Kubernetes with nodes have \
               a host to give.",
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
      containers: [{name: scanner, image: scanner, securityContext: {capabilities: {drop: [ALL], add: [NET_BIND_SERVICE, SYS_PTRACE]}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = host::access_beside_ports(evidence).or_else(|| host::capability(evidence, &["SYS_PTRACE"]))?;
    Some(Found::excluded_by(signal, "Fargate and App Runner give no access to a host"))
}
