//! LMB018: how long API Gateway waits for a function.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trigger},
};

pub const RULE: Rule = Rule {
    code: "LMB018",
    name: "request-over-api-gateway",
    effect: Effect::Notes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::TRIGGER.and(Reads::UNIT_DURATION),
    docs: Docs {
        checks: "How long one request takes, where HTTP starts the work.",
        matters: "API Gateway waits 30 seconds for a function behind an HTTP API, and 29 behind a REST API unless that \
                  is raised (AWS, Amazon API Gateway quotas). A function URL waits as long as the function runs.",
        todo: "Put a function URL or a load balancer before it; or answer at once, and let a queue take the work.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {berth.dev/unit-duration: 5m}}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
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
    let limit = catalog.limits.lambda.api_gateway.value;
    evidence.trigger.get().filter(|known| known.value == Trigger::Http)?;
    let known = evidence.unit_duration.get().filter(|known| known.value > limit)?;
    let because = format!("API Gateway ends it after {}: use a function URL", write_seconds(limit));
    Some(Found::notes(&known.at, write_seconds(known.value), because))
}
