//! WRK002: a value that can't be read.

use super::{Docs, Found, Reads, Rule};
use crate::{
    catalog::Catalog,
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "WRK002",
    name: "unreadable-value",
    effect: Effect::Notes,
    targets: &[],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Answers in annotations and profiles, quantities, schedules and time zones, and the mode of a Namespace.",
        matters: "What can't be read counts as unknown. It is never guessed at, so that a slip of the pen \
                  changes no decision in silence.",
        todo: "Write durations as 200ms, 30s, 20m, 2h or 3d, sizes as 250Mi or 2Gi (250m is a quarter of a byte), schedules as five fields or as \"@every 5m\".",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {berth.dev/unit-duration: soon}}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {berth.dev/unit-duration: 3s}}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let mut unreadable = evidence.signals.iter().filter(|signal| signal.what == Trait::Unreadable);
    let first = unreadable.next()?;
    let found = Found::notes(&first.field, &first.value, "it counts as unknown");
    Some(found.and_of(unreadable.collect()))
}
