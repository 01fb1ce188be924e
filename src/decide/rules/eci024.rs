//! ECI024: a share of a GPU, on EKS Auto Mode.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI024",
    name: "shared-gpu-on-auto-mode",
    effect: Effect::Excludes,
    targets: &[Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A request for a slice of a GPU (nvidia.com/mig-…) or for turns on one (nvidia.com/gpu.shared).",
        matters: "Auto Mode brings the device plugin of NVIDIA itself and shows nobody its settings, so that neither \
                 MIG nor time-slicing can be turned on there (Amazon EKS user guide, multi-instance GPUs and \
                 time-slicing).",
        todo: "Use node groups or Karpenter with nodes of your own; or ask for a whole GPU, of a smaller type.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {limits: {nvidia.com/mig-1g.5gb: 1}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {limits: {nvidia.com/gpu: 1}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::SharedGpu)?;
    Some(Found::excluded_by(signal, "Auto Mode gives whole GPUs: no MIG, no time-slicing"))
}
