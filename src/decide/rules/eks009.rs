//! EKS009: kernel parameters that a kubelet has to allow first.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS009",
    name: "unsafe-sysctl",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate, Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Parameters in securityContext.sysctls that Kubernetes calls unsafe.",
        matters: "A kubelet refuses them unless allowedUnsafeSysctls names them (Kubernetes documentation, \
                  sysctls). Fargate's and Auto Mode's kubelets are AWS's, and a node class of Auto Mode has no \
                  such setting (Amazon EKS user guide, Auto Mode node class).",
        todo: "Find out whether the parameter is needed. ECS sets those of the network in a task \
               definition; node groups let you configure the kubelet.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      securityContext: {sysctls: [{name: net.core.somaxconn, value: '4096'}]}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}]}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::UnsafeSysctl)?;
    Some(Found::excludes(&signal.field, &signal.value, "AWS runs the kubelet there, and it refuses that"))
}
