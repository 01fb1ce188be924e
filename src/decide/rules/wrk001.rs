//! WRK001: no request for CPU or memory.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK001",
    name: "no-requests",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Whether every container, or the Pod as a whole, requests or at least limits CPU and memory.",
        matters: "The scheduler places what asks for nothing anywhere, and evicts it first (Kubernetes \
                  documentation, quality of service). For a decision it means that every cost is a guess, \
                  as the width of its interval shows.",
        todo: "Set requests from what it uses: kubectl top pod shows that.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web, resources: {requests: {cpu: 100m, memory: 128Mi}}}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Unsized)?;
    Some(Found::notes(&signal.field, &signal.value, "every cost is a guess until it is set"))
}
