//! EKF014: a security group of its own, on EKS on Fargate.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKF014",
    name: "pod-eni-on-eks-fargate",
    effect: Effect::NeedsAnswer,
    targets: &[Target::EKSFargate],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A request for vpc.amazonaws.com/pod-eni.",
        matters: "That resource is one of nodes of EC2, where an interface has to be shared out. On Fargate each Pod \
                 has its own, and a SecurityGroupPolicy alone gives it the groups (Amazon EKS user guide, security \
                 groups for Pods). That Fargate takes a Pod with the request as well is nowhere said.",
        todo: "Leave the request out: EKS writes it itself where it is needed. The SecurityGroupPolicy stays.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {limits: {vpc.amazonaws.com/pod-eni: 1}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {limits: {cpu: 1}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::PodSecurityGroup)?;
    Some(Found::asks(&signal.field, &signal.value, "a SecurityGroupPolicy does it there: can it go"))
}
