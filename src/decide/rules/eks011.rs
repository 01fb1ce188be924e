//! EKS011: how a node keeps a container apart.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS011",
    name: "security-of-a-node",
    effect: Effect::Notes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "seLinuxOptions, and hostUsers: false.",
        matters: "SELinux is a matter of the node: dockerSecurityOptions of a task on EC2 labels a container where the instance has it, and \
                  no other platform of AWS has a field for it (Amazon ECS developer guide, task definition parameters). For user \
                  namespaces there is none at all. Each task on Fargate and each function has a kernel of its own, so that root of \
                  its container is root of nobody else (AWS Fargate, security overview).",
        todo: "On Fargate, Lambda and App Runner leave it out: what it guards against is not shared there. On instances, decide \
               whether one task each is worth it.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      hostUsers: false
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, securityContext: {runAsNonRoot: true}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::SelinuxLabel).or_else(|| evidence.signal(Trait::UserNamespace))?;
    let because = match signal.what {
        Trait::UserNamespace => "no task has it, and one on Fargate a kernel of its own",
        _ => "only dockerSecurityOptions of ECS on EC2 is a place for it",
    };
    Some(Found::notes(&signal.field, &signal.value, because))
}
