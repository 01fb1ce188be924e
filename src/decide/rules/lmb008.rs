//! LMB008: work that never ends.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Lifetime, Trigger},
};

pub const RULE: Rule = Rule {
    code: "LMB008",
    name: "never-ends",
    effect: Effect::Excludes,
    targets: &[Target::Lambda],
    since: "0.1.0",
    reads: Reads::TRIGGER,
    docs: Docs {
        checks: "A DaemonSet, or a person's word that the work is Continuous.",
        matters: "Lambda runs what an event starts and ends it after 15 minutes (AWS Lambda quotas). A loop \
                  that waits for itself is paid for every second of the month.",
        todo: "If it polls a queue or a table, let the queue or the table start it: then the trigger is \
               Queue or Stream.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: poller, annotations: {berth.dev/trigger: Continuous}}
spec:
  template:
    spec:
      containers: [{name: poller, image: poller}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: poller, annotations: {berth.dev/trigger: Queue}}
spec:
  template:
    spec:
      containers: [{name: poller, image: poller}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    if evidence.lifetime == Lifetime::PerNode {
        let kind = &evidence.subject.kind;
        return Some(Found::excludes(
            "kind",
            kind,
            "Lambda runs what an event starts, not a copy on every node",
        ));
    }
    let known = evidence.trigger.get().filter(|known| known.value == Trigger::Continuous)?;
    let limit = write_seconds(catalog.limits.lambda.duration.value);
    Some(Found::excludes(&known.at, "Continuous", format!("Lambda ends every invocation after {limit}")))
}
