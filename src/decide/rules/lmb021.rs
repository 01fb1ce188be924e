//! LMB021: more at once than Lambda starts with.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{write_number, write_seconds},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "LMB021",
    name: "concurrency-over-lambda",
    effect: Effect::Notes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::UNIT_DURATION.and(Reads::REQUESTS),
    docs: Docs {
        checks: "Requests a second, at the peak where it is known, times what one takes.",
        matters: "A function works on one request at a time in each environment, and all functions of a Region together \
                  have 1,000 of them at once until AWS raises the quota; a new account has fewer (AWS Lambda quotas). What \
                  comes beyond that is throttled.",
        todo: "Ask for a higher quota before the move, and reserve a part of it for this function so that others can't \
               take it.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {berth.dev/peak-requests-per-second: '4000', berth.dev/unit-duration: 500ms}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {berth.dev/peak-requests-per-second: '2000', berth.dev/unit-duration: 500ms}
spec:
  template:
    spec:
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let limit = catalog.limits.lambda.concurrency.value;
    let seconds = evidence.unit_duration.value()?;
    let rates = [&evidence.peak_rps, &evidence.mean_rps].into_iter().filter_map(|rate| rate.get());
    let known = rates.max_by(|a, b| a.value.total_cmp(&b.value))?;
    (known.value * seconds > limit).then(|| {
        let value = format!("{}, each for {}", write_number(known.value), write_seconds(*seconds));
        let because = format!("Lambda has {} at once until AWS raises the quota", write_number(limit));
        Found::notes(&known.at, value, because)
    })
}
