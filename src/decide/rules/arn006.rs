//! ARN006: how long a request may take on App Runner.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence},
};

pub const RULE: Rule = Rule {
    code: "ARN006",
    name: "request-over-app-runner",
    effect: Effect::Excludes,
    targets: &[Target::AppRunner],
    since: "0.1.0",
    reads: Reads::UNIT_DURATION,
    docs: Docs {
        checks: "How long one request takes, as a person tells or as was seen.",
        matters: "App Runner ends a request after 120 seconds (AWS App Runner developer guide).",
        todo: "Answer at once and let a queue take the work, or choose ECS on Fargate.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {berth.dev/unit-duration: 10m}}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {berth.dev/unit-duration: 90s}}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limit = catalog.limits.app_runner.request_timeout.value;
    let known = evidence.unit_duration.get().filter(|known| known.value > limit)?;
    let because = format!("App Runner ends a request after {}", write_seconds(limit));
    Some(Found::excludes(&known.at, write_seconds(known.value), because))
}
