//! ECI026: containers without root, on instances that others prepare.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI026",
    name: "user-namespaces-on-instances",
    effect: Effect::NeedsAnswer,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::Batch, Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Images that build or run containers without root: BuildKit and Docker as rootless, Buildah, \
                 Podman.",
        matters: "They make user namespaces. Bottlerocket, which Managed Instances and Auto Mode run, allows none \
                 until its settings say how many (BuildKit documentation, rootless mode; Amazon EKS user guide, \
                 Auto Mode).",
        todo: "Try one, or build images in CodeBuild. On nodes of your own user.max_user_namespaces is a setting.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: quay.io/buildah/stable}]
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

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::RootlessContainers)?;
    Some(Found::asks(&signal.field, &signal.value, "do its instances allow user namespaces: try one"))
}
