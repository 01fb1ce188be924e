//! EKS013: what others have to say before it runs.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "EKS013",
    name: "gates-of-a-pod",
    effect: Effect::Notes,
    targets: Target::OUTSIDE_KUBERNETES,
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "readinessGates other than those of load balancers of AWS, and schedulingGates.",
        matters: "A controller sets such a condition, or takes such a gate away, through the Kubernetes API (Kubernetes documentation, Pod \
                  lifecycle, Pod readiness; Pod scheduling readiness). A task is ready when its health checks pass, and nothing \
                  holds it back from being placed.",
        todo: "Find the controller that opens it. If it waits for a load balancer, ECS does so by itself; if it waits for room, as \
               Kueue does, job queues of AWS Batch do.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      readinessGates: [{conditionType: example.com/warmed-up}]
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      readinessGates: [{conditionType: target-health.elbv2.k8s.aws/k8s-web}]
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Gate)?;
    Some(Found::notes(&signal.field, &signal.value, "what opens it works through the Kubernetes API"))
}
