//! FGT007: how long a Pod may take to stop.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    amount::trim,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Protocol, Signal, Trait, Trigger},
};

pub const RULE: Rule = Rule {
    code: "FGT007",
    name: "grace-over-fargate",
    effect: Effect::Excludes,
    targets: &[Target::ECSFargate, Target::ECSExpress],
    since: "0.1.0",
    reads: Reads::PROTOCOLS.and(Reads::TRIGGER),
    docs: Docs {
        checks: "The Pod's terminationGracePeriodSeconds: of a worker it excludes; of what clients reach by a Service with an \
                 address, over HTTP, or through an Ingress, a route or a load balancer, it is noted, unless nothing waits that long.",
        matters: "A Fargate task gets a signal and, at most 120 seconds later, is gone (Amazon ECS \
                  developer guide, stopTimeout). Work that takes longer to finish is cut off at each \
                  deployment. Behind a load balancer ECS sends the signal once the task is out of it: for up to an hour, the \
                  deregistration delay, no new request comes and those that are there end (Amazon ECS developer guide, load \
                  balancer connection draining).",
        todo: "Hand unfinished work back to its queue when the signal comes, and the period can be short. Behind a load balancer \
               set deregistration_delay.timeout_seconds of the target group to the period.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 600
      containers: [{name: worker, image: worker}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 60
      containers: [{name: worker, image: worker}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limit = catalog.limits.ecs_fargate.stop_timeout.value;
    let longer = |signal: &&Signal| {
        signal.what == Trait::LongGrace && signal.value.parse::<f64>().is_ok_and(|seconds| seconds > limit)
    };
    let signal = evidence.signals.iter().find(longer)?;
    let drains = catalog.limits.ecs.deregistration_delay.value;
    if is_balanced(evidence) && signal.value.parse::<f64>().is_ok_and(|seconds| seconds <= drains + limit) {
        let because = format!("deregistration_delay drains first, stopTimeout ends at {} s", trim(limit));
        return Some(Found::notes(&signal.field, &signal.value, because));
    }
    Some(Found::excluded_by(signal, format!("Fargate's stopTimeout ends at {} s", trim(limit))))
}

/// Whether a load balancer leads its clients to it, or would on ECS. What works off a queue may have a port for its health.
fn is_balanced(evidence: &Evidence) -> bool {
    let speaks = |protocol| evidence.speaks(protocol).is_some();
    let is_served = evidence.signal(Trait::Served).is_some();
    evidence.trigger.value().is_none_or(|trigger| *trigger == Trigger::Http)
        && (host::any(evidence, &[Trait::FrontDoor, Trait::LoadBalancer]).is_some()
            || is_served && (speaks(Protocol::Http) || speaks(Protocol::WebSocket)))
}
