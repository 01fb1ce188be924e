//! LMB003: memory against Lambda's largest function.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    amount::{write_gib, write_number},
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "LMB003",
    name: "memory-over-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::MEMORY,
    docs: Docs {
        checks: "The memory that one copy asks for: the sum of its containers, or its largest init container.",
        matters: "A Lambda function has at most 10,240 MB (AWS Lambda quotas).",
        todo: "Lower the request if it is far above what is used; otherwise choose containers.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}
spec:
  template:
    spec:
      containers: [{name: cache, image: cache, resources: {requests: {cpu: 500m, memory: 12Gi}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}
spec:
  template:
    spec:
      containers: [{name: cache, image: cache, resources: {requests: {cpu: 500m, memory: 10Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let known = evidence.memory.get()?;
    let limit = catalog.limits.lambda.memory.value / 1024.0;
    (known.value > limit)
        .then(|| {
        let because = format!("Lambda's limit is {} MB", write_number(catalog.limits.lambda.memory.value));
        Found::excludes(&known.at, write_gib(known.value), because)
    })
}
