//! ECI025: what plugs into a node, where Auto Mode brings its own.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI025",
    name: "node-plugins-on-auto-mode",
    effect: Effect::Excludes,
    targets: &[Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A request for vpc.amazonaws.com/pod-eni, and hostPath volumes in /opt/cni or /etc/cni, which \
                 exclude unless it is seen to run there; a hostPath in /var/lib/kubelet/device-plugins and a \
                 request for what another device plugin hands out, which are asked about.",
        matters: "Auto Mode takes no other network plugin and no other network policy plugin than its own, and has \
                 no security groups for Pods (Amazon EKS user guide, alternate CNI plugins and Auto Mode \
                 networking). It brings the device plugins of NVIDIA and Neuron, and a second one of the same \
                 device is in its way; one of another device may run (Amazon EKS user guide, Auto Mode instances).",
        todo: "On Auto Mode leave the plugin out: network policies are turned on in its NodeClass. What the \
                 plugin does beyond that needs nodes of your own.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: network}
spec:
  template:
    spec:
      volumes: [{name: bin, hostPath: {path: /opt/cni/bin}}]
      containers: [{name: network, image: network}]
",
    silent: "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: network}
spec:
  template:
    spec:
      volumes: [{name: logs, hostPath: {path: /var/log}}]
      containers: [{name: network, image: network}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::PodSecurityGroup) {
        return Some(Found::excluded_by(signal, "Auto Mode has no security groups of a Pod"));
    }
    if evidence.surely_runs_on(Target::EKSAutoMode) {
        return None;
    }
    if let Some(signal) = host::below(evidence, &["/opt/cni", "/etc/cni"]) {
        return Some(Found::excluded_by(signal, "Auto Mode takes no network plugin but its own"));
    }
    host::below(evidence, &["/var/lib/kubelet/device-plugins"])
        .map(|signal| Found::asks(&signal.field, &signal.value, "Auto Mode has NVIDIA's and Neuron's: which is it"))
        .or_else(|| {
            let signal = evidence.signal(Trait::PluginResource)?;
            Some(Found::asks(&signal.field, &signal.value, "does its plugin find one on Auto Mode's nodes"))
        })
}
