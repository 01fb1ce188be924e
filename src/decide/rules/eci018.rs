//! ECI018: nodes that were prepared for it, on instances that AWS prepares.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI018",
    name: "prepared-node",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances, Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A node selector, or a required affinity, for an image or a launch template of one's own, \
                 which excludes; for a node class of Karpenter, which is asked about.",
        matters: "Managed Instances and the nodes of Auto Mode run an image of AWS's that nobody else changes \
                  (Amazon ECS developer guide, Managed Instances; Amazon EKS user guide, Auto Mode). What was \
                  built into an image or done by its user data isn't there.",
        todo: "Find out what the image has that the workload needs. If it is nothing, select by \
               architecture or instance type instead.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {eks.amazonaws.com/nodegroup-image: ami-0abcdef1234567890}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {eks.amazonaws.com/nodegroup: main}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::OwnImage) {
        return Some(Found::excluded_by(signal, "AWS chooses the image of its instances there"));
    }
    let signal = evidence.signal(Trait::OwnNodeClass)?;
    Some(Found::asks(&signal.field, &signal.value, "does it need what that class prepares"))
}
