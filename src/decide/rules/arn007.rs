//! ARN007: the machine that App Runner has.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ARN007",
    name: "machine-of-app-runner",
    effect: Effect::Excludes,
    targets: &[Target::AppRunner],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Pod that asks for Windows or for arm64.",
        matters: "App Runner runs Linux on x86_64 alone (AWS App Runner roadmap, issue 98: Arm is a wish that is \
                  open).",
        todo: "Build the image for x86_64, or choose ECS on Fargate, which has all three.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/arch: arm64}
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/arch: amd64}
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = host::any(evidence, &[Trait::Windows, Trait::Arm64])?;
    Some(Found::excluded_by(signal, "App Runner runs Linux on x86_64"))
}
