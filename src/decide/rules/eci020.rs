//! ECI020: AppArmor on nodes of one's own.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI020",
    name: "apparmor-on-own-nodes",
    effect: Effect::Notes,
    targets: &[Target::ECSOnEC2, Target::EKSNodes],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "An AppArmor profile of type Localhost, or its older annotation.",
        matters: "Amazon Linux 2023 and Bottlerocket have SELinux; AppArmor takes an image such as Ubuntu's, \
                  and somebody who loads the profile on each node (Kubernetes documentation, AppArmor). On ECS \
                  dockerSecurityOptions names it (Amazon ECS developer guide, task definition parameters).",
        todo: "Keep an image with AppArmor for these nodes, or use the runtime's default profile.",
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
    Some(Found::notes(&signal.field, &signal.value, "it takes an image with AppArmor: Amazon Linux has none"))
}
