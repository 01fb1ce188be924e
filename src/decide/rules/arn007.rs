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
        checks: "A Pod that asks for Windows, for arm64 or for a port of its node.",
        matters: "App Runner runs Linux on x86_64 alone (AWS App Runner roadmap, issue 98: Arm is a wish that is \
                  open). Clients come in through its own load balancer, to the one port of a service.",
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
    if let Some(signal) = host::any(evidence, &[Trait::Windows, Trait::Arm64]) {
        return Some(Found::excluded_by(signal, "App Runner runs Linux on x86_64"));
    }
    let signal = evidence.signal(Trait::HostPort)?;
    Some(Found::excluded_by(signal, "App Runner has no node and no address to come to"))
}
