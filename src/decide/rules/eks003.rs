//! EKS003: Windows, which EKS Auto Mode has no nodes for.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS003",
    name: "windows-on-auto-mode",
    effect: Effect::Excludes,
    targets: &[Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Pod that asks for Windows by its node selector or its os.name.",
        matters: "EKS Auto Mode chooses the operating system of its nodes and runs Linux containers only \
                  (Amazon EKS user guide, Auto Mode managed instances).",
        todo: "Keep a node group with Windows beside Auto Mode, or move the program to Linux.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/os: windows}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/os: linux}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Windows)?;
    Some(Found::excluded_by(signal, "Auto Mode's nodes run Linux"))
}
