//! ECI003: Windows, which Managed Instances don't run.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI003",
    name: "windows-on-managed-instances",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Pod that asks for Windows by its node selector or its os.name.",
        matters: "Managed Instances run Bottlerocket, x86_64 or arm64 (Amazon ECS developer guide, Managed \
                  Instances).",
        todo: "Choose ECS on Fargate or on EC2, or move the program to Linux.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      os: {name: windows}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      os: {name: linux}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Windows)?;
    Some(Found::excluded_by(signal, "Managed Instances run Linux"))
}
