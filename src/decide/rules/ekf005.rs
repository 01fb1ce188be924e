//! EKF005: Arm, Windows and Spot, on EKS on Fargate.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKF005",
    name: "node-choice-on-eks-fargate",
    effect: Effect::Excludes,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A node selector for arm64, Windows or Spot capacity.",
        matters: "EKS on Fargate runs Linux on x86_64 at list price: no Arm, no Windows, no Spot (Amazon \
                  EKS user guide, Fargate considerations).",
        todo: "Drop the selector if the image is built for x86_64 too. ECS on Fargate has all three.",
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
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/arch: amd64}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::NodeName) {
        return Some(Found::excluded_by(signal, "on EKS on Fargate no node is there before its Pod"));
    }
    let signal = host::any(evidence, &[Trait::Arm64, Trait::Windows, Trait::Spot])?;
    Some(Found::excluded_by(signal, "EKS on Fargate is Linux on x86_64, without Spot"))
}
