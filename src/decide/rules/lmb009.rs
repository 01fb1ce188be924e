//! LMB009: a datastore keeps its state in its process.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "LMB009",
    name: "datastore-on-lambda",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "An image that is known to be a datastore or a broker.",
        matters: "What a datastore holds in memory and on disk has to outlive each request; an execution \
                  environment may go after any one (AWS Lambda developer guide, execution environment).",
        todo: "Look at DAT001: the question is which managed store takes its place.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}
spec:
  template:
    spec:
      containers: [{name: cache, image: redis:8}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}
spec:
  template:
    spec:
      containers: [{name: cache, image: oliver006/redis_exporter:v1}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Datastore)?;
    Some(Found::excluded_by(signal, "its state must outlive an invocation"))
}
