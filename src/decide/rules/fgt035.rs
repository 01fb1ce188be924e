//! FGT035: seccomp and AppArmor turned off, which no task does.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT035",
    name: "unconfined-in-a-task",
    effect: Effect::NeedsAnswer,
    targets: &[Target::Lambda, Target::ECSExpress, Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2, Target::AppRunner, Target::Batch, Target::SageMaker],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A seccomp or AppArmor profile of Unconfined, of a container that isn't privileged.",
        matters: "Fargate takes no dockerSecurityOptions, and those of EC2 know no seccomp: there it is off for \
                 privileged containers alone (Amazon ECS developer guide, task definition parameters and \
                 differences for Fargate). Mostly it is turned off for what a sandbox within the container needs, \
                 user namespaces and mounts, which the next platform may forbid too.",
        todo: "Try the profile of the runtime (RuntimeDefault): what works with it may go. Builders of images \
                 belong on nodes or in CodeBuild.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, securityContext: {seccompProfile: {type: Unconfined}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, securityContext: {seccompProfile: {type: RuntimeDefault}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Unconfined)?;
    Some(Found::asks(&signal.field, &signal.value, "no task turns it off: does it need that"))
}
