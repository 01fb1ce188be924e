//! ECI008: Spot capacity of EC2, which has no list price.

use super::{Docs, Found, Rule};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::{Evidence, Trait},
};

pub const RULE: Rule = Rule {
    code: "ECI008",
    name: "spot-not-in-the-price",
    effect: Effect::Notes,
    targets: &[Target::ECSManagedInstances, Target::ECSOnEC2, Target::EKSAutoMode, Target::EKSNodes],
    since: "0.1.0",
    docs: Docs {
        checks: "A node selector, or a required affinity, for Spot capacity.",
        matters: "Spot prices of EC2 change by the hour and differ by zone; the price list has on-demand prices only (Amazon EC2 \
                  user guide, Spot Instances). On Spot it costs less than what is said here.",
        todo: "Give instances their Spot price in a price book (--prices) if you know what you pay.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {karpenter.sh/capacity-type: spot}
      containers: [{name: web, image: web}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {karpenter.sh/capacity-type: on-demand}
      containers: [{name: web, image: web}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = evidence.signal(Trait::Spot)?;
    Some(Found::notes(&signal.field, &signal.value, "the price is on-demand: on Spot it costs less"))
}
