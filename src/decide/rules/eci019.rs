//! ECI019: AppArmor on images that have none.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI019",
    name: "apparmor-profile",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances, Target::Batch, Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "An AppArmor profile of type Localhost, or its older annotation.",
        matters: "The profile has to be loaded on the node (Kubernetes documentation, AppArmor). Bottlerocket, \
                  which Managed Instances and Auto Mode run, has SELinux in its place (Bottlerocket, security \
                  features; Amazon EKS user guide, Auto Mode), and a job of Batch names no profile (AWS Batch \
                  API reference).",
        todo: "Use the runtime's default profile; else nodes, or ECS on EC2, with an image that has \
               AppArmor.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      securityContext: {appArmorProfile: {type: Localhost, localhostProfile: k8s-web}}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      securityContext: {appArmorProfile: {type: RuntimeDefault}}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::AppArmorProfile)?;
    Some(Found::excludes(&signal.field, &signal.value, "the images of AWS's own instances have no AppArmor"))
}
