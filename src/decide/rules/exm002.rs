//! EXM002: an exemption that ends within a week.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, ExemptionState},
};

pub const RULE: Rule = Rule {
    code: "EXM002",
    name: "exemption-ends-soon",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Whether the last day of an exemption is at most seven days away, in UTC.",
        matters: "After that day the workload is judged again, and refused where its namespace is in Deny.",
        todo: "Move it, or decide again: a later date in berth.dev/exempt-until with a reason that still holds.",
    },
    check,
    // Read on 1 June 2026.
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {berth.dev/exempt: licence bound to the node, berth.dev/exempt-until: '2026-06-05'}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {berth.dev/exempt: licence bound to the node, berth.dev/exempt-until: '2026-12-31'}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let exemption = evidence.exemption.as_ref()?;
    let until = exemption.until.as_deref().filter(|_| exemption.state == ExemptionState::EndsSoon)?;
    let field = "metadata.annotations[berth.dev/exempt-until]";
    Some(Found::notes(field, until, "the exemption ends after that day"))
}
