//! ECI013: work that takes longer than a node of Auto Mode lives.

use super::{Docs, Found, Reads, Rule};
use crate::{
    amount::write_seconds,
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence},
};

pub const RULE: Rule = Rule {
    code: "ECI013",
    name: "work-over-auto-mode",
    effect: Effect::Excludes,
    targets: &[Target::EKSAutoMode],
    since: "0.1.0",
    reads: Reads::UNIT_DURATION,
    docs: Docs {
        checks: "How long one unit of work takes, as a person tells or as was seen.",
        matters: "Auto Mode ends each of its nodes after 21 days at most, whatever runs there (Amazon EKS user guide, \
                  Auto Mode).",
        todo: "Save progress so that a run can go on where another ended, or use node groups.",
    },
    check,
    fires: "
apiVersion: batch/v1
kind: Job
metadata: {name: train, annotations: {berth.dev/unit-duration: 600h}}
spec:
  template:
    spec:
      containers: [{name: train, image: train}]
",
    silent: "
apiVersion: batch/v1
kind: Job
metadata: {name: train, annotations: {berth.dev/unit-duration: 480h}}
spec:
  template:
    spec:
      containers: [{name: train, image: train}]
",
};

fn check<'a>(evidence: &'a Evidence, catalog: &Catalog) -> Option<Found<'a>> {
    let life = catalog.limits.eks_auto_mode.node_life.value;
    let known = evidence.unit_duration.get().filter(|known| known.value > life)?;
    let because = format!("Auto Mode's nodes go after {}", write_seconds(life));
    Some(Found::excludes(&known.at, write_seconds(known.value), because))
}
