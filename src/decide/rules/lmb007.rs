//! LMB007: what a Pod asks of its host, which a function has no way to.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "LMB007",
    name: "host-access-on-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Privileged containers, capabilities, hostPath, hostNetwork, hostPort, hostPID, hostIPC, \
                 raw devices, huge pages, a RuntimeClass, a ResourceClaim or a resource of a device plugin. NET_BIND_SERVICE doesn't count: a function \
                 binds no port.",
        matters: "A function runs in a sandbox that AWS shapes: there is no host to mount, share or \
                  configure (AWS Lambda developer guide, execution environment).",
        todo: "Find out whether the setting is needed at all: many are inherited from a template.",
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
      containers: [{name: agent, image: agent}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: agent}
spec:
  template:
    spec:
      containers: [{name: agent, image: agent, securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = host::access(evidence).or_else(|| host::capability(evidence, &[]))?;
    Some(Found::excluded_by(signal, "Lambda gives no access to a host"))
}
