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
        checks: "Services that lead to one port of a container by two protocols. One that is only listed, or behind a \
                 headless Service, needs no mapping.",
        matters: "A container maps each port by one protocol, says the API: a second mapping is an error (Amazon ECS \
                 API reference, PortMapping). AWS took that note out of its developer guide in 2020 (its issue 128), \
                 and yet a service with both was refused after that (amazon-ecs-agent, issue 3428): so it is asked. \
                 For a DNS server AWS's way is two services behind one target group of TCP_UDP, so that a client's \
                 two protocols may meet two tasks.",
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
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web
        ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53, protocol: TCP}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: udp, port: 53, protocol: UDP}, {name: tcp, port: 53}]}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web
        ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53, protocol: TCP}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: udp, port: 53, protocol: UDP}]}
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::PortOfTwoProtocols)?;
    Some(Found::asks(&signal.field, &signal.value, "ECS maps a port by one protocol"))
}
