//! EKS016: what only a device plugin of the cluster hands out.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS016",
    name: "resource-of-a-device-plugin",
    effect: Effect::NeedsAnswer,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::Batch],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A request for a resource whose name has a domain and is none of those that AWS, NVIDIA and AMD \
                 offer GPUs, Neuron, EFA and security groups by: squat.ai/fuse, devices.kubevirt.io/kvm, \
                 habana.ai/gaudi and the like.",
        matters: "Such a resource is there because a device plugin on the node says so (Kubernetes documentation, \
                 device plugins). A task definition asks for GPUs and Neuron alone; a device of the host it can \
                 name on EC2, where somebody has to see to it that the instance has one (Amazon ECS developer \
                 guide, task definition parameters). Fargate, Lambda and App Runner have no device at all: FGT002, \
                 LMB007 and EKF002 tell that, and ECI025 of Auto Mode.",
        todo: "Find out whether it is needed: a mount by FUSE, for one, has a match in S3 Files or in the SDK. If \
                 it is, try it where the device is, or stay on nodes.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {limits: {squat.ai/fuse: 1}}}]
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
    let signal = evidence.signal(Trait::PluginResource)?;
    Some(Found::asks(&signal.field, &signal.value, "a device plugin offers it: who would there"))
}
