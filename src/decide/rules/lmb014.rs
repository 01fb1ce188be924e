//! LMB014: Windows, which Lambda doesn't run.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "LMB014",
    name: "windows-on-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Pod that asks for Windows by its node selector or its os.name.",
        matters: "Lambda's runtimes and images are Linux, x86_64 or arm64 (AWS Lambda developer guide, \
                  runtimes).",
        todo: "Choose ECS on Fargate or on EC2, or move the program to Linux: .NET runs there.",
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
    Some(Found::excluded_by(signal, "Lambda runs Linux"))
}
