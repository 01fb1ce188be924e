//! FGT033: a port of the node, where a task has an address of its own.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT033",
    name: "port-of-the-node-on-fargate",
    effect: Effect::NeedsAnswer,
    targets: &[Target::ECSFargate, Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A hostPort: one that is the containerPort too is noted, another one is asked about.",
        matters: "A task of awsvpc, which each one on Fargate is, has an address of its own, and its ports are reached there; a \
                  hostPort is left out or the containerPort itself (Amazon ECS API reference, PortMapping). So two copies never \
                  stand in each other's way, and whoever has kept the address of a node has to learn that of the task. Where the two \
                  numbers differ, the listener of a load balancer has the one, and its targets the other (Amazon ECS developer guide, \
                  Network Load Balancer): one of a Network Load Balancer for UDP, of either for the rest. Its price counts here, and \
                  whether clients may come through it is asked.",
        todo: "Lead clients to the task: by a load balancer, one for UDP too, by Cloud Map, or by a public address that it tells \
               them itself. Open the port in its security group. Where a load balancer will do in place of a port that is moved, a Service of \
               type LoadBalancer says so.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: game}
spec:
  template:
    spec:
      containers: [{name: game, image: game, ports: [{containerPort: 7777, hostPort: 17777, protocol: UDP}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: game}
spec:
  template:
    spec:
      containers: [{name: game, image: game, ports: [{containerPort: 7777, protocol: UDP}]}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    if let Some(signal) = evidence.signal(Trait::MovedPort) {
        let question = match evidence.ends() {
            true => "does anybody call it by its node's port",
            false => "would a load balancer do in the node's place",
        };
        return Some(Found::asks(&signal.field, &signal.value, question));
    }
    let signal = evidence.signal(Trait::HostPort)?;
    Some(Found::notes(&signal.field, &signal.value, "the task's own address takes the node's place"))
}
