//! FGT029: how long a load balancer waits for a word.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_seconds},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Lifetime, Protocol, Trait, Trigger},
};

pub const RULE: Rule = Rule {
    code: "FGT029",
    name: "idle-behind-a-load-balancer",
    effect: Effect::Notes,
    targets: &[Target::ECSExpress, Target::ECSFargate, Target::ECSManagedInstances, Target::ECSOnEC2],
    since: "0.1.0",
    reads: Reads::TRIGGER.and(Reads::UNIT_DURATION).and(Reads::PROTOCOLS),
    docs: Docs {
        checks: "WebSocket ports, and HTTP requests that take more than a minute, or than what annotations of a Service or an \
                 Ingress set; behind a Network Load Balancer, more than its 350 seconds.",
        matters: "An Application Load Balancer closes a connection on which nothing was sent for 60 seconds, in either \
                  direction, unless that is set to more, up to 4,000 (Elastic Load Balancing user guide, AWS, connection idle \
                  timeout). A Network Load Balancer waits 350 seconds for TCP, up to 6,000 (Elastic Load Balancing user guide, Network Load \
                  Balancers, idle timeout). What led to the Pods before may have waited longer.",
        todo: "Raise idle_timeout.timeout_seconds on the load balancer, for all services behind it; or send something in between: \
               pings over a WebSocket, the parts of an answer as they come.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  template:
    spec:
      containers: [{name: chat, image: chat, ports: [{name: ws, containerPort: 8080}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {berth.dev/unit-duration: 20s}}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    if evidence.lifetime != Lifetime::Service {
        return None;
    }
    let limits = &catalog.limits.ecs;
    let default = match evidence.signal(Trait::NetworkBalancer) {
        Some(_) => limits.network_idle_timeout.value,
        None => limits.idle_timeout.value,
    };
    let set = evidence.signal(Trait::IdleTimeout).and_then(|signal| signal.value.parse::<f64>().ok());
    // No load balancer takes any other.
    let idle = set.filter(|set| (1.0..=limits.longest_idle_timeout.value).contains(set)).unwrap_or(default);
    // 350 seconds are known as such.
    let written = if idle % 60.0 == 0.0 { write_seconds(idle) } else { format!("{} s", trim(idle)) };
    let because = || format!("a load balancer closes what is idle for {written}");
    // Who has set it knows what connections it's for.
    if let Some(held) = evidence.speaks(Protocol::WebSocket).filter(|_| idle <= default) {
        return Some(Found::notes(&held.at, "WebSocket", because()));
    }
    // What works off a queue may have a port for its health, and nobody waits there.
    evidence.trigger.value().is_none_or(|trigger| *trigger == Trigger::Http).then_some(())?;
    let known = evidence.unit_duration.get().filter(|known| known.value > idle)?;
    evidence.speaks(Protocol::Http)?;
    Some(Found::notes(&known.at, write_seconds(known.value), because()))
}
