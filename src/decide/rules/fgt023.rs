//! FGT023: more ports than load balancers can lead to on a service of ECS.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_number,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "FGT023",
    name: "ports-over-target-groups",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "How many ports of the workload each Service of type LoadBalancer leads to, those by which it is watched left out.",
        matters: "Each port that a load balancer leads to is a target group, which no other load balancer may use, and a service has five at most (Amazon ECS \
                  developer guide, registering multiple target groups with a service). No quota raises that.",
        todo: "Serve several protocols on one port, or make a service of each group of ports.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: mail}
spec:
  template:
    metadata: {labels: {app: mail}}
    spec:
      containers: [{name: mail, image: mail}]
---
apiVersion: v1
kind: Service
metadata: {name: mail}
spec:
  type: LoadBalancer
  selector: {app: mail}
  ports:
    - {name: smtp, port: 25}
    - {name: pop3, port: 110}
    - {name: imap, port: 143}
    - {name: submission, port: 587}
    - {name: imaps, port: 993}
    - {name: pop3s, port: 995}
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: mail}
spec:
  template:
    metadata: {labels: {app: mail}}
    spec:
      containers: [{name: mail, image: mail}]
---
apiVersion: v1
kind: Service
metadata: {name: mail}
spec:
  type: LoadBalancer
  selector: {app: mail}
  ports: [{name: smtp, port: 25}, {name: submission, port: 587}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::BalancedPorts)?;
    let limit = catalog.limits.ecs.target_groups.value;
    let is_over = signal.value.parse::<f64>().is_ok_and(|ports| ports > limit);
    is_over.then(|| {
        let because = format!("a service of ECS has {} target groups at most", write_number(limit));
        Found::excluded_by(signal, because)
    })
}
