//! ECI027: the host of Windows, which ECS gives to no task.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI027",
    name: "windows-host-on-ecs",
    effect: Effect::Excludes,
    targets: &[Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "windowsOptions.hostProcess, and hostNetwork of a Pod on Windows.",
        matters: "A task on Windows has awsvpc or the default network, never the host's (Amazon ECS developer guide, task networking \
                  on EC2), and a task definition has no field for a container that runs on the host itself (Amazon ECS developer \
                  guide, task definition parameters).",
        todo: "What prepares a node belongs into its image or its user data. Else keep it on nodes of EKS.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: agent}
spec:
  template:
    spec:
      hostNetwork: true
      nodeSelector: {kubernetes.io/os: windows}
      securityContext: {windowsOptions: {hostProcess: true}}
      containers: [{name: agent, image: agent}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: agent}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/os: windows}
      containers: [{name: agent, image: agent}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::HostProcess) {
        return Some(Found::excluded_by(signal, "a task definition has no field for it"));
    }
    evidence.signal(Trait::Windows)?;
    let signal = evidence.signal(Trait::HostNetwork)?;
    Some(Found::excluded_by(signal, "ECS gives no task on Windows the host's network"))
}
