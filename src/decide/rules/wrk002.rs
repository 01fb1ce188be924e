//! WRK002: a value that can't be read.

use std::borrow::Cow;

use super::{Docs, Found, Rule, short};
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
    docs: Docs {
        checks: "Answers in annotations and profiles, quantities, schedules and time zones.",
        matters: "What can't be read counts as unknown. It is never guessed at, so that a slip of the pen \
                  changes no decision in silence.",
        todo: "Write durations as 200ms, 30s, 20m or 2h, sizes as 250Mi or 2Gi, schedules as five fields.",
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
    let others: Vec<&str> = unreadable.map(|signal| short(&signal.field)).collect();
    let because = match others.as_slice() {
        [] => Cow::Borrowed("it can't be read and counts as unknown"),
        others => Cow::Owned(format!("it can't be read, nor can {}", others.join(", "))),
    };
    Some(Found::notes(&first.field, &first.value, because))
}
