//! WRK011: a Pod of its own.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK011",
    name: "bare-pod",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "A Pod that no Deployment, Job or other controller owns.",
        matters: "A Pod is bound to one node. When the node goes, by a failure, an upgrade or a scale-in, the Pod goes \
                  with it and nothing makes a new one; nor does a change of its image roll out (Kubernetes \
                  documentation, Pod lifecycle). Every service that it would be moved to starts it again, so that \
                  the comparison flatters the Pod.",
        todo: "Make it a Deployment if it serves, a Job if it ends. If it's there for a moment, to look around by \
               hand, leave it.",
    },
    check,
    fires: "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: web}]
",
    silent: "
apiVersion: v1
kind: ReplicationController
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Unmanaged)?;
    Some(Found::notes(&signal.field, &signal.value, "no controller starts it again when its node goes"))
}
