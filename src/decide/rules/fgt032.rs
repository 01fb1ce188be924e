//! FGT032: containers without root, which Fargate has no namespaces for.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT032",
    name: "user-namespaces-on-fargate",
    effect: Effect::Excludes,
    targets: &[Target::Lambda, Target::ECSExpress, Target::ECSFargate, Target::AppRunner, Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Images that build or run containers without root: BuildKit and Docker as rootless, Buildah, \
                 Podman.",
        matters: "They make user namespaces, of which the kernel of Fargate allows none (third parties on an answer \
                 of AWS's support, of March 2026: Buildah issue 6718; AWS containers roadmap, issue 2102, where the \
                 wish is open for ECS, Fargate and Lambda). No text of AWS's own says it.",
        todo: "Build images in CodeBuild, or with a builder that needs no namespaces; or stay on nodes.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: 'moby/buildkit:v0.24.0-rootless'}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: 'moby/buildkit:v0.24.0'}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::RootlessContainers)?;
    (catalog.limits.ecs_fargate.user_namespaces.value < 1.0)
        .then(|| Found::excluded_by(signal, "Fargate allows no user namespaces, third parties say"))
}
