//! ARN004: containers beside the main one, on App Runner.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ARN004",
    name: "sidecars-on-app-runner",
    effect: Effect::Excludes,
    targets: &[Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "More than one container, init containers of both sorts, or a mesh's proxy.",
        matters: "An App Runner service is one container (AWS App Runner developer guide).",
        todo: "Move what the sidecar does into the program, or choose ECS on Fargate.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - {name: web, image: web}
        - {name: log-shipper, image: fluent-bit}
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
    let traits = [Trait::Sidecar, Trait::NativeSidecar, Trait::InitContainer, Trait::Mesh];
    let signal = host::any(evidence, &traits)?;
    Some(Found::excluded_by(signal, "an App Runner service is one container"))
}
