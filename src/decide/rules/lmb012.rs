//! LMB012: local disk against what a function has at /tmp.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::{trim, write_gib},
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "LMB012",
    name: "disk-over-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "The ephemeral storage that one copy asks for.",
        matters: "A function writes to /tmp alone, at most 10,240 MB (AWS Lambda quotas).",
        todo: "Read and write S3 in a stream, mount EFS, or choose containers.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: unpack}
spec:
  template:
    spec:
      containers: [{name: unpack, image: unpack, resources: {requests: {ephemeral-storage: 40Gi}}}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: unpack}
spec:
  template:
    spec:
      containers: [{name: unpack, image: unpack, resources: {requests: {ephemeral-storage: 4Gi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let known = evidence.disk.get()?;
    let limit = catalog.limits.lambda.disk.value;
    (known.value > limit / 1024.0).then(|| {
        let because = format!("Lambda's /tmp holds at most {} MB", trim(limit));
        Found::excludes(&known.at, write_gib(known.value), because)
    })
}
