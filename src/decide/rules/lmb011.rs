//! LMB011: what starts the work isn't known.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Lifetime},
};

pub const RULE: Rule = Rule {
    code: "LMB011",
    name: "trigger-unknown",
    effect: Effect::NeedsAnswer,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::TRIGGER,
    docs: Docs {
        checks: "A Deployment or StatefulSet of which neither a port nor a person says what starts one unit \
                 of its work. A port that looks like HTTP is enough not to ask.",
        matters: "Lambda needs an event: a request, a message, an object, a schedule. A worker that asks \
                  for work itself gives it none, and nothing in a manifest tells the two apart.",
        todo: "Answer with berth.dev/trigger: HTTP, Queue, ObjectEvent, Stream, Schedule, or Continuous \
               when nothing starts it.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  template:
    spec:
      containers: [{name: worker, image: worker}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker, annotations: {berth.dev/trigger: Queue}}
spec:
  template:
    spec:
      containers: [{name: worker, image: worker}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    (evidence.lifetime == Lifetime::Service && evidence.trigger.is_unknown()).then(|| {
        Found::asks("trigger", "unknown", "Lambda needs an event to start on: answer with berth.dev/trigger")
    })
}
