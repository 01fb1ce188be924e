//! LMB010: vCPU against what the largest function has.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_cpu},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "LMB010",
    name: "vcpu-over-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::CPU,
    docs: Docs {
        checks: "The vCPU that one copy asks for: the sum of its containers, or its largest init container.",
        matters: "A function's CPU comes with its memory: 5.8 vCPU at the most, 10,240 MB (AWS Lambda \
                  developer guide).",
        todo: "Lower the request if it is far above what is used; otherwise choose containers, or split the \
               work.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: encode}
spec:
  template:
    spec:
      containers: [{name: encode, image: encode, resources: {requests: {cpu: 8, memory: 2Gi}}}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: encode}
spec:
  template:
    spec:
      containers: [{name: encode, image: encode, resources: {requests: {cpu: 4, memory: 2Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let known = evidence.cpu.get()?;
    let limit = catalog.limits.lambda.vcpu.value;
    (known.value > limit).then(|| {
        let because = format!("Lambda's limit is {} vCPU", trim(limit));
        Found::excludes(&known.at, write_cpu(known.value), because)
    })
}
