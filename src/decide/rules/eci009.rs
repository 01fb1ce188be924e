//! ECI009: what a Pod asks of its host, which Managed Instances don't give.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI009",
    name: "host-access-on-managed-instances",
    effect: Effect::Excludes,
    targets: &[Target::ECSManagedInstances],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "hostIPC and hostPath volumes: folders that a task can't have there, or that only a node of Kubernetes \
                 has, and the socket of Docker exclude; others below /var and /tmp are asked about. So is a hostPort other than the containerPort.",
        matters: "On Managed Instances a task definition has no ipcMode, and folders of the host count as volumes that \
                  aren't valid there but for writable paths below /var and /tmp (Amazon ECS developer guide, task \
                  definition differences for Managed Instances). Its network is a task's own or the host's, and neither moves a port (Amazon ECS developer guide, task networking for \
                  Managed Instances): a load balancer does, and its price counts here. Privileged mode, capabilities and the host's network are there.",
        todo: "Find out whether the setting is needed. If it is, ECS on EC2 and Kubernetes with nodes have a host \
               to give.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      hostIPC: true
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      hostNetwork: true
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::HostIpc) {
        return Some(Found::excluded_by(signal, "Managed Instances share no IPC of the host"));
    }
    if let Some(signal) = host::docker_socket(evidence) {
        return Some(Found::excluded_by(signal, "their nodes run containerd: no socket of Docker"));
    }
    let paths = || evidence.signals.iter().filter(|signal| signal.what == Trait::HostPath);
    if let Some(signal) = paths().find(|signal| !host::is_open_to_tasks(&signal.value)) {
        return Some(Found::excluded_by(signal, "Managed Instances open only /var and /tmp to tasks"));
    }
    if let Some(signal) = paths().find(|signal| host::is_of_kubernetes(&signal.value)) {
        return Some(Found::excluded_by(signal, "it is there on nodes of Kubernetes alone"));
    }
    if let Some(signal) = paths().next() {
        let because = "Managed Instances have few host folders: would a task's own do";
        return Some(Found::asks(&signal.field, &signal.value, because));
    }
    let signal = evidence.signal(Trait::MovedPort)?;
    let because = "their tasks move no port: would a load balancer do";
    Some(Found::asks(&signal.field, &signal.value, because))
}
