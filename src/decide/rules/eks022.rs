//! EKS022: a processor that no machine of AWS has.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS022",
    name: "processor-that-aws-does-not-have",
    effect: Effect::Excludes,
    targets: &Target::ALL,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A node selector or a required node affinity by which only nodes will do whose kubernetes.io/arch is neither amd64 nor \
                 arm64: ppc64le, s390x, riscv64, arm.",
        matters: "EC2's Linux instances are x86_64 or arm64 (Amazon EC2 user guide, instance types), and so is all that runs on them or \
                  beside them: Fargate, Lambda, App Runner. An image for another processor doesn't start there.",
        todo: "Build the image for amd64 or arm64 as well, and say so in the selector. If it can't be built, it stays where it is: write \
               down why in an exemption.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/arch: ppc64le}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/arch: arm64}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::OtherProcessor)?;
    Some(Found::excluded_by(signal, "all compute of AWS is amd64 or arm64"))
}
