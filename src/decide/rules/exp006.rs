//! EXP006: Windows, which Express Mode doesn't run.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EXP006",
    name: "windows-on-express",
    effect: Effect::Excludes,
    targets: &[Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Pod that asks for Windows by its node selector or its os.name.",
        matters: "Express Mode writes a task definition for Linux, and its API takes no operating system (Amazon ECS developer \
                  guide, resources that Express Mode creates).",
        todo: "Use a plain ECS service on Fargate or on EC2, or move the program to Linux.",
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
    Some(Found::excluded_by(signal, "Express Mode runs Linux"))
}
