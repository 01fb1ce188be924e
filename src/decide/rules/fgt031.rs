//! FGT031: one port by TCP and by UDP, in a task.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT031",
    name: "port-of-two-protocols",
    effect: Effect::NeedsAnswer,
    targets: &[Target::ECSExpress, Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A container that lists one port by two protocols, and Services that lead to one port by two.",
        matters: "A task definition maps each port of a container by one protocol: a second mapping is an error \
                 (Amazon ECS API reference, PortMapping). For a DNS server AWS's way is two services behind one \
                 target group of TCP_UDP, so that a client's two protocols may meet two tasks.",
        todo: "Listen on a second port for the other protocol, which a load balancer can lead to from the same \
                 one; or run a service for each protocol, if no state is shared. Pods know no such limit.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: web
        image: web
        ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53, protocol: TCP}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: web
        image: web
        ports: [{containerPort: 53, protocol: UDP}, {containerPort: 5353, protocol: TCP}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::PortOfTwoProtocols)?;
    Some(Found::asks(&signal.field, &signal.value, "ECS maps a port by one protocol"))
}
