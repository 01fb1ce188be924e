//! FGT017: kernel parameters in a task.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT017",
    name: "sysctl-on-ecs",
    effect: Effect::Notes,
    targets: &[Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Parameters in securityContext.sysctls.",
        matters: "systemControls sets those of the network and of IPC for a task, on Fargate from platform \
                  version 1.4.0 on, Linux alone; those of the network don't go with the host network (Amazon \
                  ECS API reference, SystemControl).",
        todo: "Write them into the task definition.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      securityContext: {sysctls: [{name: net.ipv4.tcp_keepalive_time, value: '60'}]}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Sysctl)?;
    Some(Found::notes(&signal.field, &signal.value, "its place on ECS is systemControls"))
}
