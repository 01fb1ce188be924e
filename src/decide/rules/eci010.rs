//! ECI010: what a node has to be prepared for, as Auto Mode's can't be.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI010",
    name: "prepared-node-on-auto-mode",
    effect: Effect::Excludes,
    targets: &[Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "runtimeClassName and the socket of Docker, which exclude; resourceClaims, requests for huge pages, and a seccomp \
                 profile that a node keeps, which are asked about. A claim of what is said or seen to run there is noted.",
        matters: "A RuntimeClass needs its handler in the node's container runtime. Auto Mode's nodes run an image of \
                  AWS's that nobody else changes or logs in to (Amazon EKS user guide, Auto Mode). From a version of Kubernetes on they bring NVIDIA's \
                  and EFA's drivers of dynamic resource allocation; before that it wasn't supported there, as older copies of the guide \
                  still say, and of other drivers it says nothing (Amazon EKS user guide, device management). Huge pages are set \
                  aside when a node starts; Auto Mode's node class has no setting for that, and no text of AWS says \
                  that some are there. A seccomp profile is a file below the kubelet's folder (Kubernetes documentation, \
                  seccomp): on nodes that nobody logs in to a DaemonSet would have to write it.",
        todo: "Use node groups or Karpenter with an image that has the runtime, the driver or the pages.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      runtimeClassName: gvisor
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let excluded = |what, because: &'static str| Some(Found::excluded_by(evidence.signal(what)?, because));
    let drivers = || {
        let since = catalog.limits.eks_auto_mode.claims_since.value;
        format!("Auto Mode has NVIDIA's and EFA's drivers, from Kubernetes {since} on")
    };
    let claim = evidence.signal(Trait::ResourceClaim);
    let (there, elsewhere) = if evidence.surely_runs_on(Target::EKSAutoMode) { (claim, None) } else { (None, claim) };
    excluded(Trait::RuntimeClass, "nobody installs a runtime on Auto Mode's nodes")
        .or_else(|| Some(Found::excluded_by(host::docker_socket(evidence)?, "its nodes run containerd, not Docker")))
        .or_else(|| elsewhere.map(|signal| Found::asks(&signal.field, &signal.value, drivers())))
        .or_else(|| {
            let signal = host::any(evidence, &[Trait::HugePages, Trait::EfaPages])?;
            Some(Found::asks(&signal.field, &signal.value, "AWS names no huge pages on Auto Mode: try one"))
        })
        .or_else(|| {
            let signal = evidence.signal(Trait::SeccompProfile)?;
            Some(Found::asks(&signal.field, &signal.value, "who puts it onto Auto Mode's nodes"))
        })
        .or_else(|| there.map(|signal| Found::notes(&signal.field, &signal.value, drivers())))
}
